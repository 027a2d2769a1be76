/**
 * The first half of `prepare`: sources to rows on their way to the shuffle, with all that is told of them.
 *
 * @module
 */
import type { Chunk, Dataset } from "../dataset.ts";
import { banksOf, type NdArray } from "../base/arrays.ts";
import { InputError } from "../base/errors.ts";
import type { OptionTable, OptionValues } from "../base/option_table.ts";
import type { ParseReply, ParseRequest } from "./prepare_jobs.ts";
import type { ShardWriter } from "../shards/shard_writer.ts";
import type { SourceReport } from "../shards/writer_options.ts";
import { writeBank } from "../shards/bank.ts";
import { firstNames, ignoredNote, openSource, type Source } from "../sources/source.ts";
import type { Job } from "../base/worker_pool.ts";
import type { PreparePool } from "./prepare_pool.ts";
import { RejectFile, type RejectState } from "./reject_file.ts";
import { release } from "../base/bytes.ts";

/** What is read, and where it goes. */
export interface ReadingInput {
  readonly dataset: Dataset;
  readonly options: OptionValues<OptionTable>;
  /** Of the shuffle, and of what the dataset draws. */
  readonly seed: number;
  readonly found: readonly Source[];
  /** Files whose names are not UTF-8, by which they cannot be opened. */
  readonly passedOver: readonly string[];
  /** What else is in the folders that are sources. */
  readonly ignored: readonly string[];
  /** Folders in those that hold nothing. */
  readonly empty: readonly string[];
  readonly writer: ShardWriter;
  readonly pool: PreparePool;
  /** What is done about a source that is cut or broken. */
  readonly damaged: "refuse" | "keep";
}

/** What is known when everything is read. */
export interface ReadingResult {
  readonly report: SourceReport;
  /** Rows added, duplicates among them; not known where a killed run had read everything. */
  readonly kept?: number;
}

/** Counts that a run which goes on must know. */
interface Counts {
  /** Records of any fate. */
  records: number;
  kept: number;
  /** Lines of the source at hand. */
  lines: number;
  readonly filters: Record<string, number>;
  /** Classes of which a record was left out. */
  readonly leftOut: string[];
  /** Whether the source at hand has a record that can be used. */
  isUsable: boolean;
  /** Which of all sources that is, from 1. */
  current: number;
  /** Sources of which no record could be used, by their places. */
  readonly unusable: Record<number, { readonly file: string; readonly rejects: number }>;
  /** Sources that hold no record, by their places. */
  readonly blank: Record<number, string>;
}

/** What is noted with the rows on the disk. */
interface Told {
  readonly counts: Counts;
  readonly rejects: RejectState;
}

/** Reads sources by way of Workers; goes on where a killed run had come. */
export class Reading {
  readonly #input: ReadingInput;
  /** The chunks that are being parsed, first in, first out. */
  readonly #parsing: Pick<Chunk, "file" | "isFirst" | "isSingle">[] = [];
  readonly #notes: string[] = [];

  constructor(input: ReadingInput) {
    this.#input = input;
    for (const path of input.passedOver) this.#notes.push(`${path}: not read, for its name is not UTF-8`);
    if (input.ignored.length > 0) this.#notes.push(ignoredNote(input.ignored));
  }

  /**
   * Reads to the end.
   *
   * @throws {InputError} When a source cannot be used, is damaged, changes meanwhile, or more than `maxRejects` of the records are
   * rejected; their list is then copied beside the output.
   */
  async finish(
    { output, maxRejects }: { readonly output: string; readonly maxRejects: number },
    onProgress: (progress: PrepareProgress) => void,
  ): Promise<ReadingResult> {
    const { dataset, options, found, writer, pool } = this.#input;
    const { journal } = writer;
    if (journal !== undefined && journal.phase !== "read") return { report: journal.told as SourceReport };
    const told = journal?.told as Told | undefined;
    const counts: Counts = told?.counts ??
      { records: 0, kept: 0, lines: 0, filters: {}, leftOut: [], isUsable: false, current: 0, unusable: {}, blank: {} };
    await using rejects = await RejectFile.create(`${writer.outputFolder}/rejects.ndjson`, told?.rejects);
    const sources = found.map(openSource);
    const sizes = found.map(({ bytes }) => bytes);
    const total = sizes.includes(undefined)
      ? {}
      : { totalBytes: sizes.reduce<number>((sum, bytes) => sum + bytes!, 0) };

    let damage: string | undefined;
    let chunks = journal?.chunks ?? 0;
    for await (const reply of pool.parse(this.#jobs(dataset.chunks(sources, options, this.#input.seed), chunks))) {
      damage = this.#count(reply, counts, rejects);
      if (damage !== undefined) break;
      const isStored = await writer.addPacked(reply.rows);
      release(reply.rows.bytes);
      await rejects.flush();
      chunks++;
      if (isStored) await writer.note(chunks, { counts, rejects: rejects.state } satisfies Told);
      const bytes = sources.reduce((sum, { bytesRead }) => sum + bytesRead, 0);
      onProgress({ phase: "read", records: counts.records, bytes, ...total });
    }
    if (damage === undefined) await this.#checkRejects(counts, rejects, { output, maxRejects });
    for (const source of sources) await source.drain();
    const summaries = sources.map((source) => source.summary());
    for (const [i, { path, bytes }] of found.entries()) {
      if (bytes === undefined || bytes === summaries[i].bytes) continue;
      throw new InputError(
        `source ${path}: had ${bytes} bytes, ${summaries[i].bytes} were read: it was changed meanwhile`,
      );
    }
    if (damage !== undefined) {
      throw new InputError(`${damage}; --damaged keep takes what comes before and leaves out the rest`);
    }
    const { kept, filters, leftOut } = counts;
    const empty = leftOut.filter((name) => !writer.classes.includes(name)).sort();
    if (kept > 0 && empty.length > 0) {
      const why = Object.entries(filters).map(([name, count]) => `${count} ${name}`).join(", ");
      throw new InputError(`no example is left of class ${empty.join(", ")}; left out: ${why}`);
    }
    const blank = [...this.#input.empty, ...Object.values(counts.blank)];
    if (blank.length > 0) this.#notes.push(`without any record: ${firstNames(blank)}`);
    return { report: { sources: summaries, filters, rejects: rejects.byReason, notes: this.#notes }, kept };
  }

  /** @throws {InputError} When too much is rejected, or all. */
  async #checkRejects(
    { records, kept, unusable }: Counts,
    rejects: RejectFile,
    { output, maxRejects }: { readonly output: string; readonly maxRejects: number },
  ): Promise<void> {
    const [bad] = maxRejects < 1 ? Object.values(unusable) : [];
    if (rejects.count > maxRejects * records || rejects.count > 0 && kept === 0 || bad !== undefined) {
      const list = await rejects.copyBeside(output);
      const isFew = rejects.count <= maxRejects * records;
      const why = kept === 0
        ? "none is left"
        : isFew
        ? `all ${bad.rejects} of ${bad.file} among them, which --max-rejects 1 allows`
        : "more than --max-rejects allows";
      const first = rejects.describeFirst();
      throw new InputError(`${rejects.describe(records)}, ${why}; the first: ${first}; each is listed in ${list}`);
    }
  }

  /** What to parse, but for the chunks that are on the disk already. */
  async *#jobs(chunks: AsyncIterable<Chunk>, skip: number): AsyncGenerator<Job<ParseRequest>> {
    const { options, seed, writer: { kept } } = this.#input;
    let place = 0;
    for await (const { file, isFirst, isSingle = false, content, buffers, notes = [], banks = {} } of chunks) {
      this.#notes.push(...notes);
      for (const [name, array] of Object.entries(banks)) await this.#writeBank(name, array);
      if (place++ < skip) continue;
      this.#parsing.push({ file, isFirst, isSingle });
      const request: ParseRequest = { kind: "parse", options, seed, content, buffers, ...(kept ? { kept } : {}) };
      yield { request, transfer: buffers };
    }
  }

  async #writeBank(name: string, array: NdArray): Promise<void> {
    const { dataset, options, writer } = this.#input;
    if (!banksOf(dataset.fields(options)).includes(name)) {
      throw new InputError(`dataset ${dataset.name}: no field is looked up in the bank ${name} that it gives`);
    }
    await writeBank(writer.outputFolder, name, array);
  }

  /** Counts what a chunk held; gives the damage of its source, where that is refused. */
  #count(
    { rows, rejects: rejected, filters, leftOut, lines, damage }: ParseReply,
    counts: Counts,
    rejects: RejectFile,
  ): string | undefined {
    const { file, isFirst, isSingle } = this.#parsing.shift()!;
    if (isFirst) [counts.lines, counts.isUsable, counts.current] = [0, false, counts.current + 1];
    const hasRecords = rows.count + rejected.length + Object.keys(filters).length > 0 || damage !== undefined;
    if (hasRecords) delete counts.blank[counts.current];
    else if (isFirst && !isSingle) counts.blank[counts.current] = file;
    counts.isUsable ||= rows.count > 0 || Object.keys(filters).length > 0;
    const { [counts.current]: before } = counts.unusable;
    if (counts.isUsable) delete counts.unusable[counts.current];
    else if (rejected.length > 0 && !isSingle) {
      counts.unusable[counts.current] = { file, rejects: (before?.rejects ?? 0) + rejected.length };
    }
    for (const { line, reason, detail } of rejected) rejects.add({ file, line: counts.lines + line, reason, detail });
    if (damage) {
      const { line, reason, detail } = damage;
      if (this.#input.damaged === "refuse") return `${file}:${counts.lines + line}: ${reason}: ${detail}`;
      rejects.add({ file, line: counts.lines + line, reason, detail });
      counts.records++;
    }
    counts.lines += lines;
    counts.kept += rows.count;
    counts.records += rows.count + rejected.length;
    for (const name of leftOut) if (!counts.leftOut.includes(name)) counts.leftOut.push(name);
    for (const [name, count] of Object.entries(filters)) {
      counts.filters[name] = (counts.filters[name] ?? 0) + count;
      counts.records += count;
    }
    return undefined;
  }
}

/** What a run of {@linkcode prepare} tells while it goes on. */
export interface PrepareProgress {
  /** Reading the sources, or writing the shards. */
  readonly phase: "read" | "write";
  /** Records read, or rows of those that were added that are written or left out. */
  readonly records: number;
  /** Bytes read, as stored, of `totalBytes`, which is left out where a source is standard input. */
  readonly bytes: number;
  /** Bytes that there are to read. */
  readonly totalBytes?: number;
  /** Rows that were added, once that is known; not all of them need be written. */
  readonly totalRecords?: number;
}
