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

/** Frees an array's buffer now, unless it has been: left to the garbage collector, tens of megabytes wait in every Worker. */
export function release({ buffer }: { readonly buffer: ArrayBufferLike }): void {
  if (buffer instanceof ArrayBuffer && !buffer.detached) buffer.transfer(0);
}
