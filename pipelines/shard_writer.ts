/**
 * Rows to shards: global shuffle, duplicates dropped, classes counted, each shard an `.npz` with its sha256, `index.json`
 * last. Everything is written to `<folder>.partial` and renamed when it is complete.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { type Dataset, type LabelledRow, type Row, type Split, SPLITS } from "./dataset.ts";
import { InputError } from "./errors.ts";
import { encodeNpz } from "./npz.ts";
import { defaultsOf, type OptionTable, type OptionValue, type OptionValues } from "./option_table.ts";
import { mix32 } from "./prng.ts";
import { type BucketRow, RowBuckets } from "./row_buckets.ts";
import { INDEX_VERSION, type ShardEntry, type ShardIndex, type SourceEntry } from "./shard_index.ts";
import { splitOf } from "./split.ts";

/** What is written where, and how. */
export interface ShardWriterOptions<T extends OptionTable = OptionTable> {
  /** The folder to be made; its content is in `<folder>.partial` until it is complete. */
  readonly folder: string;
  /** What the rows are of: it says the fields and packs them. */
  readonly dataset: Dataset<T>;
  /** The dataset's own options; its defaults when left out. */
  readonly options?: OptionValues<T>;
  /** The seed of the shuffle, a whole number; 0 when left out. */
  readonly seed?: number;
  /** Examples a shard, 1 or more; 4096 when left out. */
  readonly shardSize?: number;
  /** Keep so many examples of each class, 1 or more, drawn by the seed; all when left out. */
  readonly perClass?: number;
  /** Replace the folder if it is there; an error when left out. */
  readonly overwrite?: boolean;
}

/** What the reader of the sources has to tell the index. */
export interface SourceReport {
  /** The files that were read. */
  readonly sources: readonly SourceEntry[];
  /** Good records that were left out, by the rule's name. */
  readonly filters: Readonly<Record<string, number>>;
  /** Records that could not be used, by reason. */
  readonly rejects: Readonly<Record<string, number>>;
  /** Options of the run beside the dataset's, the seed and the shard size. */
  readonly options?: Readonly<Record<string, OptionValue>>;
}

/**
 * Writes shards: {@linkcode ShardWriter.add} every row, then {@linkcode ShardWriter.finish}.
 *
 * @example
 * ```ts
 * import { encodeDrawing, quickdraw, ShardWriter } from "@strokewise/strokewise";
 * import { assertEquals } from "@std/assert";
 *
 * const folder = await Deno.makeTempDir();
 * const writer = await ShardWriter.create({ folder: `${folder}/shards`, dataset: quickdraw });
 * await writer.add([{ key: 1n, className: "line", payload: encodeDrawing([[[0, 255], [9, 7]]]) }]);
 * await writer.add([{ key: 2n, className: "sun", payload: encodeDrawing([[[0, 9, 0], [0, 9, 9]]]) }]);
 * const index = await writer.finish({ sources: [], filters: {}, rejects: {} });
 * assertEquals(index.classes, ["line", "sun"]);
 * await Deno.remove(folder, { recursive: true });
 * ```
 */
export class ShardWriter<T extends OptionTable = OptionTable> {
  readonly #options: Required<Omit<ShardWriterOptions<T>, "perClass">> & { perClass: number };
  readonly #buckets: RowBuckets;
  /** Class names in order of appearance; a bucket's label is a place in here until all are known. */
  readonly #classes = new Map<string, number>();

  private constructor(options: ShardWriterOptions<T>) {
    this.#options = {
      options: defaultsOf(options.dataset.options),
      seed: 0,
      shardSize: 4096,
      perClass: Infinity,
      overwrite: false,
      ...options,
    };
    this.#buckets = new RowBuckets(this.partialFolder, this.#options.seed);
  }

  /**
   * Makes a writer and its `.partial` folder; one that a killed run left behind is emptied first.
   *
   * @throws {InputError} When the folder is there and `overwrite` is not set.
   */
  static async create<T extends OptionTable>(options: ShardWriterOptions<T>): Promise<ShardWriter<T>> {
    const writer = new ShardWriter(options);
    if (await exists(options.folder)) {
      const found = `output ${options.folder}: already there`;
      if (!options.overwrite) throw new InputError(`${found}; --overwrite replaces it, --output names another`);
      if (!(await isReplaceable(options.folder))) {
        throw new InputError(`${found} and holds no strokewise shards, so it is not replaced; name another --output`);
      }
    }
    await removeFolder(writer.partialFolder);
    await Deno.mkdir(writer.partialFolder, { recursive: true });
    return writer;
  }

  /** Where everything is written until it is complete. */
  get partialFolder(): string {
    return `${this.#options.folder.replace(/\/+$/, "")}.partial`;
  }

  /** The class names so far, in order of appearance. */
  get classes(): readonly string[] {
    return [...this.#classes.keys()];
  }

  /** Adds rows; their order does not matter, but that of rows with the same key: the first is kept. */
  async add(rows: readonly Row[]): Promise<void> {
    for (const { key, className, split = splitOf(key), payload } of rows) {
      let label = this.#classes.get(className);
      if (label === undefined) this.#classes.set(className, label = this.#classes.size);
      await this.#buckets.add({ key, label, split, payload });
    }
  }

  /** Removes what was written so far; the output folder stays as it was before. */
  async abort(): Promise<void> {
    await removeFolder(this.partialFolder);
  }

  /**
   * Writes the shards and the index, and renames the folder.
   *
   * @param report What became of the sources.
   * @param onProgress Is told how many examples are written so far.
   * @param addFiles Writes what else belongs into the folder, before the index and the new name make it complete.
   * @returns The index, as it is in the folder now.
   * @throws {InputError} When no example is left.
   */
  async finish(
    report: SourceReport,
    onProgress: (examples: number) => void = () => {},
    addFiles: (folder: string, index: ShardIndex) => Promise<void> = () => Promise.resolve(),
  ): Promise<ShardIndex> {
    const { dataset, options, seed, shardSize, folder } = this.#options;
    const classes = [...this.#classes.keys()].sort();
    const labels = [...this.#classes.keys()].map((name) => classes.indexOf(name));
    const splits = Object.fromEntries(SPLITS.map((split) => [split, new SplitWriter(split, classes.length)]));
    const filters: Record<string, number> = { ...report.filters };
    const histogram: Record<string, number> = {};
    const write = async (writer: SplitWriter, size: number) => {
      const arrays = dataset.pack(writer.rows.slice(0, size), options);
      await writer.write(this.partialFolder, encodeNpz(arrays), size);
    };

    let examples = 0;
    for await (const rows of this.#shuffled(filters)) {
      for (const { key, label, split, payload } of rows) {
        const row: LabelledRow = { key, label: labels[label], payload };
        if (dataset.histogram) count(histogram, String(dataset.histogram.of(row)));
        splits[split].add(row);
        if (splits[split].rows.length === shardSize) await write(splits[split], shardSize);
      }
      onProgress(examples += rows.length);
    }
    if (examples === 0) throw new InputError("the sources hold no usable example: nothing was written");
    for (const split of SPLITS) {
      if (splits[split].rows.length > 0) await write(splits[split], splits[split].rows.length);
    }

    const index: ShardIndex = {
      format: "strokewise shards",
      version: INDEX_VERSION,
      dataset: dataset.name,
      licence: dataset.licence,
      fields: dataset.fields(options),
      classes,
      splits: Object.fromEntries(
        SPLITS.map((split) => [split, splits[split].entry]),
      ) as unknown as ShardIndex["splits"],
      histograms: dataset.histogram ? { [dataset.histogram.name]: histogram } : {},
      filters,
      rejects: report.rejects,
      sources: report.sources,
      options: { ...options, seed, shardSize, ...report.options },
    };
    await addFiles(this.partialFolder, index);
    await Deno.writeTextFile(`${this.partialFolder}/index.json`, JSON.stringify(index, null, 2) + "\n");
    await replaceFolder(this.partialFolder, folder);
    return index;
  }

  /** The rows to be written, in their final order; counts what is left out. */
  async *#shuffled(filters: Record<string, number>): AsyncGenerator<BucketRow[]> {
    const { perClass, seed } = this.#options;
    if (perClass === Infinity) {
      yield* this.#unique(filters);
      return;
    }
    // The first of each class are drawn; a rare class goes on when the others are full, so a second shuffle mixes them.
    const drawn = new RowBuckets(this.partialFolder, mix32(seed + 1));
    const kept = new Array<number>(this.#classes.size).fill(0);
    for await (const rows of this.#unique(filters)) {
      for (const row of rows) {
        if (kept[row.label] === perClass) {
          count(filters, "more than --per-class");
        } else {
          kept[row.label]++;
          await drawn.add(row);
        }
      }
    }
    yield* drawn.shuffled();
  }

  /** Every key once, in the order of the first shuffle. */
  async *#unique(filters: Record<string, number>): AsyncGenerator<BucketRow[]> {
    for await (const rows of this.#buckets.shuffled()) {
      yield rows.filter(({ key }, i) => {
        const isRepeat = i > 0 && key === rows[i - 1].key;
        if (isRepeat) count(filters, "duplicate");
        return !isRepeat;
      });
    }
  }
}

/** Counts one more under a name. */
function count(counts: Record<string, number>, name: string): void {
  counts[name] = (counts[name] ?? 0) + 1;
}

/** The shards of one split, and the rows that wait for the next. */
class SplitWriter {
  rows: LabelledRow[] = [];
  readonly #perClass: number[];
  readonly #shards: ShardEntry[] = [];

  constructor(readonly split: Split, classes: number) {
    this.#perClass = new Array<number>(classes).fill(0);
  }

  add(row: LabelledRow): void {
    // The payload is a view of its whole bucket: a copy lets the bucket go.
    this.rows.push({ ...row, payload: row.payload.slice() });
    this.#perClass[row.label]++;
  }

  async write(folder: string, npz: Uint8Array, examples: number): Promise<void> {
    const file = `${this.split}-${String(this.#shards.length).padStart(5, "0")}.npz`;
    await Deno.writeFile(`${folder}/${file}`, npz);
    const sha256 = createHash("sha256").update(npz).digest("hex");
    this.#shards.push({ file, examples, bytes: npz.length, sha256 });
    this.rows = this.rows.slice(examples);
  }

  get entry(): ShardIndex["splits"][Split] {
    const examples = this.#perClass.reduce((sum, count) => sum + count, 0);
    return { examples, perClass: this.#perClass, shards: this.#shards };
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await Deno.stat(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) return false;
    throw error;
  }
}

/** Only what an earlier run made, or an empty folder, may be replaced. */
async function isReplaceable(folder: string): Promise<boolean> {
  if (!(await Deno.stat(folder)).isDirectory) return false;
  const entries = await Array.fromAsync(Deno.readDir(folder), ({ name }) => name);
  return entries.length === 0 || entries.includes("index.json") &&
      (await Deno.readTextFile(`${folder}/index.json`)).includes('"format": "strokewise shards"');
}

async function removeFolder(path: string): Promise<void> {
  try {
    await Deno.remove(path, { recursive: true });
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

/** Puts a finished folder in the place of another; that one is there until the new one is. */
async function replaceFolder(from: string, to: string): Promise<void> {
  const old = `${from}.old`;
  await removeFolder(old);
  if (await exists(to)) await Deno.rename(to, old);
  await Deno.rename(from, to);
  await removeFolder(old);
}
