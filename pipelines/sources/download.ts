/**
 * Downloads: files from the web into a cache folder, where each is whole or not at all. What is there is not fetched
 * again; what was begun goes on where it stopped, after a kill too.
 *
 * @module
 */
import { findWhole, PartialFile, type WholeRecord } from "./cached_file.ts";
import { fetchFile, type FetchSettings } from "./fetch_file.ts";
import { type DownloadSystem, MACHINE, type RequestHead, TIMEOUT, TRIES } from "./http_request.ts";

/** A file that can be downloaded. */
export interface Download {
  /** What it is called in the cache, such as `cat.ndjson`. */
  readonly name: string;
  /** Addresses of the same content, in the order in which they are tried. */
  readonly mirrors: readonly string[];
  /** Its size, where it is known. */
  readonly bytes?: number;
  /** Its SHA-256 in hexadecimal, where it is known. */
  readonly sha256?: string;
  /** Its MD5 in hexadecimal, where it is known. */
  readonly md5?: string;
}

/** How {@linkcode downloadFiles} goes about it. */
export interface DownloadSettings {
  /** The folder that the files go to; made when it is not there. */
  readonly folder: string;
  /** Files at a time, 1 or more; 4 when left out. */
  readonly concurrency?: number;
  /** Calls it off; what has come stays for the next run. */
  readonly signal?: AbortSignal;
  /** Milliseconds after which a server that sends nothing is given up; 30,000 when left out. */
  readonly timeout?: number;
  /** Failures in a row, none of them with a byte more than before, after which a mirror is given up, 1 or more; 6 when left out. */
  readonly tries?: number;
  /** Time and chance; the machine's when left out. */
  readonly system?: DownloadSystem;
  /** What a request must bear, such as a signature; nothing when left out. */
  readonly headersFor?: (request: RequestHead) => Promise<Headers>;
}

/** How far {@linkcode downloadFiles} is. */
export interface DownloadProgress {
  /** Bytes that are here of the files that were not in the cache. */
  readonly bytes: number;
  /** How many there will be; left out until every server has said so. */
  readonly totalBytes?: number;
  /** Files that are here whole. */
  readonly files: number;
  /** Files that there will be. */
  readonly totalFiles: number;
}

/** A file that is here whole. */
export interface DownloadedFile {
  /** Where it is. */
  readonly path: string;
  /** Its size. */
  readonly bytes: number;
  /** Its SHA-256 in hexadecimal. */
  readonly sha256: string;
  /** Whether it was fetched now, and not in the cache. */
  readonly isNew: boolean;
}

/** How often it is looked whether another process has finished a file, in milliseconds. */
const LOCK_PERIOD = 200;

/**
 * Fetches files, several at a time. Each is checked: its size against what the server says, its hashes where they are
 * known. Two runs may fetch the same file at once: the second waits for the first.
 *
 * @param downloads The files.
 * @param settings Where they go to, and how.
 * @param onProgress Is called often.
 * @returns The files in the order of `downloads`.
 * @throws {InputError} When a file cannot be had from any of its mirrors, or cannot be written; the others end too, and
 * what has come of them stays for the next run.
 *
 * @example
 * ```ts
 * import { downloadFiles } from "@strokewise/strokewise/pipelines";
 * import { assertEquals } from "@std/assert";
 *
 * const local = { hostname: "127.0.0.1", port: 0, onListen: () => {} };
 * await using server = Deno.serve(local, () => new Response("two\nlines\n"));
 * const folder = await Deno.makeTempDir();
 * const mirrors = [`http://127.0.0.1:${server.addr.port}/cat.ndjson`];
 * const [cat] = await downloadFiles([{ name: "cat.ndjson", mirrors, bytes: 10 }], { folder });
 * assertEquals([cat.path, cat.isNew], [`${folder}/cat.ndjson`, true]);
 * assertEquals(await Deno.readTextFile(cat.path), "two\nlines\n");
 * const [again] = await downloadFiles([{ name: "cat.ndjson", mirrors }], { folder });
 * assertEquals(again, { ...cat, isNew: false });
 * await Deno.remove(folder, { recursive: true });
 * ```
 */
export async function downloadFiles(
  downloads: readonly Download[],
  settings: DownloadSettings,
  onProgress: (progress: DownloadProgress) => void = () => {},
): Promise<DownloadedFile[]> {
  const { folder, concurrency = 4, timeout = TIMEOUT, tries = TRIES, system = MACHINE, headersFor } = settings;
  const failed = new AbortController();
  const signal = settings.signal === undefined ? failed.signal : AbortSignal.any([settings.signal, failed.signal]);
  const done: DownloadedFile[] = [];
  const parts = downloads.map(({ bytes }): { held: number; total: number | undefined } => ({ held: 0, total: bytes }));
  const tell = () => onProgress(sumUp(parts, Object.keys(done).length));

  const queue = downloads.entries();
  const work = async (): Promise<void> => {
    for (const [i, download] of queue) {
      signal.throwIfAborted();
      const path = `${folder.replace(/\/+$/, "") || "."}/${download.name}`;
      const onBytes = (held: number, total: number) => {
        parts[i] = { held, total };
        tell();
      };
      const { record, isNew } = await obtain(path, download, { signal, timeout, tries, system, headersFor, onBytes });
      if (!isNew) parts[i] = { held: 0, total: 0 };
      done[i] = { path, bytes: record.bytes, sha256: record.sha256, isNew };
      tell();
    }
  };
  const workers = Array.from({ length: Math.min(concurrency, downloads.length) }, () =>
    work().catch((error) => {
      failed.abort(error); // the first reason stays
      throw error;
    }));
  const ends = await Promise.allSettled(workers);
  if (ends.some(({ status }) => status === "rejected")) throw signal.reason;
  return done;
}

/** The file from the cache, or fetched into it. */
async function obtain(
  path: string,
  download: Download,
  settings: FetchSettings,
): Promise<{ record: WholeRecord; isNew: boolean }> {
  for (;;) {
    const before = await findWhole(path, download);
    if (before !== undefined) return { record: before, isNew: false };
    await using file = await PartialFile.claim(path);
    if (file !== undefined) {
      const meanwhile = await findWhole(path, download);
      if (meanwhile !== undefined) return { record: meanwhile, isNew: false };
      return { record: await fetchFile(file, download, settings), isNew: true };
    }
    await settings.system.sleep(LOCK_PERIOD, settings.signal);
  }
}

function sumUp(parts: readonly { held: number; total: number | undefined }[], files: number): DownloadProgress {
  const bytes = parts.reduce((sum, { held }) => sum + held, 0);
  const isKnown = parts.every(({ total }) => total !== undefined);
  const totalBytes = isKnown ? { totalBytes: parts.reduce((sum, { total }) => sum + total!, 0) } : {};
  return { bytes, ...totalBytes, files, totalFiles: parts.length };
}
