/**
 * The GRU layer.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Prng } from "../../pipelines/base/prng.ts";
import { arrayOf, type RecurrentWeights } from "../network.ts";
import { gru } from "../ops/gru.ts";
import type { Tensor2D, Tensor3D } from "../tensors.ts";
import { chronoBiases } from "./initial_values.ts";
import { uniformVariable, type Variables } from "./layer.ts";

/** One GRU layer; its gates are in the order r, z, n. */
export interface GruLayer {
  /** `name/kernel` [inputs, 3H], `name/recurrentKernel` [H, 3H], `name/bias` [3H] and `name/recurrentBias` [H]. */
  readonly variables: Variables;
  /** Runs over a sequence: float32 [T, B, inputs] -> hidden states [T, B, H]. */
  apply(x: Tensor3D, initial?: Tensor2D): Tensor3D;
}

/** The size of a {@linkcode GruLayer}, and how it begins. */
export interface GruLayerOptions {
  /** The width of the inputs, 1 or more. */
  readonly inputs: number;
  /** H, 1 or more. */
  readonly units: number;
  /**
   * T_max, 2 or more: the biases of z are such that units keep their state for 1 to so many steps (chrono initialization,
   * arXiv:1804.11188); as drawn when left out.
   */
  readonly chronoSpan?: number;
}

/**
 * Creates a GRU layer, its variables drawn from U(-1/sqrt(H), 1/sqrt(H)) as PyTorch's `nn.GRU` does; r and z have one
 * bias where PyTorch adds two.
 *
 * @param name Starts the variables' names.
 * @throws {RangeError} When `chronoSpan` is below 2.
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
export function gruLayer(name: string, options: GruLayerOptions, prng: Prng): GruLayer {
  const { inputs, units, chronoSpan } = options;
  const bound = 1 / Math.sqrt(units);
  const kernel = uniformVariable<tf.Rank.R2>([inputs, 3 * units], bound, prng);
  const recurrentKernel = uniformVariable<tf.Rank.R2>([units, 3 * units], bound, prng);
  const bias = uniformVariable<tf.Rank.R1>([3 * units], bound, prng);
  const recurrentBias = uniformVariable<tf.Rank.R1>([units], bound, prng);
  if (chronoSpan !== undefined) {
    const keep = chronoBiases(units, chronoSpan, prng);
    tf.tidy(() => {
      const [r, n] = [0, 2].map((gate) => tf.slice(bias, [gate * units], [units])); // [H] each
      bias.assign(tf.concat1d([r, tf.tensor1d(keep), n])); // [3H]
    });
  }
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
