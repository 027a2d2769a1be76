/**
 * Arrays deflated as they come: by a kernel that looks for matches where rows of numbers have them, twice as fast as zlib on
 * stroke-index maps and 4 % larger. Browser safe.
 *
 * @module
 */
import { concatBytes } from "../base/bytes.ts";
import { pipelineKernels } from "../base/wasm/kernels.ts";

/** Bytes deflated at once, so that the kernel's memory stays small. */
const AT_ONCE = 2 ** 21;

/** A last block, empty (RFC 1951, section 3.2.6): what pieces lack. */
export const LAST_BLOCK: readonly number[] = [3, 0];

/**
 * Deflates bytes to whole bytes, without a last block: such pieces one after another and {@linkcode LAST_BLOCK} are a
 * stream (RFC 1951).
 *
 * @param stride Bytes of a row, so that equal bytes are to be expected above each other.
 */
export function deflateRows(bytes: Uint8Array, stride: number): Uint8Array<ArrayBuffer> {
  const parts: Uint8Array[] = [];
  for (let from = 0; from < bytes.length; from += AT_ONCE) {
    parts.push(deflatePiece(bytes.subarray(from, from + AT_ONCE), stride));
  }
  return parts.length === 1 ? parts[0] as Uint8Array<ArrayBuffer> : concatBytes(parts);
}

function deflatePiece(bytes: Uint8Array, stride: number): Uint8Array<ArrayBuffer> {
  const { room, deflate, memory } = pipelineKernels();
  const from = room(2 * bytes.length + bytes.length / 1024 + 64);
  const out = from + bytes.length;
  const held = new Uint8Array(memory.buffer);
  held.set(bytes, from);
  return held.slice(out, out + deflate(from, bytes.length, out, stride)) as Uint8Array<ArrayBuffer>;
}
