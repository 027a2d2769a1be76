/**
 * The recurrent cells of a sequence-to-sequence model.
 *
 * T steps, B batch, F inputs that are new at each step, V inputs that stay the same, H units.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Prng } from "../../../pipelines/base/prng.ts";
import { gruLayer } from "../../layers/gru.ts";
import { glorotVariable } from "../../layers/initial_values.ts";
import { layerNormLstmLayer } from "../../layers/layer_norm_lstm.ts";
import type { Variables } from "../../layers/layer.ts";
import { type LstmLayer, lstmLayer, type LstmLayerOptions } from "../../layers/lstm.ts";

/** The size of a cell; F or V may be 0, not both. */
export interface CellSize {
  readonly inputs: number;
  readonly context: number;
  readonly units: number;
}

/** What a cell reads. */
export interface CellInputs {
  /** T. */
  readonly steps: number;
  /** New at each step, float32 [T, B, F]; undefined where F is 0. */
  readonly x?: tf.Tensor3D | undefined;
  /** The same at every step, float32 [B, V]; undefined where V is 0. */
  readonly context?: tf.Tensor2D | undefined;
}

/** A recurrent cell. */
export interface RecurrentCell {
  readonly variables: Variables;
  /** Hidden states, float32 [T, B, H]. */
  run(inputs: CellInputs): tf.Tensor3D;
}

type CellMaker = (name: string, size: CellSize, prng: Prng) => RecurrentCell;

const forgetBias = 1;

/** Makes a cell of each kind; the name starts its variables' names. */
export const RECURRENT_CELLS = {
  "lstm": (name, size, prng) => ofLstm(name, { size, make: lstmLayer }, prng),
  "layer-norm-lstm": (name, size, prng) => ofLstm(name, { size, make: layerNormLstmLayer }, prng),
  "gru": (name, { inputs, context: contextSize, units }, prng) => {
    const layer = gruLayer(name, { inputs: inputs + contextSize, units }, prng);
    return {
      variables: layer.variables,
      run({ steps, x, context }) {
        const repeated = context && tf.tile(tf.expandDims(context, 0), [steps, 1, 1]) as tf.Tensor3D; // [T, B, V]
        return layer.apply(x && repeated ? tf.concat([x, repeated], 2) : (x ?? repeated)!); // [T, B, H]
      },
    };
  },
} as const satisfies Readonly<Record<string, CellMaker>>;

/** A cell of an LSTM: of two kinds of inputs, what stays the same is multiplied once, by a kernel of its own. */
function ofLstm(
  name: string,
  { size: { inputs, context: contextSize, units }, make }: {
    readonly size: CellSize;
    readonly make: (name: string, options: LstmLayerOptions, prng: Prng) => LstmLayer;
  },
  prng: Prng,
): RecurrentCell {
  const layer = make(name, { inputs: inputs || contextSize, units, forgetBias }, prng);
  const hasBoth = inputs > 0 && contextSize > 0;
  const kernel = hasBoth ? glorotVariable([contextSize, 4 * units], prng) : undefined;
  return {
    variables: { ...layer.variables, ...kernel ? { [`${name}/contextKernel`]: kernel } : {} },
    run({ steps, x, context }) {
      if (x) return layer.apply(x, { context: context && kernel && tf.matMul(context, kernel) }); // [T, B, H]
      const projected = layer.project(context!); // [B, 4H]
      return layer.run(tf.zeros([steps, ...projected.shape]), { context: projected }); // [T, B, H]
    },
  };
}
