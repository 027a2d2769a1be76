/**
 * The Gaussian that codes make up: where the latents of a model without a prior are drawn from. Browser safe.
 *
 * N codes, T steps, Z size of a latent, D = T Z numbers of a code.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { randomNormal } from "../../models/ops/random.ts";
import { Prng } from "../../pipelines/base/prng.ts";

/** A Gaussian with a full covariance. */
export interface LatentGaussian {
  /** float32 [D]. */
  readonly mean: Float32Array<ArrayBuffer>;
  /** A lower triangle L, float32 [D, D], rows first; L L^T is the covariance. */
  readonly factor: Float32Array<ArrayBuffer>;
}

/** A pivot below this share of the greatest variance is rounding: the codes lie in fewer dimensions. */
const LEAST = 1e-10;

/**
 * The Gaussian with the mean and the covariance of codes, by Cholesky's method. Codes that lie in fewer dimensions, such as
 * fewer codes than these have numbers, make up one that is flat.
 *
 * @param codes [N, D], N 1 or more.
 *
 * @example
 * ```ts
 * import { fitGaussian } from "./latent_gaussian.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const { mean, factor } = fitGaussian([1, 0, 3, 4], 2); // the covariance is [1, 2; 2, 4]
 * assertEquals([[...mean], [...factor]], [[2, 2], [1, 0, 2, 0]]);
 * ```
 */
export function fitGaussian(codes: ArrayLike<number>, size: number): LatentGaussian {
  const count = codes.length / size;
  const mean = new Float64Array(size);
  for (let i = 0; i < codes.length; i++) mean[i % size] += codes[i] / count;
  const factor = new Float64Array(size * size); // the covariance's lower triangle at first
  const off = new Float64Array(size);
  for (let n = 0; n < count; n++) {
    for (let i = 0; i < size; i++) off[i] = codes[n * size + i] - mean[i];
    for (let i = 0; i < size; i++) for (let j = 0; j <= i; j++) factor[i * size + j] += off[i] * off[j] / count;
  }
  decompose(factor, size);
  return { mean: Float32Array.from(mean), factor: Float32Array.from(factor) };
}

/** Puts L in the place of the lower triangle of L L^T (Golub and Van Loan, Matrix Computations, 4.2). */
function decompose(matrix: Float64Array, size: number): void {
  let least = 0;
  for (let i = 0; i < size; i++) least = Math.max(least, LEAST * matrix[i * size + i]);
  for (let i = 0; i < size; i++) {
    for (let j = 0; j <= i; j++) {
      let rest = matrix[i * size + j];
      for (let k = 0; k < j; k++) rest -= matrix[i * size + k] * matrix[j * size + k];
      const pivot = matrix[j * size + j];
      if (i === j) matrix[i * size + j] = rest > least ? Math.sqrt(rest) : 0;
      else matrix[i * size + j] = pivot > 0 ? rest / pivot : 0;
    }
  }
}

/**
 * Latents drawn from it by a seed, float32 [T, N, Z]; those of an image do not depend on how many there are.
 *
 * @param latentShape T and Z.
 */
export function gaussianLatents(
  { mean, factor }: LatentGaussian,
  [steps, size]: readonly [steps: number, size: number],
  { count, seed }: { readonly count: number; readonly seed: number },
): tf.Tensor3D {
  return tf.tidy(() => {
    const each = steps * size;
    const rows = Int32Array.from({ length: count }, (_, i) => i);
    const noise = randomNormal(new Prng(seed).key(), rows, each); // [N, D]
    const apart = tf.matMul(noise, tf.tensor2d(factor, [each, each]), false, true); // [N, D]
    const drawn = tf.add(apart, tf.tensor1d(mean)); // [N, D]
    return tf.transpose(tf.reshape(drawn, [count, steps, size]), [1, 0, 2]) as tf.Tensor3D; // [T, N, Z]
  });
}
