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
  const [hidden, next] = runFusedOp({
    forward(save) {
      const { hidden, cell: next, normalized, stats } = normGatesForward(z, cell, { norms, factors });
      save([normalized, cell, next, norms, stats, ...(factors ? [factors] : [])]);
      return [hidden, next];
    },
    gradients([dHidden, dNext], [normalized, cell, next, norms, stats, factors]) {
      const kept = { normalized, cell, next, norms, stats, ...(factors && { factors }) };
      const { dz, dCell, dNorms } = normGatesBackward({ hidden: dHidden, cell: dNext }, kept);
      return { z: () => dz, cell: () => dCell, norms: () => dNorms };
    },
  }, { z, cell, norms }) as tf.Tensor2D[];
  return { hidden, cell: next };
}

/** What a step gives, and keeps for backward. */
export type NormedStep = LstmState & {
  /** The gates' inputs after normalization, float32 [B, 4H]. */
  readonly normalized: Tensor2D;
  /** 1 / the standard deviation of the four gates' inputs; mean and 1 / the standard deviation of c': float32 [B, 8]. */
  readonly stats: Tensor2D;
};

/** {@linkcode layerNormGates} with what backward needs, outside of any gradient. */
export function normGatesForward(z: tf.Tensor2D, cell: tf.Tensor2D, { norms, factors }: NormedCandidates): NormedStep {
  if (hasFusedKernel("StrokewiseLayerNormGates")) {
    const given = { z, cell, norms, ...(factors && { factors }) };
    const results = runFusedKernel("StrokewiseLayerNormGates", given) as tf.Tensor2D[];
    const [hidden, next, normalized, stats] = results;
    return { hidden, cell: next, normalized, stats };
  }
  return tf.tidy(() => {
    const [batch, units] = cell.shape;
    const [gates, sharpness] = normalize(tf.reshape(z, [batch, 4, units])); // [B, 4, H] and [B, 4, 1]
    const { i, f, g, o, cellGamma, cellBeta } = opened(gates, norms); // [B, H]
    const next = tf.add(tf.mul(f, cell), tf.mul(i, factors ? tf.mul(g, factors) : g)) as tf.Tensor2D; // [B, H]
    const [shown, cellSharpness, mean] = normalize(next); // [B, H], [B, 1] and [B, 1]
    const hidden = tf.mul(o, tf.tanh(tf.add(tf.mul(shown, cellGamma), cellBeta))) as tf.Tensor2D; // [B, H]
    const parts = [tf.reshape(sharpness, [batch, 4]), mean, cellSharpness, tf.zeros([batch, 2])] as tf.Tensor2D[];
    return { hidden, cell: next, normalized: tf.reshape(gates, z.shape), stats: tf.concat(parts, 1) };
  });
}

/** What {@linkcode normGatesBackward} needs of a step: its state before and its cell state after it, and what it kept. */
export type NormedPast = {
  readonly normalized: tf.Tensor;
  readonly cell: tf.Tensor;
  readonly next: tf.Tensor;
  readonly norms: tf.Tensor;
  readonly stats: tf.Tensor;
  readonly factors?: tf.Tensor;
};

/** The gradients of z [B, 4H], c [B, H] and the norms [10H], from those of h' and c'. */
export function normGatesBackward(
  { hidden: dHidden, cell: dNext }: { readonly hidden: tf.Tensor; readonly cell: tf.Tensor },
  { normalized, cell, next, norms, stats, factors }: NormedPast,
): { readonly dz: tf.Tensor; readonly dCell: tf.Tensor; readonly dNorms: tf.Tensor } {
  if (hasFusedKernel("StrokewiseLayerNormGatesGrad")) {
    const given = { dHidden, dNext, normalized, cell, next, norms, stats, ...(factors && { factors }) };
    const [dz, dCell, dNorms] = runFusedKernel("StrokewiseLayerNormGatesGrad", given);
    return { dz, dCell, dNorms };
  }
  return tf.tidy(() => {
    const [batch, units] = cell.shape as [number, number];
    const gates = tf.reshape(normalized, [batch, 4, units]); // [B, 4, H]
    const { i, f, g, o, gamma, cellGamma, cellBeta } = opened(gates, norms); // [B, H]
    const [sharpness, mean, cellSharpness] = tf.split(stats, [4, 1, 1, 2], 1); // [B, 4], [B, 1], [B, 1]
    const shown = tf.mul(tf.sub(next, mean), cellSharpness); // [B, H]
    const tanh = tf.tanh(tf.add(tf.mul(shown, cellGamma), cellBeta)); // [B, H]
    const slope = (gate: tf.Tensor) => tf.mul(gate, tf.sub(1, gate)); // of the sigmoid
    const dShown = tf.mul(tf.mul(dHidden, o), tf.sub(1, tf.square(tanh))); // [B, H]
    const dc = tf.add(dNext, throughNorm(tf.mul(dShown, cellGamma), shown, cellSharpness)); // [B, H]
    const dKept = factors ? tf.mul(dc, factors) : dc; // of i tanh(g)
    const dGates = tf.stack([
      tf.mul(tf.mul(dKept, g), slope(i)),
      tf.mul(tf.mul(dc, cell), slope(f)),
      tf.mul(tf.mul(dKept, i), tf.sub(1, tf.square(g))),
      tf.mul(tf.mul(dHidden, tanh), slope(o)),
    ], 1); // [B, 4, H]
    const dz = throughNorm(tf.mul(dGates, gamma), gates, tf.expandDims(sharpness, 2)); // [B, 4, H]
    const sums = [tf.mul(dGates, gates), dGates, tf.mul(dShown, shown), dShown].map((x) =>
      tf.reshape(tf.sum(x, 0), [-1])
    );
    return { dz: tf.reshape(dz, [batch, 4 * units]), dCell: tf.mul(dc, f), dNorms: tf.concat(sums) };
  });
}

/** The gates [B, H] of their normalized inputs [B, 4, H], and the norms: gamma [4, H], cellGamma and cellBeta [H]. */
function opened(gates: tf.Tensor, norms: tf.Tensor) {
  const units = norms.size / 10;
  const [gamma, beta, cellGamma, cellBeta] = tf.split(norms, [4 * units, 4 * units, units, units]);
  const scale = tf.reshape(gamma, [4, units]);
  const inputs = tf.add(tf.mul(gates, scale), tf.reshape(beta, [4, units])); // [B, 4, H]
  const [i, f, g, o] = tf.unstack(inputs, 1); // [B, H]
  const sigmoids = { i: tf.sigmoid(i), f: tf.sigmoid(f), o: tf.sigmoid(o) };
  return { ...sigmoids, g: tf.tanh(g), gamma: scale, cellGamma, cellBeta };
}

/** Mean 0 and variance 1 over the last axis; 1 / the standard deviation, and the mean. */
function normalize(x: tf.Tensor): [normalized: tf.Tensor, sharpness: tf.Tensor, mean: tf.Tensor] {
  const mean = tf.mean(x, -1, true), less = tf.sub(x, mean);
  const sharpness = tf.rsqrt(tf.add(tf.mean(tf.square(less), -1, true), NORM_EPSILON));
  return [tf.mul(less, sharpness), sharpness, mean];
}

/** The gradient of what was normalized, from that of the result. */
function throughNorm(d: tf.Tensor, normalized: tf.Tensor, sharpness: tf.Tensor): tf.Tensor {
  const along = tf.mul(normalized, tf.mean(tf.mul(d, normalized), -1, true));
  return tf.mul(sharpness, tf.sub(tf.sub(d, tf.mean(d, -1, true)), along));
}
