/**
 * What an LSTM cell with layer normalization makes of its gates' inputs.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Tensor1D, Tensor2D } from "../tensors.ts";
import { hasFusedKernel, runFusedKernel, runFusedOp } from "./fused_op.ts";
import type { LstmState } from "./lstm_gates.ts";

/** What normalized values are multiplied by, and what is added to them; the gates are in the order i, f, g, o. */
export interface LayerNorms {
  /** Of the gates' inputs, float32 [4H]. */
  readonly gamma: Tensor1D;
  /** Of the gates' inputs, float32 [4H]; what a forget bias is added to. */
  readonly beta: Tensor1D;
  /** Of the cell state on its way to the output, float32 [H]. */
  readonly cellGamma: Tensor1D;
  /** Of the cell state on its way to the output, float32 [H]. */
  readonly cellBeta: Tensor1D;
}

/** What a step of a cell with layer normalization has beside its gates' inputs and state. */
export interface NormedCandidates {
  /** What {@linkcode joinNorms} gives, float32 [10H]. */
  readonly norms: Tensor1D;
  /** What the candidates tanh(g) are multiplied by, float32 [B, H]: recurrent dropout; nothing when left out. */
  readonly factors?: Tensor2D | undefined;
}

/** The norms in one tensor, float32 [10H]: gamma and beta of the gates, then of the cell. */
export function joinNorms({ gamma, beta, cellGamma, cellBeta }: LayerNorms): Tensor1D {
  return tf.concat1d([gamma, beta, cellGamma, cellBeta]);
}

/** Added to a variance, inside the root: magenta's. */
export const NORM_EPSILON = 1e-3;

/**
 * One step of an LSTM cell with layer normalization (section 3.1, arXiv:1607.06450, as Sketch-RNN has it): with z split
 * into i, f, g, o, each normalized over its own H units, c' = sigmoid(f) c + sigmoid(i) tanh(g) and h' = sigmoid(o)
 * tanh(LN(c')). The cell state goes on as it is: its normalization is for the output alone.
 *
 * @param z All inputs of the gates, the recurrent ones too: float32 [B, 4H]. They need no bias.
 * @param cell c, float32 [B, H].
 * @returns h' and c', float32 [B, H].
 */
export function layerNormGates(z: Tensor2D, cell: Tensor2D, { norms, factors }: NormedCandidates): LstmState {
  if (!hasFusedKernel("StrokewiseLayerNormGates")) return composedLayerNormGates(z, cell, { norms, factors });
  const given = { z, cell, norms, ...(factors && { factors }) };
  const [hidden, next] = runFusedOp({
    forward(save) {
      const [hidden, next, normalized, stats] = runFusedKernel("StrokewiseLayerNormGates", given);
      save([normalized, cell, next, norms, stats, ...(factors ? [factors] : [])]);
      return [hidden, next];
    },
    gradients([dHidden, dNext], [normalized, cell, next, norms, stats, factors]) {
      const given = { dHidden, dNext, normalized, cell, next, norms, stats, ...(factors && { factors }) };
      const [dz, dCell, dNorms] = runFusedKernel("StrokewiseLayerNormGatesGrad", given);
      return { z: () => dz, cell: () => dCell, norms: () => dNorms };
    },
  }, { z, cell, norms }) as tf.Tensor2D[];
  return { hidden, cell: next };
}

/** {@linkcode layerNormGates} made of stock operations. */
export function composedLayerNormGates(
  z: tf.Tensor2D,
  cell: tf.Tensor2D,
  { norms, factors }: NormedCandidates,
): LstmState {
  const [batch, units] = cell.shape;
  const [gamma, beta, cellGamma, cellBeta] = tf.split(norms, [4 * units, 4 * units, units, units]);
  const gates = normalize(tf.reshape(z, [batch, 4, units])); // [B, 4, H]
  const scaled = tf.add(tf.mul(gates, tf.reshape(gamma, [4, units])), tf.reshape(beta, [4, units])); // [B, 4, H]
  const [i, f, g, o] = tf.split(tf.reshape(scaled, [batch, 4 * units]), 4, 1) as tf.Tensor2D[]; // 4 times [B, H]
  const candidate = factors ? tf.mul(tf.tanh(g), factors) : tf.tanh(g);
  const next = tf.add(tf.mul(tf.sigmoid(f), cell), tf.mul(tf.sigmoid(i), candidate)) as tf.Tensor2D; // [B, H]
  const shown = tf.tanh(tf.add(tf.mul(normalize(next), cellGamma), cellBeta)); // [B, H]
  return { hidden: tf.mul(tf.sigmoid(o), shown), cell: next };
}

/** Mean 0 and variance 1 over the last axis. */
function normalize(x: tf.Tensor): tf.Tensor {
  const less = tf.sub(x, tf.mean(x, -1, true));
  const variance = tf.mean(tf.square(less), -1, true);
  return tf.div(less, tf.sqrt(tf.add(variance, NORM_EPSILON)));
}
