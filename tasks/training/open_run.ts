/**
 * From the command line of `deno task train` to a run that can start: options, backend, folder, checkpoint.
 *
 * @module
 */
import type { Checkpoint } from "../../models/checkpoint.ts";
import { IN_MEMORY } from "../../models/gradients/shared_values.ts";
import { augments, checkAugmentOptions } from "../../pipelines/strokes/augment.ts";
import { InputError } from "../../pipelines/base/errors.ts";
import { defaultsOf, type OptionValue } from "../../pipelines/base/option_table.ts";
import { Prng } from "../../pipelines/base/prng.ts";
import type { ShardIndex } from "../../pipelines/shards/shard_index.ts";
import { readShardIndex } from "../../pipelines/shards/shard_reader.ts";
import { writeAugmentSheet } from "./augment_sheet.ts";
import { flagOf, type ParsedOptions, parseOptions, UsageError } from "../cli/options.ts";
import { Profile } from "./profile.ts";
import { freeFolder, loadCheckpoint } from "../runs/run_directory.ts";
import { checkData, dataIdentity, dataShapeOf, type RunState } from "../runs/run_state.ts";
import { TRAIN_SPEC } from "./train_options.ts";
import type { BackendDescription } from "../../models/backends/backend.ts";
import { MODELS } from "../../models/zoo/registry.ts";
import { exists, writeAtomic } from "../../pipelines/base/files.ts";
import { LOOP_OPTIONS, type TrainSettings } from "../runs/settings.ts";
import { openBackend } from "../cli/backend_option.ts";

/** A run that can start. */
export interface OpenRun {
  readonly settings: TrainSettings;
  readonly index: ShardIndex;
  readonly backend: BackendDescription;
  /** The checkpoint to go on from, of a run that is resumed. */
  readonly resume?: Checkpoint<RunState>;
  /** Finds out where the time goes, with `--profile`. */
  readonly profile?: Profile;
}

type Parsed = ParsedOptions<typeof TRAIN_SPEC["groups"]>;

/**
 * Opens a new run, or the one that `--resume` names.
 *
 * @throws {UsageError} When an option is wrong, or contradicts the run that is resumed.
 * @throws {InputError} When the data or the checkpoint cannot be used, or the new run's folder is taken.
 */
export async function openRun(args: readonly string[]): Promise<OpenRun> {
  const parsed = parseOptions(TRAIN_SPEC, args);
  const { profile, workers, resume } = parsed.values;
  const refuseWorkers = (workers: number) => {
    if (profile && workers > 1) throw new UsageError(`--profile watches one thread, found --workers ${workers}`);
  };
  refuseWorkers(workers);
  const run = resume === "" ? await newRun(parsed) : await resumedRun(resume, args);
  refuseWorkers(run.settings.workers ?? 1);
  return profile ? { ...run, profile: new Profile() } : run;
}

async function newRun(parsed: Parsed): Promise<OpenRun> {
  const { values, groups } = parsed;
  try {
    checkAugmentOptions(groups.augment);
  } catch (error) {
    throw new UsageError(`--augment.scale: ${(error as Error).message}`);
  }
  const index = await readShardIndex(values.data);
  const spec = MODELS[values.model];
  checkData(index, spec, values.data);
  if (augments(groups.augment) && !spec.fields.includes("stroke_index")) {
    throw new UsageError(`--augment changes strokes, which ${spec.name} does not read`);
  }
  const folder = values.run.replace(/\/+$/, "") || await freeFolder("runs", values.model);
  if (await exists(`${folder}/last.safetensors`)) {
    throw new InputError(`run ${folder}: already there; --resume ${folder} goes on with it, --run names another`);
  }
  const settings = settingsOf(parsed, folder);
  const backend = await openBackend(values.backend);
  if (values.workers > 1 && !IN_MEMORY.includes(backend.name)) {
    throw new UsageError(`--workers ${values.workers}: ${backend.name} takes 1; --backend wasm takes more`);
  }
  checkModel(settings, index);
  await Deno.mkdir(folder, { recursive: true });
  await writeAtomic(`${folder}/options.json`, JSON.stringify(flatOptions(settings, backend.name), null, 2) + "\n");
  if (augments(groups.augment)) await writeAugmentSheet(`${folder}/augmented.png`, settings);
  return { settings, index, backend };
}

async function resumedRun(folder: string, args: readonly string[]): Promise<OpenRun> {
  const path = `${folder.replace(/\/+$/, "")}/last.safetensors`;
  const resume = await loadCheckpoint<RunState>(path);
  const { loop } = resume.state.settings;
  // A run that began before an option was there has its default.
  const begun: TrainSettings = { ...resume.state.settings, loop: { ...defaultsOf(LOOP_OPTIONS), ...loop } };
  const saved = flatOptions(begun, resume.state.backend);
  const parsed = parseOptions(TRAIN_SPEC, ["--config", path, ...args], (file) => {
    if (file === path) return JSON.stringify(saved);
    throw new Error("a resumed run takes its options from its checkpoint");
  });
  for (const [name, value] of Object.entries(saved)) {
    if (String(parsed.flat[name]) !== String(value)) {
      throw new UsageError(`${flagOf(name)} ${parsed.flat[name]} contradicts the run, which has ${value}`);
    }
  }
  const settings = { ...begun, folder: folder.replace(/\/+$/, "") };
  const index = await readShardIndex(settings.data);
  if (dataIdentity(index) !== resume.state.data.identity) {
    throw new InputError(`data ${settings.data}: not the shards that ${folder} was trained on`);
  }
  return { settings, index, backend: await openBackend(resume.state.backend), resume };
}

/** Builds the model once, before anything is written, to see whether its options and the data go together. */
function checkModel({ model, modelOptions, seed }: TrainSettings, index: ShardIndex): void {
  try {
    MODELS[model].build(modelOptions, dataShapeOf(index, MODELS[model]), new Prng(seed)).dispose();
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new UsageError(`--model ${model}: ${error.message}`);
  }
}

function settingsOf({ values, groups }: Parsed, folder: string): TrainSettings {
  const { data, model, seed, workers } = values;
  return {
    data,
    folder,
    model,
    modelOptions: groups.model,
    loop: groups.train,
    augment: groups.augment,
    seed,
    workers,
  };
}

/** Settings under the names of the flags: what `options.json` holds and `--config` reads. */
function flatOptions(settings: TrainSettings, backend: string): Record<string, OptionValue> {
  const { data, folder, model, seed, workers = 1, modelOptions, loop, augment } = settings;
  const grouped = Object.entries({ model: modelOptions, train: loop, augment }).flatMap(([prefix, group]) =>
    Object.entries(group).map(([name, value]) => [`${prefix}.${name}`, value])
  );
  return { model, data, run: folder, backend, workers, seed, ...Object.fromEntries(grouped) };
}
