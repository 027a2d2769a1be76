/**
 * RMSProp.
 *
 * @module
 */
import { defaultsOf, type OptionValues } from "../../pipelines/base/option_table.ts";
import { rmspropUpdate } from "./rmsprop_update.ts";
import type { Optimizer } from "./optimizer.ts";
import { slottedOptimizer, WEIGHT_DECAY } from "./slotted_optimizer.ts";

/** RMSProp's options. */
export const RMSPROP_OPTIONS = {
  learningRate: { value: 1e-3, help: "the step size, 0 or more", min: 0 },
  rho: { value: 0.9, help: "decay of the mean of squared gradients, 0 to below 1", min: 0, below: 1 },
  momentum: { value: 0, help: "decay of the velocity, 0 to 1; 0 for none", min: 0, max: 1 },
  epsilon: { value: 1e-7, help: "added to the root of the mean square, above 0", above: 0 },
  weightDecay: WEIGHT_DECAY,
} as const;

/** The values of {@linkcode RMSPROP_OPTIONS}. */
export type RmspropOptions = OptionValues<typeof RMSPROP_OPTIONS>;

/**
 * RMSProp (Hinton, Srivastava and Swersky, "Neural networks for machine learning", lecture 6e): each gradient is divided
 * by the root of its running mean square. The learning rate comes last, so a schedule acts on the velocity as a whole,
 * as in PyTorch; weights decay as in `adam`, where PyTorch would add the decay to the gradient.
 *
 * @param options What differs from the defaults.
 * @returns An optimizer that has taken no step.
 *
 * @example The first step moves each value by the learning rate over sqrt(1 - rho), against its gradient's sign
 * ```ts
 * import { startBackend } from "@strokewise/strokewise";
 * import { rmsprop } from "@strokewise/strokewise/models";
 * import * as tf from "@tensorflow/tfjs-core";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * await startBackend("cpu");
 * const x = tf.variable(tf.tensor1d([1, 1]));
 * const optimizer = rmsprop({ learningRate: 0.1, rho: 0.75 });
 * optimizer.apply({ x }, { x: tf.tensor1d([3, -0.5]) });
 * const [a, b] = x.dataSync();
 * assertAlmostEquals(a, 0.8, 1e-6);
 * assertAlmostEquals(b, 1.2, 1e-6);
 * ```
 */
export function rmsprop(options: Partial<RmspropOptions> = {}): Optimizer {
  const { learningRate, rho, momentum, epsilon, weightDecay } = { ...defaultsOf(RMSPROP_OPTIONS), ...options };
  return slottedOptimizer({
    ...{ name: "rmsprop", learningRate, weightDecay },
    slots: momentum > 0 ? ["meanSquare", "velocity"] : ["meanSquare"],
    update: (tensors, { learningRate, decay }) =>
      rmspropUpdate(tensors, { rate: learningRate, rho, momentum, epsilon, decay }),
  });
}
