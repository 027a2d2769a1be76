/**
 * One file of the cache. While it is fetched it is `NAME.partial`, locked, and gets its name when it is whole and
 * checked. `NAME.json` beside it says where it comes from; with `sha256` in it the file is whole.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { InputError } from "../base/errors.ts";
import { writeAll, writeAtomic } from "../base/files.ts";
import { Fault } from "./retry.ts";

/** What is beside a file of the cache. */
export interface CacheRecord {
  /** Where it was fetched. */
  readonly url: string;
  /** The file's size, as the server says. */
  readonly bytes: number;
  /** The server's strong ETag, or its Last-Modified: the same text means the same content. */
  readonly etag?: string;
  /** MD5 that the server says, in hexadecimal. */
  readonly md5?: string;
  /** SHA-256 of the whole file, in hexadecimal; absent until it is whole. */
  readonly sha256?: string;
}

/** What is beside a file that is whole. */
export type WholeRecord = CacheRecord & { readonly sha256: string };

/** What a file must be, where that is known. */
export interface Expected {
  /** Its size. */
  readonly bytes?: number;
  /** SHA-256 in hexadecimal. */
  readonly sha256?: string;
  /** MD5 in hexadecimal. */
  readonly md5?: string;
}

const recordPath = (path: string) => `${path}.json`;
const partialPath = (path: string) => `${path}.partial`;

/**
 * What is known of a file that is in the cache whole; undefined where it is not there, not what is expected, or not what was
 * fetched: it is read and hashed.
 */
export async function findWhole(path: string, expected: Expected): Promise<WholeRecord | undefined> {
  const [record, size] = [await readRecord(path), await sizeOf(path)];
  if (record?.sha256 === undefined || record.bytes !== size) return undefined;
  const { bytes = size, sha256 = record.sha256 } = expected;
  if (bytes !== size || sha256 !== record.sha256 || await hashOf(path, "sha256") !== sha256) return undefined;
  const { md5 } = expected;
  return md5 === undefined || await hashOf(path, "md5") === md5 ? { ...record, sha256 } : undefined;
}

async function hashOf(path: string, algorithm: "sha256" | "md5"): Promise<string> {
  const hash = createHash(algorithm);
  for await (const bytes of (await Deno.open(path)).readable) hash.update(bytes);
  return hash.digest("hex");
}

async function readRecord(path: string): Promise<CacheRecord | undefined> {
  let text: string;
  try {
    text = await Deno.readTextFile(recordPath(path));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) return undefined;
    throw error;
  }
  try {
    const record = JSON.parse(text);
    return typeof record?.url === "string" && Number.isSafeInteger(record.bytes) ? record : undefined;
  } catch {
    return undefined; // not ours, or cut short by a full disk
  }
}

async function writeRecord(path: string, record: CacheRecord): Promise<void> {
  await writeAtomic(recordPath(path), `${JSON.stringify(record, null, 2)}\n`);
}

async function sizeOf(path: string): Promise<number | undefined> {
  try {
    return (await Deno.stat(path)).size;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) return undefined;
    throw error;
  }
}

async function removeIfThere(path: string): Promise<void> {
  try {
    await Deno.remove(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

/** An error of the disk, with the file's name. */
function unwritable(path: string, error: unknown): InputError {
  return new InputError(`${partialPath(path)}: cannot be written: ${(error as Error).message}`);
}

/** The part of a file that is here, open and locked; dispose of it when no more is to come. */
export class PartialFile implements AsyncDisposable {
  readonly #path: string;
  readonly #file: Deno.FsFile;
  #record: CacheRecord | undefined;
  #held: number;
  #answers: number;
  #isFinished = false;

  private constructor(path: string, file: Deno.FsFile, record: CacheRecord | undefined, held: number) {
    [this.#path, this.#file, this.#record, this.#held] = [path, file, record, held];
    this.#answers = held > 0 ? 1 : 0;
  }

  /**
   * Opens the part that is here, or an empty one, for this process alone.
   *
   * @param path The file's name once it is whole; its folder is made.
   * @returns Undefined while another holds it.
   * @throws {InputError} When nothing can be written there.
   */
  static async claim(path: string): Promise<PartialFile | undefined> {
    let file: Deno.FsFile;
    try {
      await Deno.mkdir(path.slice(0, path.lastIndexOf("/") + 1) || ".", { recursive: true });
      file = await Deno.open(partialPath(path), { create: true, read: true, write: true });
    } catch (error) {
      throw unwritable(path, error);
    }
    try {
      // Who held it may have finished in between: then what is open here is the whole file under its own name.
      if (await file.tryLock(true) && (await file.stat()).ino === (await Deno.stat(partialPath(path))).ino) {
        const held = await file.seek(0, Deno.SeekMode.End);
        return new PartialFile(path, file, held > 0 ? await readRecord(path) : undefined, held);
      }
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) {
        file.close();
        throw error;
      }
    }
    file.close();
    return undefined;
  }

  /** Bytes that are here. */
  get held(): number {
    return this.#held;
  }

  /** What is known of what is here; undefined where nothing is. */
  get record(): CacheRecord | undefined {
    return this.#record;
  }

  /** Whether what is here came in more than one answer, which need not have been of one file. */
  get isPatched(): boolean {
    return this.#answers > 1;
  }

  /** Forgets what is here and begins a file, which is told before its first byte comes. */
  async begin(record: CacheRecord): Promise<void> {
    await this.forget();
    await this.#write(() => writeRecord(this.#path, record));
    this.#record = record;
    this.#answers = 1;
  }

  /** Goes on with what is here in another answer. */
  resume(): void {
    this.#answers++;
  }

  /** Adds bytes at the end. */
  async append(bytes: Uint8Array): Promise<void> {
    await this.#write(() => writeAll(this.#file, bytes));
    this.#held += bytes.length;
  }

  /** Forgets what is here. */
  async forget(): Promise<void> {
    await this.#write(async () => {
      await this.#file.truncate(0);
      await this.#file.seek(0, Deno.SeekMode.Start);
      await removeIfThere(recordPath(this.#path));
    });
    [this.#record, this.#held, this.#answers] = [undefined, 0, 0];
  }

  /**
   * Checks all that is here and gives it its name.
   *
   * @throws {Fault} When it is not what it should be; it is forgotten then.
   */
  async finish(expected: Expected): Promise<WholeRecord> {
    const record = this.#record!;
    const sha256 = await this.#hash("sha256");
    const wanted = [["sha256", expected.sha256, sha256]];
    for (const md5 of new Set([expected.md5, record.md5])) {
      if (md5 !== undefined) wanted.push(["md5", md5, await this.#hash("md5")]);
    }
    for (const [name, right, found] of wanted) {
      if (right === undefined || right === found) continue;
      const again = this.isPatched; // the pieces may have been of two files
      await this.forget();
      throw new Fault(`the ${name} is ${found}, expected ${right}`, { again });
    }
    const whole = { ...record, sha256 };
    await this.#write(async () => {
      await this.#file.sync();
      await writeRecord(this.#path, whole); // first, so that the file is never here without it
      await Deno.rename(partialPath(this.#path), this.#path);
    });
    this.#isFinished = true;
    return whole;
  }

  async #hash(algorithm: "sha256" | "md5"): Promise<string> {
    const hash = createHash(algorithm);
    const buffer = new Uint8Array(2 ** 18);
    await this.#file.seek(0, Deno.SeekMode.Start);
    for (let read; (read = await this.#file.read(buffer)) !== null;) hash.update(buffer.subarray(0, read));
    return hash.digest("hex");
  }

  /** Does something to the disk. */
  async #write(step: () => Promise<void>): Promise<void> {
    try {
      await step();
    } catch (error) {
      throw unwritable(this.#path, error);
    }
  }

  /** Closes it; a part that another attempt can go on with stays, an empty one does not. */
  async [Symbol.asyncDispose](): Promise<void> {
    try {
      if (!this.#isFinished && this.#held === 0) {
        await removeIfThere(partialPath(this.#path));
        if (this.#record !== undefined) await removeIfThere(recordPath(this.#path));
      }
    } finally {
      this.#file.close();
    }
  }
}
