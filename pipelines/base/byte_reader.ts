/**
 * A stream of bytes read as many at a time as are asked for. Browser safe.
 *
 * @module
 */
import { concatBytes } from "./bytes.ts";

/** Reads bytes from their beginning on, once. */
export class ByteReader implements AsyncDisposable {
  readonly #pieces: AsyncIterator<Uint8Array>;
  #held: Uint8Array[] = [];
  #length = 0;
  #position = 0;

  /** @param bytes In pieces of any size. */
  constructor(bytes: AsyncIterable<Uint8Array>) {
    this.#pieces = bytes[Symbol.asyncIterator]();
  }

  /** How many bytes were read or passed over. */
  get position(): number {
    return this.#position;
  }

  /** The next bytes, which stay to be read: `length` of them, or all that are left. */
  async peek(length: number): Promise<Uint8Array> {
    await this.#hold(length);
    if (this.#held.length > 1 && this.#held[0].length < length) this.#held = [concatBytes(this.#held)];
    return (this.#held[0] ?? new Uint8Array(0)).subarray(0, length);
  }

  /** The next bytes in memory of their own: `length` of them, or all that are left. */
  async read(length: number): Promise<Uint8Array<ArrayBuffer>> {
    await this.#hold(length);
    return concatBytes(this.#take(length));
  }

  /** The next bytes as they come: pieces of at most `size`, in all `length` or what is left. */
  async *pieces(length: number, size: number): AsyncGenerator<Uint8Array> {
    for (let left = length; left > 0;) {
      if (this.#length === 0) {
        if (!await this.#more()) return;
        continue; // a piece may be empty
      }
      const [piece] = this.#take(Math.min(left, size, this.#held[0].length));
      left -= piece.length;
      yield piece;
    }
  }

  /** Passes bytes over; returns how many there were, fewer than `length` at the end. */
  async skip(length: number): Promise<number> {
    let skipped = 0;
    for await (const piece of this.pieces(length, Infinity)) skipped += piece.length;
    return skipped;
  }

  /** Closes the stream, at its end or not. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#pieces.return?.();
  }

  async #hold(length: number): Promise<void> {
    while (this.#length < length && await this.#more()) continue;
  }

  async #more(): Promise<boolean> {
    const { done, value } = await this.#pieces.next();
    if (done) return false;
    if (value.length > 0) this.#held.push(value);
    this.#length += value.length;
    return true;
  }

  /** Takes up to `length` of the bytes that are held. */
  #take(length: number): Uint8Array[] {
    const taken: Uint8Array[] = [];
    let left = Math.min(length, this.#length);
    this.#length -= left;
    this.#position += left;
    while (left > 0) {
      const first = this.#held[0];
      if (first.length > left) this.#held[0] = first.subarray(left);
      else this.#held.shift();
      left -= taken[taken.push(first.subarray(0, left)) - 1].length;
    }
    return taken;
  }
}
