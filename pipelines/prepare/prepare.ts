/**
 * Source files to a folder of shards.
 *
 * @module
 */
import { checkFields, type Dataset, DATASET_SHAPE } from "../dataset.ts";
import { InputError } from "../base/errors.ts";
import { nearest } from "../base/nearest.ts";
import { checkNames, mergeOptions, type OptionTable, type PartialOptions } from "../base/option_table.ts";
import { INDEX_VERSION, type ShardIndex } from "../shards/shard_index.ts";
import { checkPart, type PartIndex, type PartNumber, PARTS } from "../shards/part_index.ts";
import { outputPlace } from "../shards/remote_place.ts";
import { isRemote } from "../sources/remote_folder.ts";
import { ShardWriter } from "../shards/shard_writer.ts";
import type { SourceReport } from "../shards/writer_options.ts";
import { PREPARE_OPTIONS } from "./prepare_options.ts";
import { findSources, type Source } from "../sources/source.ts";
import { PreparePool } from "./prepare_pool.ts";
import { type PrepareProgress, Reading } from "./prepare_reading.ts";
import { writeContactSheet } from "./sample_sheet.ts";
import { addressOf, checkSpec, refuseInWorker } from "../base/spec_module.ts";
import { DATASETS } from "../datasets/registry.ts";
import { sourceModuleOf } from "../base/files.ts";

/** What {@linkcode prepare} needs to know. */
export interface PrepareSettings<T extends OptionTable = OptionTable> {
  /** What the sources are, such as `quickdraw`; the module at its `url` exports it. */
  readonly dataset: Dataset<T>;
  /** Those of the dataset's own options that are not left at their defaults. */
  readonly options?: PartialOptions<NoInfer<T>>;
  /** Files, folders, globs or `-`; the dataset's embedded examples, which a checkout has, when left out or empty. */
  readonly sources?: readonly string[];
  /** The folder to be made; or the address of one of S3, `s3://bucket/prefix`, which is put there when it is whole. */
  readonly output: string;
  /** Replace the output if it is there; an error when left out. */
  readonly overwrite?: boolean;
  /** Keep so many examples of each class, drawn by the seed; 0 or left out keeps all. */
  readonly perClass?: number;
  /** Examples a shard, 1 or more; 4096 when left out. */
  readonly shardSize?: number;
  /** Of the shuffle, and of what the dataset draws, 0 to 2^32 - 1; 0 when left out. */
  readonly seed?: number;
  /** Workers, at most 64; 0 or left out for as many as there are cores. The output does not depend on it. */
  readonly workers?: number;
  /** Fail when a larger share of the records is rejected, 0 to 1; 0.01 when left out. */
  readonly maxRejects?: number;
  /** What is done about a source that is cut or broken: an error, or the rows before are kept; `refuse` when left out. */
  readonly damaged?: "refuse" | "keep";
  /** Bytes of rows held in memory before they are written to files; 8 MiB when left out. */
  readonly memory?: number;
}

/** What a dataset's own options cannot be named: the command line has these beside them, two for downloads. */
const TAKEN = ["form", "cache", ...Object.keys(PREPARE_OPTIONS)];

/** The names of {@linkcode PrepareSettings}. */
const SETTINGS = ["dataset", "options", "sources", "output", "memory", ...Object.keys(PREPARE_OPTIONS)];

/**
 * Reads sources and writes shards.
 *
 * @param settings What is read, and the folder to be made.
 * @param onProgress Is called often.
 * @returns The index of the finished folder.
 * @throws {TypeError} When there is no setting or option of a name, or the dataset lacks what one must have.
 * @throws {RangeError} When an option does not take its value, or the dataset's fields are none.
 * @throws {InputError} When a source is missing or damaged, nothing usable is found, too much is rejected, or the output is there.
 * Nothing is left behind then but the list of rejects, where too much is rejected.
 *
 * @example
 * ```ts
 * import { prepare, quickdraw } from "@strokewise/strokewise/pipelines";
 * import { assertEquals } from "@std/assert";
 *
 * const folder = await Deno.makeTempDir();
 * await Deno.writeTextFile(`${folder}/sun.ndjson`, '{"drawing":[[[0,255],[9,7]]]}\n{"drawing":[[[0,9],[0,255]]]}\n');
 * const sources = [`${folder}/*.ndjson`];
 * const output = `${folder}/shards`;
 * const { classes, fields } = await prepare({ dataset: quickdraw, options: { size: 28 }, sources, output });
 * assertEquals(classes, ["sun"]);
 * assertEquals(fields.stroke_index.shape, [28, 28]);
 * await Deno.remove(folder, { recursive: true });
 * ```
 */
export async function prepare<T extends OptionTable>(
  settings: PrepareSettings<T>,
  onProgress: (progress: PrepareProgress) => void = () => {},
): Promise<ShardIndex> {
  checkNames(settings, SETTINGS, "prepare");
  return await written(settings, undefined, onProgress, (writer, report, onRows) => {
    return writer.finish(report, onRows, writeContactSheet);
  });
}

/** Which part of what {@linkcode preparePart} makes. */
export interface PreparePartSettings<T extends OptionTable = OptionTable> extends PrepareSettings<T> {
  /** The part; every one is of the same sources and the same options. */
  readonly part: PartNumber;
}

/**
 * Reads sources and writes one part of their shards: a range of the final order. {@linkcode mergeParts} makes one folder of all
 * parts, which is that of {@linkcode prepare}. Every part reads everything, and packs no more than its own.
 *
 * @param settings As of {@linkcode prepare}, and which part.
 * @param onProgress Is called often.
 * @returns What the part says of itself: all counts are those of the whole.
 * @throws {TypeError} As {@linkcode prepare}.
 * @throws {InputError} As {@linkcode prepare}, or when there is no such part.
 */
export async function preparePart<T extends OptionTable>(
  settings: PreparePartSettings<T>,
  onProgress: (progress: PrepareProgress) => void = () => {},
): Promise<PartIndex> {
  checkNames(settings, [...SETTINGS, "part"], "preparePart");
  const { part, ...others } = settings;
  checkPart(part);
  return await written(others, part, onProgress, (writer, report, onRows) => writer.finishPart(report, onRows));
}

/** Ends a writer: shards and what else belongs to them. */
type Finish<R> = (writer: ShardWriter, report: SourceReport, onRows: (rows: number) => void) => Promise<R>;

/** Reads sources, and has a writer end what is written. */
async function written<T extends OptionTable, R>(
  settings: PrepareSettings<T>,
  part: PartNumber | undefined,
  onProgress: (progress: PrepareProgress) => void,
  finish: Finish<R>,
): Promise<R> {
  refuseInWorker("prepare");
  checkSpec(settings.dataset, "dataset", DATASET_SHAPE);
  const { sources: named = [], ...given } = settings;
  const dataset: Dataset = settings.dataset;
  const taken = Object.keys(dataset.options).find((name) => TAKEN.includes(name));
  if (taken !== undefined) throw new InputError(`dataset ${dataset.name}: ${taken} is an option of prepare itself`);
  const options = mergeOptions(settings.dataset.options, given.options ?? {}, `dataset ${dataset.name}`);
  checkFields(dataset, dataset.fields(options));
  const own = Object.keys(PREPARE_OPTIONS).map((name) => [name, given[name as keyof typeof given]]);
  const merged = mergeOptions(PREPARE_OPTIONS, Object.fromEntries(own), "prepare");
  const { perClass, shardSize, seed, maxRejects, damaged, workers, overwrite } = merged;
  const address = await addressOf(dataset, "dataset");
  const module = DATASETS[dataset.name] === dataset ? undefined : await sourceModuleOf(address.url);
  const output = isRemote(settings.output) ? settings.output : settings.output.replace(/\/+$/, "");
  const place = outputPlace(output, part && PARTS);
  if (named.length === 0 && dataset.embedded?.protocol !== "file:") {
    const why = dataset.embedded
      ? "the embedded examples are only in a checkout of the repository"
      : `dataset ${dataset.name} has no embedded examples`;
    throw new InputError(`no source is named, and ${why}`);
  }
  const patterns = named.length > 0 ? named : [decodeURIComponent(dataset.embedded!.pathname)];
  const [passedOver, ignored, empty]: string[][] = [[], [], []];
  const found = await findSources(patterns, dataset.extensions, {
    small: dataset.smallFiles,
    passOver: (path) => passedOver.push(path),
    ignore: (path) => named.length > 0 && ignored.push(path),
    empty: (path) => empty.push(path),
  });
  const identity = await identityOf(found, [dataset.name, module ?? null, options, {
    perClass,
    shardSize,
    seed,
    maxRejects,
    damaged,
  }, part ?? null]);
  using pool = new PreparePool(
    workers || Math.min(navigator.hardwareConcurrency, PREPARE_OPTIONS.workers.max),
    address,
  );
  const writer = await ShardWriter.create({
    ...{ folder: output, dataset, options, overwrite, shardSize, seed },
    ...(perClass > 0 ? { perClass } : {}),
    ...(settings.memory === undefined ? {} : { memory: settings.memory }),
    ...(module ? { module } : {}),
    ...{ place, ...(part ? { part } : {}) },
    ...(identity === undefined ? {} : { identity }),
    writeShard: (request) => pool.pack(request),
  });
  try {
    const reading = new Reading({ dataset, options, seed, found, passedOver, ignored, empty, writer, pool, damaged });
    const { report, kept } = await reading.finish({ output: place.folder, maxRejects }, onProgress);
    if (Array.isArray(options.classes)) checkClassesFound(options.classes, writer.classes, dataset);
    const bytes = report.sources.reduce((sum, source) => sum + source.bytes, 0);
    return await finish(
      writer,
      { ...report, options: { perClass, maxRejects, damaged } },
      (rows) =>
        onProgress({ phase: "write", records: rows, bytes, ...(kept === undefined ? {} : { totalRecords: kept }) }),
    );
  } catch (error) {
    await writer.abort();
    throw error;
  }
}

/** What the output depends on; nothing where that cannot be known before everything is read. */
async function identityOf(found: readonly Source[], others: readonly unknown[]): Promise<string | undefined> {
  if (found.some(({ bytes }) => bytes === undefined)) return undefined;
  const modified = await Promise.all(found.map(async ({ path }) => (await Deno.stat(path)).mtime));
  return JSON.stringify([INDEX_VERSION, ...others, found, modified]);
}

function checkClassesFound(wanted: readonly string[], found: readonly string[], dataset: Dataset): void {
  const missing = wanted.filter((name) => !found.includes(name));
  if (missing.length === 0) return;
  const known = dataset.knownClasses ?? [];
  const others = known.filter((name) => !wanted.includes(name));
  const misspelt = missing.filter((name) => !known.includes(name));
  const meant = misspelt.map((name) => nearest(name, others)).find((text) => text !== "") ?? "";
  throw new InputError(`--classes: no usable ${dataset.unit} of ${missing.join(", ")} in the sources${meant}`);
}
