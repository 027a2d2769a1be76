/**
 * The Gaussian filters of DRAW's attention windows (section 3.2, arXiv:1502.04623).
 *
 * B batch, N filters a side of a window, S cells a side of the image. The paper counts filters and cells from 1; here
 * both count from 0, so a centre of c there is c - 1 here.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Tensor2D, Tensor4D } from "../tensors.ts";
import { hasFusedKernel, runFusedKernel, runFusedOp } from "./fused_op.ts";

/** The size of a window and of the image under it. */
export interface WindowSize {
  /** N, filters a side, 1 or more. */
  readonly filters: number;
  /** S, cells a side. */
  readonly side: number;
}

/** Logarithms from the network are bent into (-10, 10), so that no exponential overflows. */
export const BEND_LIMIT = 10;

/**
 * Bends numbers into (-10, 10): 10 tanh(x / 10). Near 0 it changes little, and its slope is nowhere 0, so learning goes
 * on.
 *
 * @param x float32, any shape.
 */
export function bend<T extends tf.Tensor>(x: T): T {
  return tf.mul(tf.tanh(tf.div(x, BEND_LIMIT)), BEND_LIMIT);
}

/**
 * Where windows are (equations 21 to 24).
 *
 * @param raw g~_X, g~_Y, log sigma^2, log delta~ and log gamma as the network gives them, float32 [B, 5]; all 0 is a
 * window over the whole image.
 * @returns Column and row of the centre, stride and variance, in cells: float32 [B, 4].
 */
export function placeOf(raw: Tensor2D, { filters, side }: WindowSize): Tensor2D {
  return tf.tidy(() => {
    const [centre, logVar, logDelta] = tf.split(raw, [2, 1, 1, 1], 1) as tf.Tensor2D[]; // [B, 2], [B, 1], [B, 1]
    const cells = tf.sub(tf.mul(tf.add(centre, 1), (side + 1) / 2), 1); // eqs. 22, 23; 1-based there
    const delta = tf.mul(tf.exp(bend(logDelta)), (side - 1) / Math.max(filters - 1, 1)); // eq. 24
    return tf.concat([cells, delta, tf.exp(bend(logVar))], 1) as tf.Tensor2D;
  });
}

/**
 * The filters of windows: the weight of filter i in cell a is exp(-(a - mu_i)^2 / (2 sigma^2)) divided by the sum over all
 * cells, mu_i = g + (i - (N - 1) / 2) delta (equations 19, 20, 25 and 26). A filter far outside the image sees the cells
 * next to it.
 *
 * @param raw The windows' parameters, as for {@linkcode placeOf}; the fifth, the intensity, is not used.
 * @returns float32 [2, B, N, S]: the filters over columns, F_X, then those over rows, F_Y; the last axis adds up to 1.
 */
export function windowFilters(raw: Tensor2D, size: WindowSize): Tensor4D {
  if (!hasFusedKernel("StrokewiseWindowFilters")) return composedWindowFilters(raw, size);
  return runFusedOp({
    forward(save) {
      const [banks] = runFusedKernel("StrokewiseWindowFilters", { raw }, { ...size });
      save([raw, banks]);
      return banks as tf.Tensor4D;
    },
    gradients: (dy, [raw, banks]) => ({
      raw: () => runFusedKernel("StrokewiseWindowFiltersGrad", { dy, banks, raw })[0],
    }),
  }, { raw });
}

/** {@linkcode windowFilters} made of stock operations. */
function composedWindowFilters(raw: tf.Tensor2D, size: WindowSize): tf.Tensor4D {
  const { filters, side } = size;
  return tf.tidy(() => {
    const [centre, stride, variance] = tf.split(placeOf(raw, size), [2, 1, 1], 1); // [B, 2], [B, 1], [B, 1]
    const offsets = tf.sub(tf.range(0, filters), (filters - 1) / 2); // [N]
    const centres = tf.reshape(tf.transpose(centre), [2, -1, 1]); // [2, B, 1]
    const means = tf.add(centres, tf.expandDims(tf.mul(stride, offsets), 0)); // [2, B, N]
    const distances = tf.sub(tf.range(0, side), tf.expandDims(means, 3)); // [2, B, N, S]
    const exponents = tf.div(tf.square(distances), tf.reshape(tf.mul(variance, -2), [1, -1, 1, 1])); // [2, B, N, S]
    return tf.softmax(exponents) as tf.Tensor4D; // which is the division by Z
  });
}
