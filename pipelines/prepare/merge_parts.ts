/**
 * Parts of shards to one folder, which is byte for byte that of a single run: whole shards are copied, those whose rows are
 * in several parts are packed here. In memory are the rows of four shards at most, and the parts' lists.
 *
 * @module
 */
import type { Dataset } from "../dataset.ts";
import { sourceModuleOf } from "../base/files.ts";
import { concatBytes } from "../base/bytes.ts";
import { InputError } from "../base/errors.ts";
import { checkNames, mergeOptions, type OptionTable, type OptionValues } from "../base/option_table.ts";
import { addressOf, refuseInWorker } from "../base/spec_module.ts";
import { SPLITS } from "../base/split.ts";
import { DATASETS } from "../datasets/registry.ts";
import { bankFile } from "../shards/bank.ts";
import { indexText } from "../shards/index_hash.ts";
import { outputPlace } from "../shards/remote_place.ts";
import { copyFile, type PartRows, readPartIndex, readRows } from "../shards/part_files.ts";
import type { PartIndex, PartShard } from "../shards/part_index.ts";
import type { ShardEntry, ShardIndex } from "../shards/shard_index.ts";
import { ShardQueue } from "../shards/shard_queue.ts";
import { readShardIndex } from "../shards/shard_reader.ts";
import { WritingFolder } from "../shards/writing_folder.ts";
import { checkWholeSet } from "./part_set.ts";
import { PreparePool } from "./prepare_pool.ts";
import { writeContactSheet } from "./sample_sheet.ts";
import { PREPARE_OPTIONS } from "./prepare_options.ts";

/** What {@linkcode mergeParts} needs to know. */
export interface MergeSettings {
  /** The folders of all parts, in any order. */
  readonly parts: readonly string[];
  /** The folder to be made. */
  readonly output: string;
  /** Replace the output if it is there; an error when left out. */
  readonly overwrite?: boolean;
  /** Workers that pack shards, at most 64; 0 or left out for as many as there are cores. */
  readonly workers?: number;
  /** What the parts are of; that of the registry with the name that they say when left out. */
  readonly dataset?: Dataset;
}

/** How far a merge is. */
export interface MergeProgress {
  /** Examples whose shards are here. */
  readonly examples: number;
  /** How many there will be. */
  readonly total: number;
}

/** A part and where it lies. */
interface Part extends PartIndex {
  readonly folder: string;
}

/**
 * Makes one folder of parts.
 *
 * @param settings The parts, and the folder to be made.
 * @param onProgress Is called with each shard.
 * @returns The index of the finished folder, which is that of a run of {@linkcode prepare} over the same.
 * @throws {InputError} When a part is missing, given twice, unfinished, altered, or made of something else or otherwise than
 * the others; or the output is there.
 *
 * @example
 * ```ts
 * import { mergeParts, prepare, preparePart, quickdraw } from "@strokewise/strokewise/pipelines";
 * import { assertEquals } from "@std/assert";
 *
 * const folder = await Deno.makeTempDir();
 * await Deno.writeTextFile(`${folder}/sun.ndjson`, '{"drawing":[[[0,255],[9,7]]]}\n{"drawing":[[[0,9],[0,255]]]}\n');
 * const what = { dataset: quickdraw, sources: [`${folder}/sun.ndjson`] };
 * const parts = [1, 2].map((number) => `${folder}/part-${number}`);
 * for (const [i, output] of parts.entries()) await preparePart({ ...what, output, part: { number: i + 1, of: 2 } });
 * const merged = await mergeParts({ parts, output: `${folder}/merged` });
 * assertEquals(merged, await prepare({ ...what, output: `${folder}/whole` }));
 * await Deno.remove(folder, { recursive: true });
 * ```
 */
export async function mergeParts(
  settings: MergeSettings,
  onProgress: (progress: MergeProgress) => void = () => {},
): Promise<ShardIndex> {
  refuseInWorker("mergeParts");
  checkNames(settings, ["parts", "output", "overwrite", "workers", "dataset"], "mergeParts");
  const { output, overwrite = false, workers = 0 } = settings;
  const place = outputPlace(output);
  const read = settings.parts.map(async (folder): Promise<Part> => ({ ...await readPartIndex(folder), folder }));
  const parts = checkWholeSet(await Promise.all(read));
  const dataset = settings.dataset ?? datasetOf(parts[0]);
  await checkDataset(dataset, parts[0]);
  const identity = JSON.stringify(["merge", ...parts.map(({ sha256 }) => sha256)]);
  const writing = await WritingFolder.claim({ place, overwrite, identity });
  try {
    if (writing.journal?.phase !== "move") await new Merge(parts, dataset, writing).write(workers, onProgress);
    await writing.move();
  } catch (error) {
    await writing.abort();
    throw error;
  }
  return await readShardIndex(output);
}

/** The dataset that a part says, where it is a built-in one. */
function datasetOf({ dataset, module, folder }: Part): Dataset {
  if (module === undefined && Object.hasOwn(DATASETS, dataset)) return DATASETS[dataset];
  throw new InputError(
    `part ${folder}: of dataset ${dataset}${module ? ` in ${module.url}` : ""}, which must be named too`,
  );
}

/** @throws {InputError} When the parts are not of a dataset as it is now. */
async function checkDataset(dataset: Dataset, { folder, module, ...part }: Part): Promise<void> {
  const now = DATASETS[dataset.name] === dataset
    ? undefined
    : await sourceModuleOf((await addressOf(dataset, "dataset")).url);
  if (dataset.name !== part.dataset || now?.sha256 !== module?.sha256) {
    const which = module ? `${part.dataset} in ${module.url} as it was then` : part.dataset;
    throw new InputError(`part ${folder}: of dataset ${which}, not of ${dataset.name}${now ? ` in ${now.url}` : ""}`);
  }
}

/**
 * The dataset's options of a part.
 *
 * @throws {InputError} When the dataset and `prepare` do not take what it says, or make other fields of it.
 */
function optionsOf({ folder, options, fields, unit, picture }: Part, dataset: Dataset): OptionValues<OptionTable> {
  const refuse = (why: string): never => {
    throw new InputError(`part ${folder}: ${why}; prepare the part again`);
  };
  const table: OptionTable = { ...PREPARE_OPTIONS, ...dataset.options };
  try {
    mergeOptions(table, options, "its options");
  } catch (error) {
    if (error instanceof TypeError || error instanceof RangeError) return refuse(error.message);
    throw error;
  }
  const own = Object.fromEntries(Object.entries(options).filter(([name]) => Object.hasOwn(dataset.options, name)));
  const merged = mergeOptions(dataset.options, own, `dataset ${dataset.name}`);
  const made = dataset.fields(merged);
  const shown = dataset.picture && Object.hasOwn(made, dataset.picture.field) ? dataset.picture : undefined;
  const about = [[made, fields], [dataset.unit, unit], [shown, picture]];
  if (about.every(([one, other]) => JSON.stringify(one) === JSON.stringify(other))) return merged;
  return refuse(`its fields, unit or picture are not those that ${dataset.name} has with its options`);
}

/** One merge. */
class Merge {
  readonly #options: OptionValues<OptionTable>;
  readonly #queue = new ShardQueue();

  constructor(readonly parts: readonly Part[], readonly dataset: Dataset, readonly writing: WritingFolder) {
    this.#options = optionsOf(parts[0], dataset);
  }

  /** Writes everything, `index.json` last. */
  async write(workers: number, onProgress: (progress: MergeProgress) => void): Promise<void> {
    const { parts: [first], dataset, writing } = this;
    const state = { stored: [], isKeyless: false, classes: [], chunks: 0, told: null };
    if (writing.journal === undefined) await writing.note({ ...state, phase: "write" });
    using pool = new PreparePool(
      workers || Math.min(navigator.hardwareConcurrency, PREPARE_OPTIONS.workers.max),
      await addressOf(dataset, "dataset"),
    );
    const total = SPLITS.reduce((sum, split) => sum + first.splits[split].examples, 0);
    let examples = 0;
    const splits: Record<string, { shards: Promise<ShardEntry>[] }> = {};
    try {
      for (const split of SPLITS) {
        splits[split] = { shards: [] };
        for (const place of first.splits[split].shards.keys()) {
          await this.#queue.room();
          const shard = this.#make(this.parts.map((part) => part.splits[split].shards[place] as PartShard), pool);
          splits[split].shards.push(
            shard.finally(() =>
              onProgress({ examples: examples += first.splits[split].shards[place].examples, total })
            ),
          );
          this.#queue.add(splits[split].shards[place]);
        }
      }
    } finally {
      await this.#queue.settled();
    }
    await this.#queue.room(); // and throws what went wrong with the last ones
    await this.#copyOthers();
    const shardsOf = async (split: typeof SPLITS[number]) => {
      return { ...first.splits[split], shards: await Promise.all(splits[split].shards) };
    };
    const [train, valid, test] = await Promise.all(SPLITS.map(shardsOf));
    const index = this.#index({ train, valid, test });
    await writeContactSheet(writing.output, index);
    await Deno.writeTextFile(`${writing.output}/index.json`, indexText(index));
    await writing.note({ ...state, phase: "move" });
  }

  /** The index of the whole: all of it but shards and histograms is in every part. */
  #index(splits: ShardIndex["splits"]): ShardIndex {
    const { part: _part, writer: _writer, rejectList: _list, sha256: _hash, folder: _folder, ...index } = this.parts[0];
    const histograms: Record<string, Record<string, number>> = {};
    for (const part of this.parts) {
      for (const [name, counts] of Object.entries(part.histograms)) {
        const sums = histograms[name] ??= {};
        for (const [value, count] of Object.entries(counts)) sums[value] = (sums[value] ?? 0) + count;
      }
    }
    const remarks = this.dataset.remarks?.(histograms[this.dataset.histogram?.name ?? ""] ?? {}, this.#options) ?? [];
    return { ...index, format: "strokewise shards", splits, histograms, notes: [...index.notes ?? [], ...remarks] };
  }

  /** Copies a shard, or packs it where several parts have rows of it. */
  async #make(pieces: readonly PartShard[], pool: PreparePool): Promise<ShardEntry> {
    const { file, examples } = pieces[0];
    const finished = this.writing.finished(file);
    if (finished !== undefined) return finished;
    const owner = pieces.findIndex(({ own }) => own === examples);
    const entry = owner >= 0
      ? await this.#copy(this.parts[owner].folder, pieces[owner])
      : await this.#pack(pieces, pool);
    await this.writing.finish(entry);
    return entry;
  }

  async #pack(pieces: readonly PartShard[], pool: PreparePool): Promise<ShardEntry> {
    const all: PartRows[] = [];
    for (const [i, piece] of pieces.entries()) if (piece.own > 0) all.push(await readRows(this.parts[i].folder, piece));
    const { file, examples } = pieces[0];
    const keys = joined(new BigUint64Array(examples), all.map((rows) => rows.keys));
    const labels = joined(new Uint16Array(examples), all.map((rows) => rows.labels));
    const lengths = joined(new Uint32Array(examples), all.map((rows) => rows.lengths));
    const payloads = concatBytes(all.map((rows) => rows.payloads));
    const [options, folder] = [this.#options, this.writing.output];
    const refuse = (why: string): never => {
      throw new InputError(`parts of ${file}: their rows cannot be packed: ${why}; prepare all parts again`);
    };
    if (labels.some((label) => label >= this.parts[0].classes.length)) return refuse("a label is of no class");
    try {
      return await pool.pack({ kind: "pack", options, folder, file, keys, labels, lengths, payloads });
    } catch (error) {
      if (error instanceof InputError) throw error; // of the machine
      return refuse((error as Error).message);
    }
  }

  async #copy(folder: string, { file, examples, bytes, sha256 }: ShardEntry): Promise<ShardEntry> {
    await copyFile(folder, { file, bytes, sha256 }, `${this.writing.output}/${file}`);
    return { file, examples, bytes, sha256 };
  }

  /** Copies what every part has whole. */
  async #copyOthers(): Promise<void> {
    const [{ folder, banks = {}, rejectList }] = this.parts;
    for (const [name, entry] of Object.entries(banks)) {
      await this.#copy(folder, { ...entry, file: bankFile(name), examples: 0 });
    }
    if (rejectList) await this.#copy(folder, { ...rejectList, file: "rejects.ndjson", examples: 0 });
  }
}

/** Puts arrays one after another into another. */
function joined<T extends PartRows["keys" | "labels" | "lengths"]>(to: T, from: readonly T[]): T {
  let at = 0;
  for (const some of from) {
    to.set(some as never, at);
    at += some.length;
  }
  return to;
}
