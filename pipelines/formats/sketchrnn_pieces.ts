/**
 * Sketch-RNN's files in pieces that can be parsed apart. A file is read whole, for its zip and its pickles can be read no
 * other way, and unpacked a split at a time.
 *
 * @module
 */
import type { NdArray } from "../base/arrays.ts";
import { appended } from "../base/bytes.ts";
import { Reject } from "../base/errors.ts";
import type { Split } from "../base/split.ts";
import type { VectorPiece } from "./sketchrnn_vectors.ts";
import { memberSizes } from "./npz.ts";
import { readSketchRnn, SKETCH_RNN_MEMBERS, sketchRnnOthers, toOffsets } from "./sketchrnn.ts";

/** Bytes of a file, and of its arrays together: five times what the largest published one takes. */
const MAX_BYTES = 2 ** 28;
/** Bytes of stroke-3 in a piece: as many drawings as a piece of lines has. */
const PIECE = 2 ** 19;

/**
 * Cuts a file into pieces.
 *
 * @param bytes In pieces of any size.
 * @param length How many there are, where that is known.
 * @throws {Reject} `too large`, before anything is unpacked, when the file or its arrays take more than 256 MiB; `broken
 * file` when it cannot be unpacked, after the splits before that which is broken.
 */
export async function* cutSketchRnn(bytes: AsyncIterable<Uint8Array>, length?: number): AsyncGenerator<VectorPiece> {
  checkSize("the file", length ?? 0);
  let held = new Uint8Array(length ?? 2 ** 16);
  let read = 0;
  for await (const part of bytes) {
    checkSize("the file", read + part.length);
    held = appended(held, read, part);
    read += part.length;
  }
  const file = held.subarray(0, read);
  const sizes = orBroken(() => memberSizes(file, SKETCH_RNN_MEMBERS));
  checkSize("its arrays", [...sizes.values()].reduce((sum, size) => sum + size, 0));
  let told: Pick<VectorPiece, "others"> = { others: orBroken(() => sketchRnnOthers(file)) };
  const splits = readSketchRnn(file);
  for (let next = orBroken(() => splits.next()); !next.done; next = orBroken(() => splits.next())) {
    for (const piece of piecesOf(next.value)) {
      yield { ...piece, ...told };
      told = {};
    }
  }
}

function checkSize(what: string, bytes: number): void {
  if (bytes <= MAX_BYTES) return;
  throw new Reject("too large", `${what} takes more than ${MAX_BYTES} bytes, which are read whole: make several of it`);
}

function orBroken<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    const isBad = [SyntaxError, TypeError, RangeError].some((type) => error instanceof type);
    throw isBad ? new Reject("broken file", (error as Error).message) : error;
  }
}

function* piecesOf({ split, items }: { readonly split: Split; readonly items: Iterable<NdArray> }) {
  let vectors: Int16Array<ArrayBuffer>[] = [];
  let [refused, values, outside, first] = [new Map<number, string>(), 0, 0, 1];
  const take = (): VectorPiece => {
    const joined = new Int16Array(values); // [points, 3]
    vectors.reduce((at, rows) => (joined.set(rows, at), at + rows.length), 0);
    const points = Uint32Array.from(vectors, (rows) => rows.length / 3);
    const piece = { vectors: joined, points, refused, outside, split, first };
    first += points.length;
    [vectors, refused, values, outside] = [[], new Map(), 0, 0];
    return piece;
  };
  for (const item of items) {
    try {
      const rows = toOffsets(item, "it");
      if (isOutside(rows)) outside++;
      values += rows.length;
      vectors.push(rows);
    } catch (error) {
      if (!(error instanceof TypeError || error instanceof RangeError)) throw error;
      refused.set(vectors.length, error.message);
      vectors.push(new Int16Array(0));
    }
    if (2 * values >= PIECE) yield take();
  }
  if (vectors.length > 0) yield take();
}

/** Whether a drawing goes beyond 0..255. */
function isOutside(rows: Int16Array): boolean {
  let [x, y] = [0, 0];
  for (let at = 0; at < rows.length; at += 3) {
    x += rows[at];
    y += rows[at + 1];
    if (x !== (x & 255) || y !== (y & 255)) return true;
  }
  return false;
}
