/**
 * A sequence through a hyper-LSTM: an LSTM whose weights are scaled by what a smaller one says at every step.
 *
 * T steps, B batch, H units, U units of the smaller LSTM, E numbers that it says of each part.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Tensor1D, Tensor2D, Tensor3D } from "../tensors.ts";
import { runFusedOp } from "./fused_op.ts";
import { layerNormGates } from "./layer_norm_gates.ts";
import { arrangedLstm, unstacked } from "./lstm_composed.ts";
import type { LstmState } from "./lstm_gates.ts";
import { checkLstmRun, type LstmRun } from "./lstm_run.ts";
import { sharedLinear } from "./shared_linear.ts";

/** The state of a hyper-LSTM between two steps: its own, and that of the smaller LSTM. */
export type HyperLstmState = LstmState & {
  /** Hidden state of the smaller LSTM, float32 [B, U]. */
  readonly hyperHidden: Tensor2D;
  /** Cell state of the smaller LSTM, float32 [B, U]. */
  readonly hyperCell: Tensor2D;
};

/** How a hyper-LSTM runs over its sequence; a part of its state left out is zeros. */
export type HyperLstmRun = LstmRun & Partial<HyperLstmState>;

/** The weights of a hyper-LSTM behind its inputs; gates are in the order i, f, g, o, norms as `joinNorms` gives them. */
export interface HyperLstmCell {
  /** R, float32 [H, 4H]. */
  readonly recurrentKernel: Tensor2D;
  /** b, float32 [4H]. */
  readonly bias: Tensor1D;
  /** float32 [10H]. */
  readonly norms: Tensor1D;
  /** What the smaller LSTM multiplies h_{t-1} and its own state by, float32 [H + U, 4U]. */
  readonly hyperKernel: Tensor2D;
  /** Of the smaller LSTM, float32 [10U]. */
  readonly hyperNorms: Tensor1D;
  /** What it says of each of 12 parts, float32 [U, 12E]: scales of x W, scales of h R, and shifts, of four gates each. */
  readonly embedding: Tensor2D;
  /** float32 [12E]. */
  readonly embeddingBias: Tensor1D;
  /** What turns that into scales and shifts of units, float32 [12, E, H]. */
  readonly spread: Tensor3D;
}

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
      let state: HyperLstmState = { ...initial, ...hyper };
      const dropped = factors && unstacked(factors); // T times [B, H]
      const step = hyperLstmStep(cell);
      const hidden = unstacked(projected).map((part, t) => { // T times [B, 4H + 4U]
        state = step(part, state, dropped?.[t]);
        return state.hidden;
      });
      return tf.stack(hidden) as tf.Tensor3D; // [T, B, H]
    });
  });
}

/** A step of a hyper-LSTM: float32 [B, 4H + 4U], a state and perhaps factors of the candidates [B, H] -> the next state. */
export type HyperLstmStep = (projected: Tensor2D, state: HyperLstmState, factors?: Tensor2D) => HyperLstmState;

/**
 * Prepares steps of {@linkcode hyperLstm}.
 *
 * The smaller LSTM, which has layer normalization too, reads x and h; what it says, z = h' E + e for each part, gives scales
 * and shifts of units by `spread`. Then the gates' inputs are a_x * x W + a_h * h R + (shift + b), and all goes on as in
 * `layerNormLstm`.
 *
 * @returns The step, which belongs to the pass in which it was made.
 */
export function hyperLstmStep(cell: HyperLstmCell): HyperLstmStep {
  const units = cell.recurrentKernel.shape[0], hyperUnits = cell.hyperKernel.shape[1] / 4;
  const recur = sharedLinear(cell.recurrentKernel), recurHyper = sharedLinear(cell.hyperKernel);
  const say = sharedLinear(cell.embedding, cell.embeddingBias);
  return (projected, state, factors) =>
    tf.tidy(() => {
      const [fromX, hyperFromX] = tf.split(projected, [4 * units, 4 * hyperUnits], 1); // [B, 4H] and [B, 4U]
      const both = tf.concat([state.hidden, state.hyperHidden], 1) as tf.Tensor2D; // [B, H + U]
      const hyperInputs = tf.add(hyperFromX, recurHyper(both)) as tf.Tensor2D; // [B, 4U]
      const hyper = layerNormGates(hyperInputs, state.hyperCell, { norms: cell.hyperNorms });
      const said = say(hyper.hidden); // [B, 12E]
      const moved = modulate({ said, fromX, fromH: recur(state.hidden), spread: cell.spread }); // [B, 4H]
      const main = layerNormGates(tf.add(moved, cell.bias), state.cell, { norms: cell.norms, factors });
      return { ...main, hyperHidden: hyper.hidden, hyperCell: hyper.cell };
    });
}

type Modulated = {
  /** What the smaller LSTM says, [B, 12E]. */
  readonly said: tf.Tensor;
  /** x W, [B, 4H]. */
  readonly fromX: tf.Tensor;
  /** h R, [B, 4H]. */
  readonly fromH: tf.Tensor;
  /** [12, E, H]. */
  readonly spread: tf.Tensor;
};

/**
 * a_x * x W + a_h * h R + shift, [B, 4H]. For backward only what is given is kept: the 12H scales and shifts of each example
 * are computed again, since over a whole sequence they would take gigabytes.
 */
function modulate(given: Modulated): tf.Tensor2D {
  return runFusedOp({
    forward(save) {
      save([given.said, given.fromX, given.fromH, given.spread]);
      return tf.tidy(() => {
        const [scaleX, scaleH, shift] = tf.split(spreadOut(given.said, given.spread), 3, 1); // [B, 4H] each
        return tf.add(tf.add(tf.mul(given.fromX, scaleX), tf.mul(given.fromH, scaleH)), shift);
      });
    },
    gradients(dy, [said, fromX, fromH, spread]) {
      const [, size, units] = spread.shape;
      const results = tf.tidy(() => {
        const [scaleX, scaleH] = tf.split(spreadOut(said, spread), 3, 1); // [B, 4H] each
        const d = byPart(tf.concat([tf.mul(dy, fromX), tf.mul(dy, fromH), dy], 1), units); // [12, B, H]
        return {
          ...{ fromX: tf.mul(dy, scaleX), fromH: tf.mul(dy, scaleH) }, // [B, 4H]
          said: joined(tf.matMul(d, spread, false, true)), // [B, 12E]
          spread: tf.matMul(byPart(said, size), d, true), // [12, E, H]
        };
      });
      return Object.fromEntries(Object.entries(results).map(([name, gradient]) => [name, () => gradient]));
    },
  }, given) as tf.Tensor2D;
}

/** Scales of x W, scales of h R and shifts, [B, 12H]. */
function spreadOut(said: tf.Tensor, spread: tf.Tensor): tf.Tensor {
  const [, size] = spread.shape;
  return joined(tf.matMul(byPart(said, size), spread)); // [12, B, H] -> [B, 12H]
}

/** [B, 12 width] -> [12, B, width] */
function byPart(x: tf.Tensor, width: number): tf.Tensor {
  return tf.transpose(tf.reshape(x, [-1, 12, width]), [1, 0, 2]);
}

/** [12, B, width] -> [B, 12 width] */
function joined(x: tf.Tensor): tf.Tensor {
  const [parts, batch, width] = x.shape;
  return tf.reshape(tf.transpose(x, [1, 0, 2]), [batch, parts * width]);
}
