/**
 * The cells that Sketch-RNN can be made of, under one interface.
 *
 * T steps, B batch, F inputs, H units.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Prng } from "../../../pipelines/base/prng.ts";
import { uniformVariable, type Variables } from "../../layers/layer.ts";
import { lstmLayer } from "../../layers/lstm.ts";
import type { RecurrentDropout } from "../../ops/lstm_run.ts";

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
}

/** Makes a cell of each kind; the name starts its variables' names. */
export const SKETCH_CELLS: Readonly<Record<string, (name: string, size: CellSize, prng: Prng) => SketchCell>> = {
  lstm: lstmCell,
};

function lstmCell(name: string, { inputs, context, units }: CellSize, prng: Prng): SketchCell {
  const layer = lstmLayer(name, { inputs, units, forgetBias: 1 }, prng);
  const kernel = context === 0
    ? undefined
    : uniformVariable<tf.Rank.R2>([context, 4 * units], 1 / Math.sqrt(units), prng);
  const projected = (given: tf.Tensor2D | undefined) => given && kernel && tf.matMul(given, kernel) as tf.Tensor2D; // [B, 4H]
  return {
    variables: { ...layer.variables, ...kernel ? { [`${name}/contextKernel`]: kernel } : {} },
    states: [units, units],
    run(x, { initial: [hidden, cell] = [], context, lengths, reversed, dropout }) {
      const given = projected(context);
      return layer.apply(x, {
        ...{ lengths, reversed },
        ...hidden && cell ? { hidden, cell } : {},
        ...given ? { context: given } : {},
        ...dropout ? { dropout } : {},
      });
    },
    step(x, context, [hidden, cell]) {
      const [own, given] = [layer.project(x), projected(context)];
      const next = layer.step(given ? tf.add(own, given) : own, { hidden, cell });
      return [next.hidden, next.cell];
    },
  };
}
