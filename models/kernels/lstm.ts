/**
 * A whole sequence through an LSTM cell in one operation, backward through time included.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import type { Tensor2D, Tensor3D } from "../tensors.ts";
import { hasFusedKernel, runFusedKernel, runFusedOp } from "./fused_op.ts";

/** The state of an LSTM before its first step. */
export interface LstmState {
  /** Hidden state, float32 [B, H]. */
  readonly hidden: Tensor2D;
  /** Cell state, float32 [B, H]. */
  readonly cell: Tensor2D;
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
 * import { lstm, startBackend } from "@strokewise/strokewise";
 * import * as tf from "@tensorflow/tfjs";
 * import { assertEquals } from "@std/assert";
 *
 * await startBackend("cpu");
 * const hidden = lstm(tf.zeros([5, 2, 12]), tf.zeros([3, 12])); // T 5, B 2, H 3
 * assertEquals(hidden.shape, [5, 2, 3]);
 * assertEquals(Math.max(...hidden.dataSync()), 0); // tanh(0) opens nothing
 * ```
 */
export function lstm(projected: Tensor3D, recurrentKernel: Tensor2D, initial?: LstmState): Tensor3D {
  const [, batch, gates] = projected.shape;
  const [units, columns] = recurrentKernel.shape;
  if (gates !== 4 * units || columns !== 4 * units) {
    throw new RangeError(
      `lstm needs projected [T, B, 4H] and a recurrent kernel [H, 4H], found [${projected.shape.join(", ")}] and ` +
        `[${recurrentKernel.shape.join(", ")}]`,
    );
  }
  for (const state of initial ? [initial.hidden, initial.cell] : []) {
    if (state.shape[0] !== batch || state.shape[1] !== units) {
      throw new RangeError(`lstm needs an initial state [${batch}, ${units}], found [${state.shape.join(", ")}]`);
    }
  }
  return tf.tidy(() => {
    const hidden = initial?.hidden ?? tf.zeros<tf.Rank.R2>([batch, units]);
    const cell = initial?.cell ?? tf.zeros<tf.Rank.R2>([batch, units]);
    return hasFusedKernel("StrokewiseLstm")
      ? fused(projected, recurrentKernel, { hidden, cell })
      : composedLstm(projected, recurrentKernel, { hidden, cell });
  });
}

/** {@linkcode lstm} made of stock operations, one step after another. */
export function composedLstm(projected: tf.Tensor3D, recurrentKernel: tf.Tensor2D, initial: LstmState): tf.Tensor3D {
  let { hidden, cell } = initial;
  const steps: tf.Tensor2D[] = [];
  // The gradient of tf.unstack fails where there is one part (tfjs 4.22).
  const parts = projected.shape[0] === 1 ? [tf.squeeze(projected, [0])] : tf.unstack(projected); // T times [B, 4H]
  for (const step of parts as tf.Tensor2D[]) {
    const gates = tf.add(step, tf.matMul(hidden, recurrentKernel)); // [B, 4H]
    const [i, f, g, o] = tf.split(gates, 4, 1) as tf.Tensor2D[]; // 4 times [B, H]
    cell = tf.add(tf.mul(tf.sigmoid(f), cell), tf.mul(tf.sigmoid(i), tf.tanh(g)));
    hidden = tf.mul(tf.sigmoid(o), tf.tanh(cell));
    steps.push(hidden);
  }
  return tf.stack(steps) as tf.Tensor3D; // [T, B, H]
}

function fused(projected: tf.Tensor3D, recurrentKernel: tf.Tensor2D, initial: LstmState): tf.Tensor3D {
  const inputs = { projected, recurrentKernel, hidden0: initial.hidden, cell0: initial.cell };
  return runFusedOp({
    forward(save) {
      // gates: i, f, g, o after their non-linearities [T, B, 4H]; cells: c_t [T, B, H].
      const [hidden, gates, cells] = runFusedKernel("StrokewiseLstm", inputs);
      save([recurrentKernel, initial.hidden, initial.cell, hidden, gates, cells]);
      return hidden;
    },
    gradients(dy, [recurrentKernel, hidden0, cell0, hidden, gates, cells]) {
      const [dProjected, dHidden0, dCell0] = runFusedKernel("StrokewiseLstmGrad", {
        dy,
        recurrentKernel,
        cell0,
        gates,
        cells,
      });
      return {
        projected: () => dProjected,
        recurrentKernel: () => recurrentKernelGradient(hidden0 as tf.Tensor2D, hidden, dProjected),
        hidden0: () => dHidden0,
        cell0: () => dCell0,
      };
    },
  }, inputs);
}

/** The sum over t of h_{t-1}^T dz_t: one product over all steps. */
function recurrentKernelGradient(hidden0: tf.Tensor2D, hidden: tf.Tensor, dProjected: tf.Tensor): tf.Tensor {
  const [steps, batch, units] = hidden.shape;
  const shown = tf.slice(hidden, [0, 0, 0], [steps - 1, batch, units]); // [T-1, B, H]
  const before = tf.concat([hidden0, tf.reshape(shown, [(steps - 1) * batch, units])]); // [TB, H]
  return tf.matMul(before, tf.reshape(dProjected, [steps * batch, 4 * units]), true); // [H, 4H]
}
