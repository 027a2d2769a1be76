/**
 * The options of `deno task train`, and what becomes of them.
 *
 * @module
 */
import { BACKEND_OPTION } from "../cli/backend_option.ts";
import { AUGMENT_OPTIONS } from "../../pipelines/strokes/augment.ts";
import type { OptionTable } from "../../pipelines/base/option_table.ts";
import { MODELS } from "../../models/zoo/registry.ts";
import type { OwnValues, TaskSpec } from "../cli/task_spec.ts";
import { LOOP_OPTIONS } from "../runs/settings.ts";

export const OWN_OPTIONS = {
  model: { value: "cnn-lstm", choices: Object.keys(MODELS), help: "what is trained" },
  data: { value: "data/quickdraw", help: "the folder of shards that deno task prepare made" },
  run: { value: "", help: "the run's folder, to be made; runs/<model>-<number> when left out" },
  resume: { value: "", help: "go on with the run in this folder, from its last checkpoint" },
  backend: BACKEND_OPTION,
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
