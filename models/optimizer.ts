/**
 * Optimizers whose whole state can be saved by name, and clipping by the global norm. Nothing is read back in a step.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { defaultsOf, type OptionValues } from "../pipelines/option_table.ts";
import { adamUpdate } from "./kernels/adam_update.ts";
import { squaredSum } from "./kernels/squared_sum.ts";
import { slottedOptimizer } from "./slotted_optimizer.ts";
import type { Scalar, Tensor, Variable } from "./tensors.ts";

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

/** Adam's options. */
export const ADAM_OPTIONS = {
  learningRate: { value: 1e-3, help: "alpha, the step size, above 0", min: 0 },
  beta1: { value: 0.9, help: "decay of the first moment, 0 to 1", min: 0, max: 1 },
  beta2: { value: 0.999, help: "decay of the second moment, 0 to 1", min: 0, max: 1 },
  epsilon: { value: 1e-8, help: "added to the root of the second moment, above 0", min: 0 },
} as const;

/** The values of {@linkcode ADAM_OPTIONS}. */
export type AdamOptions = OptionValues<typeof ADAM_OPTIONS>;

/**
 * Adam (algorithm 1, arXiv:1412.6980). The bias corrections come from the step count in double precision, so a restored
 * state goes on bit for bit.
 *
 * @param options What differs from the paper's defaults.
 * @returns An optimizer that has taken no step.
 *
 * @example The first step moves each value by the learning rate, against its gradient's sign
 * ```ts
 * import { adam, startBackend } from "@strokewise/strokewise";
 * import * as tf from "@tensorflow/tfjs";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * await startBackend("cpu");
 * const x = tf.variable(tf.tensor1d([1, 1]));
 * const optimizer = adam({ learningRate: 0.1 });
 * optimizer.apply({ x }, { x: tf.tensor1d([3, -0.5]) });
 * const [a, b] = x.dataSync();
 * assertAlmostEquals(a, 0.9, 1e-6);
 * assertAlmostEquals(b, 1.1, 1e-6);
 * ```
 */
export function adam(options: Partial<AdamOptions> = {}): Optimizer {
  const { learningRate, beta1, beta2, epsilon } = { ...defaultsOf(ADAM_OPTIONS), ...options };
  return slottedOptimizer({
    ...{ name: "adam", learningRate, slots: ["m", "v"] },
    update: (tensors, { step, learningRate }) =>
      adamUpdate(tensors, {
        rate: learningRate / (1 - beta1 ** step),
        vScale: 1 / Math.sqrt(1 - beta2 ** step),
        beta1,
        beta2,
        epsilon,
      }),
  });
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
 * import { clipByGlobalNorm, startBackend } from "@strokewise/strokewise";
 * import * as tf from "@tensorflow/tfjs";
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
    // Not addN: on webgpu it binds a buffer a tensor, and most adapters stop at eight.
    const norm = tf.sqrt(tf.sum(tf.stack(Object.values(gradients).map(squaredSum)))) as tf.Scalar;
    return { norm, scale: tf.div(maxNorm, tf.maximum(norm, maxNorm)) as tf.Scalar };
  });
}
