/**
 * One step of RMSProp on one variable.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { runInPlace } from "../ops/fused_op.ts";

/** The tensors of one variable's update, all of one shape but `scale`. */
export interface RmspropTensors {
  /** Changed by the update. */
  readonly variable: tf.Variable;
  /** v, the running mean of squared gradients; changed by the update. */
  readonly meanSquare: tf.Variable;
  /** b, left out where there is no momentum; changed by the update. */
  readonly velocity?: tf.Variable;
  readonly gradient: tf.Tensor;
  /** The gradient is multiplied by this scalar first. */
  readonly scale: tf.Scalar;
}

/** The numbers of one step, the same for every variable. */
export interface RmspropNumbers {
  /** The learning rate. */
  readonly rate: number;
  readonly rho: number;
  /** Read only where there is a velocity. */
  readonly momentum: number;
  readonly epsilon: number;
  /** The share of the variable that it loses beside the step, 0 or more. */
  readonly decay: number;
}

/**
 * Updates a variable and its slots in place (Hinton's lecture 6e): v = rho v + (1 - rho) g^2;
 * b = momentum b + g / (sqrt(v) + epsilon); variable -= decay variable + rate b.
 */
export function rmspropUpdate(tensors: RmspropTensors, numbers: RmspropNumbers): void {
  const { variable, meanSquare, velocity, gradient, scale } = tensors;
  const changed: Record<string, tf.Tensor> = velocity ? { variable, meanSquare, velocity } : { variable, meanSquare };
  const inputs = { changed, read: { gradient, scale } };
  if (!runInPlace("StrokewiseRmspropUpdate", inputs, { ...numbers })) composedRmspropUpdate(tensors, numbers);
}

/** {@linkcode rmspropUpdate} made of stock operations. */
function composedRmspropUpdate(tensors: RmspropTensors, numbers: RmspropNumbers): void {
  const { variable, meanSquare, velocity, gradient, scale } = tensors;
  const { rate, rho, momentum, epsilon, decay } = numbers;
  tf.tidy(() => {
    const g = tf.mul(gradient, scale);
    meanSquare.assign(tf.add(tf.mul(meanSquare, rho), tf.mul(tf.square(g), 1 - rho)));
    const ratio = tf.div(g, tf.add(tf.sqrt(meanSquare), epsilon));
    velocity?.assign(tf.add(tf.mul(velocity, momentum), ratio));
    const step = tf.mul(velocity ?? ratio, rate);
    variable.assign(tf.sub(variable, tf.add(tf.mul(variable, decay), step)));
  });
}
