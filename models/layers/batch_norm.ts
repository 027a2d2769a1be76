/**
 * The layer of batch normalization (Ioffe and Szegedy 2015, arXiv:1502.03167).
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Tensor1D, Tensor4D } from "../tensors.ts";
import { constantVariable } from "./initial_values.ts";
import type { Variables } from "./layer.ts";

/** What is added to a variance before its root is taken. */
const EPSILON = 1e-5;

/** What is known of each channel of some maps. */
export interface Moments {
  /** Float32 [C]. */
  readonly mean: Tensor1D;
  /** The mean squared distance from the mean, float32 [C]. */
  readonly variance: Tensor1D;
}

/** Normalizes channels over a whole batch and its pixels. */
export interface BatchNormLayer {
  /** `name/gamma` and `name/beta`, [C] each. */
  readonly variables: Variables;
  /**
   * gamma (x - mean) / sqrt(variance + 1e-5) + beta: float32 [N, H, W, C] -> [N, H, W, C].
   *
   * @param moments Those of `x` itself when left out, which its gradient then goes through; others are how one image can be
   * normalized apart from those that it happens to be with.
   */
  apply(x: Tensor4D, moments?: Moments): Tensor4D;
}

/** The moments of each channel of float32 [N, H, W, C]. */
export function momentsOf(x: Tensor4D): Moments {
  const rows = tf.reshape(x, [-1, x.shape[3]]); // [N H W, C]
  const mean = tf.mean(rows, 0) as tf.Tensor1D; // [C]
  return { mean, variance: tf.mean(tf.square(tf.sub(rows, mean)), 0) };
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
 * const [low, high] = batchNormLayer("norm", 1).apply(tf.tensor4d([10, 30], [2, 1, 1, 1])).dataSync();
 * assertAlmostEquals(low, -1, 1e-5);
 * assertAlmostEquals(high, 1, 1e-5);
 * ```
 */
export function batchNormLayer(name: string, channels: number): BatchNormLayer {
  const [gamma, beta] = [constantVariable<tf.Rank.R1>([channels], 1), constantVariable<tf.Rank.R1>([channels], 0)];
  return {
    variables: { [`${name}/gamma`]: gamma, [`${name}/beta`]: beta },
    apply(x, { mean, variance } = momentsOf(x)) {
      const scale = tf.mul(gamma, tf.rsqrt(tf.add(variance, EPSILON))); // [C]
      return tf.add(tf.mul(x, scale), tf.sub(beta, tf.mul(mean, scale))); // [N, H, W, C]
    },
  };
}
