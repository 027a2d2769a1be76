/**
 * How many of some numbers lie where: what TensorBoard draws of weights and gradients.
 *
 * @module
 */

/** Buckets of one width, as TensorFlow's own summaries have them. */
const BUCKETS = 30;

/** A histogram of the finite ones of some numbers. */
export interface Histogram {
  readonly min: number;
  readonly max: number;
  /** How many finite numbers there are; 0 leaves all else 0. */
  readonly count: number;
  readonly sum: number;
  readonly sumOfSquares: number;
  /** The upper end of each bucket; the lowest begins at `min`. */
  readonly limits: readonly number[];
  /** How many numbers are in each bucket; one on a border is in the upper one, the greatest in the last. */
  readonly counts: readonly number[];
  /** How many numbers are not finite: they are in no bucket. */
  readonly notFinite: number;
}

/**
 * Counts.
 *
 * @example
 * ```ts
 * import { histogramOf } from "./histogram.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const { min, max, counts, notFinite } = histogramOf([0, 1, 29.5, 30, NaN]);
 * assertEquals([min, max, counts[0], counts[1], counts[29], notFinite], [0, 30, 1, 1, 2, 1]);
 * ```
 */
export function histogramOf(values: ArrayLike<number>): Histogram {
  let [min, max, count, sum, sumOfSquares] = [Infinity, -Infinity, 0, 0, 0];
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    if (value - value !== 0) continue; // neither infinite nor NaN, for less than a call
    if (value < min) min = value;
    if (value > max) max = value;
    count++;
    sum += value;
    sumOfSquares += value * value;
  }
  const notFinite = values.length - count;
  if (count === 0) return { min: 0, max: 0, count, sum, sumOfSquares, limits: [0], counts: [0], notFinite };
  if (min === max) return { min, max, count, sum, sumOfSquares, limits: [max], counts: [count], notFinite };
  const range = max - min;
  const scale = BUCKETS / range; // infinite where the range is hardly a number: all but the greatest are in the first
  const counts = new Array<number>(BUCKETS).fill(0);
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    if (value - value === 0) counts[value === max ? BUCKETS - 1 : (value - min) * scale | 0]++;
  }
  const limits = counts.map((_, i) => i === BUCKETS - 1 ? max : min + (i + 1) / BUCKETS * range);
  return { min, max, count, sum, sumOfSquares, limits, counts, notFinite };
}
