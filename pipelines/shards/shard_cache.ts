/**
 * Files of folders elsewhere, kept on this machine under the names of their hashes: a file that is there is what it should be
 * wherever it came from, and one that comes otherwise than its hash says is never there. Together they take no more than the
 * cache's limit; what was not used for the longest time goes first.
 *
 * @module
 */
import { sha256Of } from "../base/hash.ts";
import { InputError } from "../base/errors.ts";
import { writeAtomic } from "../base/files.ts";
import { requestSettings } from "../sources/bucket.ts";
import { absent, room } from "./cache_room.ts";
import { downloadFiles } from "../sources/download.ts";
import { ask } from "../sources/http_request.ts";
import type { RemoteFolder } from "../sources/remote_folder.ts";
import { Fault } from "../sources/retry.ts";

/** A file as an index lists it. */
export interface RemoteFile {
  readonly file: string;
  readonly bytes: number;
  readonly sha256: string;
}

/** The files that are on their way in this thread, by their hashes; nobody waits for one twice. */
const coming = new Map<string, Promise<void>>();

/** Attempts to read a file that other processes remove at once. */
const ATTEMPTS = 5;

/**
 * The bytes of a file, from the cache or fetched into it.
 *
 * @throws {InputError} When it cannot be had, its hash is another, or it is larger than the cache may be.
 */
export async function remoteBytes(folder: RemoteFolder, entry: RemoteFile): Promise<Uint8Array<ArrayBuffer>> {
  const path = pathOf(folder, entry);
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const bytes = await Deno.readFile(path).catch(absent);
    if (bytes !== undefined && sha256Of(bytes) === entry.sha256) {
      const now = new Date();
      await Deno.utime(path, now, now).catch(absent);
      return bytes;
    }
    if (bytes !== undefined) await Deno.remove(path).catch(absent); // the disk changed it
    await fetchInto(folder, entry);
  }
  throw new InputError(
    `${folder.cache}: ${entry.file} of ${folder.shown} was removed as often as it came; give the cache a larger limit`,
  );
}

/**
 * Begins to fetch the files that will be wanted next, as many as the cache has room for; what goes wrong is told when they are
 * wanted.
 */
export function fetchAhead(folder: RemoteFolder, entries: readonly RemoteFile[]): void {
  let bytes = 0;
  for (const entry of entries) {
    bytes += entry.bytes;
    if (bytes > folder.limit) return;
    fetchInto(folder, entry).catch(() => {});
  }
}

const pathOf = ({ cache }: RemoteFolder, { sha256 }: RemoteFile): string => `${cache}/${sha256}.npz`;

/** Fetches a file, where it is not there yet. */
function fetchInto(folder: RemoteFolder, entry: RemoteFile): Promise<void> {
  const key = pathOf(folder, entry);
  const begun = coming.get(key);
  if (begun !== undefined) return begun;
  const fetched = fetchNow(folder, entry).finally(() => coming.delete(key));
  coming.set(key, fetched);
  fetched.catch(() => {}); // whoever waits is told
  return fetched;
}

/**
 * Checks that a cache has room for each file that an index lists.
 *
 * @throws {InputError} When it has not.
 */
export function checkRoom({ limit, shown }: RemoteFolder, entries: Iterable<RemoteFile>): void {
  for (const { file, bytes } of entries) {
    if (bytes + RECORD <= limit) continue;
    throw new InputError(
      `${shown}: ${file} has ${bytes} bytes, and the cache takes ${limit}; --cache-limit makes it larger`,
    );
  }
}

async function fetchNow(folder: RemoteFolder, { file, bytes, sha256 }: RemoteFile): Promise<void> {
  const { cache, shown } = folder;
  checkRoom(folder, [{ file, bytes, sha256 }]);
  const name = `${sha256}.npz`;
  if (await sizeOf(`${cache}/${name}`) === bytes) return;
  try {
    await using _room = await room(folder, { name, bytes: bytes + RECORD });
    const wanted = { name, mirrors: [folder.urlOf(file)], bytes, sha256 };
    await downloadFiles([wanted], { folder: cache, headersFor: folder.headersFor });
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    throw new InputError(`${shown}: ${error.message.replace(`download of ${name}`, file)}`);
  }
}

/** Bytes beside a file that say where it comes from, at most. */
const RECORD = 1024;

const sizeOf = async (path: string): Promise<number | undefined> => (await Deno.stat(path).catch(absent))?.size;

/** What is kept of a text, to be asked for again only where it was changed. */
interface KeptText {
  readonly etag: string;
  readonly text: string;
}

/**
 * The text of a file as it is now; where the server says that it is what it was, what was kept.
 *
 * @returns Undefined where there is none.
 * @throws {InputError} When the server cannot be asked, or refuses.
 */
export async function remoteText(folder: RemoteFolder, file: string): Promise<string | undefined> {
  const url = folder.urlOf(file);
  const name = `index-${sha256Of(url).slice(0, 32)}.json`;
  const path = `${folder.cache}/${name}`;
  const kept = await keptText(path);
  const headers = kept === undefined ? undefined : { "if-none-match": kept.etag };
  try {
    const how = { expected: [200, 404, ...(kept ? [304] : [])], ...(headers ? { headers } : {}) };
    const answer = await ask({ url, method: "GET" }, how, requestSettings(folder));
    if (answer.status === 304) return kept!.text;
    if (answer.status === 404) return undefined;
    await keepText(folder, name, { etag: answer.headers.get("etag"), text: answer.text });
    return answer.text;
  } catch (error) {
    if (error instanceof Fault) throw new InputError(`data ${folder.shown}: ${file}: ${error.message}`);
    throw error;
  }
}

/** Keeps a text that can be asked for again, unless it would take more than half of the cache. */
async function keepText(folder: RemoteFolder, name: string, text: KeptText | { readonly etag: null }): Promise<void> {
  const bytes = new TextEncoder().encode(JSON.stringify(text));
  if (text.etag === null || bytes.length > folder.limit / 2) return;
  const path = `${folder.cache}/${name}`;
  try {
    await using _room = await room(folder, { name, bytes: bytes.length });
    await writeAtomic(path, bytes);
  } catch (error) {
    if (error instanceof InputError) throw error;
    throw new InputError(`${path}: cannot be written: ${(error as Error).message}; --cache names another folder`);
  }
}

async function keptText(path: string): Promise<KeptText | undefined> {
  try {
    const { etag, text } = JSON.parse(await Deno.readTextFile(path));
    return typeof etag === "string" && typeof text === "string" ? { etag, text } : undefined;
  } catch {
    return undefined; // not there, or cut short
  }
}
