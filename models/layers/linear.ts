/**
 * The linear layer.
 *
 * @module
 */
import type * as tf from "@tensorflow/tfjs-core";
import type { Prng } from "../../pipelines/base/prng.ts";
import { arrayOf, type NetworkActivation, type NetworkLayers } from "../network.ts";
import { linearMap } from "../ops/linear_map.ts";
import type { Tensor1D, Tensor2D } from "../tensors.ts";
import { normalVariable } from "./initial_values.ts";
import { uniformVariable, type Variables } from "./layer.ts";

/** A layer that multiplies by weights and adds a bias. */
export interface Linear {
  /** `name/weights` [inputs, outputs] and `name/bias` [outputs]. */
  readonly variables: Variables;
  /** W, float32 [inputs, outputs]. */
  readonly weights: Tensor2D;
  /** b, float32 [outputs]. */
  readonly bias: Tensor1D;
  /** x W + b: float32 [B, inputs] -> [B, outputs]. */
  apply(x: Tensor2D): Tensor2D;
}

/** The size of a {@linkcode Linear} layer, and how it begins. */
export interface LinearOptions {
  /** The width of the inputs, 1 or more. */
  readonly inputs: number;
  /** The width of the outputs, 1 or more. */
  readonly outputs: number;
  /** Weights are drawn from a normal distribution of this deviation, and the bias is 0; as said when left out. */
  readonly deviation?: number;
  /** With a deviation: the bias is drawn from U(-biasBound, biasBound); 0 when left out. */
  readonly biasBound?: number;
}

/**
 * Creates a linear layer, its variables drawn from U(-1/sqrt(inputs), 1/sqrt(inputs)) as PyTorch's `nn.Linear` does.
 *
 * @param name Starts the variables' names.
 *
 * @example
 * ```ts
 * import { Prng, startBackend } from "@strokewise/strokewise";
 * import { linear } from "@strokewise/strokewise/models";
 * import * as tf from "@tensorflow/tfjs-core";
 * import { assertEquals } from "@std/assert";
 *
 * await startBackend("cpu");
 * const dense = linear("dense", { inputs: 3, outputs: 2 }, new Prng(1));
 * assertEquals(Object.keys(dense.variables), ["dense/weights", "dense/bias"]);
 * assertEquals(dense.apply(tf.zeros([4, 3])).shape, [4, 2]);
 * ```
 */
export function linear(name: string, { inputs, outputs, deviation, biasBound = 0 }: LinearOptions, prng: Prng): Linear {
  const bound = 1 / Math.sqrt(inputs);
  const weights = deviation === undefined
    ? uniformVariable<tf.Rank.R2>([inputs, outputs], bound, prng)
    : normalVariable<tf.Rank.R2>([inputs, outputs], deviation, prng);
  const bias = uniformVariable<tf.Rank.R1>([outputs], deviation === undefined ? bound : biasBound, prng);
  return {
    variables: { [`${name}/weights`]: weights, [`${name}/bias`]: bias },
    weights,
    bias,
    apply: (x) => linearMap(x, weights, bias), // [B, outputs]
  };
}

/** A linear layer in a graph, its weights among those of a model, and what follows it. */
export function denseLayer(
  variables: Variables,
  name: string,
  activation: NetworkActivation = "linear",
): { readonly kind: "dense" } & NetworkLayers["dense"] {
  const [weights, bias] = [arrayOf(variables[`${name}/weights`]), arrayOf(variables[`${name}/bias`])];
  return { kind: "dense", weights, bias, activation };
}
