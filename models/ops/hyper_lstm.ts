/**
 * A sequence through a hyper-LSTM: an LSTM whose weights are scaled by what a smaller one says at every step.
 *
 * T steps, B batch, H units, U units of the smaller LSTM, E numbers that it says of each part.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Tensor2D, Tensor3D } from "../tensors.ts";
import { type HyperLstmCell, type HyperLstmState, hyperSteps } from "./hyper_lstm_steps.ts";
import { arrangedLstm } from "./lstm_composed.ts";
import { checkLstmRun, type LstmRun } from "./lstm_run.ts";

/** How a hyper-LSTM runs over its sequence; a part of its state left out is zeros. */
export type HyperLstmRun = LstmRun & Partial<HyperLstmState>;

/**
 * Runs a hyper-LSTM over a sequence whose inputs are already multiplied by both input kernels (Ha, Dai and Le 2016,
 * arXiv:1609.09106, in the form that Sketch-RNN has).
 *
 * @param projected float32 [T, B, 4H + 4U]: x_t W, and x_t by the smaller LSTM's kernel.
 * @param run The state before the first step, lengths, direction and dropout, as for `lstm`; the context is [B, 4H + 4U].
 * @returns h_t for each step, float32 [T, B, H].
 * @throws {RangeError} If the shapes do not fit together, or a length or a rate is out of its range.
 */
export function hyperLstm(projected: Tensor3D, cell: HyperLstmCell, run: HyperLstmRun = {}): Tensor3D {
  const [steps, batch, columns] = projected.shape;
  const units = cell.recurrentKernel.shape[0], hyperUnits = cell.hyperKernel.shape[1] / 4;
  if (columns !== 4 * (units + hyperUnits)) {
    throw new RangeError(`hyperLstm needs ${4 * (units + hyperUnits)} columns, found ${columns}`);
  }
  const size = { steps, batch, units };
  const { context, hyperHidden, hyperCell, ...plain } = run;
  checkLstmRun("hyperLstm", plain, size);
  checkLstmRun("hyperLstm", { context }, { steps, batch, units: units + hyperUnits });
  for (const [part, state] of Object.entries({ hyperHidden, hyperCell })) {
    if (state === undefined || state.shape.join() === `${batch},${hyperUnits}`) continue;
    throw new RangeError(`hyperLstm needs ${part} [${batch}, ${hyperUnits}], found [${state.shape.join(", ")}]`);
  }
  return tf.tidy(() => {
    const zeros = (width: number) => tf.zeros<tf.Rank.R2>([batch, width]);
    const initial = { hidden: run.hidden ?? zeros(units), cell: run.cell ?? zeros(units) };
    const hyper = { hyperHidden: hyperHidden ?? zeros(hyperUnits), hyperCell: hyperCell ?? zeros(hyperUnits) };
    return arrangedLstm({ projected, run, initial }, size, (projected, initial, factors) => {
      return hyperSteps(projected, { ...initial, ...hyper }, { ...cell, factors })[0]; // [T, B, H]
    });
  });
}

/** One step of {@linkcode hyperLstm}: float32 [B, 4H + 4U] and a state -> the next state. */
export function hyperLstmStep(projected: Tensor2D, state: HyperLstmState, cell: HyperLstmCell): HyperLstmState {
  return tf.tidy(() => {
    const [hidden, next, hyperHidden, hyperCell] = hyperSteps(tf.expandDims(projected, 0), state, cell);
    return { hidden: tf.squeeze(hidden, [0]) as tf.Tensor2D, cell: next, hyperHidden, hyperCell };
  });
}
