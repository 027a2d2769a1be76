/**
 * Google's binary files of simplified drawings, `full/binary/<category>.bin`: records one after another, nothing between
 * them and no header. Browser safe.
 *
 * Layout (https://github.com/googlecreativelab/quickdraw-dataset/blob/master/examples/binary_file_parser.py), all
 * little-endian:
 *
 * ```text
 * 0   8  key_id, uint64
 * 8   2  country code, two ASCII letters
 * 10  1  recognized, 0 or 1
 * 11  4  timestamp, uint32, whole seconds since 1970
 * 15  2  S, the number of strokes, uint16
 * …      S times: the number of points P, uint16; P x as uint8; P y as uint8
 * ```
 *
 * The category is in the file's name only.
 *
 * @module
 */
import { cutBinary, endOfRecord, STROKES_AT } from "./binary_records.ts";
import { decodeDrawing, encodeDrawing } from "../../strokes/drawing_bytes.ts";
import type { DrawingRecord } from "./drawing_record.ts";
import { secondsOf, timestampOf } from "./timestamp.ts";
import { hashBytes } from "../../base/split.ts";

/** What ISO 3166 leaves for a country that is not known. */
const NO_COUNTRY = "ZZ";

/**
 * Writes a drawing as a record of a binary file.
 *
 * @param record Coordinates are whole, 0..255. What it does not say is written as: the key that `prepare` would give the
 * drawing, country `ZZ`, not recognized, second 0. The class and fractions of a second have no place in the file.
 * @returns The record's bytes.
 * @throws {RangeError} When a coordinate is none of uint8, a country code is not two ASCII letters, a timestamp cannot be
 * read or is not in 32 bits, or there are more than 65,535 strokes, or points in one.
 *
 * @example
 * ```ts
 * import { encodeBinaryDrawing } from "@strokewise/strokewise/formats";
 * import { assertEquals } from "@std/assert";
 *
 * const timestamp = "1970-01-01 00:00:02.5 UTC";
 * const about = { keyId: 258n, countryCode: "CH", recognized: true, timestamp };
 * const bytes = encodeBinaryDrawing({ ...about, drawing: [[[0, 255], [9, 7]]] });
 * assertEquals([...bytes.subarray(0, 15)], [2, 1, 0, 0, 0, 0, 0, 0, 67, 72, 1, 2, 0, 0, 0]);
 * assertEquals([...bytes.subarray(15)], [1, 0, 2, 0, 0, 255, 9, 7]);
 * ```
 */
export function encodeBinaryDrawing(record: DrawingRecord): Uint8Array<ArrayBuffer> {
  const { drawing, word = "", countryCode = NO_COUNTRY, recognized = false, timestamp } = record;
  for (const [xs, ys] of drawing) {
    for (const axis of [xs, ys]) {
      for (let i = 0; i < axis.length; i++) {
        if (axis[i] === (axis[i] & 255)) continue;
        throw new RangeError(`Cannot write a binary drawing: coordinate ${axis[i]}, expected whole numbers, 0 to 255`);
      }
    }
  }
  if (!/^[A-Z]{2}$/.test(countryCode)) {
    throw new RangeError(`Cannot write a binary drawing: country code "${countryCode}", expected two letters`);
  }
  const seconds = timestamp === undefined ? 0 : secondsOf(timestamp);
  if (seconds === undefined || seconds < 0 || seconds >= 2 ** 32) {
    throw new RangeError(
      `Cannot write a binary drawing: timestamp "${timestamp}", expected one like 2017-01-25 03:11:35.55071 UTC`,
    );
  }
  const strokes = encodeDrawing(drawing);
  const bytes = new Uint8Array(STROKES_AT + strokes.length);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0, record.keyId ?? hashBytes(strokes, word), true);
  bytes.set([countryCode.charCodeAt(0), countryCode.charCodeAt(1), recognized ? 1 : 0], 8);
  view.setUint32(11, seconds, true);
  bytes.set(strokes, STROKES_AT);
  return bytes;
}

/** A record of a binary file, and where the next one begins. */
export interface BinaryDrawing {
  /** The drawing and what the record says of it: all but its class. */
  readonly record: DrawingRecord;
  /** The place of the first byte after it. */
  readonly end: number;
}

/**
 * Reads one record.
 *
 * @param bytes Some of a file.
 * @param at Where the record begins.
 * @returns The record, or undefined where `bytes` end inside it.
 * @throws {Reject} When it is none: `not a drawing`, `empty drawing` or `too long`.
 *
 * @example
 * ```ts
 * import { decodeBinaryDrawing, encodeBinaryDrawing } from "@strokewise/strokewise/formats";
 * import { assertEquals } from "@std/assert";
 *
 * const bytes = encodeBinaryDrawing({ keyId: 1n, drawing: [[[0, 255], [9, 7]]] });
 * const { record, end } = decodeBinaryDrawing(bytes)!;
 * assertEquals([record.keyId, record.countryCode, end], [1n, "ZZ", 23]);
 * assertEquals(decodeBinaryDrawing(bytes.subarray(0, 22)), undefined);
 * ```
 */
export function decodeBinaryDrawing(bytes: Uint8Array, at = 0): BinaryDrawing | undefined {
  const end = endOfRecord(bytes, at);
  if (end === undefined) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const record = {
    countryCode: String.fromCharCode(bytes[at + 8], bytes[at + 9]),
    timestamp: timestampOf(view.getUint32(at + 11, true)),
    recognized: bytes[at + 10] === 1,
    keyId: view.getBigUint64(at, true),
    drawing: decodeDrawing(bytes.slice(at + STROKES_AT, end)),
  };
  return { record, end };
}

/**
 * Reads the records of a file.
 *
 * @param bytes A file's bytes in pieces, such as an `OpenSource` gives them.
 * @returns Records, many at a time.
 * @throws {Reject} When a record is broken or the file ends inside one: `truncated record`, or as
 * {@linkcode decodeBinaryDrawing} does. What came before was delivered; nothing marks where the next one would begin.
 *
 * @example
 * ```ts
 * import { encodeBinaryDrawing, readBinaryDrawings } from "@strokewise/strokewise/formats";
 * import { assertEquals } from "@std/assert";
 *
 * async function* file() {
 *   for (const keyId of [1n, 2n]) yield encodeBinaryDrawing({ keyId, drawing: [[[0, 255], [9, 7]]] });
 * }
 * const records = (await Array.fromAsync(readBinaryDrawings(file()))).flat();
 * assertEquals(records.map(({ keyId }) => keyId), [1n, 2n]);
 * ```
 */
export async function* readBinaryDrawings(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<DrawingRecord[]> {
  for await (const { bytes: piece } of cutBinary(bytes)) yield [...recordsOf(piece)];
}

function* recordsOf(bytes: Uint8Array): Generator<DrawingRecord> {
  let at = 0;
  for (let next = decodeBinaryDrawing(bytes, at); next; next = decodeBinaryDrawing(bytes, at)) {
    yield next.record;
    at = next.end;
  }
}
