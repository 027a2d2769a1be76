/**
 * The registry of optimizers.
 *
 * @module
 */
import { adam } from "./adam.ts";
import type { Optimizer } from "./optimizer.ts";
import { rmsprop } from "./rmsprop.ts";
import { sgd } from "./sgd.ts";
import type { StepOptions } from "../step_options.ts";

/**
 * Every optimizer by its name on the command line, as the options of a step ask for it.
 *
 * @example
 * ```ts
 * import { defaultsOf, startBackend } from "@strokewise/strokewise";
 * import { OPTIMIZERS, STEP_OPTIONS } from "@strokewise/strokewise/models";
 * import { assertEquals } from "@std/assert";
 *
 * await startBackend("cpu");
 * assertEquals(OPTIMIZERS.rmsprop({ ...defaultsOf(STEP_OPTIONS), weightDecay: 0.01 }).name, "rmsprop");
 * ```
 */
export const OPTIMIZERS: Readonly<Record<StepOptions["optimizer"], (step: StepOptions) => Optimizer>> = {
  adam: ({ learningRate, weightDecay, beta1, beta2 }) => adam({ learningRate, weightDecay, beta1, beta2 }),
  rmsprop: ({ learningRate, weightDecay }) => rmsprop({ learningRate, weightDecay }),
  sgd: ({ learningRate, weightDecay, momentum, nesterov }) => sgd({ learningRate, weightDecay, momentum, nesterov }),
};
