/**
 * The first bytes of a stream, looked at before it is read. Browser safe.
 *
 * @module
 */
import { concatBytes } from "../base/bytes.ts";
import { Reject } from "../base/errors.ts";

/** A stream whose beginning is known. */
export interface HeadedBytes {
  /** The first bytes, as many as were asked for or all that there are. */
  readonly head: Uint8Array;
  /** How many bytes were read from the stream, and whether they are all. */
  readonly read: number;
  readonly isWhole: boolean;
  /** All bytes, the first ones again; where reading them failed, it fails at that place. */
  readonly bytes: AsyncIterable<Uint8Array>;
}

/**
 * Looks at the beginning of a stream.
 *
 * @param bytes In pieces of any size.
 * @param length How many.
 */
export async function withHead(bytes: AsyncIterable<Uint8Array>, length: number): Promise<HeadedBytes> {
  const pieces = bytes[Symbol.asyncIterator]();
  const held: Uint8Array[] = [];
  let [read, isWhole] = [0, false];
  let fault: Reject | undefined;
  while (read < length && !isWhole && fault === undefined) {
    try {
      const { done, value } = await pieces.next();
      if (done) isWhole = true;
      else read += held[held.push(value) - 1].length;
    } catch (error) {
      if (!(error instanceof Reject)) throw error;
      fault = error;
    }
  }
  const start = concatBytes(held);
  async function* all(): AsyncGenerator<Uint8Array> {
    try {
      if (start.length > 0) yield start;
      if (fault !== undefined) throw fault;
      for (let next = await pieces.next(); !next.done; next = await pieces.next()) yield next.value;
    } finally {
      await pieces.return?.();
    }
  }
  return { head: start.subarray(0, length), read, isWhole, bytes: all() };
}
