/**
 * Rows to shards: global shuffle, duplicates dropped, classes counted, each shard an `.npz` with its sha256, `index.json`
 * last. Everything is written to `<folder>.partial/output` and renamed when it is complete.
 *
 * @module
 */
import type { Dataset, LabelledRow, Row } from "../dataset.ts";
import { InputError } from "../base/errors.ts";
import { mergeOptions, type OptionTable, type OptionValues } from "../base/option_table.ts";
import { describeFile } from "../base/files.ts";
import { partialName } from "./output_folder.ts";
import { outputPlace } from "./remote_place.ts";
import { drawnSeed, keptRange, PART_FILE, type PartIndex, PARTS, type PartShard, partText } from "./part_index.ts";
import { readPartIndex, writeRows } from "./part_files.ts";
import { likeNamesNotes } from "./like_names.ts";
import {
  type BucketRow,
  contentHash,
  type KeptRange,
  type PackedRows,
  payloadLength,
  RowPacker,
} from "./packed_rows.ts";
import { RowBuckets } from "./row_buckets.ts";
import { INDEX_VERSION, MAX_CLASSES, type ShardEntry, type ShardIndex } from "./shard_index.ts";
import { indexText } from "./index_hash.ts";
import { readShardIndex } from "./shard_reader.ts";
import { listBanks } from "./bank.ts";
import { ShardQueue } from "./shard_queue.ts";
import { SharedContent } from "./shared_content.ts";
import { type ShardRows, SplitRows } from "./split_rows.ts";
import { type Journal, WRITER_VERSION } from "./write_journal.ts";
import { WritingFolder } from "./writing_folder.ts";
import { SPLITS } from "../base/split.ts";
import { scarceNotes } from "./scarce_classes.ts";
import { UnlikeRows } from "./unlike_rows.ts";
import type { ShardWriterOptions, SourceReport } from "./writer_options.ts";
import { checkExampleSize, exampleBytes, MAX_ARRAYS, type PackRequest, packShard } from "./pack_shard.ts";

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
    & Required<Pick<ShardWriterOptions<T>, "folder" | "dataset" | "seed" | "shardSize" | "memory" | "writeShard">>
    & Pick<ShardWriterOptions<T>, "module" | "part">
    & { readonly options: OptionValues<T>; readonly perClass: number };
  readonly #writing: WritingFolder;
  readonly #buckets: RowBuckets;
  /** Class names in order of appearance; a bucket's label is a place in here until all are known. */
  readonly #classes = new Map<string, number>();
  readonly #packer: RowPacker;
  readonly #unlike = new UnlikeRows();
  readonly #queue = new ShardQueue();

  private constructor(options: ShardWriterOptions<T>, writing: WritingFolder, buckets: RowBuckets) {
    this.#options = {
      seed: 0,
      shardSize: 4096,
      perClass: Infinity,
      memory: 2 ** 23,
      writeShard: (request) => packShard(options.dataset as Dataset, request),
      ...options,
      options: mergeOptions(options.dataset.options, options.options ?? {}, `dataset ${options.dataset.name}`),
    };
    [this.#writing, this.#buckets] = [writing, buckets];
    this.#packer = new RowPacker(this.#options.seed, this.#about(), this.kept);
    const { journal } = writing;
    if (journal === undefined || journal.phase === "move") return;
    for (const name of journal.classes) this.#classes.set(name, this.#classes.size);
    this.#buckets.isKeyless = journal.isKeyless;
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
    const { folder, overwrite = false, identity, part, place } = options;
    checkExampleSize(options.dataset, options.options ?? {});
    const where = { place: place ?? outputPlace(folder, part && PARTS), overwrite, identity };
    const buckets = new RowBuckets(`${partialName(where.place.folder)}/bucket`, options.memory);
    const writing = await WritingFolder.claim(where, ({ stored }) => buckets.restore(stored));
    return new ShardWriter(options, writing, buckets);
  }

  /** Where everything that becomes the folder is written until it is complete. */
  get outputFolder(): string {
    return this.#writing.output;
  }

  /** How far the killed run had come that is gone on with: chunks added, and what was told with them. */
  get journal(): Journal | undefined {
    return this.#writing.journal;
  }

  /** The rows that are kept whole, where this is one part of several; hashes of rows that are added must be told so. */
  get kept(): KeptRange | undefined {
    const { part, seed, perClass } = this.#options;
    return part && keptRange(part, { seed, isDrawn: perClass !== Infinity });
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
    await this.#note({ chunks, told, phase: "read" });
  }

  /** Removes what was written so far; the output folder stays as it was before. */
  async abort(): Promise<void> {
    await this.#queue.settled();
    await this.#writing.abort();
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
    if (this.journal?.phase !== "move") {
      const index = await this.#writeShards(report, onProgress);
      const { histograms: { [this.#options.dataset.histogram?.name ?? ""]: histogram = {} }, notes = [] } = index;
      const remarks = this.#options.dataset.remarks?.(histogram, this.#options.options) ?? [];
      const whole = { ...index, notes: [...notes, ...remarks] };
      await addFiles(this.outputFolder, whole);
      await Deno.writeTextFile(`${this.outputFolder}/index.json`, indexText(whole));
      await this.#noteAll("move", report);
    }
    await this.#writing.move();
    return await readShardIndex(this.#options.folder);
  }

  /**
   * Writes what the part has of the shards, `part.json`, and renames the folder.
   *
   * @param report What became of the sources, of which every part reads all.
   * @param onProgress As that of {@linkcode ShardWriter.finish}.
   * @returns What `part.json` says.
   * @throws {InputError} When no part has an example.
   */
  async finishPart(report: SourceReport, onProgress: (rows: number) => void = () => {}): Promise<PartIndex> {
    const { part } = this.#options;
    if (part === undefined) throw new TypeError("finishPart: the writer was made without part");
    if (this.journal?.phase !== "move") {
      const index = await this.#writeShards(report, onProgress);
      const rejectList = await describeFile(`${this.outputFolder}/rejects.ndjson`);
      const described = {
        ...index,
        format: "strokewise part" as const,
        writer: WRITER_VERSION,
        part,
        ...(rejectList ? { rejectList } : {}),
      };
      await Deno.writeTextFile(`${this.outputFolder}/${PART_FILE}`, partText(described));
      await this.#noteAll("move", report);
    }
    await this.#writing.move();
    return await readPartIndex(this.#options.folder);
  }

  /** Writes all shards; what it tells of them lacks what the counts of the histogram let one say. */
  async #writeShards(report: SourceReport, onProgress: (rows: number) => void): Promise<ShardIndex> {
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
    const [shared, about] = [new SharedContent(dataset.unit), this.#about()];
    const filtered = () => Object.values(filters).reduce((sum, rows) => sum + rows, 0);
    const before = filtered();

    let examples = 0;
    const tell = () => onProgress(examples + this.#unlike.duplicates + filtered() - before);
    for await (const rows of this.#shuffled(filters)) {
      for (const bucketRow of rows) {
        const { key, split, payload, isAway, isGiven } = bucketRow;
        const row: LabelledRow = { key, label: labels[bucketRow.label], payload };
        if (isGiven) shared.add(contentHash(bucketRow, about), split, row.label);
        if (dataset.histogram && !isAway) count(histogram, String(dataset.histogram.of(row)));
        const waiting = splits[SPLITS.indexOf(split)];
        const isFull = isAway ? waiting.pass(row.label, payloadLength(bucketRow)) : waiting.add(row);
        if (isFull) await this.#start(waiting);
      }
      examples += rows.length;
      tell();
    }
    tell(); // some duplicates are known only now
    if (this.#unlike.duplicates > 0) count(filters, "duplicate", this.#unlike.duplicates);
    if (examples === 0) throw new InputError("the sources hold no usable example: nothing was written");
    for (const waiting of splits) await this.#start(waiting);
    const [train, valid, test] = await Promise.all(splits.map((waiting) => waiting.entry()));
    const told = [
      ...(report.notes ?? []),
      ...this.#unlike.notes,
      ...shared.notes(classes),
      ...likeNamesNotes(classes),
      ...splits.flatMap((split) => split.notes(classes)),
      ...scarceNotes({ classes, splits: [train, valid, test], perClass }),
    ];

    return {
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
      notes: told,
      sources: report.sources,
      options: { ...options, seed, shardSize, ...report.options },
    };
  }

  /** Notes that everything is read, where a killed run could gain from it. */
  async #noteRead(report: SourceReport): Promise<void> {
    if (this.journal?.phase === "write" || !this.#isOnDisk) return;
    await this.#buckets.store();
    await this.#noteAll("write", report);
  }

  async #noteAll(phase: "write" | "move", told: SourceReport): Promise<void> {
    await this.#note({ chunks: 0, told, phase });
  }

  #about(): number {
    return this.#options.dataset.aboutBytes?.(this.#options.options) ?? 0;
  }

  async #note(state: Pick<Journal, "chunks" | "told" | "phase">): Promise<void> {
    const { stored, isKeyless } = this.#buckets;
    await this.#writing.note({ stored, isKeyless, classes: this.classes, ...state });
  }

  /** Whether rows had to be put on the disk. */
  get #isOnDisk(): boolean {
    return this.#buckets.hasStored;
  }

  /** Starts to write the rows that wait; resolves when there is room for more. */
  async #start(waiting: SplitRows): Promise<void> {
    const rows = waiting.take();
    if (rows === undefined) return;
    await this.#queue.room();
    const shard = this.#write(rows);
    waiting.wrote(shard);
    this.#queue.add(shard);
  }

  /** Writes a shard, or what a part has of it, or takes what a killed run had finished. */
  async #write(rows: ShardRows): Promise<ShardEntry> {
    const finished = this.#writing.finished(rows.file);
    if (finished !== undefined) return finished;
    const { options, writeShard, part } = this.#options;
    const own = rows.keys.length;
    const request = { kind: "pack", options, folder: this.outputFolder, ...rows } as const;
    const entry = own === rows.examples
      ? await writeShard(request as unknown as PackRequest)
      : await writeRows(this.outputFolder, rows);
    const listed: ShardEntry = part ? { ...entry, own } as PartShard : entry;
    if (this.#isOnDisk) await this.#writing.finish(listed);
    return listed;
  }

  /** The rows to be written, in their final order; counts what is left out. */
  async *#shuffled(filters: Record<string, number>): AsyncGenerator<BucketRow[]> {
    const { perClass, seed, memory } = this.#options;
    const places = { prefix: `${this.#writing.partial}/`, memory, seed, classes: this.classes, about: this.#about() };
    const unlike = this.#unlike.of(this.#buckets, places);
    if (perClass === Infinity) return yield* unlike;
    // The first of each class are drawn; a rare class goes on when the others are full, so a second shuffle mixes them.
    const drawn = new RowBuckets(`${this.#writing.partial}/drawn`, memory);
    const packer = new RowPacker(drawnSeed(seed));
    const [kept, classes] = [new Array<number>(this.#classes.size).fill(0), this.classes];
    for await (const rows of unlike) {
      for (const row of rows) {
        if (kept[row.label] === perClass) {
          count(filters, "more than --per-class");
        } else {
          kept[row.label]++;
          packer.again(row, classes[row.label]);
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
