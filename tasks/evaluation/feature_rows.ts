/**
 * What a classifier makes of pictures before it names them, as rows of numbers, and their mean and covariance.
 *
 * N pictures, F features.
 *
 * @module
 */

/** Features of pictures. */
export interface FeatureRows {
  /** [N, F]. */
  readonly values: ArrayLike<number>;
  /** F. */
  readonly size: number;
}

/** N, how many pictures there are features of. */
export function countOf({ values, size }: FeatureRows): number {
  return values.length / size;
}

/** A cloud of points as one Gaussian. */
export interface Moments {
  /** [F]. */
  readonly mean: Float64Array;
  /** Divided by N - 1: [F, F]. */
  readonly covariance: Float64Array;
}

/**
 * The mean and the covariance of features.
 *
 * @param rows N is 2 or more.
 *
 * @example
 * ```ts
 * import { momentsOf } from "./feature_rows.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const { mean, covariance } = momentsOf({ values: [0, 0, 2, 4], size: 2 });
 * assertEquals([...mean], [1, 2]);
 * assertEquals([...covariance], [2, 4, 4, 8]);
 * ```
 */
export function momentsOf(rows: FeatureRows): Moments {
  const { values, size } = rows;
  const count = countOf(rows);
  const mean = new Float64Array(size);
  for (let i = 0; i < values.length; i++) mean[i % size] += values[i] / count;
  const covariance = new Float64Array(size * size);
  const off = new Float64Array(size);
  for (let n = 0; n < count; n++) {
    for (let i = 0; i < size; i++) off[i] = values[n * size + i] - mean[i];
    for (let i = 0; i < size; i++) {
      for (let j = 0; j <= i; j++) covariance[i * size + j] += off[i] * off[j] / (count - 1);
    }
  }
  for (let i = 0; i < size; i++) for (let j = 0; j < i; j++) covariance[j * size + i] = covariance[i * size + j];
  return { mean, covariance };
}

/** The squared distance of row `a` of some features from row `b` of others. */
export function squaredDistance(one: FeatureRows, a: number, other: FeatureRows, b: number): number {
  const { size } = one;
  let sum = 0;
  for (let i = 0; i < size; i++) sum += (one.values[a * size + i] - other.values[b * size + i]) ** 2;
  return sum;
}
