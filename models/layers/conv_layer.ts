/**
 * The convolution layer.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Prng } from "../../pipelines/base/prng.ts";
import type { Tensor4D } from "../tensors.ts";
import { uniformVariable, type Variables } from "./layer.ts";

/** A convolution of stride 1 with "same" padding, and a bias. */
export interface ConvLayer {
  /** `name/filter` [size, size, inputs, outputs] and `name/bias` [outputs]. */
  readonly variables: Variables;
  /** float32 [N, H, W, inputs] -> [N, H, W, outputs]. */
  apply(x: Tensor4D): Tensor4D;
}

/**
 * Creates a convolution layer, its variables drawn from U(-b, b), b = 1 / sqrt(inputs x size x size), as PyTorch's
 * `nn.Conv2d` does.
 *
 * @param name Starts the variables' names.
 * @param shape How many channels come in and go out, and the kernel's side.
 *
 * @example
 * ```ts
 * import { Prng, startBackend } from "@strokewise/strokewise";
 * import { convLayer } from "@strokewise/strokewise/models";
 * import * as tf from "@tensorflow/tfjs-core";
 * import { assertEquals } from "@std/assert";
 *
 * await startBackend("cpu");
 * const layer = convLayer("conv1", { inputs: 1, outputs: 8, size: 5 }, new Prng(1));
 * assertEquals(layer.apply(tf.zeros([2, 28, 28, 1])).shape, [2, 28, 28, 8]);
 * ```
 */
export function convLayer(
  name: string,
  { inputs, outputs, size }: { inputs: number; outputs: number; size: number },
  prng: Prng,
): ConvLayer {
  const bound = 1 / Math.sqrt(size * size * inputs);
  const filter = uniformVariable<tf.Rank.R4>([size, size, inputs, outputs], bound, prng);
  const bias = uniformVariable<tf.Rank.R1>([outputs], bound, prng);
  return {
    variables: { [`${name}/filter`]: filter, [`${name}/bias`]: bias },
    apply: (x) => tf.add(tf.conv2d(x, filter, 1, "same"), bias), // [N, H, W, outputs]
  };
}
