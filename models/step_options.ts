/**
 * What a training step can be told: one settings object goes from the command line to optimizers, losses and Workers, so a
 * new option costs its line here and the place that reads it. Browser safe.
 *
 * @module
 */
import type { OptionValues } from "../pipelines/base/option_table.ts";

/** The options of a step. */
export const STEP_OPTIONS = {
  batchSize: { value: 32, help: "examples a batch, 1 or more", min: 1, whole: true },
  accumulate: { value: 1, help: "batches whose mean gradient makes one step, 1 or more", min: 1, whole: true },
  optimizer: {
    value: "adam",
    choices: ["adam", "rmsprop", "sgd"],
    help: "how gradients change the weights",
  },
  learningRate: { value: 1e-3, help: "the optimizer's step size, 0 or more", min: 0 },
  schedule: {
    value: "constant",
    choices: ["constant", "cosine", "exponential"],
    help:
      "the learning rate stays; falls to 0 along half a cosine wave over all steps, those that --resume adds too; " +
      "or falls by decayRate to minLearningRate, however many steps there are",
  },
  decayRate: {
    value: 0.9999,
    help: "the share of the way to minLearningRate that a step leaves, 0 to 1",
    of: { schedule: ["exponential"] },
    min: 0,
    max: 1,
  },
  minLearningRate: {
    value: 0,
    help: "where the learning rate falls to, 0 or more",
    of: { schedule: ["exponential"] },
    min: 0,
  },
  warmupSteps: { value: 0, help: "steps in which the learning rate rises from 0, 0 or more", min: 0, whole: true },
  beta1: {
    value: 0.9,
    help: "the share of the gradients' mean that a step keeps, 0 to below 1",
    of: { optimizer: ["adam"] },
    min: 0,
    below: 1,
  },
  beta2: {
    value: 0.999,
    help: "the share of the squared gradients' mean that a step keeps, 0 to below 1",
    of: { optimizer: ["adam"] },
    min: 0,
    below: 1,
  },
  momentum: {
    value: 0.9,
    help: "the share of the last step that is taken again, 0 to 1",
    of: { optimizer: ["sgd"] },
    min: 0,
    max: 1,
  },
  nesterov: {
    value: false,
    help: "the momentum looks one step ahead",
    of: { optimizer: ["sgd"], momentum: { above: 0 } },
  },
  weightDecay: {
    value: 0,
    help: "each weight matrix shrinks by so much times the learning rate a step (AdamW), biases stay; 0 or more",
    min: 0,
  },
  clipNorm: { value: 0, help: "gradients are scaled down to this global norm, above 0; 0 leaves them", min: 0 },
  clipValue: {
    value: 0,
    help: "each number of a gradient is cut to this size either way, before clipNorm, above 0; 0 leaves them",
    min: 0,
  },
  labelSmoothing: {
    value: 0,
    help: "the share of a label's weight that a classifier's loss spreads evenly over all classes, 0 to 0.9",
    min: 0,
    max: 0.9,
  },
  classWeights: {
    value: "none",
    choices: ["none", "balanced"],
    help: "how much an example counts in a classifier's loss: all the same, or the more the rarer its class",
  },
  emaDecay: {
    value: 0,
    help:
      "judge and save a running mean of the weights that keeps this share of itself a step, such as 0.999, 0 to below 1; 0 for none",
    min: 0,
    below: 1,
  },
} as const;

/** The values of {@linkcode STEP_OPTIONS}. */
export type StepOptions = OptionValues<typeof STEP_OPTIONS>;

/** What a loss is told of the step at hand: its options, and what follows from them and the data. */
export interface TrainingStep extends StepOptions {
  /** Steps that were taken before this one; 0 when left out. */
  readonly stepsTaken?: number;
  /** What an example counts in a loss, by its label, a number a class; all count 1 when left out. */
  readonly labelWeights?: readonly number[] | undefined;
}
