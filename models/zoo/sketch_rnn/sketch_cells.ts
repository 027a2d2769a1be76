/**
 * The cells that Sketch-RNN can be made of, under one interface.
 *
 * T steps, B batch, F inputs, H units.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Prng } from "../../../pipelines/base/prng.ts";
import { hyperLstmLayer } from "../../layers/hyper_lstm.ts";
import { glorotVariable } from "../../layers/initial_values.ts";
import { layerNormLstmLayer } from "../../layers/layer_norm_lstm.ts";
import type { Variables } from "../../layers/layer.ts";
import { lstmLayer } from "../../layers/lstm.ts";
import type { HyperLstmState } from "../../ops/hyper_lstm_steps.ts";
import type { LstmState } from "../../ops/lstm_gates.ts";
import type { LstmRun, RecurrentDropout } from "../../ops/lstm_run.ts";

/** A cell's state: what it hands on from step to step, float32 [B, one of `states`] each. */
export type CellState = readonly tf.Tensor2D[];

/** How a cell runs over a sequence. */
export interface CellRun {
  /** Zeros when left out. */
  readonly initial?: CellState | undefined;
  /** How many steps each example has, [B]; after the last one its hidden state stays. */
  readonly lengths: Int32Array;
  /** From an example's last step to its first. */
  readonly reversed?: boolean | undefined;
  /** Beside the inputs at every step, float32 [B, V]. */
  readonly context?: tf.Tensor2D | undefined;
  /** Drops candidates; none when left out. */
  readonly dropout?: RecurrentDropout | undefined;
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
  /** U, the units of the smaller LSTM in a hyper LSTM. */
  readonly hyperUnits: number;
}

/** A layer whose state has parts with names. */
interface Layer<State> {
  readonly variables: Variables;
  project(x: tf.Tensor2D): tf.Tensor2D;
  apply(x: tf.Tensor3D, run: Partial<State> & Omit<LstmRun, keyof LstmState>): tf.Tensor3D;
  step(projected: tf.Tensor2D, state: State): State;
}

type CellMaker = (name: string, size: CellSize, prng: Prng) => SketchCell;

const forgetBias = 1;

/** Makes a cell of each kind; the name starts its variables' names. */
export const SKETCH_CELLS = {
  "lstm": (name, size, prng) => {
    const { inputs, units } = size;
    const parts = { hidden: units, cell: units };
    return cellOf<LstmState>(name, { layer: lstmLayer(name, { inputs, units, forgetBias }, prng), parts, size }, prng);
  },
  "layer-norm-lstm": (name, size, prng) => {
    const { inputs, units } = size;
    const parts = { hidden: units, cell: units };
    return cellOf<LstmState>(name, {
      layer: layerNormLstmLayer(name, { inputs, units, forgetBias }, prng),
      parts,
      size,
    }, prng);
  },
  "hyper-lstm": (name, size, prng) => {
    const { inputs, units, hyperUnits } = size;
    const layer = hyperLstmLayer(name, { inputs, units, hyperUnits, forgetBias }, prng);
    const parts = { hidden: units, cell: units, hyperHidden: hyperUnits, hyperCell: hyperUnits };
    return cellOf<HyperLstmState>(name, { layer, parts, size }, prng);
  },
} as const satisfies Readonly<Record<string, CellMaker>>;

/** A cell of a layer: its context has a kernel of its own, whose product is added to that of the inputs. */
function cellOf<State extends LstmState>(
  name: string,
  { layer, parts, size: { context: contextSize, units, hyperUnits } }: {
    readonly layer: Layer<State>;
    /** The width of each part of its state, the hidden state first. */
    readonly parts: Readonly<Record<keyof State & string, number>>;
    readonly size: CellSize;
  },
  prng: Prng,
): SketchCell {
  const names = Object.keys(parts) as (keyof State & string)[];
  const columns = 4 * (units + ("hyperHidden" in parts ? hyperUnits : 0));
  const kernel = contextSize === 0 ? undefined : glorotVariable([contextSize, columns], prng);
  const projected = (context: tf.Tensor2D | undefined) =>
    context && kernel && tf.matMul(context, kernel) as tf.Tensor2D; // [B, columns]
  const stateOf = (state: CellState) =>
    Object.fromEntries(names.map((part, i) => [part, state[i]])) as unknown as State;
  return {
    variables: { ...layer.variables, ...kernel ? { [`${name}/contextKernel`]: kernel } : {} },
    states: names.map((part) => parts[part]),
    run: (x, { initial, context, ...how }) =>
      layer.apply(x, { ...how, ...initial ? stateOf(initial) : {} as Partial<State>, context: projected(context) }),
    step(x, context, state) {
      const [own, given] = [layer.project(x), projected(context)];
      const next = layer.step(given ? tf.add(own, given) : own, stateOf(state));
      return names.map((part) => next[part] as tf.Tensor2D);
    },
  };
}
