/**
 * Trains and judges the rows of a report's table, and sets its numbers beside ours.
 *
 * @module
 */
import { InputError } from "../../pipelines/base/errors.ts";
import type { ShardIndex } from "../../pipelines/shards/shard_index.ts";
import { readShardIndex } from "../../pipelines/shards/shard_reader.ts";
import { baseName, findSources, sourceName } from "../../pipelines/sources/source.ts";
import { evaluate, type EvaluateSettings, type Judgement } from "../evaluation/evaluate.ts";
import type { Evaluation } from "../evaluation/judges.ts";
import { readEvaluation } from "../evaluation/read_evaluation.ts";
import { flagOf } from "../cli/option_values.ts";
import type { BackendDescription } from "../../models/backends/backend.ts";
import { prepare } from "../../pipelines/prepare/prepare.ts";
import { decimal } from "../cli/text.ts";
import type { Progress, ProgressOptions } from "../cli/progress.ts";
import { counted } from "../../pipelines/base/text.ts";
import { labelOf, type ReproduceRow, type ReproduceTable, stepsWithin } from "./table.ts";
import { type Reproduction, reproductionMarkdown, reproductionPage, type RowResult } from "./table_page.ts";
import { train, type TrainPhase } from "../training/train.ts";
import { flatOptions, lastCheckpoint, type OpenRun, openRun, reopenRun, savedSettings } from "../training/open_run.ts";
import { type Experiment, preparationOf, trainingOf } from "./experiment.ts";
import type { Dataset } from "../../pipelines/dataset.ts";
import { exists, writeAtomic } from "../../pipelines/base/files.ts";
import { writeEvaluation } from "../report/write_report.ts";

/** What {@linkcode reproduce} needs to know. */
export interface ReproduceSettings {
  readonly table: ReproduceTable;
  /** The folder of the rows' runs and of the table, to be made or gone on with. */
  readonly folder: string;
  /** Training steps of each row, 1 or more; of a row that has its own number no more than those. */
  readonly budget: number;
  /** Files, folders or globs; the dataset's embedded examples when empty. */
  readonly sources: readonly string[];
  /** What computes; it was started. */
  readonly backend: BackendDescription;
  /** Of the weights, the shuffle and the samples; 0 when left out. */
  readonly seed?: number;
  /**
   * Threads that share out each batch, 1 when left out; `auto` counts those that pay for each row that is begun. Where there
   * are more than one, evaluations take as many as pay.
   */
  readonly workers?: number | "auto";
}

/** What {@linkcode reproduce} tells while it goes on, and how it is stopped. */
export interface ReproduceWatcher {
  say(line: string): void;
  progress(options: ProgressOptions): Pick<Progress, "update" | "end">;
  readonly signal: AbortSignal;
  /** Is told when the training of a row begins, and when it waits for the compiler. */
  onPhase?(phase: TrainPhase): void;
}

/** Settings with the folder of prepared shards. */
interface Prepared extends ReproduceSettings {
  readonly data: string;
}

/** What a row came to, and whether that was done now. */
interface Result {
  readonly result: RowResult;
  readonly isNew: boolean;
}

/** Leads out of whatever was going on when the signal came. */
class Interruption extends Error {}

/**
 * Reproduces a table: first the classifier that reads the samples, where there is one, then row by row. Each has a run's
 * folder of its own, and what is done there is left as it is.
 * `table.md` and `table.html` are written after each row.
 *
 * @returns What there is, and whether it was interrupted.
 * @throws {InputError} When the sources cannot be used, or sources or options are not those that the folder was begun with.
 */
export async function reproduce(
  settings: ReproduceSettings,
  watcher: ReproduceWatcher,
): Promise<Reproduction & { readonly interrupted: boolean }> {
  const { table, folder, budget, sources } = settings;
  const results = new Map<string, RowResult>();
  const data = new Map<string, ShardIndex>();
  let classifier: Evaluation | undefined;
  const state = (): Reproduction => {
    const words = dataInWords([...data.values()], sources);
    return { table, budget, results, data: words, ...(classifier ? { classifier } : {}) };
  };
  try {
    if (table.classifier) {
      const { path } = await dataOf(table.classifier, settings, watcher);
      watcher.say(`classifier: ${table.classifier.model.name}, to read the samples of each row`);
      classifier = await classifierOf(table.classifier, { ...settings, data: path }, watcher);
    }
    for (const [i, row] of table.rows.entries()) {
      const { path, index } = await dataOf(row, settings, watcher);
      data.set(path, index);
      watcher.say(`row ${i + 1} of ${table.rows.length}: ${labelOf(table, row)}`);
      const { result, isNew } = await resultOf(row, { ...settings, data: path }, watcher);
      results.set(row.name, result);
      if (!isNew) watcher.say(`finished before: ${folder}/${row.name}`);
      if (isNew || i === table.rows.length - 1) {
        await writeAtomic(`${folder}/table.md`, reproductionMarkdown(state()));
        await writeAtomic(`${folder}/table.html`, reproductionPage(state()));
      }
    }
  } catch (error) {
    if (!(error instanceof Interruption)) throw error;
    return { ...state(), interrupted: true };
  }
  return { ...state(), interrupted: false };
}

/** Prepares the data of an experiment, or finds it prepared. */
async function dataOf(
  experiment: Experiment,
  { folder, sources }: ReproduceSettings,
  { progress, signal }: ReproduceWatcher,
): Promise<{ path: string; index: ShardIndex }> {
  const { dataset, options = {} } = experiment.data;
  const path = [`${folder}/data`, ...Object.values(options).flat()].join("-");
  if (await exists(`${path}/index.json`)) {
    const index = await readShardIndex(path);
    const embedded = dataset.embedded ? [decodeURIComponent(dataset.embedded.pathname)] : [];
    await checkSources(index, { dataset, sources: sources.length > 0 ? sources : embedded, path });
    return { path, index };
  }
  let shown: Pick<Progress, "update" | "end"> | undefined;
  try {
    const index = await prepare(preparationOf(experiment, path, sources), ({ records }) => {
      if (signal.aborted) throw new Interruption();
      shown ??= progress({ label: "preparing", unit: `${dataset.unit}s` });
      shown.update(records);
    });
    return { path, index };
  } finally {
    shown?.end();
  }
}

/**
 * Data that was prepared is used again only for the same sources.
 *
 * @throws {InputError} When it was made from others.
 */
export async function checkSources(
  index: ShardIndex,
  { dataset, sources, path }: {
    readonly dataset: Dataset;
    readonly sources: readonly string[];
    readonly path: string;
  },
): Promise<void> {
  const names = (files: readonly { name: string; bytes: number }[]) =>
    files.map(({ name, bytes }) => `${name} ${bytes}`).sort().join();
  const found = await findSources(sources, dataset.extensions, { small: dataset.smallFiles });
  if (names(found.map((source) => ({ name: sourceName(source), bytes: source.bytes ?? 0 }))) !== names(index.sources)) {
    throw new InputError(`data ${path}: made from other sources; --run names another folder`);
  }
}

/** What was trained on, in a sentence. */
function dataInWords(indexes: readonly ShardIndex[], sources: readonly string[]): string {
  const counts = indexes.map(({ classes, splits, dataset, unit }) => {
    return `${counted(splits.train.examples, unit)}${dataset === "mnist" ? "" : ` of ${classes.join(" and ")}`}`;
  });
  const origin = sources.length > 0
    ? `from ${sources.map(baseName).join(", ")}`
    : "from sources GENERATED for this project, not those of the report";
  return counts.length === 0 ? "Nothing was prepared yet." : `Trained on ${counts.join("; ")}, ${origin}.`;
}

/** Trains and judges a row as far as that was not done before. */
async function resultOf(row: ReproduceRow, settings: Prepared, watcher: ReproduceWatcher): Promise<Result> {
  const { budget, table } = settings;
  const classifier = row.draws === false ? undefined : table.classifier;
  const { nearestSamples = 0 } = row.judge ?? {};
  const folder = `${settings.folder}/${row.name}`;
  const steps = stepsWithin(budget, row);
  const run = await openExperiment(row, { ...settings, folder, steps });
  using _claim = run.claim;
  const [metrics, picture] = [`${folder}/metrics.json`, `${folder}/samples/samples.png`];
  if (await exists(metrics)) {
    const evaluation = await readEvaluation(metrics);
    const samples = await exists(picture) ? await Deno.readFile(picture) : undefined;
    const { step, split, generation, glyphs } = evaluation ?? {};
    const isWhole = (generation?.nearest?.samples ?? 0) === nearestSamples &&
      ((generation?.classes ?? glyphs?.read) === undefined) === (classifier === undefined) &&
      (generation === undefined) === (samples === undefined);
    if (evaluation !== undefined && step === steps && split === "test" && isWhole) {
      return { result: { evaluation, ...(samples ? { samples } : {}) }, isNew: false };
    }
  }
  await trainRun(run, watcher);
  const settled = { folder, split: "test", checkpoint: "last", ...row.judge, ...judged(settings) } as const;
  const reader = classifier ? { classifier: `${settings.folder}/${classifier.name}` } : {};
  const judgement = await judge({ ...settled, ...reader }, watcher);
  const samples = judgement.pictures.generation?.samples;
  if (samples) {
    await Deno.mkdir(`${folder}/samples`, { recursive: true });
    await writeAtomic(picture, samples);
  }
  await writeEvaluation(folder, judgement);
  return { result: { evaluation: judgement.evaluation, ...(samples ? { samples } : {}) }, isNew: true };
}

/** Trains and judges the classifier as far as that was not done before. */
async function classifierOf(
  experiment: Experiment,
  settings: Prepared,
  watcher: ReproduceWatcher,
): Promise<Evaluation> {
  const folder = `${settings.folder}/${experiment.name}`;
  const run = await openExperiment(experiment, { ...settings, folder });
  using _claim = run.claim;
  const metrics = `${folder}/metrics.json`;
  const isTrained = run.resume?.state.position.step === run.settings.loop.steps;
  const done = isTrained && await exists(metrics) ? await readEvaluation(metrics) : undefined;
  if (done) return done;
  await trainRun(run, watcher);
  const judgement = await judge({ folder, split: "test", ...judged(settings) }, watcher);
  await writeEvaluation(folder, judgement);
  return judgement.evaluation;
}

/** In how many threads a run is judged: as many as pay, where it may have several. Not every model takes a number. */
function judged({ workers = 1 }: ReproduceSettings): Pick<EvaluateSettings, "workers"> {
  return { workers: workers === 1 ? 1 : "auto" };
}

/** Judges a run, shown and stopped by the watcher. */
async function judge(settings: EvaluateSettings, { progress, signal }: ReproduceWatcher): Promise<Judgement> {
  let shown: Pick<Progress, "update" | "end"> | undefined;
  return await evaluate(settings, (done, total) => {
    if (signal.aborted) throw new Interruption();
    shown ??= progress({ label: "evaluating", unit: "examples", total });
    shown.update(done);
  }).finally(() => shown?.end());
}

/** Opens an experiment's run, new or begun before, which must have had the same options. */
async function openExperiment(
  experiment: Experiment,
  { folder, data, steps, backend, seed = 0, workers = 1 }: Prepared & { readonly steps?: number },
): Promise<OpenRun> {
  const settings = trainingOf(experiment, { data, folder, seed, workers, ...(steps === undefined ? {} : { steps }) });
  if (!await exists(`${folder}/last.safetensors`)) return await openRun(settings, () => Promise.resolve(backend));
  const { resume } = await lastCheckpoint(folder);
  const threads = settings.workers === "auto" ? resume.state.settings.workers : settings.workers;
  const wanted = flatOptions(await savedSettings({ ...settings, workers: threads }), backend.name);
  const found = flatOptions(resume.state.settings, resume.state.backend);
  for (const [name, value] of Object.entries(found)) {
    if (String(wanted[name]) === String(value)) continue;
    const flag = name === "train.steps" ? "--budget" : flagOf(name);
    const message = `${flag} ${wanted[name]} contradicts the run, which has ${value}`;
    throw new InputError(`run ${folder}: ${message}; another --run begins anew`);
  }
  return await reopenRun(folder, () => Promise.resolve(backend));
}

/** Trains a run to its last step. */
async function trainRun(run: OpenRun, { progress, signal, onPhase }: ReproduceWatcher): Promise<void> {
  const began = run.resume?.state.position.step ?? 0;
  if (began === run.settings.loop.steps) return;
  if (signal.aborted) throw new Interruption();
  const shown = progress({ label: "training", unit: "steps", total: run.settings.loop.steps - began });
  try {
    const lines = train(run.settings, { ...run, signal, ...(onPhase ? { onPhase } : {}) });
    let next = await lines.next();
    for (; !next.done; next = await lines.next()) {
      if (next.value.kind !== "step") continue;
      const { step, train } = next.value;
      shown.update(step - began, `loss ${decimal(train.loss)} nats`);
    }
    if (next.value.end === "interrupted") throw new Interruption();
  } finally {
    shown.end();
  }
}
