/**
 * Raw Quick Draw drawings: points in the pixels of whatever screen they were drawn on, with their times. Browser safe.
 *
 * A line is ndjson as {@linkcode parseDrawingRecord} reads it, but each stroke is `[[x, …], [y, …], [t, …]]`: numbers,
 * negative ones and fractions among them, and milliseconds since the first point. Format:
 * https://github.com/googlecreativelab/quickdraw-dataset#the-raw-moderated-dataset
 *
 * @module
 */
import { type DrawingAbout, formatLine, parseAbout } from "./drawing_record.ts";
import { parseObject } from "./members.ts";
import type { RawStroke } from "./simplify_raw.ts";
import { checkStrokes } from "./stroke_lists.ts";

/** What a line of raw ndjson says. */
export interface RawRecord extends DrawingAbout {
  /** The strokes, at least one, each of at least one point. */
  readonly drawing: readonly RawStroke[];
}

/**
 * Parses and checks a line of raw ndjson.
 *
 * @param text A JSON object; every key but `drawing` may be missing, others are passed over.
 * @throws {Reject} With one of the reasons: bad JSON, wrong type, points, not lists, no times, empty drawing,
 * unequal arrays, too long.
 *
 * @example
 * ```ts
 * import { parseRawLine, simplifyRaw } from "@strokewise/strokewise/formats";
 * import { assertEquals } from "@std/assert";
 *
 * const { drawing, word } = parseRawLine('{"word":"line","drawing":[[[10.5,520.5],[-3,-3],[0,180]]]}');
 * assertEquals(word, "line");
 * assertEquals(simplifyRaw(drawing), [[[0, 255], [0, 0]]]);
 * ```
 */
export function parseRawLine(text: string): RawRecord {
  const line = parseObject(text);
  const { drawing } = line;
  checkStrokes(drawing, 3, false);
  return { ...parseAbout(line), drawing: drawing as unknown as RawStroke[] };
}

/**
 * Writes a line of raw ndjson as Google's files have it, without the line's end. What is not known is left out.
 *
 * @param record The drawing with its times, and what is known of it; its split has no place in ndjson.
 * @returns One line.
 *
 * @example
 * ```ts
 * import { formatRawLine, parseRawLine } from "@strokewise/strokewise/formats";
 * import { assertEquals } from "@std/assert";
 *
 * const line = formatRawLine({ word: "line", keyId: 7n, drawing: [[[10.5, 520.5], [-3, -3], [0, 180]]] });
 * assertEquals(line, '{"word":"line","key_id":"7","drawing":[[[10.5,520.5],[-3,-3],[0,180]]]}');
 * assertEquals(parseRawLine(line).keyId, 7n);
 * ```
 */
export function formatRawLine(record: RawRecord): string {
  return formatLine(record, record.drawing);
}
