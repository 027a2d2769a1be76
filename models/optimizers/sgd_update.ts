/**
 * One step of stochastic gradient descent on one variable.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { runInPlace } from "../ops/fused_op.ts";

/** The tensors of one variable's update, all of one shape but `scale`. */
export interface SgdTensors {
  /** Changed by the update. */
  readonly variable: tf.Variable;
  /** b, left out where there is no momentum; changed by the update. */
  readonly velocity?: tf.Variable;
  readonly gradient: tf.Tensor;
  /** The gradient is multiplied by this scalar first. */
  readonly scale: tf.Scalar;
}

/** The numbers of one step, the same for every variable. */
export interface SgdNumbers {
  /** The learning rate. */
  readonly rate: number;
  /** Read only where there is a velocity. */
  readonly momentum: number;
  /** 1 for Nesterov's momentum, 0 for the plain one; read only where there is a velocity. */
  readonly nesterov: number;
  /** The share of the variable that it loses beside the step, 0 or more. */
  readonly decay: number;
}

/**
 * Updates a variable and its velocity in place, as PyTorch does: b = momentum b + g;
 * variable -= decay variable + rate b, or with Nesterov's momentum decay variable + rate (g + momentum b).
 */
export function sgdUpdate(tensors: SgdTensors, numbers: SgdNumbers): void {
  const { variable, velocity, gradient, scale } = tensors;
  const changed: Record<string, tf.Tensor> = velocity ? { variable, velocity } : { variable };
  const inputs = { changed, read: { gradient, scale } };
  if (!runInPlace("StrokewiseSgdUpdate", inputs, { ...numbers })) composedSgdUpdate(tensors, numbers);
}

/** {@linkcode sgdUpdate} made of stock operations. */
function composedSgdUpdate(tensors: SgdTensors, { rate, momentum, nesterov, decay }: SgdNumbers): void {
  const { variable, velocity, gradient, scale } = tensors;
  tf.tidy(() => {
    const g = tf.mul(gradient, scale);
    velocity?.assign(tf.add(tf.mul(velocity, momentum), g));
    const move = velocity && nesterov ? tf.add(g, tf.mul(velocity, momentum)) : velocity ?? g;
    const step = tf.mul(move, rate);
    variable.assign(tf.sub(variable, tf.add(tf.mul(variable, decay), step)));
  });
}
