/**
 * Rows to shards: global shuffle, duplicates dropped, classes counted, each shard an `.npz` with its sha256, `index.json`
 * last. Everything is written to `<folder>.partial/output` and renamed when it is complete.
 *
 * @module
 */
import type { Dataset, LabelledRow, Row } from "../dataset.ts";
import { InputError } from "../base/errors.ts";
import {
  mergeOptions,
  type OptionTable,
  type OptionValue,
  type OptionValues,
  type PartialOptions,
} from "../base/option_table.ts";
import {
  checkReplaceable,
  claimFolder,
  dropPartial,
  emptyPartial,
  finishFolder,
  outputName,
  partialName,
} from "./output_folder.ts";
import { type PackedRows, RowPacker } from "./packed_rows.ts";
import { mix32 } from "../base/prng.ts";
import { type BucketRow, RowBuckets } from "./row_buckets.ts";
import {
  INDEX_VERSION,
  MAX_CLASSES,
  type ShardEntry,
  type ShardIndex,
  type SourceEntry,
  type SourceModule,
} from "./shard_index.ts";
import { sealIndex } from "./index_hash.ts";
import { readShardIndex } from "./shard_reader.ts";
import { listBanks } from "./bank.ts";
import { ShardQueue } from "./shard_queue.ts";
import { type ShardRows, SplitRows } from "./split_rows.ts";
import { appendFinishedShard, type Journal, readFinishedShards, readJournal, writeJournal } from "./write_journal.ts";
import { SPLITS } from "../base/split.ts";
import { scarceNotes } from "./scarce_classes.ts";
import { UnlikeRows } from "./unlike_rows.ts";
import { exists } from "../base/files.ts";
import { checkExampleSize, exampleBytes, MAX_ARRAYS, type PackRequest, packShard } from "./pack_shard.ts";

/** What is written where, and how. */
export interface ShardWriterOptions<T extends OptionTable = OptionTable> {
  /** The folder to be made; its content is in `<folder>.partial/output` until it is complete. */
  readonly folder: string;
  /** What the rows are of: it says the fields and packs them. */
  readonly dataset: Dataset<T>;
  /** Those of the dataset's own options that are not left at their defaults. */
  readonly options?: PartialOptions<NoInfer<T>>;
  /** The seed of the shuffle, 0 to 2^32 - 1; 0 when left out. */
  readonly seed?: number;
  /** Examples a shard, 1 or more; 4096 when left out. */
  readonly shardSize?: number;
  /** Keep so many examples of each class, 1 or more, drawn by the seed; all when left out. */
  readonly perClass?: number;
  /** Replace the folder if it is there; an error when left out. */
  readonly overwrite?: boolean;
  /** Bytes of rows held before they are written to files; 8 MiB when left out. */
  readonly memory?: number;
  /** The file of a dataset that is not built in, for the index. */
  readonly module?: SourceModule;
  /** Writes a shard; in this thread when left out. */
  readonly writeShard?: (request: PackRequest) => Promise<ShardEntry>;
  /**
   * Tells runs apart: one that is killed is gone on with by another that has the same identity, so it must say all that
   * the output depends on. Without it every run starts anew.
   */
  readonly identity?: string;
}

/** What the reader of the sources has to tell the index. */
export interface SourceReport {
  /** The files that were read. */
  readonly sources: readonly SourceEntry[];
  /** Good records that were left out, by the rule's name. */
  readonly filters: Readonly<Record<string, number>>;
  /** Records that could not be used, by reason. */
  readonly rejects: Readonly<Record<string, number>>;
  /** What was understood of the sources that nobody said, a line each. */
  readonly notes?: readonly string[];
  /** Options of the run beside the dataset's, the seed and the shard size. */
  readonly options?: Readonly<Record<string, OptionValue>>;
}

/**
 * Writes shards: {@linkcode ShardWriter.add} every row, then {@linkcode ShardWriter.finish}.
 *
 * @example
 * ```ts
 * import { encodeDrawing, quickdraw, ShardWriter } from "@strokewise/strokewise/pipelines";
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
  readonly #options:
    & Required<Omit<ShardWriterOptions<T>, "options" | "perClass" | "module" | "identity">>
    & Pick<ShardWriterOptions<T>, "module">
    & { readonly options: OptionValues<T>; readonly perClass: number };
  readonly #identity: string | undefined;
  readonly #lock: Deno.FsFile;
  readonly #buckets: RowBuckets;
  /** Class names in order of appearance; a bucket's label is a place in here until all are known. */
  readonly #classes = new Map<string, number>();
  readonly #packer: RowPacker;
  /** Shards that a killed run finished. */
  #finished = new Map<string, ShardEntry>();
  #journal: Journal | undefined;
  readonly #unlike = new UnlikeRows();
  readonly #queue = new ShardQueue((rows) => this.#write(rows));

  private constructor(options: ShardWriterOptions<T>, lock: Deno.FsFile) {
    this.#options = {
      seed: 0,
      shardSize: 4096,
      perClass: Infinity,
      overwrite: false,
      memory: 2 ** 23,
      writeShard: (request) => packShard(options.dataset as Dataset, request),
      ...options,
      options: mergeOptions(options.dataset.options, options.options ?? {}, `dataset ${options.dataset.name}`),
    };
    this.#identity = options.identity;
    this.#lock = lock;
    this.#buckets = new RowBuckets(`${partialName(options.folder)}/bucket`, this.#options.memory);
    this.#packer = new RowPacker(this.#options.seed, this.#about());
  }

  /**
   * Makes a writer and its `.partial` folder. One that a killed run of the same identity left behind is gone on with, any
   * other is emptied first.
   *
   * @param options What is written where.
   * @throws {InputError} When the folder is there and `overwrite` is not set, another run is writing it, or an example would
   * be too large for a shard.
   */
  static async create<T extends OptionTable>(options: ShardWriterOptions<T>): Promise<ShardWriter<T>> {
    const { folder, overwrite = false } = options;
    checkExampleSize(options.dataset, options.options ?? {});
    if (!await exists(partialName(folder))) await checkReplaceable(folder, overwrite);
    const writer = new ShardWriter(options, await claimFolder(folder));
    try {
      await writer.#begin();
    } catch (error) {
      await writer.#release();
      throw error;
    }
    return writer;
  }

  /** Leaves the partial folder to others; one that no run can go on with is removed. */
  async #release(): Promise<void> {
    const { folder } = this.#options;
    if (await readJournal(partialName(folder)) === undefined) await dropPartial(folder, this.#lock);
    else this.#lock.close();
  }

  async #begin(): Promise<void> {
    const { folder, overwrite } = this.#options;
    const journal = await readJournal(partialName(folder));
    const isOurs = journal !== undefined && this.#identity === journal.identity;
    const isMoved = isOurs && journal.phase === "move" && !await exists(this.outputFolder) && await exists(folder);
    if (!isMoved) await checkReplaceable(folder, overwrite);
    if (isMoved || isOurs && await this.#goOn(journal)) this.#journal = journal;
    else await emptyPartial(folder);
  }

  /** Goes on with what is on the disk; false where it is not what the journal tells of. */
  async #goOn(journal: Journal): Promise<boolean> {
    if (!await exists(this.outputFolder) || !await this.#buckets.restore(journal.stored)) return false;
    for (const name of journal.classes) this.#classes.set(name, this.#classes.size);
    this.#buckets.isKeyless = journal.isKeyless;
    if (journal.phase === "write") this.#finished = await readFinishedShards(partialName(this.#options.folder));
    return true;
  }

  /** Where everything that becomes the folder is written until it is complete. */
  get outputFolder(): string {
    return outputName(this.#options.folder);
  }

  /** How far the killed run had come that is gone on with: chunks added, and what was told with them. */
  get journal(): Journal | undefined {
    return this.#journal;
  }

  /** The class names so far, in order of appearance. */
  get classes(): readonly string[] {
    return [...this.#classes.keys()];
  }

  /** Adds rows; their order does not matter, but that of equal rows with the same key: the first is kept. */
  async add(rows: readonly Row[]): Promise<void> {
    for (const row of rows) this.#packer.add(row);
    await this.addPacked(this.#packer.take());
  }

  /**
   * Adds packed rows, whose hashes must be by the writer's seed.
   *
   * @returns Whether all rows so far are on the disk now, so that {@linkcode ShardWriter.note} is worth while.
   */
  addPacked(packed: PackedRows): Promise<boolean> {
    const labels = packed.classes.map((name) => {
      const label = this.#classes.get(name) ?? this.#classes.size;
      if (label === MAX_CLASSES) throw new InputError(`more than ${MAX_CLASSES} classes: a label has no room for more`);
      this.#classes.set(name, label);
      return label;
    });
    return this.#buckets.deal(packed, labels);
  }

  /**
   * Notes how far the reading has come, so that a run that is killed later need not do it again; only right after
   * {@linkcode ShardWriter.addPacked} has put everything on the disk.
   *
   * @param chunks Chunks added so far.
   * @param told What the reader must know to go on; anything that survives JSON.
   */
  async note(chunks: number, told: unknown): Promise<void> {
    if (this.#identity === undefined) return;
    await this.#writeJournal(this.#identity, { chunks, told, phase: "read" });
  }

  /** Removes what was written so far; the output folder stays as it was before. */
  async abort(): Promise<void> {
    await this.#queue.settled();
    await dropPartial(this.#options.folder, this.#lock);
  }

  /**
   * Writes the shards and the index, and renames the folder.
   *
   * @param report What became of the sources.
   * @param onProgress Is told how many of the rows that were added are done with so far: written, or left out.
   * @param addFiles Writes what else belongs into the folder, before the index and the new name make it complete.
   * @returns The index, as it is in the folder now.
   * @throws {InputError} When no example is left.
   */
  async finish(
    report: SourceReport,
    onProgress: (rows: number) => void = () => {},
    addFiles: (folder: string, index: ShardIndex) => Promise<void> = () => Promise.resolve(),
  ): Promise<ShardIndex> {
    if (this.#journal?.phase === "move") return await this.#move();
    const { dataset, options, seed, shardSize, perClass, module } = this.#options;
    await this.#noteRead(report);
    const classes = [...this.#classes.keys()].sort();
    const fields = dataset.fields(options);
    const room = fields.label?.dtype === "uint8" ? 2 ** 8 : MAX_CLASSES;
    if (classes.length > room) throw new InputError(`${classes.length} classes: a label has room for ${room}`);
    const places = new Map(classes.map((name, place) => [name, place]));
    const labels = [...this.#classes.keys()].map((name) => places.get(name)!);
    const most = Math.min(shardSize, Math.floor(MAX_ARRAYS / exampleBytes(fields)));
    const splits = SPLITS.map((split) => new SplitRows(split, most, classes.length));
    const filters: Record<string, number> = { ...report.filters };
    const histogram: Record<string, number> = {};
    const filtered = () => Object.values(filters).reduce((sum, rows) => sum + rows, 0);
    const before = filtered();

    let examples = 0;
    const tell = () => onProgress(examples + this.#unlike.duplicates + filtered() - before);
    for await (const rows of this.#shuffled(filters)) {
      for (const { key, label, split, payload } of rows) {
        const row: LabelledRow = { key, label: labels[label], payload };
        if (dataset.histogram) count(histogram, String(dataset.histogram.of(row)));
        const waiting = splits[SPLITS.indexOf(split)];
        if (waiting.add(row)) await this.#queue.add(waiting);
      }
      examples += rows.length;
      tell();
    }
    tell(); // some duplicates are known only now
    if (this.#unlike.duplicates > 0) count(filters, "duplicate", this.#unlike.duplicates);
    if (examples === 0) throw new InputError("the sources hold no usable example: nothing was written");
    for (const waiting of splits) await this.#queue.add(waiting);
    const [train, valid, test] = await Promise.all(splits.map((waiting) => waiting.entry()));
    const told = [
      ...(report.notes ?? []),
      ...this.#unlike.notes,
      ...splits.flatMap((split) => split.notes(classes)),
      ...scarceNotes({ classes, splits: [train, valid, test], perClass }),
    ];

    const index: ShardIndex = {
      format: "strokewise shards",
      version: INDEX_VERSION,
      dataset: dataset.name,
      licence: dataset.licence,
      unit: dataset.unit,
      ...(dataset.picture && Object.hasOwn(fields, dataset.picture.field) ? { picture: dataset.picture } : {}),
      ...(module ? { module } : {}),
      fields,
      ...await listBanks(this.outputFolder, fields),
      classes,
      splits: { train, valid, test },
      histograms: dataset.histogram ? { [dataset.histogram.name]: histogram } : {},
      filters,
      rejects: report.rejects,
      notes: [...told, ...(dataset.remarks?.(histogram, options) ?? [])],
      sources: report.sources,
      options: { ...options, seed, shardSize, ...report.options },
    };
    await addFiles(this.outputFolder, index);
    await Deno.writeTextFile(`${this.outputFolder}/index.json`, JSON.stringify(sealIndex(index), null, 2) + "\n");
    await this.#noteAll("move", report);
    return await this.#move();
  }

  /** Puts the finished folder in its place, unless a killed run did. */
  async #move(): Promise<ShardIndex> {
    const { folder } = this.#options;
    await finishFolder(folder, this.#lock);
    return await readShardIndex(folder);
  }

  /** Notes that everything is read, where a killed run could gain from it. */
  async #noteRead(report: SourceReport): Promise<void> {
    if (this.#journal?.phase === "write" || !this.#isOnDisk) return;
    await this.#buckets.store();
    await this.#noteAll("write", report);
  }

  async #noteAll(phase: "write" | "move", told: SourceReport): Promise<void> {
    if (this.#identity === undefined) return;
    await this.#writeJournal(this.#identity, { chunks: 0, told, phase });
  }

  #about(): number {
    return this.#options.dataset.aboutBytes?.(this.#options.options) ?? 0;
  }

  async #writeJournal(identity: string, state: Pick<Journal, "chunks" | "told" | "phase">): Promise<void> {
    const { stored, isKeyless } = this.#buckets;
    const journal = { identity, stored, isKeyless, classes: this.classes, ...state };
    await writeJournal(partialName(this.#options.folder), journal);
  }

  /** Whether rows had to be put on the disk. */
  get #isOnDisk(): boolean {
    return this.#buckets.hasStored;
  }

  /** Writes a shard, or takes the one that a killed run had finished. */
  async #write(rows: ShardRows): Promise<ShardEntry> {
    const finished = this.#finished.get(rows.file);
    if (finished !== undefined) return finished;
    const { options, writeShard } = this.#options;
    const request = { kind: "pack", options, folder: this.outputFolder, ...rows } as const;
    const entry = await writeShard(request as unknown as PackRequest);
    if (this.#isOnDisk) await appendFinishedShard(partialName(this.#options.folder), entry);
    return entry;
  }

  /** The rows to be written, in their final order; counts what is left out. */
  async *#shuffled(filters: Record<string, number>): AsyncGenerator<BucketRow[]> {
    const { perClass, seed, memory, folder } = this.#options;
    const places = { prefix: `${partialName(folder)}/`, memory, seed, classes: this.classes, about: this.#about() };
    const unlike = this.#unlike.of(this.#buckets, places);
    if (perClass === Infinity) return yield* unlike;
    // The first of each class are drawn; a rare class goes on when the others are full, so a second shuffle mixes them.
    const drawn = new RowBuckets(`${partialName(folder)}/drawn`, memory);
    const packer = new RowPacker(mix32(seed + 1));
    const [kept, classes] = [new Array<number>(this.#classes.size).fill(0), this.classes];
    for await (const rows of unlike) {
      for (const { key, label, split, payload } of rows) {
        if (kept[label] === perClass) {
          count(filters, "more than --per-class");
        } else {
          kept[label]++;
          packer.add({ key, className: classes[label], split, payload });
        }
      }
      const packed = packer.take();
      await drawn.deal(packed, packed.classes.map((name) => this.#classes.get(name)!));
    }
    yield* drawn.shuffled();
    await drawn.removeFiles();
  }
}

/** Counts more under a name. */
const count = (counts: Record<string, number>, name: string, more = 1) => counts[name] = (counts[name] ?? 0) + more;
