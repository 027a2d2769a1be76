/**
 * A stream of bytes cut into pieces of whole lines, to be parsed apart from each other. Browser safe.
 *
 * @module
 */
import { Reject } from "../base/errors.ts";
import { appended, release } from "../base/bytes.ts";

/** The longest line that is read, in bytes or, as text, in characters: the longest in the 50 million drawings is under 100 KB. */
export const MAX_LINE_LENGTH = 2 ** 24;

const LINE_FEED = 0x0a;

/**
 * Cuts bytes into pieces that end with a line feed, but for the last one. Where they are cut depends on the bytes alone.
 *
 * @param bytes In pieces of any size.
 * @param size A piece is the whole lines of the next so many bytes, or one line that is longer; 1 MiB when left out.
 * @returns Pieces with buffers of their own, none empty; a byte-order mark is left out.
 * @throws {Reject} When a line is longer than {@linkcode MAX_LINE_LENGTH}, or reading fails with one; the whole lines before
 * were delivered.
 *
 * @example
 * ```ts
 * import { readLineChunks } from "@strokewise/strokewise/pipelines";
 * import { assertEquals } from "@std/assert";
 *
 * async function* bytes() {
 *   yield new TextEncoder().encode("one\ntw");
 *   yield new TextEncoder().encode("o\nthree");
 * }
 * const chunks = await Array.fromAsync(readLineChunks(bytes(), 1));
 * assertEquals(chunks.map((chunk) => new TextDecoder().decode(chunk)), ["one\n", "two\n", "three"]);
 * ```
 */
export async function* readLineChunks(
  bytes: AsyncIterable<Uint8Array>,
  size: number = 2 ** 20,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  let held = new Uint8Array(Math.min(2 * size, 2 ** 18));
  let [used, searched, isFirst] = [0, 0, true];
  try {
    for await (const part of bytes) {
      held = appended(held, used, part);
      used += part.length;
      while (used >= size) {
        const end = endOfLines(held, { searched, used, size });
        if (end === 0) {
          searched = used;
          if (used > MAX_LINE_LENGTH) throw new Reject("line too long", `more than ${MAX_LINE_LENGTH} bytes`);
          break;
        }
        yield withoutMark(held.slice(0, end), isFirst);
        isFirst = false;
        held.copyWithin(0, end, used);
        used -= end;
        searched = 0;
      }
    }
  } catch (error) {
    const end = held.subarray(0, used).lastIndexOf(LINE_FEED) + 1;
    if (error instanceof Reject && end > 0) yield withoutMark(held.slice(0, end), isFirst);
    throw error;
  }
  const last = withoutMark(held.slice(0, used), isFirst);
  release(held);
  if (last.length > 0) yield last;
}

/** Behind the last line feed of the first `size` bytes, else behind the first one after them; 0 when there is none. */
function endOfLines(
  held: Uint8Array,
  { searched, used, size }: { readonly searched: number; readonly used: number; readonly size: number },
): number {
  const before = held.subarray(searched, size).lastIndexOf(LINE_FEED);
  if (before >= 0) return searched + before + 1;
  const from = Math.max(searched, size);
  const after = held.subarray(from, used).indexOf(LINE_FEED);
  return after < 0 ? 0 : from + after + 1;
}

function withoutMark(chunk: Uint8Array<ArrayBuffer>, isFirst: boolean): Uint8Array<ArrayBuffer> {
  return isFirst && chunk[0] === 0xef && chunk[1] === 0xbb && chunk[2] === 0xbf ? chunk.slice(3) : chunk;
}
