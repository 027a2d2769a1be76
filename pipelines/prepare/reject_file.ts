/**
 * `rejects.ndjson`: every record that could not be used, with its file, its line and why.
 *
 * @module
 */
import { crc32 } from "node:zlib";
import { InputError } from "../base/errors.ts";
import { percent } from "../base/text.ts";
import { infoOf, replaceFile, writeAll } from "../base/files.ts";

/** One line of the file. */
export interface RejectEntry {
  readonly file: string;
  /** 1-based; of the file as a whole where it is left out. */
  readonly line?: number;
  readonly reason: string;
  readonly detail: string;
}

/** How far a file of rejects has come. */
export interface RejectState {
  /** Bytes written. */
  readonly bytes: number;
  /** CRC-32 of them. */
  readonly crc: number;
  readonly count: number;
  readonly byReason: Readonly<Record<string, number>>;
  /** The first reject. */
  readonly first?: RejectEntry;
}

/** A file of rejects that is being written. */
export class RejectFile {
  readonly byReason: Record<string, number>;
  count: number;
  #first: RejectEntry | undefined;
  #bytes: number;
  #crc: number;
  #waiting: string[] = [];

  private constructor(
    readonly path: string,
    readonly file: Deno.FsFile,
    { bytes, crc, count, byReason, first }: RejectState,
  ) {
    [this.#bytes, this.#crc, this.count, this.#first] = [bytes, crc, count, first];
    this.byReason = { ...byReason };
  }

  /**
   * Makes the file, or goes on with one that is there, cut to the state that is given.
   *
   * @throws {InputError} When what is there is not what the state tells of.
   */
  static async create(path: string, state?: RejectState): Promise<RejectFile> {
    const { bytes, crc } = state ?? { bytes: 0, crc: 0 };
    const file = await Deno.open(path, { create: true, write: true });
    try {
      await file.truncate(bytes);
      await file.seek(0, Deno.SeekMode.End);
      if (bytes === 0 || crc32(await Deno.readFile(path)) === crc) {
        return new RejectFile(path, file, state ?? { bytes, crc, count: 0, byReason: {} });
      }
    } catch (error) {
      file.close();
      throw error;
    }
    file.close();
    throw new InputError(`${path}: not what was written (CRC-32); prepare the data again`);
  }

  /** How far it has come. */
  get state(): RejectState {
    const first = this.#first === undefined ? {} : { first: this.#first };
    return { bytes: this.#bytes, crc: this.#crc, count: this.count, byReason: { ...this.byReason }, ...first };
  }

  /** Notes a reject, to be written with the next {@linkcode flush}. */
  add(entry: RejectEntry): void {
    this.count++;
    this.#first ??= entry;
    this.byReason[entry.reason] = (this.byReason[entry.reason] ?? 0) + 1;
    this.#waiting.push(JSON.stringify(entry) + "\n");
  }

  /** Writes what was noted. */
  async flush(): Promise<void> {
    const bytes = new TextEncoder().encode(this.#waiting.join(""));
    this.#waiting = [];
    this.#bytes += bytes.length;
    this.#crc = crc32(bytes, this.#crc);
    await writeAll(this.file, bytes);
  }

  /** `cat.ndjson:3: bad JSON: …`, the first of them. */
  describeFirst(): string {
    const { file, line, reason, detail } = this.#first!;
    return `${file}${line === undefined ? "" : `:${line}`}: ${reason}: ${detail}`;
  }

  /**
   * Copies the file to `<output>.rejects.ndjson`, or, where another's file has that name, `<output>.rejects-2.ndjson` and so
   * on; a list of an earlier run is replaced.
   *
   * @returns The copy's path.
   */
  async copyBeside(output: string): Promise<string> {
    for (let number = 1;; number++) {
      const path = `${output}.rejects${number === 1 ? "" : `-${number}`}.ndjson`;
      if (!await isFreeOrOurs(path)) continue;
      await replaceFile(path, async (copy) => {
        using list = await Deno.open(this.path);
        for await (const bytes of list.readable) await writeAll(copy, bytes);
      });
      return path;
    }
  }

  /** `12 of 345 records were rejected (3.5 %: 10 bad JSON, 2 unequal arrays)`. */
  describe(records: number): string {
    const reasons = Object.entries(this.byReason).sort(([, a], [, b]) => b - a).map(([reason, count]) =>
      `${count} ${reason}`
    );
    return `${this.count} of ${records} records were rejected (${percent(this.count / records)}: ${
      reasons.join(", ")
    })`;
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.file.close();
    return Promise.resolve();
  }
}

/** Whether there is nothing at a path, or a list of rejects. */
async function isFreeOrOurs(path: string): Promise<boolean> {
  const info = await infoOf(path);
  if (info === undefined) return true;
  if (!info.isFile) return false;
  using file = await Deno.open(path);
  const head = new Uint8Array(2 ** 16);
  const text = new TextDecoder().decode(head.subarray(0, await file.read(head) ?? 0));
  try {
    const { file, reason, detail } = JSON.parse(text.split("\n")[0]);
    return [file, reason, detail].every((part) => typeof part === "string");
  } catch {
    return false; // no line of ours
  }
}
