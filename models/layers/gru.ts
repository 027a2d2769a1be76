/**
 * The GRU layer.
 *
 * @module
 */
import type * as tf from "@tensorflow/tfjs-core";
import type { Prng } from "../../pipelines/base/prng.ts";
import { arrayOf, type RecurrentWeights } from "../network.ts";
import { gru } from "../ops/gru.ts";
import type { Tensor2D, Tensor3D } from "../tensors.ts";
import { uniformVariable, type Variables } from "./layer.ts";

/** One GRU layer; its gates are in the order r, z, n. */
export interface GruLayer {
  /** `name/kernel` [inputs, 3H], `name/recurrentKernel` [H, 3H], `name/bias` [3H] and `name/recurrentBias` [H]. */
  readonly variables: Variables;
  /** Runs over a sequence: float32 [T, B, inputs] -> hidden states [T, B, H]. */
  apply(x: Tensor3D, initial?: Tensor2D): Tensor3D;
}

/**
 * Creates a GRU layer, its variables drawn from U(-1/sqrt(H), 1/sqrt(H)) as PyTorch's `nn.GRU` does; r and z have one
 * bias where PyTorch adds two.
 *
 * @param name Starts the variables' names.
 * @param size The width of the inputs and H, the number of units.
 *
 * @example
 * ```ts
 * import { Prng, startBackend } from "@strokewise/strokewise";
 * import { gruLayer } from "@strokewise/strokewise/models";
 * import * as tf from "@tensorflow/tfjs-core";
 * import { assertEquals } from "@std/assert";
 *
 * await startBackend("cpu");
 * const layer = gruLayer("gru1", { inputs: 5, units: 3 }, new Prng(1));
 * assertEquals(layer.apply(tf.zeros([7, 2, 5])).shape, [7, 2, 3]);
 * ```
 */
export function gruLayer(name: string, size: { inputs: number; units: number }, prng: Prng): GruLayer {
  const { inputs, units } = size;
  const bound = 1 / Math.sqrt(units);
  const kernel = uniformVariable<tf.Rank.R2>([inputs, 3 * units], bound, prng);
  const recurrentKernel = uniformVariable<tf.Rank.R2>([units, 3 * units], bound, prng);
  const bias = uniformVariable<tf.Rank.R1>([3 * units], bound, prng);
  const recurrentBias = uniformVariable<tf.Rank.R1>([units], bound, prng);
  const weights = { kernel, recurrentKernel, bias, recurrentBias };
  return {
    variables: Object.fromEntries(Object.entries(weights).map(([part, variable]) => [`${name}/${part}`, variable])),
    apply: (x, initial) => gru(x, weights, initial), // [T, B, H]
  };
}

/** The weights of a GRU layer among those of a model, for a graph. */
export function gruWeights(variables: Variables, name: string): RecurrentWeights {
  return {
    kernel: arrayOf(variables[`${name}/kernel`]),
    recurrentKernel: arrayOf(variables[`${name}/recurrentKernel`]),
    bias: arrayOf(variables[`${name}/bias`]),
    recurrentBias: arrayOf(variables[`${name}/recurrentBias`]),
  };
}
