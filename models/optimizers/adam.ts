/**
 * Adam (Kingma and Ba 2015, arXiv:1412.6980) and AdamW (Loshchilov and Hutter 2019, arXiv:1711.05101).
 *
 * @module
 */
import { defaultsOf, type OptionValues } from "../../pipelines/base/option_table.ts";
import type { Optimizer } from "./optimizer.ts";
import { slottedOptimizer, WEIGHT_DECAY } from "./slotted_optimizer.ts";
import { adamUpdate } from "./adam_update.ts";

/** Adam's options. */
export const ADAM_OPTIONS = {
  learningRate: { value: 1e-3, help: "alpha, the step size, 0 or more", min: 0 },
  beta1: { value: 0.9, help: "decay of the first moment, 0 to below 1", min: 0, below: 1 },
  beta2: { value: 0.999, help: "decay of the second moment, 0 to below 1", min: 0, below: 1 },
  epsilon: { value: 1e-8, help: "added to the root of the second moment, above 0", above: 0 },
  weightDecay: WEIGHT_DECAY,
} as const;

/** The values of {@linkcode ADAM_OPTIONS}. */
export type AdamOptions = OptionValues<typeof ADAM_OPTIONS>;

/**
 * Adam (algorithm 1, arXiv:1412.6980). The bias corrections come from the step count in double precision, so a restored
 * state goes on bit for bit. With `weightDecay` it is AdamW (algorithm 2, arXiv:1711.05101), whose decay is multiplied by
 * the learning rate as in PyTorch, and reaches variables of rank 2 or more only: biases do not decay.
 *
 * @param options What differs from the paper's defaults.
 * @returns An optimizer that has taken no step.
 *
 * @example The first step moves each value by the learning rate, against its gradient's sign
 * ```ts
 * import { startBackend } from "@strokewise/strokewise";
 * import { adam } from "@strokewise/strokewise/models";
 * import * as tf from "@tensorflow/tfjs-core";
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
  const { learningRate, beta1, beta2, epsilon, weightDecay } = { ...defaultsOf(ADAM_OPTIONS), ...options };
  return slottedOptimizer({
    ...{ name: "adam", learningRate, weightDecay, slots: ["m", "v"] },
    update: (tensors, { step, learningRate, decay }) =>
      adamUpdate(tensors, {
        rate: learningRate / (1 - beta1 ** step),
        vScale: 1 / Math.sqrt(1 - beta2 ** step),
        beta1,
        beta2,
        epsilon,
        decay,
      }),
  });
}
