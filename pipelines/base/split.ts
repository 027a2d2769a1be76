/**
 * Which split an example belongs to, and where it comes in the shuffle: both by hash of its key, so neither depends on
 * the other examples, on the order of the input or on the number of Workers. Browser safe.
 *
 * @module
 */
import { mix32 } from "./prng.ts";

/** How many of a thousand examples go to each split. */
export interface SplitShares {
  /** Thousandths for training, 0 to 1000. */
  readonly train: number;
  /** Thousandths for validation, 0 to 1000. */
  readonly valid: number;
  /** Thousandths for the test; what the other two leave of 1000. */
  readonly test: number;
}

/**
 * Hashes a key to 64 bits.
 *
 * @param low The key's low 32 bits, unsigned.
 * @param high The next 32 bits.
 * @param seed 32 bits; another seed gives an unrelated hash.
 * @param hash Where the hash goes, of length 2; made when left out.
 * @returns `hash`: its high word, then its low one.
 */
export function hashWords(
  low: number,
  high: number,
  seed: number,
  hash: Uint32Array = new Uint32Array(2),
): Uint32Array {
  const first = mix32(mix32(low ^ mix32(high ^ mix32(seed ^ 0x5bd1e995))) ^ high);
  hash[0] = first;
  hash[1] = mix32(mix32(high ^ mix32(low ^ mix32(first ^ 0x2c1b3c6d))) ^ low);
  return hash;
}

// Never a shuffle's seed, and the other word of the hash: or the first examples of the shuffle would all be of one split.
const SPLIT_SEED = 0x73706c69;

const SHARES: SplitShares = { train: 800, valid: 100, test: 100 };

/**
 * The split of an example: a tenth each to valid and test by default. The same key is always in the same split, however
 * many examples are added, whatever the shuffle's seed.
 *
 * @param key The example's key, such as Quick Draw's key_id.
 * @param shares Thousandths, in all 1000; 800, 100 and 100 when left out.
 * @returns Which split the key is in.
 *
 * @example
 * ```ts
 * import { splitOf } from "@strokewise/strokewise/pipelines";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(splitOf(5266005389475840n), splitOf(5266005389475840n));
 * assertEquals(splitOf(7n, { train: 0, valid: 0, test: 1000 }), "test");
 * ```
 */
export function splitOf(key: bigint, shares: SplitShares = SHARES): Split {
  return splitOfWords(Number(BigInt.asUintN(32, key)), Number(BigInt.asUintN(32, key >> 32n)), shares);
}

/** {@linkcode splitOf} of a key in two unsigned 32-bit words. */
export function splitOfWords(low: number, high: number, shares: SplitShares = SHARES): Split {
  const thousandth = Math.floor(hashWords(low, high, SPLIT_SEED)[1] / 2 ** 32 * 1000);
  if (thousandth < shares.train) return "train";
  return thousandth < shares.train + shares.valid ? "valid" : "test";
}

/**
 * A 64-bit key for a record that has none of its own: the hash of its bytes and of its class's name, so that the same
 * drawing of the same class has the same key wherever it is found.
 *
 * @param bytes The record, in whatever encoding; the same one every time.
 * @param name The name of the record's class.
 * @returns The key, 0 to 2^64 - 1.
 *
 * @example
 * ```ts
 * import { hashBytes } from "@strokewise/strokewise/pipelines";
 * import { assertNotEquals } from "@std/assert";
 *
 * assertNotEquals(hashBytes(Uint8Array.of(1, 2), "cat"), hashBytes(Uint8Array.of(1, 2), "dog"));
 * ```
 */
export function hashBytes(bytes: Uint8Array, name: string): bigint {
  const { low, high } = hashBytesToWords(bytes, name);
  return (BigInt(high) << 32n) | BigInt(low);
}

/** {@linkcode hashBytes} in two unsigned 32-bit words. */
export function hashBytesToWords(bytes: Uint8Array, name: string): { low: number; high: number } {
  let low = 0x85a308d3;
  for (const byte of new TextEncoder().encode(name)) low = Math.imul(low ^ byte, 0x01000193); // FNV-1a
  let high = mix32(low);
  for (let i = 0; i < bytes.length; i++) {
    low = Math.imul(low ^ bytes[i], 0x01000193);
    high = Math.imul(high ^ bytes[i], 0x85ebca6b) ^ (high >>> 15);
  }
  return { low: mix32(low ^ bytes.length), high: mix32(high ^ mix32(low)) };
}

/** The three splits, in the order in which they are listed everywhere. */
export const SPLITS = ["train", "valid", "test"] as const;

/** Which part of a dataset an example belongs to. */
export type Split = (typeof SPLITS)[number];
