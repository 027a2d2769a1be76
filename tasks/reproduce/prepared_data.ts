/**
 * The prepared data of experiments: found, or prepared by one process while others wait.
 *
 * @module
 */
import { InputError } from "../../pipelines/base/errors.ts";
import { exists } from "../../pipelines/base/files.ts";
import type { OptionTable, PartialOptions } from "../../pipelines/base/option_table.ts";
import { counted, grouped } from "../../pipelines/base/text.ts";
import type { Dataset } from "../../pipelines/dataset.ts";
import { prepare } from "../../pipelines/prepare/prepare.ts";
import type { ShardIndex } from "../../pipelines/shards/shard_index.ts";
import { readShardIndex } from "../../pipelines/shards/shard_reader.ts";
import {
  baseName,
  findSources,
  openSource,
  type Source,
  sourceName,
  type SourceSummary,
} from "../../pipelines/sources/source.ts";
import { flagOf } from "../cli/option_values.ts";
import type { Progress } from "../cli/progress.ts";
import { RunClaim } from "../runs/run_claim.ts";
import { type Experiment, preparationOf } from "./experiment.ts";
import { Interruption, inTurn } from "./interruption.ts";
import type { WorkWatcher } from "./experiment_run.ts";

/** A folder of shards, and what is in it. */
export interface PreparedData {
  readonly path: string;
  readonly index: ShardIndex;
}

/** From what data is prepared, and how. */
export interface DataSettings {
  /** Where it goes. */
  readonly path: string;
  /** Files, folders or globs; the dataset's embedded examples when empty. */
  readonly sources: readonly string[];
  /** Options of the dataset in place of those that the experiment has; none when left out. */
  readonly options?: PartialOptions<OptionTable>;
  /** How such an option is called where it is told; by its flag when left out. */
  flag?(option: string): string;
}

/** Where in a table's folder the data of an experiment is: beside that of others with other options. */
export function dataPath(folder: string, { data: { options = {} } }: Experiment): string {
  return [`${folder}/data`, ...Object.values(options).flat()].join("-");
}

/**
 * Finds data that was prepared.
 *
 * @returns Undefined where it is not there, or not yet.
 * @throws {InputError} When it was made from other sources, or with other options.
 */
export async function findData(
  { data: { dataset, options: own = {}, perClass } }: Pick<Experiment, "data">,
  { path, sources, options = {}, flag = flagOf }: DataSettings,
): Promise<PreparedData | undefined> {
  if (!await exists(`${path}/index.json`)) return undefined;
  const index = await readShardIndex(path);
  const embedded = dataset.embedded ? [decodeURIComponent(dataset.embedded.pathname)] : [];
  await checkSources(index, { dataset, sources: sources.length > 0 ? sources : embedded, path });
  for (const [name, value] of Object.entries({ ...own, ...(perClass ? { perClass } : {}), ...options })) {
    const found = index.options[name];
    if (found === undefined || String(found) === String(value)) continue;
    const message = `${flag(name)} ${value} contradicts the data, which has ${found}`;
    throw new InputError(`data ${path}: ${message}; another --run begins anew`);
  }
  return { path, index };
}

/**
 * Checks that the sources of an experiment are there, before anything is made.
 *
 * @throws {InputError} When one is not.
 */
export async function checkSourcesThere(
  { data: { dataset: { extensions, smallFiles } } }: Pick<Experiment, "data">,
  sources: readonly string[],
): Promise<void> {
  await findSources(sources, extensions, { small: smallFiles });
}

/**
 * Finds the data of an experiment, or prepares it; waits where another process does.
 *
 * @throws {InputError} As {@linkcode findData}, and when the sources cannot be used.
 */
export async function dataOf(
  experiment: Pick<Experiment, "data">,
  settings: DataSettings,
  { say, progress, signal }: Pick<WorkWatcher, "say" | "progress" | "signal">,
): Promise<PreparedData> {
  const { path, sources, options } = settings;
  const { dataset } = experiment.data;
  const prepareHere = async (): Promise<PreparedData> => {
    let shown: Pick<Progress, "update" | "end"> | undefined;
    const data = { ...experiment.data, options: { ...experiment.data.options, ...options } };
    try {
      const index = await prepare(preparationOf({ ...experiment, data }, path, sources), ({ records }) => {
        if (signal.aborted) throw new Interruption();
        shown ??= progress({ label: "preparing", unit: `${dataset.unit}s` });
        shown.update(records);
      });
      return { path, index };
    } finally {
      shown?.end();
    }
  };
  const onWait = () => say(`data ${path}: another process prepares it; waiting`);
  return await inTurn(async () => {
    const before = await findData(experiment, settings);
    if (before !== undefined) return before;
    await checkSourcesThere(experiment, sources);
    const [folder] = /^.*(?=\/)/s.exec(path) ?? ["."];
    await Deno.mkdir(folder, { recursive: true });
    using _claim = await RunClaim.at(`${path}.lock`, `data ${path}: another process prepares it`);
    return await findData(experiment, settings) ?? await prepareHere();
  }, { signal, onWait });
}

/**
 * Data that was prepared is used again only for the same sources: files of the same names, sizes and hashes.
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
  const found = await findSources(sources, dataset.extensions, { small: dataset.smallFiles });
  const named = found.map((source) => ({ name: sourceName(source), bytes: source.bytes ?? 0 }));
  const sizes = ({ name, bytes }: Pick<SourceSummary, "name" | "bytes">) => `${name} ${bytes}`;
  const hashes = ({ name, sha256 }: SourceSummary) => `${name} ${sha256}`;
  const areAlike = areSame(named.map(sizes), index.sources.map(sizes)) &&
    areSame((await Array.fromAsync(found, summaryOf)).map(hashes), index.sources.map(hashes));
  if (!areAlike) throw new InputError(`data ${path}: made from other sources; --run names another folder`);
}

/** Whether two lists hold the same, in whatever order. */
function areSame(some: readonly string[], others: readonly string[]): boolean {
  return some.toSorted().join("\0") === others.toSorted().join("\0");
}

/** Summaries of sources that were read, by path. */
const SUMMARIES = new Map<string, Promise<SourceSummary>>();

/** Reads a source for its hash, once. */
function summaryOf(source: Source): Promise<SourceSummary> {
  const known = SUMMARIES.get(source.path);
  if (known !== undefined) return known;
  const opened = openSource(source);
  const read = opened.drain().then(() => opened.summary());
  SUMMARIES.set(source.path, read);
  return read;
}

/** Classes whose names are told. */
const MOST_NAMED = 6;

/** What was trained on, in a sentence. */
export function dataInWords(indexes: readonly ShardIndex[], sources: readonly string[]): string {
  const counts = indexes.map(({ classes, splits, dataset, unit }) => {
    const named = classes.length > MOST_NAMED ? `${grouped(classes.length)} classes` : classes.join(" and ");
    return `${counted(splits.train.examples, unit)}${dataset === "mnist" ? "" : ` of ${named}`}`;
  });
  const origin = sources.length > 0
    ? `from ${sources.map(baseName).join(", ")}`
    : "from sources GENERATED for this project, not those of the report";
  return counts.length === 0 ? "Nothing was prepared yet." : `Trained on ${counts.join("; ")}, ${origin}.`;
}
