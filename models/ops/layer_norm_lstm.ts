/**
 * A whole sequence through an LSTM cell with layer normalization in one operation, backward through time included.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Tensor2D, Tensor3D } from "../tensors.ts";
import { hasFusedKernel } from "./fused_op.ts";
import { joinNorms, layerNormGates, type LayerNorms } from "./layer_norm_gates.ts";
import { checked, fusedLstm, initialState, type SizedRun } from "./lstm.ts";
import { arrangedLstm, unstacked } from "./lstm_composed.ts";
import type { LstmState } from "./lstm_gates.ts";
import type { LstmRun } from "./lstm_run.ts";

/** The weights of an LSTM with layer normalization behind its inputs; the gates are in the order i, f, g, o. */
export interface LayerNormLstmCell extends LayerNorms {
  /** R, float32 [H, 4H]. */
  readonly recurrentKernel: Tensor2D;
}

/** The weights of an LSTM with layer normalization, which needs no bias; the gates are in the order i, f, g, o. */
export interface LayerNormLstmWeights extends LayerNormLstmCell {
  /** W, float32 [F, 4H]. */
  readonly kernel: Tensor2D;
}

/**
 * Runs an LSTM with layer normalization over a sequence whose inputs are already multiplied by the input kernel.
 *
 * With z_t = projected_t + h_{t-1} R, split into i, f, g, o along its last axis, LN of each over its own H units (mean 0
 * and variance 1, of the whole population and with 1e-3 added, times gamma plus beta): c_t = sigmoid(LN(f)) c_{t-1} +
 * sigmoid(LN(i)) tanh(LN(g)) and h_t = sigmoid(LN(o)) tanh(LN(c_t)); c_t goes on as it is (Ba, Kiros and Hinton 2016,
 * arXiv:1607.06450, in the form that Sketch-RNN has).
 *
 * @param projected x_t W for each step, float32 [T, B, 4H], time first.
 * @param run The state before the first step, lengths, direction and dropout, as for `lstm`.
 * @returns h_t for each step, float32 [T, B, H].
 * @throws {RangeError} If the shapes do not fit together, or a length or a rate is out of its range.
 *
 * @example
 * ```ts
 * import { startBackend } from "@strokewise/strokewise";
 * import { layerNormLstm } from "@strokewise/strokewise/models";
 * import * as tf from "@tensorflow/tfjs-core";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * await startBackend("cpu");
 * const norms = { gamma: tf.ones<tf.Rank.R1>([8]), beta: tf.zeros<tf.Rank.R1>([8]) }; // H 2
 * const cell = { ...norms, cellGamma: tf.ones<tf.Rank.R1>([2]), cellBeta: tf.zeros<tf.Rank.R1>([2]) };
 * const projected = tf.tensor3d([[[9, -9, 9, -9, 9, -9, 9, -9]]]); // all gates at +-1 after normalization
 * const [h] = layerNormLstm(projected, { ...cell, recurrentKernel: tf.zeros([2, 8]) }).dataSync();
 * assertAlmostEquals(h, Math.tanh(1) / (1 + Math.exp(-1)), 1e-2);
 * ```
 */
export function layerNormLstm(projected: Tensor3D, cell: LayerNormLstmCell, run: LstmRun = {}): Tensor3D {
  const size = checkedCell("layerNormLstm", { x: projected, columns: projected.shape[2], cell, run });
  return tf.tidy(() => runProjected(projected, cell, { run, size, norms: joinNorms(cell) }));
}

/**
 * Runs an LSTM with layer normalization over a sequence: {@linkcode layerNormLstm} with the product by the input kernel
 * inside it.
 *
 * @param x float32 [T, B, F], time first.
 * @param run The state before the first step, lengths, direction and dropout, as for `lstm`.
 * @returns h_t for each step, float32 [T, B, H].
 * @throws {RangeError} If the shapes do not fit together, or a length or a rate is out of its range.
 */
export function layerNormLstmOfInputs(x: Tensor3D, weights: LayerNormLstmWeights, run: LstmRun = {}): Tensor3D {
  const { kernel, recurrentKernel } = weights;
  const [steps, batch, inputs] = x.shape;
  const columns = recurrentKernel.shape[1];
  if (kernel.shape[0] !== inputs || kernel.shape[1] !== columns) {
    throw new RangeError(
      `layerNormLstmOfInputs needs a kernel [${inputs}, ${columns}], found [${kernel.shape.join(", ")}]`,
    );
  }
  const size = checkedCell("layerNormLstmOfInputs", { x, columns, cell: weights, run });
  return tf.tidy(() => {
    const norms = joinNorms(weights);
    if (hasFusedKernel("StrokewiseLayerNormLstm")) {
      const rows = tf.concat([kernel, tf.zeros([1, columns]), recurrentKernel]) as tf.Tensor2D; // [F+1+H, 4H]
      return fusedLstm(x, rows, { run, size, norms });
    }
    const flat = tf.matMul(tf.reshape(x, [steps * batch, inputs]), kernel); // [TB, 4H]
    return runProjected(tf.reshape(flat, [steps, batch, columns]), weights, { run, size, norms }); // [T, B, H]
  });
}

function runProjected(
  projected: tf.Tensor3D,
  { recurrentKernel }: LayerNormLstmCell,
  { run, size, norms }: SizedRun & { readonly norms: tf.Tensor1D },
): tf.Tensor3D {
  if (hasFusedKernel("StrokewiseLayerNormLstm")) return fusedLstm(projected, recurrentKernel, { run, size, norms });
  const initial = initialState(run, size);
  return arrangedLstm({ projected, run, initial }, size, (projected, initial, factors) => {
    let state: LstmState = initial;
    const dropped = factors && unstacked(factors); // T times [B, H]
    const hidden = unstacked(projected).map((part, t) => { // T times [B, 4H]
      const z = tf.add(part, tf.matMul(state.hidden, recurrentKernel)) as tf.Tensor2D; // [B, 4H]
      state = layerNormGates(z, state.cell, { norms, factors: dropped?.[t] });
      return state.hidden;
    });
    return tf.stack(hidden) as tf.Tensor3D; // [T, B, H]
  });
}

interface CheckedCell {
  readonly x: tf.Tensor3D;
  readonly columns: number;
  readonly cell: LayerNormLstmCell;
  readonly run: LstmRun;
}

function checkedCell(name: string, { x, columns, cell, run }: CheckedCell) {
  const { recurrentKernel, gamma, beta, cellGamma, cellBeta } = cell;
  const size = checked(name, { x, columns, recurrentKernel, run });
  for (const [part, { shape }] of Object.entries({ gamma, beta, cellGamma, cellBeta })) {
    const wanted = part.startsWith("cell") ? size.units : columns;
    if (shape.length === 1 && shape[0] === wanted) continue;
    throw new RangeError(`${name} needs ${part} [${wanted}], found [${shape.join(", ")}]`);
  }
  return size;
}
