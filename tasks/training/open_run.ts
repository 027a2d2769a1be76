/**
 * From settings to a run that can start: checked against the data, with a folder or a checkpoint to go on from.
 *
 * @module
 */
import type { BackendDescription } from "../../models/backends/backend.ts";
import { type Checkpoint, faultyNumber } from "../../models/checkpoint.ts";
import type { ModelSpec } from "../../models/model_spec.ts";
import { learningRateAt } from "../../models/optimizers/schedule.ts";
import { InputError } from "../../pipelines/base/errors.ts";
import { exists, writeAtomic } from "../../pipelines/base/files.ts";
import type { OptionValue } from "../../pipelines/base/option_table.ts";
import { seal } from "../../pipelines/base/seal.ts";
import { grouped } from "../../pipelines/base/text.ts";
import type { DataDescription } from "../../pipelines/dataset.ts";
import type { Ranks } from "../../models/gradients/ranks.ts";
import type { ShardIndex } from "../../pipelines/shards/shard_index.ts";
import { checkBanks } from "../../pipelines/shards/bank.ts";
import { checkShards, readShardIndex } from "../../pipelines/shards/shard_reader.ts";
import type { Augmentation } from "../../pipelines/strokes/augmentation.ts";
import { AUGMENTATIONS } from "../../pipelines/strokes/augmentations.ts";
import { blankFrameNotes } from "../runs/blank_frames.ts";
import { cutExamples } from "../runs/cut_examples.ts";
import { type Change, continued, type Provenance, provenance } from "../runs/provenance.ts";
import { divergenceText, readDivergence } from "../runs/divergence.ts";
import { RunClaim } from "../runs/run_claim.ts";
import { checkData, checkSameData, describeData, measureData, readLearntIndex } from "../runs/run_data.ts";
import {
  checkRun,
  checkRunFolder,
  claimNewRun,
  loadRunCheckpoint,
  readOptions,
  saveCheckpoint,
} from "../runs/run_directory.ts";
import type { Position, RunState, SavedSettings } from "../runs/run_state.ts";
import { REGISTERED_MODELS } from "../runs/saved_model.ts";
import { mergeSettings, type RunSettings, type SettledSettings, stepsOf } from "../runs/settings.ts";
import { referenceTo, referred } from "../runs/spec_reference.ts";
import { writeAugmentSheet } from "./augment_sheet.ts";
import { checkAugmented, isAugmented } from "./augmented_fields.ts";
import { checkModel } from "./check_model.ts";
import {
  checkSameRun,
  type Continuation,
  type Crew,
  crewNotes,
  isOver,
  isSameCrew,
  lengthened,
} from "./continuation.ts";
import { inheritanceOf } from "./origin.ts";
import { rareClasses } from "./rare_classes.ts";
import { checkShares, settleWorkers } from "./settle_workers.ts";

/** A run that can start. */
export interface OpenRun {
  /** What it was, or is, started with. */
  readonly settings: SettledSettings;
  /** Why it has as many threads. */
  readonly whyWorkers: string;
  /** The processes that share out each batch, where these are several. */
  readonly ranks?: Ranks | undefined;
  /** The index of its data. */
  readonly index: ShardIndex;
  /** What the model is told of them. */
  readonly described: DataDescription;
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
 * Opens a new run: makes its folder, with `options.json` and, where drawings or images are changed, `augmented.png`.
 *
 * @param given All of the settings.
 * @param startBackend Is called once everything else is known to be right.
 * @param ranks The processes that are to share out each batch; this is the first of them.
 * @throws {InputError} When the data cannot be used, options and data do not go together, or the folder is taken: a
 * {@linkcode RunTaken} where it is another run's.
 */
export async function openRun(
  given: RunSettings,
  startBackend: () => Promise<BackendDescription>,
  ranks?: Ranks,
): Promise<OpenRun> {
  const { data, folder, model, augmentation, augment } = given;
  const index = await readShardIndex(data);
  const fields = checkData(index, given);
  checkAugmented(index, { model, fields, augmentation, augment });
  checkShares(given, index);
  await checkBanks(data, index, fields);
  await checkRunFolder(folder);
  const backend = await startBackend();
  const cut = cutExamples(given);
  const described = await measureData(index, given, cut?.see);
  const { classifies } = checkModel(given, described);
  const inherited = await inheritanceOf(given, index, described);
  const { settings, why: whyWorkers } = await settleWorkers(given, { index, described, ranks: ranks?.size });
  const claim = await claimNewRun(folder);
  try {
    const { statistics } = described;
    const about = {
      ...await provenance(backend),
      workers: whyWorkers,
      ...(ranks && ranks.size > 1 ? { ranks: ranks.size } : {}),
      ...(inherited ? { origin: inherited.origin } : {}),
      ...(statistics ? { statistics } : {}),
    };
    await writeOptions(settings, backend.name, about);
    if (isAugmented(settings)) await writeAugmentSheet(`${folder}/augmented.png`, settings, fields);
  } catch (error) {
    claim[Symbol.dispose]();
    throw error;
  }
  const notes = [
    ...inherited?.notes ?? [],
    ...blankFrameNotes(index, { fields, folder: data }),
    ...cut?.notes(index) ?? [],
    ...remarksOf(settings, index),
    ...rareClasses(index, remedyOf(settings, classifies)),
  ];
  return { settings, whyWorkers, ranks, index, described, backend, notes, claim };
}

/** What is to be said of a training that is as long as this one, by the model and of the learning rate. */
function remarksOf({ model, modelOptions, loop, from }: RunSettings, index: ShardIndex): readonly string[] {
  const steps = stepsOf(index.splits.train.examples, loop);
  const { warmupSteps, learningRate } = loop;
  const most = learningRateAt(steps - 1, steps, loop);
  const warmup =
    `the warm-up of ${grouped(warmupSteps)} steps is longer than the run's ${grouped(steps)}: the learning ` +
    `rate ends at ${most.toPrecision(3)}, not ${learningRate}`;
  const remarks = model.remarks?.(modelOptions, { steps, isBegun: from !== "" }) ?? [];
  return [...remarks, ...(warmupSteps > steps ? [warmup] : [])];
}

/** What helps where classes are rare, or what is done already. */
function remedyOf({ loop: { balance, classWeights } }: RunSettings, classifies: boolean): string {
  if (balance) return "all are drawn equally often";
  if (classWeights !== "none") return "the loss weights them up";
  return `--train.balance draws all equally often${
    classifies ? ", --train.class-weights balanced weights them up" : ""
  }`;
}

/** Writes what says of a run what it is. */
async function writeOptions(settings: SettledSettings, backend: string, about: Provenance): Promise<void> {
  const options = { ...flatOptions(await savedSettings(settings), backend), about };
  await writeAtomic(`${settings.folder}/options.json`, JSON.stringify(seal(options), null, 2) + "\n");
}

/**
 * The checkpoint that a run goes on from, and the path of its file.
 *
 * @throws {InputError} When it is not there, not whole, or holds numbers that are not finite.
 */
export async function lastCheckpoint(folder: string): Promise<{ resume: Checkpoint<RunState>; path: string }> {
  await checkRun(folder);
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
  { path, resume }: { readonly path: string; readonly resume: { readonly state: Pick<RunState, "settings"> } },
): Promise<Pick<RunSettings, "model" | "augmentation"> & { readonly notes: readonly string[] }> {
  const { settings } = resume.state;
  const model = await referred<ModelSpec>(settings.model, REGISTERED_MODELS, path);
  const augmentation = await referred<Augmentation>(settings.augmentation, REGISTERED_AUGMENTATIONS, path);
  const notes = [model.note, augmentation.note].filter((text) => text !== undefined);
  return { model: model.spec, augmentation: augmentation.spec, notes };
}

/**
 * Opens the run of a checkpoint, to go on with it. What changes is written to its checkpoints and its `options.json`, which
 * keeps what was before.
 *
 * @param folder The run's folder.
 * @param changes How long it takes now, where its data lies, and what computes it; as it was when left out.
 * @throws {InputError} When it cannot be gone on with, or its data are not those that it was trained on.
 */
export async function reopenRun(
  folder: string,
  startBackend: (name: string) => Promise<BackendDescription>,
  changes: Continuation = {},
): Promise<OpenRun> {
  const place = folder.replace(/\/+$/, "");
  await lastCheckpoint(place); // before a file is made in the folder
  const claim = await RunClaim.of(place);
  try {
    const { path, resume } = await lastCheckpoint(place);
    const { model, augmentation, notes } = await savedSpecs({ path, resume });
    const before = mergeSettings({ ...resume.state.settings, folder: place, model, augmentation });
    const written = await readOptions(place); // undefined of a script's run
    const own = { ...before, workers: resume.state.settings.workers };
    if (written) checkSameRun(flatOptions(await savedSettings(own), resume.state.backend), written, path);
    const data = changes.data ?? before.data;
    const index = changes.data === undefined ? await readLearntIndex({ data, folder }) : await readShardIndex(data);
    checkSameData(index, { data, folder, learnt: resume.state.data });
    await checkBanks(data, index, checkData(index, before));
    if (data !== before.data) await checkShards(data, index);
    const diverged = await readDivergence(place);
    const { position: reached, forgotten } = await withBest(place, resume.state.position);
    const examples = index.splits.train.examples;
    if (reached.seen >= examples) {
      throw new InputError(
        `checkpoint ${path}: its position has seen ${reached.seen} examples of an epoch, which has ${examples}`,
      );
    }
    const { loop, position, notes: news } = lengthened(
      { folder, loop: before.loop, position: reached, examples },
      changes.loop,
    );
    const backend = await startBackend(changes.backend ?? resume.state.backend);
    const described = describeAgain(index, resume);
    const had = crewOf(resume.state);
    const trains = !isOver(position, { examples, loop });
    const by = trains ? backend.name : had.backend; // what only judges changes nothing
    const workers = changes.workers ?? (by === had.backend ? had.workers : "auto");
    const given = { ...before, data, loop, workers };
    const { ranks } = changes;
    const { settings, why } = await settleWorkers(given, {
      ...{ index, described, ranks: ranks?.size, taken: position.step },
    });
    const whyWorkers = settings.workers === had.workers ? "as the run has had" : why;
    const now: Crew = { ranks: ranks?.size ?? 1, workers: settings.workers, backend: by };
    const saved = await savedSettings(settings);
    const state = stateOf({ ...resume.state, settings: saved, backend: by, position }, now.ranks);
    const isChanged = data !== before.data || loop !== before.loop || !isSameCrew(now, had);
    await recordChanges(state, { whyWorkers, isChanged });
    if (trains) await recordMachine(place, { backend, step: position.step });
    return {
      ...{ settings, whyWorkers, ranks, index, described, claim },
      backend: backend.name === had.backend ? { ...backend, why: "as the run has had" } : backend,
      resume: { ...resume, state },
      notes: [
        ...[...notes, ...(diverged === undefined ? [] : [againText(diverged, position.step)]), ...forgotten, ...news],
        ...[...crewNotes(now, had, position.step), ...remarksOf(settings, index)],
      ],
    };
  } catch (error) {
    claim[Symbol.dispose]();
    throw error;
  }
}

/** What is said of a run that has diverged and goes on. */
function againText(reason: string, step: number): string {
  return `${divergenceText(reason)}; from step ${
    grouped(step)
  } on the same steps lead there again: a new run may do with ` +
    "another --train.learning-rate or --seed";
}

const crewOf = ({ ranks = 1, settings: { workers }, backend }: RunState): Crew => ({ ranks, workers, backend });

/** A state of so many processes. */
function stateOf({ ranks: _, ...state }: RunState, ranks: number): RunState {
  return ranks === 1 ? state : { ...state, ranks };
}

/** A run's position; where its best weights are gone, as if there had been none yet, and a sentence that says so. */
async function withBest(
  folder: string,
  position: Position,
): Promise<{ readonly position: Position; readonly forgotten: readonly string[] }> {
  const path = `${folder}/best.safetensors`;
  if (position.best === null || await exists(path)) return { position, forgotten: [] };
  return {
    position: { ...position, best: null, sinceBest: 0 },
    forgotten: [`${path}: not there any more; the next evaluation counts as the best`],
  };
}

/**
 * Writes what changes in a run that goes on: its checkpoints say where the data is, the last how long it takes, in how many
 * threads and processes, and with what. The last is written last: of what was killed before, the next does the rest.
 */
async function recordChanges(
  after: RunState,
  { whyWorkers, isChanged }: { readonly whyWorkers: string; readonly isChanged: boolean },
): Promise<void> {
  const { settings, backend, position } = after;
  const { folder, data } = settings;
  const written = await readOptions(folder); // undefined of a script's run
  const options = written && changedOptions(written, { after, whyWorkers });
  if (!isChanged && options === undefined) return;
  const [best, last] = ["best", "last"].map((name) => `${folder}/${name}.safetensors`);
  if (await exists(best)) {
    const { tensors, state } = await loadRunCheckpoint(best);
    if (state.settings.data !== data) {
      await saveCheckpoint(best, { tensors, state: { ...state, settings: { ...state.settings, data } } });
    }
  }
  if (options !== undefined) await writeAtomic(`${folder}/options.json`, JSON.stringify(seal(options), null, 2) + "\n");
  if (!isChanged) return;
  const { tensors, state } = await loadRunCheckpoint(last);
  const { loop, workers } = settings;
  const changed = { ...state, backend, position, settings: { ...state.settings, data, loop, workers } };
  await saveCheckpoint(last, { tensors, state: stateOf(changed, after.ranks ?? 1) });
}

/** The content of `options.json` with what is otherwise now, and what was before; undefined where nothing is. */
function changedOptions(
  written: Readonly<Record<string, OptionValue>>,
  { after, whyWorkers }: { readonly after: RunState; readonly whyWorkers: string },
): Readonly<Record<string, unknown>> | undefined {
  const { settings, backend, position: { step }, ranks = 1 } = after;
  const is = flatOptions(settings, backend);
  const old = Object.entries(written).filter(([name, value]) =>
    name !== "run" && Object.hasOwn(is, name) && String(is[name]) !== String(value)
  );
  const about = written.about as unknown as Provenance | undefined;
  const { ranks: had = 1 } = about ?? {};
  if (old.length === 0 && ranks === had) return undefined;
  const before = { ...Object.fromEntries(old), ...(ranks === had ? {} : { ranks: had }) };
  const change: Change = { date: new Date().toISOString(), step, before };
  const why = {
    ...(Object.hasOwn(before, "workers") ? { workers: whyWorkers } : {}),
    ...(ranks === had ? {} : { ranks }),
  };
  return { ...written, ...is, about: { ...about, ...why, changes: [about?.changes ?? [], change].flat() } };
}

/** Writes by what a run goes on, where that is not as before. */
async function recordMachine(
  folder: string,
  { backend, step }: { readonly backend: BackendDescription; readonly step: number },
): Promise<void> {
  const written = await readOptions(folder);
  const before = written?.about as unknown as Provenance | undefined;
  if (before === undefined) return; // a script's run
  const about = continued(before, await provenance(backend), step);
  if (about === undefined) return;
  await writeAtomic(`${folder}/options.json`, JSON.stringify(seal({ ...written, about }), null, 2) + "\n");
}

/** What a model is told of its data when it goes on: what was measured once stays. */
export function describeAgain(index: ShardIndex, { state }: Checkpoint<RunState>): DataDescription {
  const { statistics } = state.data;
  return { ...describeData(index), ...(statistics ? { statistics } : {}) };
}

/** Settings as a checkpoint holds them. */
export async function savedSettings({ model, augmentation, ...rest }: SettledSettings): Promise<SavedSettings> {
  return {
    ...rest,
    model: await referenceTo(model, REGISTERED_MODELS),
    augmentation: await referenceTo(augmentation, REGISTERED_AUGMENTATIONS),
  };
}

/** Settings under the names of the flags: what `options.json` holds and `--config` reads. */
export function flatOptions(settings: SavedSettings, backend: string): Record<string, OptionValue> {
  const { data, folder, from, seed, workers, modelOptions, loop, augment } = settings;
  const [model, augmentation] = [settings.model, settings.augmentation].map(({ name, url }) => url ?? name);
  const grouped = Object.entries({ model: modelOptions, train: loop, augment }).flatMap(([prefix, group]) =>
    Object.entries(group).map(([name, value]) => [`${prefix}.${name}`, value])
  );
  return { model, augmentation, data, run: folder, from, backend, workers, seed, ...Object.fromEntries(grouped) };
}
