/**
 * The hyper-LSTM layer.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Prng } from "../../pipelines/base/prng.ts";
import { hyperLstm, type HyperLstmRun, hyperLstmStep } from "../ops/hyper_lstm.ts";
import type { HyperLstmCell, HyperLstmState } from "../ops/hyper_lstm_steps.ts";
import { joinNorms } from "../ops/layer_norm_gates.ts";
import type { Tensor2D, Tensor3D } from "../tensors.ts";
import { constantVariable, glorotVariable, normalVariable, orthogonalVariable } from "./initial_values.ts";
import type { Variables } from "./layer.ts";
import { named, normVariables } from "./layer_norm_lstm.ts";
import type { LstmLayerOptions } from "./lstm.ts";

/** One hyper-LSTM layer; its gates are in the order i, f, g, o. H units, U of the smaller LSTM, E of its embeddings. */
export interface HyperLstmLayer {
  /**
   * Of the layer itself `name/kernel` [inputs, 4H], `name/recurrentKernel` [H, 4H], `name/bias` [4H], and as in
   * `LayerNormLstmLayer` gamma, beta, cellGamma and cellBeta. Of the smaller LSTM, which reads an input and h, `name/hyper/…`
   * with a kernel [inputs + H, 4U], and the rest as in `LayerNormLstmLayer`. What it says: `name/scaleEmbedding` [U, 8E],
   * `name/scaleEmbeddingBias` [8E] and `name/shiftEmbedding` [U, 4E]; and what that comes to: `name/scales` [8, E, H], of the
   * inputs' parts of four gates, then of the state's, and `name/shifts` [4, E, H].
   */
  readonly variables: Variables;
  /** The parts of a step that do not depend on the state: float32 [N, inputs] -> [N, 4H + 4U]. */
  project(x: Tensor2D): Tensor2D;
  /** Runs over a projected sequence: float32 [T, B, 4H + 4U] -> hidden states [T, B, H]. */
  run(projected: Tensor3D, run?: HyperLstmRun): Tensor3D;
  /** Projects and runs: float32 [T, B, inputs] -> hidden states [T, B, H]. */
  apply(x: Tensor3D, run?: HyperLstmRun): Tensor3D;
  /** One step of what {@linkcode HyperLstmLayer.run} does: float32 [B, 4H + 4U] and a state -> the next state. */
  step(projected: Tensor2D, state: HyperLstmState): HyperLstmState;
}

/** The size of a {@linkcode HyperLstmLayer}, and how it begins. */
export interface HyperLstmLayerOptions extends LstmLayerOptions {
  /** U, units of the smaller LSTM, 1 or more; 256 when left out. */
  readonly hyperUnits?: number;
  /** E, numbers that it says of each part, 1 or more; 32 when left out. */
  readonly embeddingSize?: number;
}

/**
 * Creates a hyper-LSTM layer, which begins as in Sketch-RNN: kernels and norms of both LSTMs as in `layerNormLstmLayer`, all
 * scales 0.1 and all shifts 0, whatever the smaller LSTM says.
 *
 * @param name Starts the variables' names.
 *
 * @example
 * ```ts
 * import { Prng, startBackend } from "@strokewise/strokewise";
 * import { hyperLstmLayer } from "@strokewise/strokewise/models";
 * import * as tf from "@tensorflow/tfjs-core";
 * import { assertEquals } from "@std/assert";
 *
 * await startBackend("cpu");
 * const size = { inputs: 5, units: 3, hyperUnits: 2, embeddingSize: 4 };
 * const layer = hyperLstmLayer("decoder", { ...size, forgetBias: 1 }, new Prng(1));
 * assertEquals(layer.apply(tf.zeros([7, 2, 5]), { lengths: Int32Array.of(7, 4) }).shape, [7, 2, 3]);
 * ```
 */
export function hyperLstmLayer(name: string, options: HyperLstmLayerOptions, prng: Prng): HyperLstmLayer {
  const { inputs, units, hyperUnits = 256, embeddingSize = 32, forgetBias = 0 } = options;
  const main = {
    kernel: glorotVariable([inputs, 4 * units], prng),
    recurrentKernel: orthogonalVariable({ units, blocks: 4 }, prng),
    bias: constantVariable<tf.Rank.R1>([4 * units], 0),
    scaleEmbedding: constantVariable<tf.Rank.R2>([hyperUnits, 8 * embeddingSize], 0),
    scaleEmbeddingBias: constantVariable<tf.Rank.R1>([8 * embeddingSize], 1),
    scales: constantVariable<tf.Rank.R3>([8, embeddingSize, units], 0.1 / embeddingSize),
    shiftEmbedding: normalVariable<tf.Rank.R2>([hyperUnits, 4 * embeddingSize], 0.01, prng),
    shifts: constantVariable<tf.Rank.R3>([4, embeddingSize, units], 0),
  };
  const hyper = {
    kernel: glorotVariable([inputs + units, 4 * hyperUnits], prng),
    recurrentKernel: orthogonalVariable({ units: hyperUnits, blocks: 4 }, prng),
  };
  const norms = normVariables(units, forgetBias), hyperNorms = normVariables(hyperUnits, forgetBias);

  /** The weights as {@linkcode hyperLstm} takes them. */
  function cell(): HyperLstmCell {
    const fromH = tf.slice(hyper.kernel, [inputs, 0], [units, 4 * hyperUnits]); // [H, 4U]
    const noBias = tf.zeros<tf.Rank.R1>([4 * embeddingSize]);
    return {
      ...{ recurrentKernel: main.recurrentKernel, bias: main.bias, norms: joinNorms(norms) },
      ...{ hyperKernel: tf.concat([fromH, hyper.recurrentKernel]), hyperNorms: joinNorms(hyperNorms) },
      embedding: tf.concat([main.scaleEmbedding, main.shiftEmbedding], 1), // [U, 12E]
      embeddingBias: tf.concat1d([main.scaleEmbeddingBias, noBias]), // [12E]
      spread: tf.concat([main.scales, main.shifts]), // [12, E, H]
    };
  }

  function project(x: Tensor2D): Tensor2D {
    return tf.tidy(() => {
      const ofHyper = tf.slice(hyper.kernel, [0, 0], [inputs, 4 * hyperUnits]); // [F, 4U]
      return tf.matMul(x, tf.concat([main.kernel, ofHyper], 1)); // [N, 4H + 4U]
    });
  }

  const run = (projected: Tensor3D, run?: HyperLstmRun) => tf.tidy(() => hyperLstm(projected, cell(), run)); // [T, B, H]
  return {
    variables: {
      ...named(name, { ...main, ...norms }),
      ...named(`${name}/hyper`, { ...hyper, ...hyperNorms }),
    },
    project,
    run,
    apply: (x, how) =>
      tf.tidy(() => {
        const [steps, batch] = x.shape;
        const projected = project(tf.reshape(x, [steps * batch, inputs])); // [TB, 4H + 4U]
        return run(tf.reshape(projected, [steps, batch, 4 * (units + hyperUnits)]), how); // [T, B, H]
      }),
    step: (projected, state) => tf.tidy(() => hyperLstmStep(projected, state, cell())),
  };
}
