/**
 * The layer of batch normalization (Ioffe and Szegedy 2015, arXiv:1502.03167).
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { activated, type ActivationOptions } from "../ops/activation.ts";
import { BATCH_NORM_EPSILON, batchNorm, type BatchNormed } from "../ops/batch_norm.ts";
import type { Tensor4D } from "../tensors.ts";
import { constantVariable } from "./initial_values.ts";
import type { Variables } from "./layer.ts";

/** What is known of each channel of some maps. */
export type Moments = Pick<BatchNormed, "mean" | "variance">;

/** How maps are normalized. */
export interface BatchNormOptions extends ActivationOptions {
  /**
   * Those of the maps themselves when left out, which their gradient then goes through; others are how one image can be
   * normalized apart from those that it happens to be with.
   */
  readonly moments?: Moments | undefined;
}

/** Normalizes channels over a whole batch and its pixels. */
export interface BatchNormLayer {
  /** `name/gamma` and `name/beta`, [C] each. */
  readonly variables: Variables;
  /** {@linkcode batchNorm} of float32 [N, H, W, C], and the moments that it used. */
  apply(x: Tensor4D, options?: BatchNormOptions): BatchNormed;
}

/**
 * Creates the layer, gamma 1 and beta 0.
 *
 * There are no running means. What evaluation normalizes by is the caller's to say: the moments of a batch that does not
 * change are right for weights that are running means, too.
 *
 * @param name Starts the variables' names.
 * @param channels C.
 *
 * @example
 * ```ts
 * import { startBackend } from "@strokewise/strokewise";
 * import { batchNormLayer } from "@strokewise/strokewise/models";
 * import * as tf from "@tensorflow/tfjs-core";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * await startBackend("cpu");
 * const [low, high] = batchNormLayer("norm", 1).apply(tf.tensor4d([10, 30], [2, 1, 1, 1])).y.dataSync();
 * assertAlmostEquals(low, -1, 1e-5);
 * assertAlmostEquals(high, 1, 1e-5);
 * ```
 */
export function batchNormLayer(name: string, channels: number): BatchNormLayer {
  const [gamma, beta] = [constantVariable<tf.Rank.R1>([channels], 1), constantVariable<tf.Rank.R1>([channels], 0)];
  return {
    variables: { [`${name}/gamma`]: gamma, [`${name}/beta`]: beta },
    apply(x, { moments, ...activation } = {}) {
      if (!moments) return batchNorm(x, { gamma, beta }, activation);
      const scale = tf.mul(gamma, tf.rsqrt(tf.add(moments.variance, BATCH_NORM_EPSILON))); // [C]
      const moved = tf.add(tf.mul(tf.sub(x, moments.mean), scale), beta); // [N, H, W, C]
      return { y: activated(moved as tf.Tensor4D, activation), ...moments };
    },
  };
}
