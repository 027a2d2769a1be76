/**
 * The file to which drawings are collected: lines of ndjson as Google's simplified ones, which `prepare` reads as they are.
 *
 * @module
 */
import { InputError, Reject } from "../../../pipelines/base/errors.ts";
import { folderOf, lockFile } from "../../../pipelines/base/files.ts";
import {
  type DrawingAbout,
  type DrawingRecord,
  formatDrawingRecord,
  parseDrawingRecord,
} from "../../../pipelines/formats/quickdraw/drawing_record.ts";
import { timestampOfMicroseconds } from "../../../pipelines/formats/quickdraw/timestamp.ts";
import { readLineChunks } from "../../../pipelines/sources/line_chunks.ts";

/** What there is to collect of a drawing. */
export type Collected = Required<Pick<DrawingRecord, "word" | "recognized" | "drawing">>;

/** How drawings are collected. */
export interface CollectSettings {
  /** The country that is written, two letters. */
  readonly country: string;
  /** How long the file may become, in bytes. */
  readonly maxBytes: number;
}

interface OpenedFile {
  readonly path: string;
  readonly file: Deno.FsFile;
  readonly isNew: boolean;
  readonly keys: Set<bigint>;
  readonly words: Set<string>;
  readonly note: string | undefined;
}

/** Thrown where the file takes no further drawing. */
export class CollectionFull extends Error {}

const LINE_FEED = 0x0a;
/** What a line of ours begins with: a last one without an end was cut short when its server was killed. */
const START = '{"word":"';

/** A file that is appended to by whole lines; it is locked until it is disposed of. */
export class CollectedFile implements Disposable {
  readonly path: string;
  /** What was mended when it was opened. */
  readonly note: string | undefined;
  readonly #file: Deno.FsFile;
  readonly #isNew: boolean;
  readonly #country: string;
  readonly #maxBytes: number;
  readonly #keys: Set<bigint>;
  readonly #words: Set<string>;
  #count = 0;

  private constructor(opened: OpenedFile, { country, maxBytes }: CollectSettings) {
    this.path = opened.path;
    this.note = opened.note;
    this.#file = opened.file;
    this.#isNew = opened.isNew;
    this.#keys = opened.keys;
    this.#words = opened.words;
    this.#country = country;
    this.#maxBytes = maxBytes;
  }

  /**
   * Opens a file, or makes it, and checks all that is in it.
   *
   * @throws {InputError} When it cannot be written, another server has it, or it holds anything but simplified drawings.
   */
  static async open(path: string, settings: CollectSettings): Promise<CollectedFile> {
    const refuse = (why: string) => new InputError(`--collect ${path}: ${why}`);
    if (/\.(gz|zip|bz2|xz|zst)$/.test(path)) throw refuse("lines cannot be added to a compressed file");
    let file: Deno.FsFile;
    const info = statOf(path);
    try {
      if (info && !info.isFile) throw refuse("not a file");
      await Deno.mkdir(folderOf(path), { recursive: true });
      file = await Deno.open(path, { read: true, append: true, create: true });
    } catch (error) {
      throw error instanceof InputError ? error : refuse((error as Error).message);
    }
    try {
      if (!await lockFile(file)) throw refuse("another server is collecting into it");
      return new CollectedFile(
        { path, file, isNew: info === undefined, ...await checkLines(file, path) },
        settings,
      );
    } catch (error) {
      file.close();
      throw error;
    }
  }

  /** How many drawings were added since it was opened. */
  get count(): number {
    return this.#count;
  }

  /** The classes of all of its drawings. */
  get words(): readonly string[] {
    return [...this.#words];
  }

  /**
   * Adds a drawing: it is on the disk when the promise is fulfilled.
   *
   * @returns The key that it was given.
   * @throws {CollectionFull} When the file, or the disk, has no room for it.
   * @throws {Error} When the file is not there any more, or cannot be written.
   */
  async append({ word, recognized, drawing }: Collected): Promise<bigint> {
    const [before, there] = [this.#file.statSync(), statOf(this.path)];
    if (there === undefined || there.ino !== before.ino || there.dev !== before.dev) {
      throw new Error(`${this.path} was moved or removed while the server had it open`);
    }
    const keyId = this.#freshKey();
    const timestamp = timestampOfMicroseconds(1000n * BigInt(Date.now()));
    const record = { word, countryCode: this.#country, timestamp, recognized, keyId, drawing };
    const line = new TextEncoder().encode(`${formatDrawingRecord(record)}\n`);
    if (before.size + line.length > this.#maxBytes) throw new CollectionFull(`${this.path} has reached its limit`);
    let written = 0;
    let fault: Error | undefined;
    try {
      written = this.#file.writeSync(line);
    } catch (error) {
      fault = error as Error;
    }
    if (written < line.length) {
      this.#file.truncateSync(before.size);
      throw new CollectionFull(`${this.path}: ${fault?.message ?? "no room for a whole line"}`);
    }
    await this.#file.sync();
    this.#keys.add(keyId);
    this.#words.add(word);
    this.#count++;
    return keyId;
  }

  #freshKey(): bigint {
    for (;;) {
      const [key] = crypto.getRandomValues(new BigUint64Array(1));
      if (!this.#keys.has(key)) return key;
    }
  }

  /** Closes the file; it is not kept where it was made and nothing was added. */
  [Symbol.dispose](): void {
    const { size, ino, dev } = this.#file.statSync();
    const there = statOf(this.path);
    if (this.#isNew && size === 0 && there?.ino === ino && there?.dev === dev) Deno.removeSync(this.path);
    this.#file.close();
  }
}

function statOf(path: string): Deno.FileInfo | undefined {
  try {
    return Deno.statSync(path);
  } catch {
    return undefined;
  }
}

/** The keys of the drawings that a file holds, which must all be simplified ones; a last line that is cut off is removed. */
async function checkLines(
  file: Deno.FsFile,
  path: string,
): Promise<Pick<OpenedFile, "keys" | "words" | "note">> {
  const [keys, words] = [new Set<bigint>(), new Set<string>()];
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let number = 0;
  let last: { readonly length: number; readonly isWhole: boolean } | undefined;
  for await (const bytes of readLineChunks(partsOf(file))) {
    for (let at = 0; at < bytes.length;) {
      const feed = bytes.indexOf(LINE_FEED, at);
      const lineEnd = feed < 0 ? bytes.length : feed;
      number++;
      const line = bytes.subarray(at, lineEnd);
      at = lineEnd + 1;
      let isWhole = true;
      try {
        const text = decoder.decode(line);
        const { keyId, word }: DrawingAbout = text.trim() === "" ? {} : parseDrawingRecord(text);
        if (keyId !== undefined) keys.add(keyId);
        if (word !== undefined) words.add(word);
      } catch (error) {
        if (feed >= 0 || !isCutOff(line)) throw refusalOf(error, `${path}:${number}`);
        isWhole = false;
      }
      if (feed < 0) last = { length: line.length, isWhole };
    }
  }
  if (last === undefined) return { keys, words, note: undefined };
  if (last.isWhole) {
    await file.write(Uint8Array.of(LINE_FEED));
    return { keys, words, note: undefined };
  }
  await file.truncate((await file.stat()).size - last.length);
  await file.sync();
  const note = `${path}: its last line, ${last.length} bytes, was cut short when a server was killed, and is removed`;
  return { keys, words, note };
}

/** Whether a last line without an end is the beginning of one of ours, or what a crash of the machine leaves of one. */
function isCutOff(line: Uint8Array): boolean {
  const start = new TextDecoder().decode(line.subarray(0, START.length));
  return START.startsWith(start) || line.every((byte) => byte === 0);
}

function refusalOf(error: unknown, where: string): unknown {
  if (!(error instanceof Reject || error instanceof TypeError)) return error;
  const why = error instanceof Reject ? error.message : "not text in UTF-8";
  return new InputError(
    `--collect: ${where}: ${why}; drawings are added to files of simplified ndjson alone, or to one that is not there yet`,
  );
}

async function* partsOf(file: Deno.FsFile): AsyncGenerator<Uint8Array> {
  const part = new Uint8Array(2 ** 16);
  for (;;) {
    const length = await file.read(part);
    if (length === null) return;
    yield part.slice(0, length);
  }
}
