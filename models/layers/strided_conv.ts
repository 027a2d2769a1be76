/**
 * The convolution that makes pictures smaller.
 *
 * @module
 */
import type * as tf from "@tensorflow/tfjs-core";
import type { Prng } from "../../pipelines/base/prng.ts";
import type { ActivationName } from "../ops/activation.ts";
import { fusedConv } from "../ops/fused_conv.ts";
import type { Tensor4D } from "../tensors.ts";
import { normalVariable } from "./initial_values.ts";
import { uniformVariable, type Variables } from "./layer.ts";

/** A convolution with "same" padding, a bias and an activation, taken at every `stride`-th place across and down. */
export interface StridedConv {
  /** `name/filter` [size, size, inputs, outputs] and `name/bias` [outputs]. */
  readonly variables: Variables;
  /** float32 [N, H, W, inputs] -> [N, ceil(H / stride), ceil(W / stride), outputs]. */
  apply(x: Tensor4D): Tensor4D;
}

/** The size of a convolution that changes the size of pictures, and how it begins. */
export interface StridedConvOptions {
  /** Channels that come in, 1 or more. */
  readonly inputs: number;
  /** Channels that go out, 1 or more. */
  readonly outputs: number;
  /** The filter's side, 1 or more. */
  readonly size: number;
  /** By how much pictures become smaller, or larger, across and down; 2 when left out. */
  readonly stride?: number;
  /** What follows; `linear` when left out. */
  readonly activation?: ActivationName;
  /** Filters are drawn from a normal distribution of this deviation; as said when left out. */
  readonly deviation?: number;
}

/**
 * Creates a convolution layer, its filter drawn from U(-b, b), b = sqrt(6 / (inputs x size x size)), which keeps the scale
 * of what passes through layers with ReLU (He et al. 2015, arXiv:1502.01852, eq. 10); its bias is 0.
 *
 * @param name Starts the variables' names.
 *
 * @example
 * ```ts
 * import { Prng, startBackend } from "@strokewise/strokewise";
 * import { stridedConv } from "@strokewise/strokewise/models";
 * import * as tf from "@tensorflow/tfjs-core";
 * import { assertEquals } from "@std/assert";
 *
 * await startBackend("cpu");
 * const layer = stridedConv("conv1", { inputs: 3, outputs: 8, size: 3 }, new Prng(1));
 * assertEquals(layer.apply(tf.zeros([2, 64, 64, 3])).shape, [2, 32, 32, 8]);
 * assertEquals(layer.apply(tf.zeros([2, 7, 7, 3])).shape, [2, 4, 4, 8]);
 * ```
 */
export function stridedConv(
  name: string,
  { inputs, outputs, size, stride = 2, activation = "linear", deviation }: StridedConvOptions,
  prng: Prng,
): StridedConv {
  const shape: tf.ShapeMap[tf.Rank.R4] = [size, size, inputs, outputs];
  const filter = deviation === undefined
    ? uniformVariable<tf.Rank.R4>(shape, Math.sqrt(6 / (size * size * inputs)), prng)
    : normalVariable<tf.Rank.R4>(shape, deviation, prng);
  const bias = uniformVariable<tf.Rank.R1>([outputs], 0, prng);
  return {
    variables: { [`${name}/filter`]: filter, [`${name}/bias`]: bias },
    apply: (x) => fusedConv(x, { filter, bias }, { stride, activation }), // [N, ceil(H / stride), ceil(W / stride), outputs]
  };
}
