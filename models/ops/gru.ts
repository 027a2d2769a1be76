/**
 * A whole sequence through a GRU cell in one operation, backward through time included.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Tensor1D, Tensor2D, Tensor3D } from "../tensors.ts";
import { hasFusedKernel, runFusedKernel, runFusedOp } from "./fused_op.ts";

/** The weights of a GRU; the gates are in the order r, z, n. */
export interface GruWeights {
  /** W, float32 [F, 3H]. */
  readonly kernel: Tensor2D;
  /** U, float32 [H, 3H]. */
  readonly recurrentKernel: Tensor2D;
  /** b, float32 [3H]. */
  readonly bias: Tensor1D;
  /** b_hn, the bias inside the reset gate's product, float32 [H]. */
  readonly recurrentBias: Tensor1D;
}

/**
 * Runs a GRU over a sequence, in the form of cuDNN and PyTorch (Cho et al., arXiv:1406.1078, with the reset gate applied
 * after the product): r = sigmoid(x W_r + b_r + h U_r), z likewise, n = tanh(x W_n + b_n + r (h U_n + b_hn)), and
 * h_t = (1 - z) n + z h_{t-1}.
 *
 * @param x float32 [T, B, F], time first.
 * @param initial h_0, float32 [B, H]; zeros when left out.
 * @returns h_t for each step, float32 [T, B, H].
 * @throws {RangeError} If the shapes do not fit together.
 *
 * @example
 * ```ts
 * import { startBackend } from "@strokewise/strokewise";
 * import { gru } from "@strokewise/strokewise/models";
 * import * as tf from "@tensorflow/tfjs-core";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * await startBackend("cpu");
 * const weights = {
 *   kernel: tf.zeros<tf.Rank.R2>([1, 3]),
 *   recurrentKernel: tf.zeros<tf.Rank.R2>([1, 3]),
 *   bias: tf.tensor1d([0, 0, 100]), // z half open, n at 1
 *   recurrentBias: tf.zeros<tf.Rank.R1>([1]),
 * };
 * const [h1, h2] = gru(tf.zeros([2, 1, 1]), weights).dataSync();
 * assertAlmostEquals(h1, 0.5, 1e-6);
 * assertAlmostEquals(h2, 0.75, 1e-6);
 * ```
 */
export function gru(x: Tensor3D, weights: GruWeights, initial?: Tensor2D): Tensor3D {
  const [, batch, inputs] = x.shape;
  const units = weights.recurrentBias.size;
  const wanted = {
    kernel: [inputs, 3 * units],
    recurrentKernel: [units, 3 * units],
    bias: [3 * units],
    state: [batch, units],
  };
  const found = { ...weights, ...(initial && { state: initial }) };
  for (const [name, shape] of Object.entries(wanted)) {
    const given = (found as Record<string, tf.Tensor>)[name]?.shape ?? shape;
    if (given.join() !== shape.join()) {
      throw new RangeError(`gru needs ${name} [${shape.join(", ")}], found [${given.join(", ")}]`);
    }
  }
  return tf.tidy(() => {
    const hidden = initial ?? tf.zeros<tf.Rank.R2>([batch, units]);
    if (hasFusedKernel("StrokewiseGruOfProjected")) return fusedOfProjected(x, weights, hidden);
    return hasFusedKernel("StrokewiseGru") ? fused(x, weights, hidden) : composedGru(x, weights, hidden);
  });
}

/** {@linkcode gru} made of stock operations, one step after another. */
export function composedGru(x: tf.Tensor3D, weights: GruWeights, initial: tf.Tensor2D): tf.Tensor3D {
  const { recurrentKernel, recurrentBias } = weights;
  const projected = project(x, weights); // [T, B, 3H]
  // The gradient of tf.unstack fails where there is one part (tfjs 4.22).
  const parts = x.shape[0] === 1 ? [tf.squeeze(projected, [0])] : tf.unstack(projected); // T times [B, 3H]
  let hidden = initial;
  const states = parts.map((part) => {
    const [xr, xz, xn] = tf.split(part, 3, 1); // 3 times [B, H]
    const [hr, hz, hn] = tf.split(tf.matMul(hidden, recurrentKernel), 3, 1); // 3 times [B, H]
    const z = tf.sigmoid(tf.add(xz, hz));
    const n = tf.tanh(tf.add(xn, tf.mul(tf.sigmoid(tf.add(xr, hr)), tf.add(hn, recurrentBias))));
    hidden = tf.add(tf.mul(tf.sub(1, z), n), tf.mul(z, hidden));
    return hidden;
  });
  return tf.stack(states) as tf.Tensor3D; // [T, B, H]
}

function fused(x: tf.Tensor3D, weights: GruWeights, hidden0: tf.Tensor2D): tf.Tensor3D {
  const { kernel, recurrentKernel, bias, recurrentBias } = weights;
  const [steps, batch, inputs] = x.shape;
  const units = recurrentBias.size;
  const parts = [2 * units, units];
  const [kernelRZ, kernelN] = tf.split(kernel, parts, 1); // [F, 2H] and [F, H]
  const [recurrentRZ, recurrentN] = tf.split(recurrentKernel, parts, 1); // [H, 2H] and [H, H]
  const [biasRZ, biasN] = tf.split(tf.reshape(bias, [1, 3 * units]), parts, 1); // [1, 2H] and [1, H]
  const tensors = {
    x,
    weightsRZ: tf.concat([kernelRZ, biasRZ, recurrentRZ]), // [F+1+H, 2H]
    weightsNX: tf.concat([kernelN, biasN]), // [F+1, H]
    weightsNH: tf.concat([tf.reshape(recurrentBias, [1, units]), recurrentN]), // [1+H, H]
    hidden0,
  };
  return runFusedOp({
    forward(save) {
      // gates: r, z, n and h U_n + b_hn, [T, B, 4H].
      const [hidden, gates] = runFusedKernel("StrokewiseGru", tensors);
      save([...Object.values(tensors), hidden, gates]);
      return hidden as tf.Tensor3D;
    },
    gradients(dy, [x, weightsRZ, weightsNX, weightsNH, hidden0, hidden, gates]) {
      const given = { dy, x, weightsRZ, weightsNX, weightsNH, hidden0, hidden, gates };
      const [dRZ, dNX, dNH, dHidden0] = runFusedKernel("StrokewiseGruGrad", given);
      return {
        x() {
          const parts = [weightsRZ, weightsNX].map((weights) => tf.slice(weights, [0, 0], [inputs, -1]));
          const kernel = tf.concat(parts, 1); // [F, 3H]
          const sums = tf.reshape(gates, [steps * batch, 4 * units]); // what the kernel has put there
          const flat = tf.slice(sums, [0, 0], [-1, 3 * units]); // [TB, 3H]
          return tf.reshape(tf.matMul(flat, kernel, false, true), [steps, batch, inputs]); // [T, B, F]
        },
        weightsRZ: () => dRZ,
        weightsNX: () => dNX,
        weightsNH: () => dNH,
        hidden0: () => dHidden0,
      };
    },
  }, tensors);
}

/** x W + b, [T, B, 3H]. */
function project(x: tf.Tensor3D, { kernel, bias }: GruWeights): tf.Tensor3D {
  const [steps, batch, inputs] = x.shape;
  const flat = tf.fused.matMul({ a: tf.reshape(x, [steps * batch, inputs]), b: kernel, bias }); // [TB, 3H]
  return tf.reshape(flat, [steps, batch, bias.size]); // [T, B, 3H]
}

/** One product of all inputs first, which suits a graphics card. */
function fusedOfProjected(x: tf.Tensor3D, weights: GruWeights, hidden0: tf.Tensor2D): tf.Tensor3D {
  const { recurrentKernel, recurrentBias } = weights;
  const units = recurrentBias.size;
  const tensors = { projected: project(x, weights), recurrentKernel, recurrentBias, hidden0 };
  return runFusedOp({
    forward(save) {
      const [hidden, gates] = runFusedKernel("StrokewiseGruOfProjected", tensors); // gates as in `fused`
      save([recurrentKernel, hidden0, hidden, gates]);
      return hidden as tf.Tensor3D;
    },
    gradients(dy, [recurrentKernel, hidden0, hidden, gates]) {
      const given = { dy, recurrentKernel, hidden0, hidden, gates };
      const [dRecurrentKernel, dBiases, dHidden0] = runFusedKernel("StrokewiseGruOfProjectedGrad", given);
      return {
        projected: () => tf.slice(gates, [0, 0, 0], [-1, -1, 3 * units]), // what the kernel has put there, [T, B, 3H]
        recurrentKernel: () => dRecurrentKernel,
        recurrentBias: () => tf.slice(dBiases, [2 * units], [units]), // [H]
        hidden0: () => dHidden0,
      };
    },
  }, tensors);
}
