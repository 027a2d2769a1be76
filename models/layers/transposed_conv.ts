/**
 * The convolution that makes pictures larger.
 *
 * @module
 */
import type * as tf from "@tensorflow/tfjs-core";
import type { Prng } from "../../pipelines/base/prng.ts";
import { fusedTransposedConv } from "../ops/fused_conv.ts";
import type { Tensor4D } from "../tensors.ts";
import { normalVariable } from "./initial_values.ts";
import { uniformVariable, type Variables } from "./layer.ts";
import type { StridedConvOptions } from "./strided_conv.ts";

/** The transpose of a strided convolution with "same" padding, a bias and an activation. */
export interface TransposedConv {
  /** `name/filter` [size, size, outputs, inputs] and `name/bias` [outputs]. */
  readonly variables: Variables;
  /**
   * float32 [N, h, w, inputs] -> [N, H, W, outputs].
   *
   * @param side H and W; h times the stride when left out, and at least so much that divided by the stride it gives h.
   */
  apply(x: Tensor4D, side?: number): Tensor4D;
}

/**
 * Creates a transposed convolution, its filter drawn from U(-b, b), b = sqrt(6 stride^2 / (inputs x size x size)): a pixel
 * of the result is made of size^2 / stride^2 taps of each input on average, so this keeps the scale of what passes through
 * layers with ReLU (He et al. 2015, arXiv:1502.01852, eq. 10). Its bias is 0.
 *
 * @param name Starts the variables' names.
 *
 * @example
 * ```ts
 * import { Prng, startBackend } from "@strokewise/strokewise";
 * import { transposedConv } from "@strokewise/strokewise/models";
 * import * as tf from "@tensorflow/tfjs-core";
 * import { assertEquals } from "@std/assert";
 *
 * await startBackend("cpu");
 * const layer = transposedConv("up1", { inputs: 8, outputs: 3, size: 3 }, new Prng(1));
 * assertEquals(layer.apply(tf.zeros([2, 4, 4, 8])).shape, [2, 8, 8, 3]);
 * assertEquals(layer.apply(tf.zeros([2, 4, 4, 8]), 7).shape, [2, 7, 7, 3]);
 * ```
 */
export function transposedConv(
  name: string,
  { inputs, outputs, size, stride = 2, activation = "linear", deviation }: StridedConvOptions,
  prng: Prng,
): TransposedConv {
  const shape: tf.ShapeMap[tf.Rank.R4] = [size, size, outputs, inputs];
  const filter = deviation === undefined
    ? uniformVariable<tf.Rank.R4>(shape, stride * Math.sqrt(6 / (size * size * inputs)), prng)
    : normalVariable<tf.Rank.R4>(shape, deviation, prng);
  const bias = uniformVariable<tf.Rank.R1>([outputs], 0, prng);
  return {
    variables: { [`${name}/filter`]: filter, [`${name}/bias`]: bias },
    apply: (x, side = stride * x.shape[1]) =>
      fusedTransposedConv(x, { filter, bias }, { stride, activation, size: [side, side] }), // [N, H, W, outputs]
  };
}
