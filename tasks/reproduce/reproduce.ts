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
import { counted, grouped } from "../../pipelines/base/text.ts";
import type { OptionTable, PartialOptions } from "../../pipelines/base/option_table.ts";
import { checkRow, type PreparedData, workersOf } from "./row_data.ts";
import { labelOf, type ReproduceRow, type ReproduceTable, rowSteps } from "./table.ts";
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
  /** Those of {@linkcode ReproduceTable.options} that are told; none when left out. */
  readonly options?: PartialOptions<OptionTable>;
  /** What computes; it was started. */
  readonly backend: BackendDescription;
  /** Of the weights, the shuffle and the samples; 0 when left out. */
  readonly seed?: number;
  /**
   * Threads that share out each batch, 1 when left out; `auto` counts those that pay for each row that is begun. Rows whose
   * batches cannot be shared out take 1. Where there are more than one, evaluations take as many as pay.
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

/** What a row needs, too. */
interface RowPlace extends Prepared {
  /** Its training examples. */
  readonly examples: number;
  /** The run that reads samples; missing where there is none. */
  readonly reader?: string;
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
  const data = new Map<string, PreparedData>();
  const remarks = new Set<string>();
  const dataPictures = new Map<string, Uint8Array>();
  let classifier: Evaluation | undefined;
  const state = (): Reproduction => ({
    ...{ table, budget, results, remarks: [...remarks], dataPictures: [...dataPictures.values()] },
    data: dataInWords([...new Map([...data.values()].map(({ path, index }) => [path, index])).values()], sources),
    examples: new Map([...data].map(([name, { index }]) => [name, index.splits.train.examples])),
    ...(classifier ? { classifier } : {}),
  });
  /** The data of an experiment, of which is told what is to be known. */
  const prepared = async (experiment: Experiment) => {
    const found = await dataOf(experiment, settings, watcher);
    for (const note of notesOf(found.index, settings)) {
      if (!remarks.has(note)) watcher.say(`note: ${note}`);
      remarks.add(note);
    }
    return found;
  };
  let reader: string | undefined;
  try {
    for (const row of table.rows) {
      const found = await prepared(row);
      checkRow(row, table, found);
      data.set(row.name, found);
      const sheet = `${found.path}/contact_sheet.png`;
      if (table.showsData && await exists(sheet)) dataPictures.set(sheet, await Deno.readFile(sheet));
    }
    if (table.classifier) {
      const { path, index } = await prepared(table.classifier);
      const [name] = index.classes;
      if (index.classes.length === 1) {
        const why = `No classifier reads samples, for there is one class alone, ${name}; its figures are left out.`;
        watcher.say(why);
        remarks.add(why);
      } else {
        watcher.say(`classifier: ${table.classifier.model.name}, to read the samples of each row`);
        classifier = await classifierOf(table.classifier, { ...settings, data: path }, watcher);
        reader = `${folder}/${table.classifier.name}`;
      }
    }
    for (const [i, row] of table.rows.entries()) {
      watcher.say(`row ${i + 1} of ${table.rows.length}: ${labelOf(table, row)}`);
      const found = data.get(row.name)!;
      const place = {
        ...{ ...settings, data: found.path, examples: found.index.splits.train.examples },
        ...{ workers: workersOf(row, found, settings.workers), ...(reader ? { reader } : {}) },
      };
      const { result, isNew } = await resultOf(row, place, watcher);
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

/** The notes of prepared data, in which the options that can be told here are called as they are here. */
function notesOf({ notes = [] }: ShardIndex, { table }: ReproduceSettings): string[] {
  return notes.map((note) =>
    Object.keys(table.options ?? {}).reduce(
      (text, option) =>
        text.replaceAll(new RegExp(`${flagOf(option)}(?![\\w-])`, "g"), flagOf(`${table.name}.${option}`)),
      note,
    )
  );
}

/** Prepares the data of an experiment, or finds it prepared. */
async function dataOf(
  experiment: Experiment,
  { table, folder, sources, options: told = {} }: ReproduceSettings,
  { progress, signal }: ReproduceWatcher,
): Promise<PreparedData> {
  const { dataset, options = {} } = experiment.data;
  const path = [`${folder}/data`, ...Object.values(options).flat()].join("-");
  if (await exists(`${path}/index.json`)) {
    const index = await readShardIndex(path);
    const embedded = dataset.embedded ? [decodeURIComponent(dataset.embedded.pathname)] : [];
    await checkSources(index, { dataset, sources: sources.length > 0 ? sources : embedded, path });
    for (const [name, value] of Object.entries(told)) {
      const found = index.options[name];
      if (String(found) === String(value)) continue;
      const message = `${flagOf(`${table.name}.${name}`)} ${value} contradicts the data, which has ${found}`;
      throw new InputError(`data ${path}: ${message}; another --run begins anew`);
    }
    return { path, index };
  }
  let shown: Pick<Progress, "update" | "end"> | undefined;
  try {
    const wanted = { ...experiment, data: { ...experiment.data, options: { ...options, ...told } } };
    const index = await prepare(preparationOf(wanted, path, sources), ({ records }) => {
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

/** Classes whose names are told. */
const MOST_NAMED = 6;

/** What was trained on, in a sentence. */
function dataInWords(indexes: readonly ShardIndex[], sources: readonly string[]): string {
  const counts = indexes.map(({ classes, splits, dataset, unit }) => {
    const named = classes.length > MOST_NAMED ? `${grouped(classes.length)} classes` : classes.join(" and ");
    return `${counted(splits.train.examples, unit)}${dataset === "mnist" ? "" : ` of ${named}`}`;
  });
  const origin = sources.length > 0
    ? `from ${sources.map(baseName).join(", ")}`
    : "from sources GENERATED for this project, not those of the report";
  return counts.length === 0 ? "Nothing was prepared yet." : `Trained on ${counts.join("; ")}, ${origin}.`;
}

/** Trains and judges a row as far as that was not done before. */
async function resultOf(row: ReproduceRow, settings: RowPlace, watcher: ReproduceWatcher): Promise<Result> {
  const { budget, table, examples } = settings;
  const reader = row.draws === false ? undefined : settings.reader;
  const { nearestSamples = 0 } = row.judge ?? {};
  const folder = `${settings.folder}/${row.name}`;
  const { taken: steps } = rowSteps(row, { table, budget, examples });
  const run = await openExperiment(row, { ...settings, folder, steps });
  using _claim = run.claim;
  const metrics = `${folder}/metrics.json`;
  const evaluation = await exists(metrics) ? await readEvaluation(metrics) : undefined;
  if (evaluation !== undefined) {
    const pictures = await picturesIn(folder, table, evaluation);
    const { step, split, generation, glyphs } = evaluation;
    const { nearest, copies } = generation ?? {}; // no nearest of colours, no copies of what was judged long ago
    const isWhole = (nearest?.samples ?? copies?.samples ?? 0) === nearestSamples &&
      ((generation?.classes ?? glyphs?.read) === undefined) === (reader === undefined) &&
      table.pictures.every(({ name, isOf }) => Object.hasOwn(pictures, name) || !isOf(evaluation));
    if (step === steps && split === "test" && isWhole) return { result: { evaluation, pictures }, isNew: false };
  }
  await trainRun(run, watcher);
  const settled = { folder, split: "test", checkpoint: "last", ...row.judge, ...judged(settings) } as const;
  const judgement = await judge({ ...settled, ...(reader ? { classifier: reader } : {}) }, watcher);
  for (const { name, of } of table.pictures) {
    const picture = of(judgement.pictures);
    if (picture === undefined) continue;
    await Deno.mkdir(`${folder}/samples`, { recursive: true });
    await writeAtomic(pictureFile(folder, name), picture);
  }
  await writeEvaluation(folder, judgement);
  const { evaluation: found } = judgement;
  return { result: { evaluation: found, pictures: await picturesIn(folder, table, found) }, isNew: true };
}

const pictureFile = (folder: string, name: string): string => `${folder}/samples/${name}.png`;

/** Those of a table's pictures that a run has: it was judged so, and their files are there. */
async function picturesIn(
  folder: string,
  { pictures }: ReproduceTable,
  evaluation: Evaluation,
): Promise<Readonly<Record<string, Uint8Array>>> {
  const found: Record<string, Uint8Array> = {};
  for (const { name, isOf } of pictures) {
    const file = pictureFile(folder, name);
    if (isOf(evaluation) && await exists(file)) found[name] = await Deno.readFile(file);
  }
  return found;
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
