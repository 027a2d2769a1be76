/**
 * What the page sends of a drawing, checked as `prepare` checks drawings.
 *
 * @module
 */
import { Reject } from "../../../pipelines/base/errors.ts";
import { wrongType } from "../../../pipelines/formats/quickdraw/members.ts";
import { type RawStroke, simplifyRaw } from "../../../pipelines/formats/quickdraw/simplify_raw.ts";
import { checkStrokes } from "../../../pipelines/formats/quickdraw/stroke_lists.ts";
import { boundsOf } from "../../../pipelines/strokes/stroke.ts";
import type { Collected } from "./collect.ts";

/** What is sent: JSON of these members, the strokes in any unit, `[[x, …], [y, …], [milliseconds, …]]` each. */
const MEMBERS = ["word", "recognized", "strokes"];

/** Larger sides of the drawing; Google's longest of 8,002 raw drawings is 141 of them long. */
const MAX_LENGTH = 160;

/**
 * Reads a drawing that was sent, and simplifies it as Google did.
 *
 * @param body JSON in UTF-8.
 * @param words The classes that are known.
 * @throws {Reject} With one of the reasons of `parseRawLine`, `unknown class` or `unknown member`.
 *
 * @example
 * ```ts
 * import { parsePostedDrawing } from "./posted_drawing.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const body = new TextEncoder().encode('{"word":"line","recognized":true,"strokes":[[[0.25,0.5],[0.1,0.1],[0,80]]]}');
 * const { word, drawing } = parsePostedDrawing(body, new Set(["line"]));
 * assertEquals([word, drawing], ["line", [[[0, 255], [0, 0]]]]);
 * ```
 */
export function parsePostedDrawing(body: Uint8Array, words: ReadonlySet<string>): Collected {
  const { word, recognized, strokes, ...others } = membersOf(body);
  const [other] = Object.keys(others);
  if (other !== undefined) throw new Reject("unknown member", `${other}, expected ${MEMBERS.join(", ")}`);
  if (typeof word !== "string") throw wrongType("word", "a string", word);
  if (typeof recognized !== "boolean") throw wrongType("recognized", "true or false", recognized);
  if (!words.has(word)) {
    throw new Reject("unknown class", `${JSON.stringify(word.slice(0, 40))} is none that is known here`);
  }
  checkStrokes(strokes, 3, false);
  const drawn = strokes as unknown as RawStroke[];
  checkLength(drawn);
  return { word, recognized, drawing: simplifyRaw(drawn) };
}

function membersOf(body: Uint8Array): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body));
  } catch (error) {
    throw new Reject("bad JSON", (error as Error).message);
  }
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return { ...value };
  throw wrongType("the body", "an object", value);
}

/** What is too long for a hand takes too long to simplify. */
function checkLength(strokes: readonly RawStroke[]): void {
  const { minX, minY, maxX, maxY } = boundsOf(strokes.map(([xs, ys]) => [xs, ys]));
  const side = Math.max(maxX - minX, maxY - minY) || 1;
  const most = MAX_LENGTH * side;
  let length = 0;
  for (const [xs, ys] of strokes) {
    for (let i = 1; i < xs.length; i++) length += Math.hypot(xs[i] - xs[i - 1], ys[i] - ys[i - 1]);
  }
  if (length <= most) return;
  throw new Reject(
    "too long",
    `the strokes are ${
      Math.round(length / side)
    } times as long as the drawing is wide or high, at most ${MAX_LENGTH} times are read`,
  );
}
