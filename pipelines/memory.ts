/**
 * Memory that is given back at once. Browser safe.
 *
 * @module
 */

/** Frees an array's buffer now, unless it has been: left to the garbage collector, tens of megabytes wait in every Worker. */
export function release({ buffer }: { readonly buffer: ArrayBufferLike }): void {
  if (buffer instanceof ArrayBuffer && !buffer.detached) buffer.transfer(0);
}
