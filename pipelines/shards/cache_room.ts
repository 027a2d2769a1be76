/**
 * Room in the cache of files from elsewhere: all processes that use it take no more than its limit together. Who wants room
 * for a file notes that in the cache, in a file that is locked as long as it is wanted; one at a time looks what there is,
 * removes what was not used for the longest time, and waits where others have noted too much.
 *
 * @module
 */
import { InputError } from "../base/errors.ts";
import { writeAll } from "../base/files.ts";
import type { RemoteFolder } from "../sources/remote_folder.ts";

/** Locked by who looks for room. */
const LOCK = "room.lock";

/** Ends the name of a file that notes how many bytes somebody wants. */
const NOTE = ".room";

/** Milliseconds between looks whether others have ended, and those after which that is given up. */
const [LOOK_EVERY, PATIENCE] = [200, 120_000];

/** What is to be kept. */
interface WantedFile {
  /** Its name in the cache. */
  readonly name: string;
  readonly bytes: number;
}

/** Who makes room in this process does it alone: each waits for the one before. */
let turn: Promise<void> = Promise.resolve();

/**
 * Has room for a file kept.
 *
 * @returns To be disposed of when the file is there, or does not come.
 * @throws {InputError} When other processes keep all of it for too long, or the cache cannot be written.
 */
export async function room(folder: RemoteFolder, wanted: WantedFile): Promise<AsyncDisposable> {
  const made = turn.then(() => makeRoom(folder, wanted)).catch((error) => {
    if (error instanceof InputError) throw error;
    throw new InputError(
      `${folder.cache}: cannot be written: ${(error as Error).message}; --cache names another folder`,
    );
  });
  turn = made.then(() => {}, () => {});
  return await made;
}

async function makeRoom({ cache, limit }: RemoteFolder, wanted: WantedFile): Promise<AsyncDisposable> {
  await Deno.mkdir(cache, { recursive: true });
  for (const began = performance.now();;) {
    using lock = await Deno.open(`${cache}/${LOCK}`, { create: true, write: true });
    await lock.lock(true).catch(() => {}); // where files can be locked
    const { own, others } = await readNotes(cache);
    const isFree = await evict(cache, limit, new Map([...own, ...others, [wanted.name, wanted.bytes]]));
    if (isFree || others.size === 0) return await note(cache, wanted);
    if (performance.now() - began > PATIENCE) {
      throw new InputError(
        `${cache}: other processes fetch into it as much as it takes, ${limit} bytes; --cache names another folder, ` +
          "--cache-limit makes it larger",
      );
    }
    lock.close();
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY));
  }
}

/** The notes of this process, by their paths. */
const notes = new Map<string, WantedFile>();

async function note(cache: string, wanted: WantedFile): Promise<AsyncDisposable> {
  const path = `${cache}/${wanted.name}.${crypto.getRandomValues(new Uint8Array(8)).toHex()}${NOTE}`;
  const file = await Deno.open(path, { write: true, createNew: true });
  await file.lock(true).catch(() => {});
  try {
    await writeAll(file, new TextEncoder().encode(`${wanted.bytes}`));
  } catch (error) {
    await Deno.remove(path).catch(absent);
    file.close();
    throw error;
  }
  notes.set(path, wanted);
  return {
    async [Symbol.asyncDispose]() {
      notes.delete(path);
      await Deno.remove(path).catch(absent);
      file.close();
    },
  };
}

type Wanted = Map<string, number>;

/** The bytes that are wanted, by the names of the files; the notes of processes that have ended are removed. */
async function readNotes(cache: string): Promise<{ readonly own: Wanted; readonly others: Wanted }> {
  const own: Wanted = new Map();
  const others: Wanted = new Map();
  for await (const { name } of Deno.readDir(cache)) {
    const [, wanted] = /^(.+)\.[0-9a-f]{16}\.room$/.exec(name) ?? [];
    if (wanted === undefined) continue;
    const path = `${cache}/${name}`;
    const mine = notes.get(path);
    if (mine !== undefined) own.set(mine.name, mine.bytes);
    else if (await isLeft(path)) await Deno.remove(path).catch(absent);
    else others.set(wanted, Number(await Deno.readTextFile(path).catch(absent)) || 0);
  }
  return { own, others };
}

/** Whether nobody holds a note any more. */
async function isLeft(path: string): Promise<boolean> {
  try {
    using file = await Deno.open(path, { read: true, write: true });
    return await file.tryLock(true);
  } catch (error) {
    absent(error);
    return false;
  }
}

/** Removes what was not used for the longest time, until all has room together with what is wanted; says whether it has. */
async function evict(cache: string, limit: number, wanted: Wanted): Promise<boolean> {
  let total = [...wanted.values()].reduce((sum, bytes) => sum + bytes, 0);
  const files: { readonly path: string; readonly size: number; readonly used: number }[] = [];
  for await (const { name, isFile } of Deno.readDir(cache)) {
    const path = `${cache}/${name}`;
    const isWanted = [...wanted.keys()].some((other) => name.startsWith(other)); // and what belongs to it
    if (!isFile || name === LOCK || name.endsWith(NOTE) || isWanted) continue;
    const info = await Deno.stat(path).catch(absent);
    if (info === undefined) continue;
    files.push({ path, size: info.size, used: info.mtime?.getTime() ?? 0 });
    total += info.size;
  }
  files.sort((a, b) => a.used - b.used);
  for (const { path, size } of files) {
    if (total <= limit) return true;
    if (await removeUnused(path)) total -= size;
  }
  return total <= limit;
}

/** Removes a file, but for one that somebody is fetching. */
async function removeUnused(path: string): Promise<boolean> {
  try {
    if (path.endsWith(".partial")) {
      using file = await Deno.open(path, { read: true, write: true });
      if (!await file.tryLock(true)) return false;
      await Deno.remove(path);
      return true;
    }
    await Deno.remove(path);
  } catch (error) {
    absent(error);
  }
  return true;
}

/** Undefined where something is not there. */
export function absent(error: unknown): undefined {
  if (!(error instanceof Deno.errors.NotFound)) throw error;
}
