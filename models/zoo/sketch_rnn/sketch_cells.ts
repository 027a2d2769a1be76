/**
 * The cells that Sketch-RNN can be made of, under one interface.
 *
 * T steps, B batch, F inputs, H units.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Prng } from "../../../pipelines/base/prng.ts";
import type { Variables } from "../../layers/layer.ts";
import { lstmLayer } from "../../layers/lstm.ts";
import type { RandomKey } from "../../ops/random.ts";

/** A cell's state: what it hands on from step to step, float32 [B, one of `states`] each. */
export type CellState = readonly tf.Tensor2D[];

/** How a cell runs over a sequence. */
export interface CellRun {
  /** Zeros when left out. */
  readonly initial?: CellState | undefined;
  /** How many steps each example has, [B]; after the last one its hidden state stays. */
  readonly lengths: Int32Array;
  /** From an example's last step to its first. */
  readonly reversed?: boolean;
  /** Beside the inputs at every step, float32 [B, V]. */
  readonly context?: tf.Tensor2D | undefined;
  /** Drops candidates; none when left out. */
  readonly dropout?: { readonly rate: number; readonly key: RandomKey; readonly rows: Int32Array } | undefined;
}

/** A recurrent cell. */
export interface SketchCell {
  readonly variables: Variables;
  /** The width of each tensor of its state; the first is the hidden state. */
  readonly states: readonly number[];
  /** Hidden states, float32 [T, B, F] -> [T, B, H]. */
  run(x: tf.Tensor3D, how: CellRun): tf.Tensor3D;
  /** One step: float32 [B, F], the context's [B, V], and a state -> the next state. */
  step(x: tf.Tensor2D, context: tf.Tensor2D | undefined, state: CellState): CellState;
}

/** The size of a cell. */
export interface CellSize {
  /** F, what is new at each step. */
  readonly inputs: number;
  /** V, what stays the same; 0 for none. */
  readonly context: number;
  /** H. */
  readonly units: number;
}

/** Makes a cell of each kind; the name starts its variables' names. */
export const SKETCH_CELLS: Readonly<Record<string, (name: string, size: CellSize, prng: Prng) => SketchCell>> = {
  lstm: lstmCell,
};

function lstmCell(name: string, { inputs, context, units }: CellSize, prng: Prng): SketchCell {
  const layer = lstmLayer(name, { inputs: inputs + context, units, forgetBias: 1 }, prng);
  const step: SketchCell["step"] = (x, given, [hidden, cell]) => {
    const { hidden: h, cell: c } = layer.step(layer.project(given ? tf.concat([x, given], 1) : x), { hidden, cell });
    return [h, c];
  };
  const states = [units, units];
  return { variables: layer.variables, states, step, run: (x, how) => composedRun({ states, step }, x, how) };
}

/** Runs a cell step by step. */
export function composedRun(
  { states, step }: Pick<SketchCell, "states" | "step">,
  x: tf.Tensor3D,
  { initial, lengths, reversed = false, context }: CellRun,
): tf.Tensor3D {
  const [steps, batch] = x.shape;
  const inputs = steps === 1 ? [tf.squeeze(x, [0]) as tf.Tensor2D] : tf.unstack(x) as tf.Tensor2D[];
  let state: CellState = initial ?? states.map((width) => tf.zeros<tf.Rank.R2>([batch, width]));
  const hidden: tf.Tensor2D[] = [];
  for (let i = 0; i < steps; i++) {
    const t = reversed ? steps - 1 - i : i;
    const runs = tf.tensor2d(Float32Array.from(lengths, (length) => t < length ? 1 : 0), [batch, 1]);
    const next = step(inputs[t], context, state);
    state = state.map((was, k) => tf.add(was, tf.mul(tf.sub(next[k], was), runs)) as tf.Tensor2D);
    hidden[t] = state[0];
  }
  return tf.stack(hidden) as tf.Tensor3D;
}
