/**
 * Random tensors whose every value can be found on its own: it depends on a key, the row's id and the column alone, so
 * a batch shared out among Workers draws the very numbers of the whole batch, on any backend.
 *
 * The generator is Threefry-2x32 with 20 rounds (Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3",
 * doi:10.1145/2063384.2063405), which needs no more than 32-bit additions, rotations and exclusive or. Columns 2p and
 * 2p + 1 of the row with id r are made of words 0 and 1 of the counter (r, p).
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Tensor2D } from "../tensors.ts";
import { hasFusedKernel, runFusedKernel } from "./fused_op.ts";

/** Two 32-bit words that name a stream of random numbers; `Prng.key()` draws one. */
export type RandomKey = readonly [number, number];

// Table 2 of the paper.
const ROTATIONS = [13, 15, 26, 6, 17, 29, 16, 24];

/**
 * Enciphers a counter.
 *
 * @param words Two words that hold the counter and then the result.
 */
export function threefry2x32([key0, key1]: RandomKey, words: Int32Array): void {
  const schedule = [key0 | 0, key1 | 0, 0x1bd11bda ^ key0 ^ key1];
  let a = (words[0] + schedule[0]) | 0;
  let b = (words[1] + schedule[1]) | 0;
  for (let round = 0; round < 20; round++) {
    const rotation = ROTATIONS[round & 7];
    a = (a + b) | 0;
    b = ((b << rotation) | (b >>> (32 - rotation))) ^ a;
    if ((round & 3) === 3) {
      const injection = (round + 1) >> 2;
      a = (a + schedule[injection % 3]) | 0;
      b = (b + schedule[(injection + 1) % 3] + injection) | 0;
    }
  }
  words[0] = a;
  words[1] = b;
}

/**
 * Uniform numbers in [0, 1), multiples of 2^-24; the same bits on every backend.
 *
 * @param key The stream.
 * @param rows The id of each row, int32 [N]; rows with the same id are equal.
 * @param columns How many numbers a row has, 0 or more.
 * @returns float32 [N, columns].
 * @throws {RangeError} When `columns` is no whole number, 0 or more.
 *
 * @example The rows of a batch do not depend on what else is in it
 * ```ts
 * import { startBackend } from "@strokewise/strokewise";
 * import { randomUniform } from "@strokewise/strokewise/models";
 * import { assertEquals } from "@std/assert";
 *
 * await startBackend("cpu");
 * const whole = randomUniform([1, 2], Int32Array.of(0, 1, 2), 5).arraySync();
 * const part = randomUniform([1, 2], Int32Array.of(2), 5).arraySync();
 * assertEquals(part[0], whole[2]);
 * ```
 */
export function randomUniform(key: RandomKey, rows: Int32Array, columns: number): Tensor2D {
  checkColumns(columns);
  return draw("StrokewiseRandomUniform", { key, rows, columns }) ??
    composed(uniformPair, { key, rows, columns });
}

/**
 * Standard normal numbers, of at most 5.77 in size, by the method of Box and Muller (1958); the same on every backend
 * but for rounding.
 *
 * With u = (word 0 >> 8) and w = (word 1 >> 8) of a counter, its columns are r cos(a) and r sin(a), where
 * r = sqrt(-2 ln((u + 1) 2^-24)) and a = 2 pi w 2^-24.
 *
 * @param key The stream.
 * @param rows The id of each row, int32 [N]; rows with the same id are equal.
 * @param columns How many numbers a row has, 0 or more.
 * @returns float32 [N, columns].
 * @throws {RangeError} When `columns` is no whole number, 0 or more.
 *
 * @example
 * ```ts
 * import { Prng, startBackend } from "@strokewise/strokewise";
 * import { randomNormal } from "@strokewise/strokewise/models";
 * import { assert } from "@std/assert";
 *
 * await startBackend("cpu");
 * const noise = randomNormal(new Prng(1).key(), Int32Array.of(0, 1), 5000).dataSync<"float32">();
 * assert(Math.abs(noise.reduce((sum, value) => sum + value) / noise.length) < 0.03);
 * ```
 */
export function randomNormal(key: RandomKey, rows: Int32Array, columns: number): Tensor2D {
  checkColumns(columns);
  return draw("StrokewiseRandomNormal", { key, rows, columns }) ?? composed(normalPair, { key, rows, columns });
}

function checkColumns(columns: number): void {
  if (Number.isInteger(columns) && columns >= 0) return;
  throw new RangeError(`cannot draw ${columns} random numbers a row: expected a whole number, 0 or more`);
}

interface Drawn {
  readonly key: RandomKey;
  readonly rows: Int32Array;
  readonly columns: number;
}

function draw(
  kernel: "StrokewiseRandomUniform" | "StrokewiseRandomNormal",
  { key: [key0, key1], rows, columns }: Drawn,
): tf.Tensor2D | undefined {
  if (!hasFusedKernel(kernel)) return undefined;
  return tf.tidy(() =>
    runFusedKernel(kernel, { rows: tf.tensor1d(rows, "int32") }, { key0, key1, columns })[0] as tf.Tensor2D
  );
}

/** Fills a tensor in JavaScript; `pair` turns two random words into two values at `at` and `at + 1`. */
function composed(
  pair: (words: Int32Array, values: Float32Array, at: number) => void,
  { key, rows, columns }: Drawn,
): tf.Tensor2D {
  const values = new Float32Array(rows.length * columns + 1); // an odd row's last pair goes one too far
  const words = new Int32Array(2);
  for (let i = 0; i < rows.length; i++) {
    for (let j = 0; j < columns; j += 2) {
      words[0] = rows[i];
      words[1] = j >> 1;
      threefry2x32(key, words);
      pair(words, values, i * columns + j);
    }
  }
  return tf.tensor2d(values.subarray(0, -1), [rows.length, columns]);
}

function uniformPair(words: Int32Array, values: Float32Array, at: number): void {
  values[at] = (words[0] >>> 8) / 2 ** 24;
  values[at + 1] = (words[1] >>> 8) / 2 ** 24;
}

function normalPair(words: Int32Array, values: Float32Array, at: number): void {
  const radius = Math.sqrt(-2 * Math.log(((words[0] >>> 8) + 1) / 2 ** 24));
  const angle = 2 * Math.PI * ((words[1] >>> 8) / 2 ** 24);
  values[at] = radius * Math.cos(angle);
  values[at + 1] = radius * Math.sin(angle);
}
