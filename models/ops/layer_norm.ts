/**
 * Layer normalization of rows.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Tensor1D, Tensor2D } from "../tensors.ts";
import { hasFusedKernel, runFusedKernel, runFusedOp } from "./fused_op.ts";

/** Added to a variance. */
export const LAYER_NORM_EPSILON = 1e-5;

/**
 * Brings each row to mean 0 and variance 1, then scales and shifts its columns: gamma (x - mean) / sqrt(variance + 1e-5) +
 * beta, with the variance divided by D (Ba, Kiros and Hinton 2016, arXiv:1607.06450, eq. 4).
 *
 * @param x float32 [N, D].
 * @param gamma float32 [D].
 * @param beta float32 [D].
 * @returns float32 [N, D].
 * @throws {RangeError} If the shapes do not fit together.
 *
 * @example
 * ```ts
 * import { startBackend } from "@strokewise/strokewise";
 * import { layerNorm } from "@strokewise/strokewise/models";
 * import * as tf from "@tensorflow/tfjs-core";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * await startBackend("cpu");
 * const [low, high] = layerNorm(tf.tensor2d([[10, 30]]), tf.tensor1d([1, 5]), tf.tensor1d([0, 1])).dataSync();
 * assertAlmostEquals(low, -1, 1e-5);
 * assertAlmostEquals(high, 6, 1e-5);
 * ```
 */
export function layerNorm(x: Tensor2D, gamma: Tensor1D, beta: Tensor1D): Tensor2D {
  const [rows, width] = x.shape;
  if (gamma.size !== width || beta.size !== width) {
    throw new RangeError(`layerNorm needs gamma and beta [${width}], found [${gamma.shape}] and [${beta.shape}]`);
  }
  if (hasFusedKernel("StrokewiseLayerNorm")) return fusedNorm(x, gamma, beta);
  return tf.tidy(() => {
    const normal = normalized(x);
    return tf.add(tf.mul(normal, gamma), beta) as tf.Tensor2D; // [N, D]
  });

  /** Without gamma and beta; its gradient in few operations. */
  function normalized(x: tf.Tensor2D): tf.Tensor2D {
    return tf.customGrad((x, save) => {
      const centred = tf.sub(x as tf.Tensor2D, tf.mean(x as tf.Tensor2D, 1, true)); // [N, D]
      const scale = tf.rsqrt(tf.add(tf.mean(tf.square(centred), 1, true), LAYER_NORM_EPSILON)); // [N, 1]
      const value = tf.mul(centred, scale); // [N, D]
      (save as tf.GradSaveFunc)([value, scale]);
      return {
        value,
        gradFunc(dy: tf.Tensor, [value, scale]: tf.Tensor[]) {
          const along = tf.mul(value, tf.mean(tf.mul(dy, value), 1, true)); // [N, D]
          return tf.mul(tf.sub(tf.sub(dy, tf.mean(dy, 1, true)), along), scale);
        },
      };
    })(x) as tf.Tensor2D;
  }

  function fusedNorm(x: tf.Tensor2D, gamma: tf.Tensor1D, beta: tf.Tensor1D): tf.Tensor2D {
    return runFusedOp({
      forward(save) {
        const [y, stats] = runFusedKernel("StrokewiseLayerNorm", { x, gamma, beta }); // [N, D], [N, 2]
        save([x, gamma, stats]);
        return y as tf.Tensor2D;
      },
      gradients(dy, [x, gamma, stats]) {
        const [dx, dGamma, dBeta] = runFusedKernel("StrokewiseLayerNormGrad", { dy, x, gamma, stats }, { rows });
        return { x: () => dx, gamma: () => dGamma, beta: () => dBeta };
      },
    }, { x, gamma, beta });
  }
}
