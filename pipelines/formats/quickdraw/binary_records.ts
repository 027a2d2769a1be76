/**
 * The records of Google's binary files, whose layout is in quickdraw_binary.ts: where each ends, and a file cut into pieces
 * of whole ones that can be parsed apart. Browser safe.
 *
 * @module
 */
import { appended } from "../../base/bytes.ts";
import { Reject } from "../../base/errors.ts";
import { spacedHex } from "../../base/text.ts";

/** Where a record has its strokes, packed as `encodeDrawing` packs them. */
export const STROKES_AT = 15;
/** The longest of the 50 million drawings takes less than 100 KB. */
const MAX_RECORD = 2 ** 24;
/** Bytes of a piece: as many drawings as a piece of lines has. */
const PIECE = 2 ** 18;

/**
 * Finds the end of a record, and checks all that can be wrong with one.
 *
 * @param bytes Some of a file.
 * @param at Where the record begins.
 * @param length How many of the bytes there are; all when left out.
 * @returns The place of the first byte after it, or undefined where they end inside it.
 * @throws {Reject} When it is none: `not a drawing`, `empty drawing` or `too long`.
 */
export function endOfRecord(bytes: Uint8Array, at: number, length: number = bytes.length): number | undefined {
  if (at + STROKES_AT + 2 > length) return undefined;
  if (!isLetter(bytes[at + 8]) || !isLetter(bytes[at + 9])) {
    const codes = spacedHex(bytes.subarray(at + 8, at + 10));
    throw new Reject("not a drawing", `the country code is the bytes ${codes}, expected two letters`);
  }
  if (bytes[at + 10] > 1) throw new Reject("not a drawing", `recognized is ${bytes[at + 10]}, expected 0 or 1`);
  const strokes = bytes[at + STROKES_AT] | bytes[at + STROKES_AT + 1] << 8;
  if (strokes === 0) throw new Reject("empty drawing", "no strokes");
  let end = at + STROKES_AT + 2;
  for (let i = 0; i < strokes; i++) {
    if (end - at > MAX_RECORD) throw new Reject("too long", `the record is longer than ${MAX_RECORD} bytes`);
    if (end + 2 > length) return undefined;
    const points = bytes[end] | bytes[end + 1] << 8;
    if (points === 0) throw new Reject("empty drawing", `stroke ${i + 1} has no points`);
    end += 2 + 2 * points;
  }
  return end > length ? undefined : end;
}

function isLetter(byte: number): boolean {
  return byte >= 0x41 && byte <= 0x5a;
}

/** Some whole records of a file. */
export interface RecordPiece {
  /** The records, one after another, in a buffer of their own. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** The number of the first in the file, 1-based. */
  readonly first: number;
}

/**
 * Cuts a binary file into pieces of whole records. Where it is cut depends on the bytes alone.
 *
 * @param bytes In pieces of any size.
 * @param size A piece is the records that begin in so many bytes; 256 KiB when left out.
 * @throws {Reject} When a record is broken, the file ends inside one (`truncated record`), or reading fails with one. What
 * came before was delivered; nothing marks where the next record would begin.
 */
export async function* cutBinary(
  bytes: AsyncIterable<Uint8Array>,
  size: number = PIECE,
): AsyncGenerator<RecordPiece> {
  let held = new Uint8Array(2 ** 18);
  let [used, end, first, count] = [0, 0, 1, 0]; // `count` records, from the number `first` on, end before `end`
  const take = (): RecordPiece => {
    const piece = { bytes: held.slice(0, end), first };
    held.copyWithin(0, end, used);
    [used, end, first, count] = [used - end, 0, first + count, 0];
    return piece;
  };
  const next = (): number | undefined => {
    try {
      return endOfRecord(held, end, used);
    } catch (error) {
      throw error instanceof Reject ? new Reject(error.reason, `drawing ${first + count}: ${error.detail}`) : error;
    }
  };
  try {
    for await (const part of bytes) {
      held = appended(held, used, part);
      used += part.length;
      for (let found = next(); found !== undefined; found = next()) {
        end = found;
        count++;
        if (end >= size) yield take();
      }
    }
    if (used > end) {
      const where = `the file ends inside drawing ${first + count}, ${used - end} bytes after its start`;
      throw new Reject("truncated record", where);
    }
  } catch (error) {
    if (count > 0) yield take();
    throw error;
  }
  if (count > 0) yield take();
}
