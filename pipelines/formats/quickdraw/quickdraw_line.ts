/**
 * One line of Quick Draw ndjson, parsed and checked. Browser safe.
 *
 * @module
 */
import { Reject } from "../../base/errors.ts";
import type { Drawing } from "../../strokes/stroke.ts";

/** What one line says. */
export interface QuickDrawRecord {
  /** The strokes, each `[xs, ys]`, whole numbers 0..255. */
  readonly drawing: Drawing;
  /** The category, where the line names it. */
  readonly word?: string;
  /** Identifies the drawing, 0 to 2^64 - 1. */
  readonly keyId?: bigint;
  /** Whether the game's own classifier recognized the drawing. */
  readonly recognized?: boolean;
}

/**
 * Parses and checks one line.
 *
 * @param text A JSON object; every key but `drawing` may be missing, others are passed over.
 * @returns The drawing and what else is known of it.
 * @throws {Reject} With one of the reasons: bad JSON, wrong type, points, not lists, raw drawing, empty drawing, unequal
 * arrays, coordinate out of range, coordinate not whole, too long.
 *
 * @example
 * ```ts
 * import { parseQuickDrawLine } from "@strokewise/strokewise/formats";
 * import { assertEquals } from "@std/assert";
 *
 * const { drawing, word } = parseQuickDrawLine('{"word":"line","drawing":[[[0,255],[9,7]]]}');
 * assertEquals(drawing, [[[0, 255], [9, 7]]]);
 * assertEquals(word, "line");
 * ```
 */
export function parseQuickDrawLine(text: string): QuickDrawRecord {
  const { drawing, word, key_id, recognized } = parseObject(text);
  checkDrawing(drawing);
  if (word !== undefined && typeof word !== "string") throw wrongType("word", "a string", word);
  if (recognized !== undefined && typeof recognized !== "boolean") {
    throw wrongType("recognized", "true or false", recognized);
  }
  if (key_id !== undefined && !isKey(key_id)) throw wrongType("key_id", "a string of digits below 2^64", key_id);
  return {
    drawing,
    ...(word === undefined ? {} : { word }),
    ...(key_id === undefined ? {} : { keyId: BigInt(key_id) }),
    ...(recognized === undefined ? {} : { recognized }),
  };
}

function isKey(value: unknown): value is string {
  return typeof value === "string" && /^\d{1,20}$/.test(value) && BigInt(value) < 2n ** 64n;
}

/**
 * The members of a line; a drawing that is JSON in a string is parsed too.
 *
 * @throws {Reject} When the line is no JSON, or no object.
 */
export function parseObject(text: string): Readonly<Record<string, unknown>> {
  let object: unknown;
  try {
    object = JSON.parse(text);
  } catch (error) {
    throw new Reject("bad JSON", (error as Error).message);
  }
  if (typeof object === "object" && object !== null && !Array.isArray(object)) {
    const members = object as Record<string, unknown>;
    return typeof members.drawing === "string" ? { ...members, drawing: parseText(members.drawing) } : members;
  }
  throw new Reject("wrong type", "the line is not a JSON object");
}

/** A drawing in a string, as databases hand it out; what is no JSON stays as it is and is refused for that. */
function parseText(drawing: string): unknown {
  try {
    return JSON.parse(drawing);
  } catch {
    return drawing;
  }
}

/** The refusal of a member, or of a part of one, that has the wrong type. */
export function wrongType(name: string, expected: string, found: unknown): Reject {
  const shown = JSON.stringify(found) ?? "nothing";
  return new Reject(
    "wrong type",
    `${name} is ${shown.length > 40 ? `${shown.slice(0, 40)}…` : shown}, expected ${expected}`,
  );
}

/** What a stroke is, by its number of lists. */
const STROKES = { 2: "[[x, …], [y, …]]", 3: "[[x, …], [y, …], [milliseconds, …]]" } as const;

/**
 * Checks that a stroke is just so many lists, and says what else it looks like.
 *
 * @throws {Reject} `points, not lists`, `raw drawing`, `no times` or `wrong type`.
 */
export function checkLists(stroke: unknown, lists: 2 | 3, where: string): asserts stroke is unknown[][] {
  const parts = Array.isArray(stroke) ? stroke : [];
  const areLists = parts.every(Array.isArray);
  if (areLists && parts.length === lists) return;
  const isPoint = (part: unknown) =>
    Array.isArray(part) && (part.length === 2 || part.length === 3) ||
    typeof part === "object" && part !== null && "x" in part && "y" in part;
  if (parts.length > 1 && parts.every(isPoint) && (!areLists || parts.length !== (lists === 2 ? 3 : 2))) {
    throw new Reject("points, not lists", `${where} is a list of points, expected ${STROKES[lists]}`);
  }
  const [first] = parts;
  const areEqual = areLists && parts.length > 0 && parts.every((part) => part.length === first.length);
  if (areEqual && parts.length === 3) {
    throw new Reject(
      "raw drawing",
      `${where} has times; deno task convert --to ndjson makes simplified ones of raw ones`,
    );
  }
  if (areEqual && parts.length === 2) throw new Reject("no times", `${where} has none; --from ndjson reads it`);
  throw wrongType(where, STROKES[lists], stroke);
}

function checkDrawing(drawing: unknown): asserts drawing is Drawing {
  if (!Array.isArray(drawing)) throw wrongType("drawing", "a list of strokes", drawing);
  if (drawing.length === 0) throw new Reject("empty drawing", "no strokes");
  if (drawing.length > 0xffff) throw new Reject("too long", `${drawing.length} strokes, at most 65535 are read`);
  drawing.forEach((stroke, i) => {
    const where = `stroke ${i + 1}`;
    checkLists(stroke, 2, where);
    const [xs, ys] = stroke;
    if (xs.length !== ys.length) throw new Reject("unequal arrays", `${where} has ${xs.length} x and ${ys.length} y`);
    if (xs.length === 0) throw new Reject("empty drawing", `${where} has no points`);
    if (xs.length > 0xffff) throw new Reject("too long", `${where} has ${xs.length} points, at most 65535 are read`);
    checkCoordinates(xs, `${where}: x`);
    checkCoordinates(ys, `${where}: y`);
  });
}

function checkCoordinates(values: readonly unknown[], name: string): void {
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    if (typeof value !== "number") throw wrongType(`${name} of point ${i + 1}`, "a number", value);
    if (value < 0 || value > 255) {
      throw new Reject("coordinate out of range", `${name} of point ${i + 1} is ${value}, expected 0 to 255`);
    }
    if (value !== (value & 255)) {
      throw new Reject("coordinate not whole", `${name} of point ${i + 1} is ${value}, expected a whole number`);
    }
  }
}
