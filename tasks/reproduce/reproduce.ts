/**
 * Trains and judges the rows of a report's table, and sets its numbers beside ours.
 *
 * @module
 */
import { writeAtomic } from "../../pipelines/base/files.ts";
import type { BackendDescription } from "../../models/backends/backend.ts";
import { classifierOf, classifierSteps } from "./classifier.ts";
import type { WorkWatcher } from "./experiment_run.ts";
import { Interruption } from "./interruption.ts";
import { chosenJobs, type TableJob } from "./jobs.ts";
import { dataOf, type PreparedData } from "./prepared_data.ts";
import { collect, type Collected, dataSettings, notesOf, readerIn } from "./collect.ts";
import type { TableSettings } from "./reproduce_settings.ts";
import { checkRow } from "./row_data.ts";
import { settleRow } from "./row_run.ts";
import { settleAll } from "./settle_all.ts";
import { labelOf, rowSteps } from "./table.ts";
import { reproductionPage } from "./table_page.ts";
import { reproductionMarkdown } from "./table_text.ts";

/** What {@linkcode reproduce} needs to know. */
export interface ReproduceSettings extends TableSettings {
  /** What computes; it was started. */
  readonly backend: BackendDescription;
}

/**
 * Reproduces a table, or some of its rows: first the classifier that reads the samples, where there is one, then row by
 * row. Each has a run's folder of its own, and what is done there is left as it is. Several processes may do so in one
 * folder at once: what one is at, others pass over, and wait for in the end.
 * `table.md` and `table.html` are written after each row; where rows were chosen, when all of the table are there.
 *
 * @returns What there is, and whether it was interrupted.
 * @throws {InputError} When the sources cannot be used, there is no row of a name, or sources or options are not those that
 * the folder was begun with.
 */
export async function reproduce(
  settings: ReproduceSettings,
  watcher: WorkWatcher,
): Promise<Collected & { readonly interrupted: boolean }> {
  const jobs = chosenJobs(settings);
  const isSome = (settings.rows ?? []).length > 0;
  try {
    const data = await prepareAll(jobs, settings, watcher);
    const reader = await classifierFor(jobs, settings, watcher);
    const ground: Ground = { settings, data, ...(reader ? { reader } : {}) };
    await settleAll(jobs, {
      ...{ noun: "row", say: watcher.say, signal: watcher.signal },
      settle: (job, place) => settleJob(job, { ...ground, place }, watcher),
      async onMade() {
        const found = await collect(settings);
        if (!isSome || found.missing.length === 0) await writeTable(settings.folder, found);
      },
    });
  } catch (error) {
    if (!(error instanceof Interruption)) throw error;
    return { ...await collect(settings), interrupted: true };
  }
  return { ...await collect(settings), interrupted: false };
}

/** Writes a table as far as it has come. */
export async function writeTable(folder: string, found: Collected): Promise<void> {
  await writeAtomic(`${folder}/table.md`, reproductionMarkdown(found));
  await writeAtomic(`${folder}/table.html`, await reproductionPage(found));
}

/** The data of each row by the row's name, of which is told what is to be known; each row goes with its data. */
async function prepareAll(
  jobs: readonly TableJob[],
  settings: ReproduceSettings,
  watcher: WorkWatcher,
): Promise<ReadonlyMap<string, PreparedData>> {
  const { table } = settings;
  const data = new Map<string, PreparedData>();
  const said = new Set<string>();
  for (const { row } of jobs) {
    if (data.has(row.name)) continue;
    const found = await dataOf(row, dataSettings(row, settings), watcher);
    checkRow(row, table, found);
    data.set(row.name, found);
    for (const note of notesOf(found.index, settings)) {
      if (!said.has(note)) watcher.say(`note: ${note}`);
      said.add(note);
    }
  }
  return data;
}

/** The run that reads the samples of rows that draw, trained where that was not done; undefined where none reads. */
async function classifierFor(
  jobs: readonly TableJob[],
  settings: ReproduceSettings,
  watcher: WorkWatcher,
): Promise<string | undefined> {
  const { table: { classifier }, budget, backend, seed, workers } = settings;
  if (classifier === undefined || jobs.every(({ row }) => row.draws === false)) return undefined;
  const { path, index } = await dataOf(classifier, dataSettings(classifier, settings), watcher);
  const { reader, why } = readerIn(settings, index);
  if (reader === undefined) {
    if (why !== undefined) watcher.say(why);
    return undefined;
  }
  const steps = classifierSteps(classifier, { budget, examples: index.splits.train.examples });
  watcher.say(`classifier: ${classifier.model.name}, to read the samples of each row`);
  const place = { folder: reader, data: path, steps, backend };
  await classifierOf(classifier, { ...place, seed: seed ?? 0, workers: workers ?? 1 }, watcher);
  return reader;
}

/** With what all rows are made. */
interface Ground {
  readonly settings: ReproduceSettings;
  readonly data: ReadonlyMap<string, PreparedData>;
  readonly reader?: string;
}

/** Whether a row was not made before. */
async function settleJob(
  job: TableJob,
  { settings, data, reader, place }: Ground & { readonly place: string },
  watcher: WorkWatcher,
): Promise<boolean> {
  const { table, budget, backend, workers = 1, seeds = 1 } = settings;
  const { row, folder, seed } = job;
  watcher.say(`row ${place}: ${labelOf(table, row)}${seeds > 1 ? `, seed ${seed}` : ""}`);
  const found = data.get(row.name)!;
  const { taken: steps } = rowSteps(row, { table, budget, examples: found.index.splits.train.examples });
  const { isNew } = await settleRow(job, {
    ...{ folder, data: found.path, seed, steps, backend, workers },
    aim: { table, steps, ...(reader ? { reader } : {}) },
  }, watcher);
  if (!isNew) watcher.say(`finished before: ${folder}`);
  return isNew;
}
