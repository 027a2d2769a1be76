/**
 * One line of Quick Draw ndjson, parsed and checked. Browser safe.
 *
 * @module
 */
import { type Fit, gridDrawing } from "./grid_drawing.ts";
import { type Members, parseObject, wrongType } from "./members.ts";
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
 * @param text A JSON object, every key but `drawing` may be missing, others are passed over; or the drawing alone.
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
  return checkRecord(parseObject(text), "none");
}

/**
 * Checks what `prepare` needs of a record.
 *
 * @param members As JSON has them.
 * @param fit Which drawings are brought into 0..255.
 * @param epsilon As `simplifyRaw` has it.
 * @throws {Reject} As {@linkcode parseQuickDrawLine} and {@linkcode gridDrawing} do.
 */
export function checkRecord(members: Members, fit: Fit, epsilon?: number): QuickDrawRecord {
  const { word, key_id, recognized } = members;
  const drawing = gridDrawing(members.drawing, fit, epsilon);
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
