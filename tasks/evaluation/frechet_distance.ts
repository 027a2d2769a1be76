/**
 * The Fréchet distance of two clouds of features, each taken for a Gaussian (Dowson and Landau 1982; for pictures Heusel et
 * al. 2017, arXiv:1706.08500, equation 6). With features of a classifier of the data's own it is no FID, which is of
 * Inception-v3's, and compares with nothing but itself. Of N pictures it is too large, by less the larger N is (Chong and
 * Forsyth 2020, arXiv:1911.07023): what real pictures have at the same N belongs beside it.
 *
 * F features.
 *
 * @module
 */
import { type FeatureRows, type Moments, momentsOf } from "./feature_rows.ts";
import { eigenOf } from "./principal_axes.ts";

/**
 * The squared Fréchet distance of two Gaussians: |m1 - m2|^2 + tr(C1 + C2 - 2 (C1 C2)^(1/2)).
 *
 * @example One dimension: the squared difference of the means and that of the deviations
 * ```ts
 * import { gaussianDistance } from "./frechet_distance.ts";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const [one, other] = [[0, 9], [2, 16]].map(([mean, variance]) => ({
 *   mean: Float64Array.of(mean),
 *   covariance: Float64Array.of(variance),
 * }));
 * assertAlmostEquals(gaussianDistance(one, other), 2 ** 2 + (3 - 4) ** 2);
 * ```
 */
export function gaussianDistance(one: Moments, other: Moments): number {
  const size = one.mean.length;
  let distance = 0;
  for (let i = 0; i < size; i++) {
    distance += (one.mean[i] - other.mean[i]) ** 2 + one.covariance[i * size + i] + other.covariance[i * size + i];
  }
  // C1 C2 is not symmetric; R C2 R, R the root of C1, is, and has the same eigenvalues.
  const root = rootOf(one.covariance, size);
  const product = multiply(multiply(root, other.covariance, size), root, size);
  for (let i = 0; i < size; i++) { // what rounding leaves of its symmetry
    for (let j = 0; j < i; j++) {
      product[i * size + j] = product[j * size + i] = (product[i * size + j] + product[j * size + i]) / 2;
    }
  }
  for (const value of eigenOf(product, size).values) distance -= 2 * Math.sqrt(Math.max(0, value));
  return Math.max(0, distance);
}

/**
 * The squared Fréchet distance of two clouds of features; they may be of different numbers of pictures.
 *
 * @param one 2 pictures or more.
 * @param other As many features.
 */
export function frechetDistance(one: FeatureRows, other: FeatureRows): number {
  return gaussianDistance(momentsOf(one), momentsOf(other));
}

/** The symmetric square root of a covariance, [F, F]. */
function rootOf(matrix: Float64Array, size: number): Float64Array {
  const { values, vectors } = eigenOf(matrix, size); // a row a vector
  const scaled = vectors.map((value, i) => value * Math.max(0, values[Math.floor(i / size)]) ** 0.25);
  const root = new Float64Array(size * size);
  for (let k = 0; k < size; k++) {
    for (let i = 0; i < size; i++) {
      for (let j = 0; j < size; j++) root[i * size + j] += scaled[k * size + i] * scaled[k * size + j];
    }
  }
  return root;
}

/** The product of two matrices, [F, F] each. */
function multiply(a: Float64Array, b: Float64Array, size: number): Float64Array {
  const product = new Float64Array(size * size);
  for (let i = 0; i < size; i++) {
    for (let k = 0; k < size; k++) {
      const value = a[i * size + k];
      for (let j = 0; j < size; j++) product[i * size + j] += value * b[k * size + j];
    }
  }
  return product;
}
