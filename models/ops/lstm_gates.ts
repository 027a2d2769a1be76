/**
 * What an LSTM cell makes of its gates' inputs.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Tensor2D } from "../tensors.ts";
import { hasFusedKernel, runFusedKernel, runFusedOp } from "./fused_op.ts";

/**
 * One step of an LSTM cell: with z split into i, f, g, o along its last axis, c' = sigmoid(f) c + sigmoid(i) tanh(g) and
 * h' = sigmoid(o) tanh(c').
 *
 * @param z All inputs of the gates, the recurrent ones too: float32 [B, 4H].
 * @param cell c, float32 [B, H].
 * @returns h' and c', float32 [B, H].
 */
export function lstmGates(z: Tensor2D, cell: Tensor2D): LstmState {
  if (!hasFusedKernel("StrokewiseLstmGates")) return composedLstmGates(z, cell);
  const [hidden, next] = runFusedOp({
    forward(save) {
      const [hidden, next, gates] = runFusedKernel("StrokewiseLstmGates", { z, cell });
      save([gates, cell, next]);
      return [hidden, next];
    },
    gradients([dHidden, dNext], [gates, cell, next]) {
      const [dz, dCell] = runFusedKernel("StrokewiseLstmGatesGrad", { dHidden, dNext, gates, cell, next });
      return { z: () => dz, cell: () => dCell };
    },
  }, { z, cell }) as tf.Tensor2D[];
  return { hidden, cell: next };
}

/**
 * {@linkcode lstmGates} made of stock operations.
 *
 * @param factors What the candidates tanh(g) are multiplied by, float32 [B, H].
 */
export function composedLstmGates(z: tf.Tensor2D, cell: tf.Tensor2D, factors?: tf.Tensor2D): LstmState {
  const [i, f, g, o] = tf.split(z, 4, 1) as tf.Tensor2D[]; // 4 times [B, H]
  const candidate = factors ? tf.mul(tf.tanh(g), factors) : tf.tanh(g);
  const next = tf.add(tf.mul(tf.sigmoid(f), cell), tf.mul(tf.sigmoid(i), candidate)) as tf.Tensor2D;
  return { hidden: tf.mul(tf.sigmoid(o), tf.tanh(next)), cell: next };
}

/** The state of an LSTM between two steps. */
export type LstmState = {
  /** Hidden state, float32 [B, H]. */
  readonly hidden: Tensor2D;
  /** Cell state, float32 [B, H]. */
  readonly cell: Tensor2D;
};
