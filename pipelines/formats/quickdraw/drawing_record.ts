/**
 * What Quick Draw's files say of a drawing, and the line of ndjson that says it. Browser safe.
 *
 * Format: https://github.com/googlecreativelab/quickdraw-dataset#the-raw-moderated-dataset. Google's lines have the keys
 * `word`, `countrycode`, `timestamp`, `recognized`, `key_id`, `drawing`, in this order and without spaces.
 *
 * @module
 */
import { type Fit, gridDrawing } from "./grid_drawing.ts";
import { type Members, parseObject, wrongType } from "./members.ts";
import type { Drawing } from "../../strokes/stroke.ts";
import type { Split } from "../../base/split.ts";

/** What is known of a drawing besides its strokes; each member may be missing. */
export interface DrawingAbout {
  /** The category, such as `cat`. */
  readonly word?: string;
  /** Two letters, such as `US`. */
  readonly countryCode?: string;
  /** When it was drawn, such as `2017-01-25 03:11:35.55071 UTC`. */
  readonly timestamp?: string;
  /** Whether the game's own classifier recognized the drawing. */
  readonly recognized?: boolean;
  /** Identifies the drawing, 0 to 2^64 - 1. */
  readonly keyId?: bigint;
  /** The split, where the file says which. */
  readonly split?: Split;
}

/** A drawing and all that is known of it. */
export interface DrawingRecord extends DrawingAbout {
  /** The strokes, each `[xs, ys]`. */
  readonly drawing: Drawing;
}

/**
 * Parses and checks a line of simplified ndjson, all that it says.
 *
 * @param text A JSON object; every key but `drawing` may be missing, others are passed over.
 * @throws {Reject} As `parseQuickDrawLine` does, and where a country code or a timestamp is not text.
 *
 * @example
 * ```ts
 * import { formatDrawingRecord, parseDrawingRecord } from "@strokewise/strokewise/formats";
 * import { assertEquals } from "@std/assert";
 *
 * const line = '{"word":"line","countrycode":"CH","recognized":true,"key_id":"7","drawing":[[[0,255],[9,7]]]}';
 * const record = parseDrawingRecord(line);
 * assertEquals([record.countryCode, record.keyId], ["CH", 7n]);
 * assertEquals(formatDrawingRecord(record), line);
 * ```
 */
export function parseDrawingRecord(text: string): DrawingRecord {
  return checkDrawingRecord(parseObject(text), "none");
}

/**
 * Checks a record, all that it says.
 *
 * @param members As JSON has them.
 * @param fit Which drawings are brought into 0..255.
 * @param epsilon As `simplifyRaw` has it.
 * @throws {Reject} As {@linkcode gridDrawing} does, and when another member has the wrong type.
 */
export function checkDrawingRecord(members: Members, fit: Fit, epsilon?: number): DrawingRecord {
  const drawing = gridDrawing(members.drawing, fit, epsilon);
  return { ...parseAbout(members), drawing };
}

/**
 * Reads what a line's JSON object says of its drawing.
 *
 * @param line The parsed line.
 * @throws {Reject} When one of the members has the wrong type.
 */
export function parseAbout(line: Members): DrawingAbout {
  const word = textOf(line, "word");
  const countryCode = textOf(line, "countrycode");
  const timestamp = textOf(line, "timestamp");
  const key = textOf(line, "key_id");
  const { recognized } = line;
  if (recognized !== undefined && typeof recognized !== "boolean") {
    throw wrongType("recognized", "true or false", recognized);
  }
  if (key !== undefined && !(/^\d{1,20}$/.test(key) && BigInt(key) < 2n ** 64n)) {
    throw wrongType("key_id", "a string of digits below 2^64", key);
  }
  return {
    ...(word === undefined ? {} : { word }),
    ...(countryCode === undefined ? {} : { countryCode }),
    ...(timestamp === undefined ? {} : { timestamp }),
    ...(recognized === undefined ? {} : { recognized }),
    ...(key === undefined ? {} : { keyId: BigInt(key) }),
  };
}

function textOf(line: Members, name: string): string | undefined {
  const value = line[name];
  if (value !== undefined && typeof value !== "string") throw wrongType(name, "a string", value);
  return value;
}

/**
 * Writes a line of ndjson as Google's files have it, without the line's end. What is not known is left out.
 *
 * @param record The drawing and what is known of it; its split has no place in ndjson.
 * @returns One line.
 *
 * @example
 * ```ts
 * import { formatDrawingRecord } from "@strokewise/strokewise/formats";
 * import { assertEquals } from "@std/assert";
 *
 * const line = formatDrawingRecord({ word: "line", drawing: [[Uint8Array.of(0, 255), Uint8Array.of(9, 7)]] });
 * assertEquals(line, '{"word":"line","drawing":[[[0,255],[9,7]]]}');
 * ```
 */
export function formatDrawingRecord(record: DrawingRecord): string {
  return formatLine(record, record.drawing.map(([xs, ys]) => [Array.from(xs), Array.from(ys)]));
}

/**
 * A line of what is known of a drawing, in the order of Google's files.
 *
 * @param strokes The lists of each stroke, as they are to be written.
 */
export function formatLine(about: DrawingAbout, strokes: readonly (readonly (readonly number[])[])[]): string {
  return JSON.stringify({
    word: about.word,
    countrycode: about.countryCode,
    timestamp: about.timestamp,
    recognized: about.recognized,
    key_id: about.keyId?.toString(),
    drawing: strokes,
  });
}
