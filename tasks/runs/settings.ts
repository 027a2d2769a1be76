/**
 * What a run is started with: data, model, options of the loop.
 *
 * @module
 */
import { OPTIMIZERS } from "../../models/optimizers/optimizers.ts";
import type { OptionValue, OptionValues } from "../../pipelines/base/option_table.ts";
import type { AugmentOptions } from "../../pipelines/strokes/augment.ts";

/** The options of the loop itself. */
export const LOOP_OPTIONS = {
  epochs: { value: 40, help: "times that every training example is seen, 1 or more", min: 1, whole: true },
  steps: {
    value: 0,
    help: "stop after so many optimizer steps; 0 for as many as the epochs take",
    min: 0,
    whole: true,
  },
  batchSize: { value: 32, help: "examples a step, 1 or more", min: 1, whole: true },
  optimizer: {
    value: "adam",
    choices: Object.keys(OPTIMIZERS) as readonly string[],
    help: "how gradients change the weights",
  },
  learningRate: { value: 1e-3, help: "the optimizer's step size, above 0", min: 0 },
  schedule: {
    value: "constant",
    choices: ["constant", "cosine"],
    help: "the learning rate stays, or falls to 0 along half a cosine wave",
  },
  warmupSteps: { value: 0, help: "steps in which the learning rate rises from 0, 0 or more", min: 0, whole: true },
  clipNorm: { value: 0, help: "gradients are scaled down to this global norm, above 0; 0 leaves them", min: 0 },
  evaluateEvery: { value: 0, help: "steps between evaluations on valid; 0 for one an epoch", min: 0, whole: true },
  patience: { value: 0, help: "stop after so many evaluations without a better one; 0 never", min: 0, whole: true },
  checkpointEvery: { value: 200, help: "steps between checkpoints, 1 or more", min: 1, whole: true },
  logEvery: { value: 10, help: "steps between lines of metrics, 1 or more", min: 1, whole: true },
} as const;

/** The values of {@linkcode LOOP_OPTIONS}. */
export type LoopOptions = OptionValues<typeof LOOP_OPTIONS>;

/** What {@linkcode train} needs to know. */
export interface TrainSettings {
  /** The folder of shards. */
  readonly data: string;
  /** The run's folder, which must exist. */
  readonly folder: string;
  /** A name in {@linkcode MODELS}. */
  readonly model: string;
  /** What differs from the model's defaults, by option name; may be empty. */
  readonly modelOptions: Readonly<Record<string, OptionValue>>;
  /** How long and how fast; see {@linkcode LOOP_OPTIONS}. */
  readonly loop: LoopOptions;
  /** How far training drawings are turned, scaled and shifted. */
  readonly augment: AugmentOptions;
  /** Of the initial weights, the shuffle and the augmentation; a whole number. */
  readonly seed: number;
  /** Threads that share out each batch, 1 or more; 1 when left out. The bits of a run depend on it. */
  readonly workers?: number;
}

/** The number of optimizer steps of a whole run. */
export function stepsOf(examples: number, { steps, epochs, batchSize }: LoopOptions): number {
  return steps || epochs * Math.ceil(examples / batchSize);
}
