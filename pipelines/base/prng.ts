/**
 * A seeded pseudo-random generator whose whole state can be saved and restored, so that a resumed run draws the very
 * numbers that an uninterrupted one would have drawn.
 *
 * The generator is sfc32 (Chris Doty-Humphrey, PractRand): 128 bits of state, period at least 2^32, passes BigCrush.
 * Seeds are spread by splitmix32. Browser safe.
 *
 * @module
 */

/** The state of a {@linkcode Prng}: four 32-bit words, safe to store as JSON. */
export type PrngState = readonly [number, number, number, number];

/**
 * Mixes 32 bits into 32 other bits so that near inputs give unrelated outputs.
 *
 * @param word Any number; its low 32 bits count.
 * @returns An integer, 0 to 2^32 - 1.
 */
export function mix32(word: number): number {
  word = Math.imul(word ^ (word >>> 16), 0x21f0aaad);
  word = Math.imul(word ^ (word >>> 15), 0x735a2d97);
  return (word ^ (word >>> 15)) >>> 0;
}

/**
 * A seeded generator of uniform and normal numbers, permutations and seeds.
 *
 * @example Two generators with one seed agree; a restored state goes on where it was
 * ```ts
 * import { Prng } from "@strokewise/strokewise/pipelines";
 * import { assertEquals } from "@std/assert";
 *
 * const prng = new Prng(7);
 * assertEquals(prng.uniform(), new Prng(7).uniform());
 * const state = prng.state;
 * const next = prng.normal();
 * prng.state = state;
 * assertEquals(prng.normal(), next);
 * ```
 */
export class Prng {
  #a = 0;
  #b = 0;
  #c = 0;
  #counter = 1;

  /**
   * Starts a stream.
   *
   * @param seed Whole numbers; every different list gives an unrelated stream, so `new Prng(seed, epoch)` is one stream
   * an epoch.
   */
  constructor(...seed: readonly number[]) {
    let word = 0x9e3779b9;
    for (const part of seed) {
      word = mix32(word ^ mix32(part + 0x9e3779b9));
      word = mix32(word ^ mix32(Math.floor(part / 2 ** 32))); // seeds above 32 bits count too
    }
    this.#a = mix32(word + 0x9e3779b9);
    this.#b = mix32(word + 0x3c6ef372);
    this.#c = mix32(word + 0xdaa66d2b);
    for (let i = 0; i < 12; i++) this.uint32(); // sfc32's own advice: let the seed reach every bit
  }

  /** The whole state; assign it to go on from there. */
  get state(): PrngState {
    return [this.#a >>> 0, this.#b >>> 0, this.#c >>> 0, this.#counter >>> 0];
  }

  /** Goes on from a saved state. */
  set state([a, b, c, counter]: PrngState) {
    [this.#a, this.#b, this.#c, this.#counter] = [a, b, c, counter];
  }

  /** The next integer, 0 to 2^32 - 1. */
  uint32(): number {
    const sum = (this.#a + this.#b + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + sum) | 0;
    return sum >>> 0;
  }

  /** The next number in [0, 1), with 32 random bits. */
  uniform(): number {
    return this.uint32() / 2 ** 32;
  }

  /** The next whole number in [0, limit). */
  integer(limit: number): number {
    return Math.floor(this.uniform() * limit);
  }

  /** The next standard normal number (Box and Muller 1958; its twin is not kept, so the state stays four words). */
  normal(): number {
    const radius = Math.sqrt(-2 * Math.log((this.uint32() + 1) / 2 ** 32));
    return radius * Math.cos(2 * Math.PI * this.uniform());
  }

  /** The next two integers, as the key of a stream of random numbers that can be drawn in any order. */
  key(): [number, number] {
    return [this.uint32(), this.uint32()];
  }

  /** Shuffles an array in place (Fisher and Yates) and returns it. */
  shuffle<T extends { length: number; [index: number]: unknown }>(array: T): T {
    for (let i = array.length - 1; i > 0; i--) {
      const j = this.integer(i + 1);
      [array[i], array[j]] = [array[j], array[i]];
    }
    return array;
  }

  /** The whole numbers 0 to length - 1 in random order. */
  permutation(length: number): Uint32Array {
    return this.shuffle(Uint32Array.from({ length }, (_, i) => i));
  }
}
