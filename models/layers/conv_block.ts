/**
 * The convolution block of the sketch models.
 *
 * @module
 */
import type * as tf from "@tensorflow/tfjs-core";
import type { Prng } from "../../pipelines/base/prng.ts";
import { convReluPool } from "../ops/conv_relu_pool.ts";
import type { Tensor4D } from "../tensors.ts";
import { uniformVariable, type Variables } from "./layer.ts";

/** A 3x3 convolution, ReLU and 2x2 max-pooling. */
export interface ConvBlock {
  /** `name/filter` [3, 3, inputs, outputs] and `name/bias` [outputs]. */
  readonly variables: Variables;
  /** float32 [N, H, W, inputs] -> [N, floor(H/2), floor(W/2), outputs]. */
  apply(x: Tensor4D): Tensor4D;
}

/**
 * Creates a convolution block, its variables drawn from U(-1/sqrt(9 inputs), 1/sqrt(9 inputs)) as PyTorch's `nn.Conv2d`
 * does.
 *
 * @param name Starts the variables' names.
 * @param channels How many channels come in and go out.
 *
 * @example
 * ```ts
 * import { Prng, startBackend } from "@strokewise/strokewise";
 * import { convBlock } from "@strokewise/strokewise/models";
 * import * as tf from "@tensorflow/tfjs-core";
 * import { assertEquals } from "@std/assert";
 *
 * await startBackend("cpu");
 * const block = convBlock("conv1", { inputs: 1, outputs: 8 }, new Prng(1));
 * assertEquals(block.apply(tf.zeros([2, 64, 64, 1])).shape, [2, 32, 32, 8]);
 * ```
 */
export function convBlock(name: string, channels: { inputs: number; outputs: number }, prng: Prng): ConvBlock {
  const bound = 1 / Math.sqrt(9 * channels.inputs);
  const filter = uniformVariable<tf.Rank.R4>([3, 3, channels.inputs, channels.outputs], bound, prng);
  const bias = uniformVariable<tf.Rank.R1>([channels.outputs], bound, prng);
  return {
    variables: { [`${name}/filter`]: filter, [`${name}/bias`]: bias },
    apply: (x) => convReluPool(x, filter, bias),
  };
}
