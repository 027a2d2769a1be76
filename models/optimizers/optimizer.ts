/**
 * Optimizers whose whole state can be saved by name, and clipping by the global norm. Nothing is read back in a step.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Scalar, Tensor, Variable } from "../tensors.ts";
import { hasFusedKernel, runFusedKernel } from "../ops/fused_op.ts";

/** An optimizer's state: all it needs to go on as if it had never stopped. */
export interface OptimizerState {
  /** How many steps were taken. */
  readonly step: number;
  /** The slots by name, such as "conv1/filter/m", each of its variable's shape. */
  readonly slots: Readonly<Record<string, Tensor>>;
}

/** Changes variables so that a loss falls. */
export interface Optimizer {
  /** The algorithm, such as `adam`. */
  readonly name: string;
  /** The slots that it keeps beside each variable, such as `m`. */
  readonly slotNames: readonly string[];
  /** The step size of the next steps; a schedule sets it. */
  learningRate: number;
  /**
   * The live state: its tensors stay the optimizer's, and the next step changes them. Assigning copies the tensors
   * given and drops every slot that is not among them.
   */
  state: OptimizerState;
  /**
   * Takes one step.
   *
   * @param variables Variables by name; those without a gradient are left alone.
   * @param gradients float32, each of its variable's shape.
   * @param scale Every gradient is multiplied by it first, as by {@linkcode clipByGlobalNorm}; 1 when left out.
   */
  apply(
    variables: Readonly<Record<string, Variable>>,
    gradients: Readonly<Record<string, Tensor>>,
    scale?: Scalar,
  ): void;
  /** Frees the slots. */
  dispose(): void;
}

/**
 * The scale that brings gradients to a global norm of at most `maxNorm`; each gradient times it is the clipped one
 * (Pascanu, Mikolov and Bengio, arXiv:1211.5063, section 3.2).
 *
 * @param gradients float32, any shapes.
 * @param maxNorm Above 0.
 * @returns Scalars on the device: `scale`, 0 to 1, and `norm`, the norm before clipping.
 *
 * @example
 * ```ts
 * import { startBackend } from "@strokewise/strokewise";
 * import { clipByGlobalNorm } from "@strokewise/strokewise/models";
 * import * as tf from "@tensorflow/tfjs-core";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * await startBackend("cpu");
 * const { scale, norm } = clipByGlobalNorm({ a: tf.tensor1d([3]), b: tf.tensor1d([0, 4]) }, 1);
 * assertAlmostEquals(norm.dataSync()[0], 5, 1e-6);
 * assertAlmostEquals(scale.dataSync()[0], 0.2, 1e-6);
 * ```
 */
export function clipByGlobalNorm(
  gradients: Readonly<Record<string, Tensor>>,
  maxNorm: number,
): { scale: Scalar; norm: Scalar } {
  return tf.tidy(() => {
    const norm = globalNorm(gradients);
    return { norm, scale: tf.div(maxNorm, tf.maximum(norm, maxNorm)) as tf.Scalar };
  });
}

/** The norm of all gradients together. */
export function globalNorm(gradients: Readonly<Record<string, Tensor>>): Scalar {
  // Not addN: on webgpu it binds a buffer a tensor, and most adapters stop at eight.
  return tf.tidy(() => tf.sqrt(tf.sum(tf.stack(Object.values(gradients).map(squaredSum)))) as Scalar);
}

/**
 * Gradients whose every number is cut to a size of at most `limit`, in place of those given, which are freed.
 *
 * @param limit Above 0.
 *
 * @example
 * ```ts
 * import { startBackend } from "@strokewise/strokewise";
 * import { clipByValue } from "@strokewise/strokewise/models";
 * import * as tf from "@tensorflow/tfjs-core";
 * import { assertEquals } from "@std/assert";
 *
 * await startBackend("cpu");
 * assertEquals([...clipByValue({ a: tf.tensor1d([-3, 0.5]) }, 1).a.dataSync()], [-1, 0.5]);
 * ```
 */
export function clipByValue(gradients: Readonly<Record<string, Tensor>>, limit: number): Record<string, Tensor> {
  const clipped = Object.entries(gradients).map(([name, gradient]) => {
    return [name, tf.clipByValue(gradient, -limit, limit)];
  });
  tf.dispose({ ...gradients });
  return Object.fromEntries(clipped);
}

/**
 * The sum of a tensor's squares; not differentiable.
 *
 * @param x float32, any shape.
 * @returns float32 scalar.
 */
export function squaredSum(x: Tensor): Scalar {
  return hasFusedKernel("StrokewiseSquaredSum")
    ? runFusedKernel("StrokewiseSquaredSum", { x })[0] as tf.Scalar
    : tf.tidy(() => tf.sum(tf.square(x)) as tf.Scalar);
}
