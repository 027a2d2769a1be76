/**
 * The options of `deno task train`, and what becomes of them.
 *
 * @module
 */
import { BACKENDS } from "../models/backend.ts";
import { MODELS, OPTIMIZERS } from "../models/mod.ts";
import { AUGMENT_OPTIONS, type AugmentOptions } from "../pipelines/augment.ts";
import type { OptionTable, OptionValue, OptionValues } from "../pipelines/option_table.ts";
import type { OwnValues, TaskSpec } from "./options.ts";

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

const OWN_OPTIONS = {
  model: { value: "cnn-lstm", choices: Object.keys(MODELS), help: "what is trained" },
  data: { value: "data/quickdraw", help: "the folder of shards that deno task prepare made" },
  run: { value: "", help: "the run's folder, to be made; runs/<model>-<number> when left out" },
  resume: { value: "", help: "go on with the run in this folder, from its last checkpoint" },
  backend: { value: "auto", choices: ["auto", ...BACKENDS], help: "what computes; auto takes the first that works" },
  workers: {
    value: 1,
    help: "threads that share out each batch, on wasm and cpu; no more than idle cores; 1 to 64",
    min: 1,
    max: 64,
    whole: true,
  },
  seed: { value: 0, help: "of the initial weights, the shuffle and the augmentation; a whole number", whole: true },
  profile: {
    value: false,
    help:
      "show at the end, or after Ctrl-C, where the time of a step went: each phase, of it what tfjs's kernels and " +
      "the JavaScript around them took, then the most expensive kernels; also in profile.json in the run's folder",
  },
} as const;

/** The command line of `deno task train`. */
export const TRAIN_SPEC = {
  name: "train",
  summary: "Trains a model on prepared shards.",
  examples: [
    "deno task train --model cnn --data data/quickdraw --train.epochs 5",
    "deno task train --resume runs/cnn-lstm-1",
  ],
  groups: {
    "": OWN_OPTIONS,
    model: (own: OwnValues): OptionTable => MODELS[own.model as string].options,
    train: LOOP_OPTIONS,
    augment: AUGMENT_OPTIONS,
  },
} as const satisfies TaskSpec;

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
