/**
 * Stochastic gradient descent with momentum.
 *
 * @module
 */
import { defaultsOf, type OptionValues } from "../../pipelines/base/option_table.ts";
import type { Optimizer } from "./optimizer.ts";
import { sgdUpdate } from "./sgd_update.ts";
import { slottedOptimizer, WEIGHT_DECAY } from "./slotted_optimizer.ts";

/** The options of stochastic gradient descent. */
export const SGD_OPTIONS = {
  learningRate: { value: 1e-2, help: "the step size, 0 or more", min: 0 },
  momentum: { value: 0.9, help: "decay of the velocity, 0 to 1; 0 for none", min: 0, max: 1 },
  nesterov: { value: false, help: "step to where the velocity would lead next" },
  weightDecay: WEIGHT_DECAY,
} as const;

/** The values of {@linkcode SGD_OPTIONS}. */
export type SgdOptions = OptionValues<typeof SGD_OPTIONS>;

/**
 * Stochastic gradient descent with momentum (Sutskever, Martens, Dahl and Hinton, "On the importance of initialization
 * and momentum in deep learning", ICML 2013), Nesterov's among them. The learning rate comes last, so a schedule acts on
 * the velocity as a whole, as in PyTorch; weights decay as in `adam` (SGDW, algorithm 1, arXiv:1711.05101), where PyTorch
 * would add the decay to the gradient.
 *
 * @param options What differs from the defaults.
 * @returns An optimizer that has taken no step.
 *
 * @example The second step along the same gradient is longer by the momentum
 * ```ts
 * import { startBackend } from "@strokewise/strokewise";
 * import { sgd } from "@strokewise/strokewise/models";
 * import * as tf from "@tensorflow/tfjs-core";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * await startBackend("cpu");
 * const x = tf.variable(tf.tensor1d([1]));
 * const optimizer = sgd({ learningRate: 0.1, momentum: 0.5 });
 * optimizer.apply({ x }, { x: tf.tensor1d([2]) });
 * assertAlmostEquals(x.dataSync()[0], 0.8, 1e-6);
 * optimizer.apply({ x }, { x: tf.tensor1d([2]) });
 * assertAlmostEquals(x.dataSync()[0], 0.5, 1e-6);
 * ```
 */
export function sgd(options: Partial<SgdOptions> = {}): Optimizer {
  const { learningRate, momentum, nesterov, weightDecay } = { ...defaultsOf(SGD_OPTIONS), ...options };
  return slottedOptimizer({
    ...{ name: "sgd", learningRate, weightDecay, slots: momentum > 0 ? ["velocity"] : [] },
    update: (tensors, { learningRate, decay }) =>
      sgdUpdate(tensors, { rate: learningRate, momentum, nesterov: Number(nesterov), decay }),
  });
}
