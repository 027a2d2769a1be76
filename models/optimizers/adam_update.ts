/**
 * One step of Adam on one variable.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { runInPlace } from "../ops/fused_op.ts";

/** The tensors of one variable's update, all of one shape but `scale`. */
export interface AdamTensors {
  /** Changed by the update. */
  readonly variable: tf.Variable;
  /** First moment, m; changed by the update. */
  readonly m: tf.Variable;
  /** Second moment, v; changed by the update. */
  readonly v: tf.Variable;
  readonly gradient: tf.Tensor;
  /** The gradient is multiplied by this scalar first. */
  readonly scale: tf.Scalar;
}

/** The numbers of one step, the same for every variable. */
export interface AdamNumbers {
  /** alpha / (1 - beta1^t). */
  readonly rate: number;
  /** 1 / sqrt(1 - beta2^t). */
  readonly vScale: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  /** The share of the variable that it loses beside the step, 0 or more. */
  readonly decay: number;
}

/**
 * Updates a variable and its two moments in place (algorithm 1, arXiv:1412.6980):
 * m = beta1 m + (1 - beta1) g; v = beta2 v + (1 - beta2) g^2;
 * variable -= decay variable + rate m / (sqrt(v) vScale + epsilon).
 */
export function adamUpdate(tensors: AdamTensors, numbers: AdamNumbers): void {
  const { variable, m, v, gradient, scale } = tensors;
  const inputs = { changed: { variable, m, v }, read: { gradient, scale } };
  if (!runInPlace("StrokewiseAdamUpdate", inputs, { ...numbers })) composedAdamUpdate(tensors, numbers);
}

/** {@linkcode adamUpdate} made of stock operations. */
function composedAdamUpdate({ variable, m, v, gradient, scale }: AdamTensors, numbers: AdamNumbers): void {
  const { rate, vScale, beta1, beta2, epsilon, decay } = numbers;
  tf.tidy(() => {
    const g = tf.mul(gradient, scale);
    m.assign(tf.add(tf.mul(m, beta1), tf.mul(g, 1 - beta1)));
    v.assign(tf.add(tf.mul(v, beta2), tf.mul(tf.square(g), 1 - beta2)));
    const step = tf.div(tf.mul(m, rate), tf.add(tf.mul(tf.sqrt(v), vScale), epsilon));
    variable.assign(tf.sub(variable, tf.add(tf.mul(variable, decay), step)));
  });
}
