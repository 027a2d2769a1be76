/**
 * The LSTM layer with layer normalization.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Prng } from "../../pipelines/base/prng.ts";
import { joinNorms, layerNormGates, type LayerNorms } from "../ops/layer_norm_gates.ts";
import { layerNormLstm, layerNormLstmOfInputs } from "../ops/layer_norm_lstm.ts";
import { constantVariable, glorotVariable, orthogonalVariable } from "./initial_values.ts";
import type { Variables } from "./layer.ts";
import type { LstmLayer, LstmLayerOptions } from "./lstm.ts";

/** One LSTM layer with layer normalization; its gates are in the order i, f, g, o. */
export interface LayerNormLstmLayer extends LstmLayer {
  /**
   * `name/kernel` [inputs, 4H] and `name/recurrentKernel` [H, 4H]; `name/gamma` and `name/beta` [4H], of the gates;
   * `name/cellGamma` and `name/cellBeta` [H], of the cell state on its way to the output.
   */
  readonly variables: Variables;
}

/**
 * Creates an LSTM layer with layer normalization, the input kernel drawn as Glorot's, the recurrent kernel orthogonal for
 * each gate, gammas 1 and betas 0 but for the forget bias: as in Sketch-RNN.
 *
 * @param name Starts the variables' names.
 *
 * @example
 * ```ts
 * import { Prng, startBackend } from "@strokewise/strokewise";
 * import { layerNormLstmLayer } from "@strokewise/strokewise/models";
 * import * as tf from "@tensorflow/tfjs-core";
 * import { assertEquals } from "@std/assert";
 *
 * await startBackend("cpu");
 * const layer = layerNormLstmLayer("decoder", { inputs: 5, units: 3, forgetBias: 1 }, new Prng(1));
 * assertEquals(layer.apply(tf.zeros([7, 2, 5]), { lengths: Int32Array.of(7, 4) }).shape, [7, 2, 3]);
 * ```
 */
export function layerNormLstmLayer(name: string, options: LstmLayerOptions, prng: Prng): LayerNormLstmLayer {
  const { inputs, units, forgetBias = 0 } = options;
  const kernel = glorotVariable([inputs, 4 * units], prng);
  const recurrentKernel = orthogonalVariable({ units, blocks: 4 }, prng);
  const norms = normVariables(units, forgetBias);
  const weights = { kernel, recurrentKernel, ...norms };
  return {
    variables: named(name, weights),
    project: (x) => tf.matMul(x, kernel), // [N, 4H]
    run: (projected, run) => layerNormLstm(projected, weights, run), // [T, B, H]
    apply: (x, run) => layerNormLstmOfInputs(x, weights, run), // [T, B, H]
    step(projected, { hidden, cell }) {
      const z = tf.add(projected, tf.matMul(hidden, recurrentKernel)) as tf.Tensor2D; // [B, 4H]
      return layerNormGates(z, cell, { norms: joinNorms(norms) });
    },
  };
}

/** Norms that change nothing, but for a forget bias. */
export function normVariables(units: number, forgetBias: number): Record<keyof LayerNorms, tf.Variable<tf.Rank.R1>> {
  const beta = constantVariable<tf.Rank.R1>([4 * units], 0);
  tf.tidy(() => beta.assign(tf.pad1d(tf.fill([units], forgetBias), [units, 2 * units]))); // i, f, g, o
  return {
    gamma: constantVariable<tf.Rank.R1>([4 * units], 1),
    beta,
    cellGamma: constantVariable<tf.Rank.R1>([units], 1),
    cellBeta: constantVariable<tf.Rank.R1>([units], 0),
  };
}

/** Variables under names that begin with that of their layer. */
export function named(layer: string, variables: Variables): Variables {
  return Object.fromEntries(Object.entries(variables).map(([part, variable]) => [`${layer}/${part}`, variable]));
}
