/**
 * Batch normalization.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Tensor1D, Tensor4D } from "../tensors.ts";
import { activated, activationAttributes, type ActivationOptions } from "./activation.ts";
import { checkExchange } from "../kernels/share_exchange.ts";
import { batchMean } from "./batch_mean.ts";
import { hasFusedKernel, runFusedKernel, runFusedOp } from "./fused_op.ts";

/** Added to a variance. */
export const BATCH_NORM_EPSILON = 1e-5;

/** What batch normalization gives channels. */
export interface BatchNormWeights {
  /** float32 [C], their deviation. */
  readonly gamma: Tensor1D;
  /** float32 [C], their mean. */
  readonly beta: Tensor1D;
}

/** Normalized maps, and by what. */
export interface BatchNormed {
  /** float32 [N, H, W, C]. */
  readonly y: Tensor4D;
  /** Of each channel before, float32 [C]. */
  readonly mean: Tensor1D;
  /** The mean squared distance from the mean, float32 [C]. */
  readonly variance: Tensor1D;
}

/**
 * Brings each channel to mean 0 and variance 1 over all images and pixels, then scales and shifts it: gamma (x - mean) /
 * sqrt(variance + 1e-5) + beta (Ioffe and Szegedy 2015, arXiv:1502.03167); an activation may follow. Gradients go through
 * all three results. Threads and processes that share out a batch normalize it as a whole, as
 * {@linkcode batchMean} says.
 *
 * @param x float32 [N, H, W, C].
 * @throws {RangeError} If the shapes do not fit together.
 *
 * @example
 * ```ts
 * import { startBackend } from "@strokewise/strokewise";
 * import { batchNorm } from "@strokewise/strokewise/models";
 * import * as tf from "@tensorflow/tfjs-core";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * await startBackend("cpu");
 * const weights = { gamma: tf.tensor1d([1]), beta: tf.tensor1d([0]) };
 * const { y, mean } = batchNorm(tf.tensor4d([10, 30], [2, 1, 1, 1]), weights, { activation: "relu" });
 * const [low, high] = y.dataSync();
 * assertAlmostEquals(low, 0);
 * assertAlmostEquals(high, 1, 1e-5);
 * assertAlmostEquals(mean.dataSync()[0], 20);
 * ```
 */
export function batchNorm(x: Tensor4D, weights: BatchNormWeights, options: ActivationOptions = {}): BatchNormed {
  const { gamma, beta } = weights, channels = x.shape[3];
  if (gamma.size !== channels || beta.size !== channels) {
    throw new RangeError(`batchNorm needs gamma and beta [${channels}], found [${gamma.shape}] and [${beta.shape}]`);
  }
  checkExchange();
  const attributes = { ...activationAttributes(options), epsilon: BATCH_NORM_EPSILON };
  if (!hasFusedKernel("StrokewiseBatchNorm")) return composed(x, weights, options);
  const [y, mean, variance] = runFusedOp<tf.Tensor[]>({
    forward(save) {
      const [y, mean, variance] = runFusedKernel("StrokewiseBatchNorm", { x, gamma, beta }, attributes);
      save([x, y, gamma, mean, variance]);
      return [y, mean, variance];
    },
    gradients([dy, dMean, dVariance], [x, y, gamma, mean, variance]) {
      const given = { dy, dMean, dVariance, x, y, gamma, mean, variance };
      const [dx, dGamma, dBeta] = runFusedKernel("StrokewiseBatchNormGrad", given, attributes);
      return { x: () => dx, gamma: () => dGamma, beta: () => dBeta };
    },
  }, { x, gamma, beta });
  return { y: y as tf.Tensor4D, mean: mean as tf.Tensor1D, variance: variance as tf.Tensor1D };
}

function composed(x: tf.Tensor4D, { gamma, beta }: BatchNormWeights, options: ActivationOptions): BatchNormed {
  const [y, mean, variance] = tf.tidy(() => {
    const rows = tf.reshape(x, [-1, x.shape[3]]); // [N H W, C]
    const mean = batchMean(rows as tf.Tensor2D); // [C]
    const variance = batchMean(tf.square(tf.sub(rows, mean))); // [C]
    const scale = tf.mul(gamma, tf.rsqrt(tf.add(variance, BATCH_NORM_EPSILON))); // [C]
    return [activated(tf.add(tf.mul(tf.sub(x, mean), scale), beta), options), mean, variance];
  });
  return { y: y as tf.Tensor4D, mean: mean as tf.Tensor1D, variance: variance as tf.Tensor1D };
}
