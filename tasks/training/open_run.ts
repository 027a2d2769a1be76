/**
 * From settings to a run that can start: checked against the data, with a folder or a checkpoint to go on from.
 *
 * @module
 */
import type { BackendDescription } from "../../models/backends/backend.ts";
import { type Checkpoint, faultyNumber } from "../../models/checkpoint.ts";
import { IN_MEMORY } from "../../models/gradients/shared_values.ts";
import { checkParts, type ModelSpec } from "../../models/model.ts";
import { InputError } from "../../pipelines/base/errors.ts";
import { writeAtomic } from "../../pipelines/base/files.ts";
import type { OptionValue } from "../../pipelines/base/option_table.ts";
import { Prng } from "../../pipelines/base/prng.ts";
import { seal } from "../../pipelines/base/seal.ts";
import type { ShardIndex } from "../../pipelines/shards/shard_index.ts";
import { readShardIndex } from "../../pipelines/shards/shard_reader.ts";
import type { Augmentation } from "../../pipelines/strokes/augmentation.ts";
import { AUGMENTATIONS } from "../../pipelines/strokes/augmentations.ts";
import { provenance } from "../runs/provenance.ts";
import { RunClaim } from "../runs/run_claim.ts";
import { checkRunFolder, loadRunCheckpoint } from "../runs/run_directory.ts";
import { checkData, dataIdentity, describeData, type RunState, type SavedSettings } from "../runs/run_state.ts";
import { REGISTERED_MODELS } from "../runs/saved_model.ts";
import { mergeSettings, type RunSettings } from "../runs/settings.ts";
import { referenceTo, referred } from "../runs/spec_reference.ts";
import { writeAugmentSheet } from "./augment_sheet.ts";

/** A run that can start. */
export interface OpenRun {
  /** What it was, or is, started with. */
  readonly settings: RunSettings;
  /** The index of its data. */
  readonly index: ShardIndex;
  /** What computes. */
  readonly backend: BackendDescription;
  /** The checkpoint to go on from, of a run that is resumed. */
  readonly resume?: Checkpoint<RunState>;
  /** What is worth saying before it starts. */
  readonly notes: readonly string[];
  /** Keeps others from the folder; {@linkcode train} ends it, and whoever does not come so far. */
  readonly claim: Disposable;
}

/** The built-in augmentations, for references. */
const REGISTERED_AUGMENTATIONS = { what: "augmentation", specs: AUGMENTATIONS } as const;

/**
 * Opens a new run: makes its folder, with `options.json` and, where drawings are changed, `augmented.png`.
 *
 * @param settings All of them.
 * @param startBackend Is called once everything else is known to be right.
 * @throws {InputError} When the data cannot be used, options and data do not go together, or the folder is taken: a
 * {@linkcode RunTaken} where it is another run's.
 */
export async function openRun(
  settings: RunSettings,
  startBackend: () => Promise<BackendDescription>,
): Promise<OpenRun> {
  const { data, folder, model, augmentation, augment, workers } = settings;
  const index = await readShardIndex(data);
  checkData(index, model, data);
  if (augmentation.changes(augment) && !model.fields.some((name) => ["stroke_index", "stroke3"].includes(name))) {
    throw new InputError(`--augment changes strokes, which ${model.name} does not read`);
  }
  await checkRunFolder(folder);
  const backend = await startBackend();
  if (workers > 1 && !IN_MEMORY.includes(backend.name)) {
    throw new InputError(`--workers ${workers}: ${backend.name} takes 1; --backend wasm takes more`);
  }
  checkModel(settings, index);
  await Deno.mkdir(folder, { recursive: true });
  const claim = await RunClaim.of(folder);
  try {
    await checkRunFolder(folder); // another may have trained in it meanwhile
    await writeOptions(settings, backend);
  } catch (error) {
    claim[Symbol.dispose]();
    throw error;
  }
  return { settings, index, backend, notes: [], claim };
}

/** Writes what says of a run what it is. */
async function writeOptions(settings: RunSettings, backend: BackendDescription): Promise<void> {
  const { folder, augmentation, augment } = settings;
  const options = { ...flatOptions(await savedSettings(settings), backend.name), about: await provenance(backend) };
  await writeAtomic(`${folder}/options.json`, JSON.stringify(seal(options), null, 2) + "\n");
  if (augmentation.changes(augment)) await writeAugmentSheet(`${folder}/augmented.png`, settings);
}

/**
 * The checkpoint that a run goes on from, and the path of its file.
 *
 * @throws {InputError} When it is not there, not whole, or holds numbers that are not finite.
 */
export async function lastCheckpoint(folder: string): Promise<{ resume: Checkpoint<RunState>; path: string }> {
  const path = `${folder.replace(/\/+$/, "")}/last.safetensors`;
  const resume = await loadRunCheckpoint(path);
  const fault = faultyNumber(resume.tensors);
  if (fault !== undefined) throw new InputError(`checkpoint ${path}: ${fault}: there is no going on from it`);
  return { path, resume };
}

/**
 * The model and the augmentation of a checkpoint.
 *
 * @returns Them, and a sentence for each whose module is not what it was.
 * @throws {InputError} When one is not there.
 */
export async function savedSpecs(
  { path, resume }: { readonly path: string; readonly resume: Checkpoint<RunState> },
): Promise<Pick<RunSettings, "model" | "augmentation"> & { readonly notes: readonly string[] }> {
  const { settings } = resume.state;
  const model = await referred<ModelSpec>(settings.model, REGISTERED_MODELS, path);
  const augmentation = await referred<Augmentation>(settings.augmentation, REGISTERED_AUGMENTATIONS, path);
  const notes = [model.note, augmentation.note].filter((text) => text !== undefined);
  return { model: model.spec, augmentation: augmentation.spec, notes };
}

/**
 * Opens the run of a checkpoint, to go on with it.
 *
 * @param folder The run's folder.
 * @throws {InputError} When it cannot be gone on with, or its data are not those that it was trained on.
 */
export async function reopenRun(
  folder: string,
  startBackend: (name: string) => Promise<BackendDescription>,
): Promise<OpenRun> {
  const place = folder.replace(/\/+$/, "");
  await lastCheckpoint(place); // before a file is made in the folder
  const claim = await RunClaim.of(place);
  try {
    const { path, resume } = await lastCheckpoint(place);
    const { model, augmentation, notes } = await savedSpecs({ path, resume });
    const settings = mergeSettings({ ...resume.state.settings, folder: place, model, augmentation });
    const index = await readShardIndex(settings.data);
    if (dataIdentity(index) !== resume.state.data.identity) {
      throw new InputError(`data ${settings.data}: not the shards that ${folder} was trained on`);
    }
    return { settings, index, backend: await startBackend(resume.state.backend), resume, notes, claim };
  } catch (error) {
    claim[Symbol.dispose]();
    throw error;
  }
}

/** Builds the model once, before anything is written, to see whether its options and the data go together. */
function checkModel({ model, modelOptions, seed }: RunSettings, index: ShardIndex): void {
  try {
    const built = model.build(modelOptions, describeData(index), new Prng(seed));
    checkParts(built);
    built.dispose();
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new InputError(`--model ${model.name}: ${error.message}`);
  }
}

/** Settings as a checkpoint holds them. */
export async function savedSettings({ model, augmentation, ...rest }: RunSettings): Promise<SavedSettings> {
  return {
    ...rest,
    model: await referenceTo(model, REGISTERED_MODELS),
    augmentation: await referenceTo(augmentation, REGISTERED_AUGMENTATIONS),
  };
}

/** Settings under the names of the flags: what `options.json` holds and `--config` reads. */
export function flatOptions(settings: SavedSettings, backend: string): Record<string, OptionValue> {
  const { data, folder, seed, workers, modelOptions, loop, augment } = settings;
  const [model, augmentation] = [settings.model, settings.augmentation].map(({ name, url }) => url ?? name);
  const grouped = Object.entries({ model: modelOptions, train: loop, augment }).flatMap(([prefix, group]) =>
    Object.entries(group).map(([name, value]) => [`${prefix}.${name}`, value])
  );
  return { model, augmentation, data, run: folder, backend, workers, seed, ...Object.fromEntries(grouped) };
}
