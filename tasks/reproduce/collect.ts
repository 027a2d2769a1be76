/**
 * A table's folder read as it stands: nothing is trained.
 *
 * @module
 */
import { exists } from "../../pipelines/base/files.ts";
import type { ShardIndex } from "../../pipelines/shards/shard_index.ts";
import { flagOf } from "../cli/option_values.ts";
import { classifierSteps } from "./classifier.ts";
import type { Experiment } from "./experiment.ts";
import { checkBegun, findJudged } from "./experiment_run.ts";
import { jobsOf, type TableJob } from "./jobs.ts";
import { dataInWords, dataPath, type DataSettings, findData, type PreparedData } from "./prepared_data.ts";
import type { TableSettings } from "./reproduce_settings.ts";
import type { Reproduction, RowResult, RowRun } from "./reproduction.ts";
import { findResult, findRun } from "./row_run.ts";
import { rowSteps } from "./table.ts";

/** What a table has come to, and which of its runs are still to come. */
export interface Collected extends Reproduction {
  readonly missing: readonly TableJob[];
}

/**
 * Reads what a table has come to.
 *
 * @throws {InputError} When sources or options are not those that the folder was begun with, or a file is damaged.
 */
export async function collect(settings: TableSettings): Promise<Collected> {
  const { table, budget, sources, seeds = 1, seed = 0, workers = 1 } = settings;
  const data = new Map<string, PreparedData>();
  for (const row of table.rows) {
    const found = await findData(row, dataSettings(row, settings));
    if (found) data.set(row.name, found);
  }
  const ofClassifier = await classifierData(settings);
  const { reader, why } = ofClassifier ? readerIn(settings, ofClassifier.index) : {};
  const results = new Map<string, RowResult[]>();
  const runs: RowRun[] = [];
  const missing: TableJob[] = [];
  for (const job of jobsOf(settings)) {
    const { row, seed } = job;
    const found = data.get(row.name);
    const { taken: steps } = rowSteps(row, { table, budget, examples: found?.index.splits.train.examples });
    const begun = found && await checkBegun(row, { folder: job.folder, data: found.path, seed, steps, workers });
    const run = begun ? await findRun(job) : undefined;
    if (run) runs.push(run);
    const result = begun ? await findResult(job, { table, steps, ...(reader ? { reader } : {}) }) : undefined;
    if (result) results.set(row.name, [...results.get(row.name) ?? [], result]);
    else missing.push(job);
  }
  const indexes = [...new Map([...data.values()].map(({ path, index }) => [path, index])).values()];
  const classifier = reader === undefined ? undefined : await findJudged(reader);
  const places = table.rows.map(({ name }) => name);
  return {
    ...{ table, budget, seeds, seed, results, missing },
    runs: runs.sort((a, b) => places.indexOf(a.row) - places.indexOf(b.row) || a.seed - b.seed),
    data: dataInWords(indexes, sources),
    examples: new Map([...data].map(([name, { index }]) => [name, index.splits.train.examples])),
    remarks: [
      ...new Set([...indexes, ...(ofClassifier ? [ofClassifier.index] : [])].flatMap((one) => notesOf(one, settings))),
      ...(why === undefined ? [] : [why]),
    ],
    dataPictures: await dataPictures(settings, [...data.values()]),
    ...(classifier ? { classifier } : {}),
    ...(table.classifier && reader !== undefined && ofClassifier
      ? {
        classifierSteps: classifierSteps(table.classifier, {
          ...{ budget, examples: ofClassifier.index.splits.train.examples },
        }),
      }
      : {}),
  };
}

async function classifierData(settings: TableSettings): Promise<PreparedData | undefined> {
  const { classifier } = settings.table;
  return classifier && await findData(classifier, dataSettings(classifier, settings));
}

/** From what the data of one of a table's experiments is prepared. */
export function dataSettings(experiment: Experiment, { table, folder, sources, options }: TableSettings): DataSettings {
  return {
    ...{ path: dataPath(folder, experiment), sources, ...(options ? { options } : {}) },
    flag: (name) => flagOf(`${table.name}.${name}`),
  };
}

/** The run of a table's classifier; or why there is none. */
export function readerIn(
  { table: { classifier }, folder }: Pick<TableSettings, "table" | "folder">,
  { classes }: ShardIndex,
): { readonly reader?: string; readonly why?: string } {
  if (classifier === undefined) return {};
  if (classes.length > 1) return { reader: `${folder}/${classifier.name}` };
  return { why: `No classifier reads samples, for there is one class alone, ${classes[0]}; its figures are left out.` };
}

/**
 * The notes of prepared data, in which the options that can be told here are called as they are here, and one that cannot is
 * not called an option.
 */
export function notesOf({ notes = [] }: ShardIndex, { table }: Pick<TableSettings, "table">): string[] {
  const names = new Map(Object.keys(table.options ?? {}).map((name) => [name, flagOf(`${table.name}.${name}`)]));
  const called = [...names].map(([name, here]) => [new RegExp(`${flagOf(name)}(?![\\w-])`, "g"), here] as const);
  return notes.map((note) =>
    called.reduce((text, [there, here]) => text.replaceAll(there, here), note)
      .replace(/^--per-class (\S+) is more/, "$1 of each class are more")
  );
}

/** The contact sheets of a table's data, where it shows them. */
async function dataPictures({ table }: TableSettings, data: readonly PreparedData[]): Promise<Uint8Array[]> {
  if (!table.showsData) return [];
  const sheets = [...new Set(data.map(({ path }) => `${path}/contact_sheet.png`))];
  const found: Uint8Array[] = [];
  for (const sheet of sheets) if (await exists(sheet)) found.push(await Deno.readFile(sheet));
  return found;
}
