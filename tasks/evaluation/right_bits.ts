/**
 * Which examples a classifier named rightly, a bit each: what a paired test needs of an evaluation, small enough to be kept.
 *
 * @module
 */

/**
 * Packs bits, the lowest of a byte first, as base64: 10,000 of them take 1,668 letters.
 *
 * @example
 * ```ts
 * import { packBits, unpackBits } from "./right_bits.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(packBits([true, false, false, true]), "CQ==");
 * assertEquals(unpackBits("CQ==", 4), [true, false, false, true]);
 * ```
 */
export function packBits(bits: readonly boolean[]): string {
  const bytes = new Uint8Array(Math.ceil(bits.length / 8));
  bits.forEach((bit, i) => bytes[i >> 3] |= bit ? 1 << (i & 7) : 0);
  return bytes.toBase64();
}

/**
 * What {@linkcode packBits} packed.
 *
 * @param count How many bits.
 * @returns Undefined where the text holds another number of them.
 */
export function unpackBits(text: string, count: number): boolean[] | undefined {
  let bytes: Uint8Array;
  try {
    bytes = Uint8Array.fromBase64(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
  if (bytes.length !== Math.ceil(count / 8)) return undefined;
  return Array.from({ length: count }, (_, i) => (bytes[i >> 3] >> (i & 7) & 1) === 1);
}
