/**
 * A whole sequence through an LSTM cell in one operation, backward through time included.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Tensor1D, Tensor2D, Tensor3D } from "../tensors.ts";
import { hasFusedKernel, runFusedKernel, runFusedOp } from "./fused_op.ts";
import { composedLstmGates, type LstmState } from "./lstm_gates.ts";

/** The weights of an LSTM; the gates are in the order i, f, g, o. */
export interface LstmWeights {
  /** W, float32 [F, 4H]. */
  readonly kernel: Tensor2D;
  /** R, float32 [H, 4H]. */
  readonly recurrentKernel: Tensor2D;
  /** b, float32 [4H]. */
  readonly bias: Tensor1D;
}

/**
 * Runs an LSTM over a sequence whose inputs are already multiplied by the input kernel.
 *
 * With z_t = projected_t + h_{t-1} R, split into i, f, g, o along its last axis (the order of PyTorch and cuDNN, not
 * that of Keras): c_t = sigmoid(f) c_{t-1} + sigmoid(i) tanh(g) and h_t = sigmoid(o) tanh(c_t) (Gers, Schmidhuber and
 * Cummins 2000, without peepholes).
 *
 * @param projected x_t W + b for each step, float32 [T, B, 4H], time first.
 * @param recurrentKernel R, float32 [H, 4H].
 * @param initial h_0 and c_0; zeros when left out.
 * @returns h_t for each step, float32 [T, B, H].
 * @throws {RangeError} If the shapes do not fit together.
 *
 * @example
 * ```ts
 * import { startBackend } from "@strokewise/strokewise";
 * import { lstm } from "@strokewise/strokewise/models";
 * import * as tf from "@tensorflow/tfjs-core";
 * import { assertEquals } from "@std/assert";
 *
 * await startBackend("cpu");
 * const hidden = lstm(tf.zeros([5, 2, 12]), tf.zeros([3, 12])); // T 5, B 2, H 3
 * assertEquals(hidden.shape, [5, 2, 3]);
 * assertEquals(Math.max(...hidden.dataSync()), 0); // tanh(0) opens nothing
 * ```
 */
export function lstm(projected: Tensor3D, recurrentKernel: Tensor2D, initial?: LstmState): Tensor3D {
  const [, batch, columns] = projected.shape;
  checkShapes("lstm", { batch, columns, recurrentKernel, state: initial });
  return tf.tidy(() => {
    const state = initial ?? zeroState(batch, columns / 4);
    return hasFusedKernel("StrokewiseLstm")
      ? fusedLstm(projected, recurrentKernel, state)
      : composedLstm(projected, recurrentKernel, state);
  });
}

/**
 * Runs an LSTM over a sequence: {@linkcode lstm} with the product by the input kernel inside it, which saves the memory
 * and the time of the projected inputs where the sequence is long.
 *
 * @param x float32 [T, B, F], time first.
 * @param initial h_0 and c_0; zeros when left out.
 * @returns h_t for each step, float32 [T, B, H].
 * @throws {RangeError} If the shapes do not fit together.
 *
 * @example
 * ```ts
 * import { startBackend } from "@strokewise/strokewise";
 * import { lstmOfInputs } from "@strokewise/strokewise/models";
 * import * as tf from "@tensorflow/tfjs-core";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * await startBackend("cpu");
 * const bias = tf.tensor1d([100, 0, 100, 100]); // i and o open, g at 1
 * const weights = { kernel: tf.zeros<tf.Rank.R2>([1, 4]), recurrentKernel: tf.zeros<tf.Rank.R2>([1, 4]), bias };
 * const [h1, h2] = lstmOfInputs(tf.ones([2, 1, 1]), weights).dataSync();
 * assertAlmostEquals(h1, Math.tanh(1), 1e-6);
 * assertAlmostEquals(h2, Math.tanh(1.5), 1e-6); // f is half open
 * ```
 */
export function lstmOfInputs(x: Tensor3D, weights: LstmWeights, initial?: LstmState): Tensor3D {
  const { kernel, recurrentKernel, bias } = weights;
  const [steps, batch, inputs] = x.shape;
  const columns = bias.size;
  if (kernel.shape[0] !== inputs || kernel.shape[1] !== columns) {
    throw new RangeError(`lstmOfInputs needs a kernel [${inputs}, ${columns}], found [${kernel.shape.join(", ")}]`);
  }
  checkShapes("lstmOfInputs", { batch, columns, recurrentKernel, state: initial });
  return tf.tidy(() => {
    const state = initial ?? zeroState(batch, columns / 4);
    if (hasFusedKernel("StrokewiseLstm") && multipliesInputs(inputs)) {
      const rows = tf.concat([kernel, tf.reshape(bias, [1, columns]), recurrentKernel]) as tf.Tensor2D; // [F+1+H, 4H]
      return fusedLstm(x, rows, state);
    }
    const flat = tf.reshape(x, [steps * batch, inputs]); // [TB, F]
    const projected = tf.fused.matMul({ a: flat, b: kernel, bias }); // [TB, 4H]
    return lstm(tf.reshape(projected, [steps, batch, columns]), recurrentKernel, state); // [T, B, H]
  });
}

/** {@linkcode lstm} made of stock operations, one step after another. */
export function composedLstm(projected: tf.Tensor3D, recurrentKernel: tf.Tensor2D, initial: LstmState): tf.Tensor3D {
  let state = initial;
  const steps: tf.Tensor2D[] = [];
  // The gradient of tf.unstack fails where there is one part (tfjs 4.22).
  const parts = projected.shape[0] === 1 ? [tf.squeeze(projected, [0])] : tf.unstack(projected); // T times [B, 4H]
  for (const part of parts as tf.Tensor2D[]) {
    const z = tf.add(part, tf.matMul(state.hidden, recurrentKernel)) as tf.Tensor2D; // [B, 4H]
    state = composedLstmGates(z, state.cell);
    steps.push(state.hidden);
  }
  return tf.stack(steps) as tf.Tensor3D; // [T, B, H]
}

/** x [T, B, F] and weights [F + 1 + H, 4H], the bias one row of them; or projected inputs and the recurrent kernel. */
function fusedLstm(x: tf.Tensor3D, weights: tf.Tensor2D, { hidden, cell }: LstmState): tf.Tensor3D {
  const inputs = { x, weights, hidden0: hidden, cell0: cell };
  return runFusedOp({
    forward(save) {
      // gates: i, f, g, o after their non-linearities [T, B, 4H]; cells: c_t [T, B, H].
      const [hidden, gates, cells] = runFusedKernel("StrokewiseLstm", inputs);
      save([...Object.values(inputs), hidden, gates, cells]);
      return hidden as tf.Tensor3D;
    },
    gradients(dy, saved) {
      const { projected, ...others } = fusedGradients(dy, saved);
      return { x: () => inputGradient(x.shape, saved[1] as tf.Tensor2D, projected()), ...others };
    },
  }, inputs);
}

/** The gradients of what was saved, the projected inputs among it. */
function fusedGradients(dy: tf.Tensor, saved: tf.Tensor[]) {
  const [x, weights, hidden0, cell0, hidden, gates, cells] = saved;
  const given = { dy, x, weights, hidden0, cell0, hidden, gates, cells };
  const [dWeights, dHidden0, dCell0] = runFusedKernel("StrokewiseLstmGrad", given);
  return {
    projected: () => gates.clone(), // the kernel has put the gradient there
    weights: () => dWeights,
    hidden0: () => dHidden0,
    cell0: () => dCell0,
  };
}

function inputGradient(shape: [number, number, number], weights: tf.Tensor2D, dProjected: tf.Tensor): tf.Tensor {
  const [steps, batch, inputs] = shape;
  const [rows, columns] = weights.shape;
  if (rows === columns / 4) return dProjected; // [T, B, 4H]
  const kernel = tf.slice(weights, [0, 0], [inputs, columns]); // [F, 4H]
  const flat = tf.reshape(dProjected, [steps * batch, columns]) as tf.Tensor2D; // [TB, 4H]
  return tf.reshape(tf.matMul(flat, kernel, false, true), shape); // [T, B, F]
}

/** Whether the kernel should: on webgpu one product over all steps is the faster one, but for a few inputs. */
function multipliesInputs(inputs: number): boolean {
  return tf.getBackend() !== "webgpu" || inputs <= 8;
}

function zeroState(batch: number, units: number): LstmState {
  return { hidden: tf.zeros([batch, units]), cell: tf.zeros([batch, units]) };
}

interface Shapes {
  readonly batch: number;
  readonly columns: number;
  readonly recurrentKernel: tf.Tensor2D;
  readonly state: LstmState | undefined;
}

function checkShapes(name: string, { batch, columns, recurrentKernel, state }: Shapes): void {
  const units = columns / 4;
  if (recurrentKernel.shape[0] !== units || recurrentKernel.shape[1] !== columns) {
    throw new RangeError(
      `${name} needs 4H columns and a recurrent kernel [H, 4H], found ${columns} columns and ` +
        `[${recurrentKernel.shape.join(", ")}]`,
    );
  }
  for (const { shape } of state ? [state.hidden, state.cell] : []) {
    if (shape[0] !== batch || shape[1] !== units) {
      throw new RangeError(`${name} needs a state [${batch}, ${units}], found [${shape.join(", ")}]`);
    }
  }
}
