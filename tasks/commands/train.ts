/**
 * `deno task train`: trains a model on shards, or goes on with a run.
 *
 * @module
 */
import { existsSync, trimSlashes } from "../../pipelines/base/files.ts";
import type { Spec } from "../../pipelines/base/spec_module.ts";
import type { OptionValues } from "../../pipelines/base/option_table.ts";
import type { BackendDescription } from "../../models/backends/backend.ts";
import { BACKEND_OPTION, openBackend } from "../cli/backend_option.ts";
import { Interrupt, interruptedCode } from "../cli/interrupt.ts";
import { main, whenInterrupted } from "../cli/main.ts";
import { commandLine, flagOf, UsageError } from "../cli/option_values.ts";
import { type ParsedOptions, parseOptions } from "../cli/options.ts";
import { augmentationNamed, modelNamed } from "../cli/spec_options.ts";
import type { TaskSpec } from "../cli/task_spec.ts";
import { complain } from "../cli/terminal.ts";
import { RunTaken } from "../runs/run_claim.ts";
import { freeFolder } from "../runs/run_directory.ts";
import type { TrainOutcome } from "../runs/run_state.ts";
import { LOOP_OPTIONS, mergeSettings, RUN_OPTIONS, type RunSettings } from "../runs/settings.ts";
import { flatOptions, lastCheckpoint, type OpenRun, openRun, reopenRun, savedSpecs } from "../training/open_run.ts";
import { Profile } from "../training/profile.ts";
import { train, type TrainPhase } from "../training/train.ts";
import { showTraining } from "../training/train_view.ts";
import { MODELS } from "../../models/zoo/registry.ts";
import { AUGMENTATIONS } from "../../pipelines/strokes/augmentations.ts";

const OWN_OPTIONS = {
  model: { value: "cnn-lstm", help: `what is trained: ${Object.keys(MODELS).join(", ")}, or the path of a module` },
  data: { value: "data/quickdraw", help: "the folder of shards that deno task prepare made" },
  run: { value: "", help: "the run's folder, to be made; runs/<model>-<number> when left out" },
  resume: { value: "", help: "go on with the run in this folder, from its last checkpoint" },
  augmentation: {
    value: "affine",
    help: `how training drawings are changed: ${Object.keys(AUGMENTATIONS).join(", ")}, or the path of a module`,
  },
  backend: BACKEND_OPTION,
  ...RUN_OPTIONS,
  profile: {
    value: false,
    help:
      "show at the end, or after Ctrl-C, where the time of a step went: each phase, of it what tfjs's kernels and " +
      "the JavaScript around them took, then the most expensive kernels; also in profile.json in the run's folder",
  },
} as const;

type Own = OptionValues<typeof OWN_OPTIONS>;

/** What a command line trains: those of the run that is resumed, or those that are named. */
async function specsOf({ resume, model, augmentation }: Own): Promise<Pick<RunSettings, "model" | "augmentation">> {
  if (resume !== "") return await savedSpecs(await lastCheckpoint(resume));
  return { model: await modelNamed(model), augmentation: await augmentationNamed(augmentation) };
}

export const SPEC = {
  name: "train",
  summary: "Trains a model on prepared shards.",
  examples: [
    "deno task train --model cnn --data data/quickdraw --train.epochs 5",
    "deno task train --resume runs/cnn-lstm-1",
  ],
  groups: {
    "": OWN_OPTIONS,
    model: async (own: Own) => (await specsOf(own)).model.options,
    train: LOOP_OPTIONS,
    augment: async (own: Own) => (await specsOf(own)).augmentation.options,
  },
} as const satisfies TaskSpec;

type Parsed = ParsedOptions<typeof SPEC["groups"]>;

/** The settings that a command line asks for. */
async function settingsOf({ values, groups }: Parsed): Promise<RunSettings> {
  const { data, seed, workers } = values;
  const { model, augmentation } = await specsOf(values);
  const folder = trimSlashes(values.run) || await freeFolder("runs", model.name);
  const rest = { modelOptions: groups.model, loop: groups.train, augment: groups.augment, seed, workers };
  try {
    return mergeSettings({ data, folder, model, augmentation, ...rest });
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new UsageError(`--augment: ${error.message}`);
  }
}

/** A spec as `options.json` names it. */
function referenceOf(spec: Spec, registered: Readonly<Record<string, Spec>>): string {
  return registered[spec.name] === spec ? spec.name : spec.url;
}

/** Opens the run that `--resume` names; a flag that contradicts it is refused. */
async function resumedRun(folder: string, args: readonly string[]): Promise<OpenRun> {
  const { path, resume } = await lastCheckpoint(folder);
  const saved = flatOptions(resume.state.settings, resume.state.backend);
  const parsed = await parseOptions(SPEC, ["--config", path, ...args], (file) => {
    if (file === path) return JSON.stringify(saved);
    throw new Error("a resumed run takes its options from its checkpoint");
  });
  const { model, augmentation } = parsed.values;
  const flat: typeof parsed.flat = {
    ...parsed.flat,
    model: model === saved.model ? model : referenceOf(await modelNamed(model), MODELS),
    augmentation: augmentation === saved.augmentation
      ? augmentation
      : referenceOf(await augmentationNamed(augmentation), AUGMENTATIONS),
  };
  for (const [name, value] of Object.entries(saved)) {
    if (name !== "run" && String(flat[name]) !== String(value)) {
      throw new UsageError(`${flagOf(name)} ${flat[name]} contradicts the run, which has ${value}`);
    }
  }
  return await reopenRun(folder, openBackend);
}

/** Opens a new run; where another takes the name that was free, in the next folder. */
async function newRun(parsed: Parsed, startBackend: () => Promise<BackendDescription>): Promise<OpenRun> {
  for (;;) {
    try {
      return await openRun(await settingsOf(parsed), startBackend);
    } catch (error) {
      if (!(error instanceof RunTaken) || parsed.values.run !== "") throw error;
    }
  }
}

/** Opens a new run, or the one that `--resume` names. */
export async function runOf(args: readonly string[]): Promise<OpenRun & { readonly profile?: Profile }> {
  const parsed = await parseOptions(SPEC, args);
  const { profile, workers, resume, backend } = parsed.values;
  const refuseWorkers = (workers: number) => {
    if (profile && workers > 1) throw new UsageError(`--profile watches one thread, found --workers ${workers}`);
  };
  refuseWorkers(workers);
  const run = resume === "" ? await newRun(parsed, () => openBackend(backend)) : await resumedRun(resume, args);
  try {
    refuseWorkers(run.settings.workers);
  } catch (error) {
    run.claim[Symbol.dispose]();
    throw error;
  }
  return profile ? { ...run, profile: new Profile() } : run;
}

/** The command: a new run, or `--resume`; Ctrl-C and SIGTERM finish the step at hand, save and say how to go on. */
export async function trainCommand(args: readonly string[]): Promise<TrainOutcome> {
  return await trainShown(await runOf(args));
}

/** Takes every step of a run, with progress and evaluations shown; Ctrl-C and SIGTERM end it in good order. */
export async function trainShown(run: OpenRun & { readonly profile?: Profile }): Promise<TrainOutcome> {
  using _claim = run.claim;
  using interrupt = new Interrupt();
  const { folder } = run.settings;
  const hint = () =>
    existsSync(`${folder}/last.safetensors`) ? `go on with: ${commandLine("train", ["--resume", folder])}` : undefined;
  using _hint = whenInterrupted(hint);
  const onPhase = (phase: TrainPhase): void => {
    interrupt.isHeard = phase === "training";
    whenInterrupted(hint); // there is a checkpoint now
    if (phase === "compiling") complain(`compiling  the programs for ${run.backend.device}`);
  };
  const outcome = await showTraining(run, train(run.settings, { ...run, signal: interrupt.signal, onPhase }));
  if (outcome.end === "interrupted") Deno.exitCode = interruptedCode();
  return outcome;
}

if (import.meta.main) await main("train", async (args) => void await trainCommand(args));
