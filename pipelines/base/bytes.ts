/**
 * Bytes of arrays, pieces of bytes made one, and memory that is given back. Browser safe.
 *
 * @module
 */

/** The bytes of all pieces one after another, in a buffer of their own. */
export function concatBytes(pieces: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}

/** The bytes of an array's elements, not copied. */
export function bytesOf<T extends ArrayBufferLike>(
  { buffer, byteOffset, byteLength }: { readonly buffer: T; readonly byteOffset: number; readonly byteLength: number },
): Uint8Array<T> {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

/** Turns the order of the bytes of each number round, in place: those of the other byte order. */
export function swapOrder(bytes: Uint8Array, elementSize: number): void {
  if (elementSize === 1) return;
  for (let at = 0; at < bytes.length; at += elementSize) bytes.subarray(at, at + elementSize).reverse();
}

/**
 * A buffer in which bytes that came are held: `part` is put behind the first `used` bytes of `held`.
 *
 * @returns `held`, or where it has no room a buffer twice as long as is needed, and `held` is freed.
 */
export function appended(
  held: Uint8Array<ArrayBuffer>,
  used: number,
  part: Uint8Array,
): Uint8Array<ArrayBuffer> {
  let room = held;
  if (used + part.length > held.length) {
    room = new Uint8Array(2 * (used + part.length));
    room.set(held.subarray(0, used));
    release(held);
  }
  room.set(part, used);
  return room;
}

/** Frees an array's buffer now, unless it has been: left to the garbage collector, tens of megabytes wait in every Worker. */
export function release({ buffer }: { readonly buffer: ArrayBufferLike }): void {
  if (buffer instanceof ArrayBuffer && !buffer.detached) buffer.transfer(0);
}
