/**
 * An LSTM over a sequence, made of stock operations: on backends, and for runs, that no kernel of this project serves.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { composedLstmGates, type LstmState } from "./lstm_gates.ts";
import { candidateFactors, type LstmRun, type LstmSize } from "./lstm_run.ts";

/** Where each place of [T, B] finds its values: rows of [T B, …], int32 [T B]. */
interface Arrangement {
  /** For step s of the running LSTM, the row of its inputs; that of the same place when left out. */
  readonly inputs: Int32Array | undefined;
  /** For step t of the result, the row of the running LSTM's states, behind B rows of the state it began with. */
  readonly states: Int32Array;
}

/** How sequences of unequal length, or reversed ones, become sequences that all run forwards for T steps. */
function arrangementOf({ lengths, reversed }: LstmRun, { steps, batch }: LstmSize): Arrangement | undefined {
  if (!lengths && !reversed) return undefined;
  const states = new Int32Array(steps * batch), inputs = reversed ? new Int32Array(steps * batch) : undefined;
  for (let t = 0; t < steps; t++) {
    for (let b = 0; b < batch; b++) {
      const length = lengths?.[b] ?? steps;
      const after = reversed ? Math.max(length - t, 0) : Math.min(length, t + 1); // steps read
      if (inputs) inputs[t * batch + b] = Math.max(length - 1 - t, 0) * batch + b;
      states[t * batch + b] = after * batch + b;
    }
  }
  return { inputs, states };
}

/**
 * Runs an LSTM whose own way is forwards for all T steps over one that may be reversed and unequally long.
 *
 * @param projected float32 [T, B, 4H].
 * @param core Runs over projected inputs [T, B, 4H] and factors of the candidates [T, B, H], from a state.
 * @returns float32 [T, B, H].
 */
export function arrangedLstm(
  { projected, run, initial }: {
    readonly projected: tf.Tensor3D;
    readonly run: LstmRun;
    readonly initial: LstmState;
  },
  size: LstmSize,
  core: (projected: tf.Tensor3D, initial: LstmState, factors?: tf.Tensor3D) => tf.Tensor3D,
): tf.Tensor3D {
  const arrangement = arrangementOf(run, size);
  const arranged = (x: tf.Tensor3D) => arrangement?.inputs ? rowsOf(x, arrangement.inputs) : x;
  const all = run.context ? tf.add(projected, tf.expandDims(run.context, 0)) as tf.Tensor3D : projected; // [T, B, 4H]
  const factors = run.dropout && arranged(candidateFactors(run.dropout, size)); // [T, B, H]
  const states = core(arranged(all), initial, factors); // [T, B, H]
  if (!arrangement) return states;
  const rows = tf.concat([tf.expandDims(initial.hidden, 0), states]) as tf.Tensor3D; // [T + 1, B, H]
  return rowsOf(rows, arrangement.states);
}

/** Rows of x [T', B, columns] by number -> [T, B, columns]. */
function rowsOf(x: tf.Tensor3D, rows: Int32Array): tf.Tensor3D {
  const [, batch, columns] = x.shape;
  const flat = tf.reshape(x, [-1, columns]); // [T'B, columns]
  return tf.reshape(tf.gather(flat, tf.tensor1d(rows, "int32")), [-1, batch, columns]); // [T, B, columns]
}

/**
 * An LSTM, one step after another, all of them.
 *
 * @param from The state before the first step, and what the candidates are multiplied by, float32 [T, B, H].
 */
export function composedLstm(
  projected: tf.Tensor3D,
  recurrentKernel: tf.Tensor2D,
  { factors, ...initial }: LstmState & { readonly factors?: tf.Tensor3D | undefined },
): tf.Tensor3D {
  let state: LstmState = initial;
  const steps: tf.Tensor2D[] = [];
  const dropped = factors && unstacked(factors); // T times [B, H]
  for (const [t, part] of unstacked(projected).entries()) { // T times [B, 4H]
    const z = tf.add(part, tf.matMul(state.hidden, recurrentKernel)) as tf.Tensor2D; // [B, 4H]
    state = composedLstmGates(z, state.cell, dropped?.[t]);
    steps.push(state.hidden);
  }
  return tf.stack(steps) as tf.Tensor3D; // [T, B, H]
}

/** tf.unstack, whose gradient fails where there is one part (tfjs 4.22). */
export function unstacked(x: tf.Tensor3D): tf.Tensor2D[] {
  return x.shape[0] === 1 ? [tf.squeeze(x, [0])] : tf.unstack(x) as tf.Tensor2D[];
}
