/**
 * A folder that is there whole or not at all. Until it is complete, `<folder>.partial` holds `output`, which becomes the
 * folder by one rename, and beside it what only the run needs: a lock, a journal, rows, and `old`, the folder replaced.
 *
 * @module
 */
import { InputError } from "../base/errors.ts";
import { exists } from "../base/files.ts";

/** What only the run needs, and in it what becomes the folder. */
export function partialName(folder: string): string {
  return `${folder.replace(/\/+$/, "")}.partial`;
}

/** Where everything that becomes the folder is written. */
export function outputName(folder: string): string {
  return `${partialName(folder)}/output`;
}

const oldName = (folder: string) => `${partialName(folder)}/old`;
const lockName = (folder: string) => `${partialName(folder)}/lock`;

/**
 * Makes the partial folder, or finds the one that a killed run left, and locks it. Where a run was killed while it put its
 * output in the place of another, the other is put back.
 *
 * @returns The lock; it is held until the file is closed or the process ends.
 * @throws {InputError} When another run is writing the folder.
 */
export async function claimFolder(folder: string): Promise<Deno.FsFile> {
  for (;;) {
    await Deno.mkdir(partialName(folder), { recursive: true });
    const lock = await Deno.open(lockName(folder), { create: true, write: true });
    if (!await lock.tryLock(true)) {
      lock.close();
      throw new InputError(`output ${folder}: another run is writing it`);
    }
    if (await isStillThere(lock, lockName(folder))) {
      await putBack(folder);
      return lock;
    }
    lock.close(); // of a run that ended between the opening and the locking
  }
}

async function isStillThere(file: Deno.FsFile, path: string): Promise<boolean> {
  const { ino } = await file.stat();
  return await exists(path) && (await Deno.stat(path)).ino === ino;
}

async function putBack(folder: string): Promise<void> {
  if (!await exists(folder) && await exists(oldName(folder))) await Deno.rename(oldName(folder), folder);
}

/**
 * Checks that a folder may be made.
 *
 * @throws {InputError} When it is there, unless it may be replaced and holds only what an earlier run made.
 */
export async function checkReplaceable(folder: string, overwrite: boolean): Promise<void> {
  if (!await exists(folder)) return;
  const found = `output ${folder}: already there`;
  if (!overwrite) throw new InputError(`${found}; --overwrite replaces it, --output names another`);
  if (!(await isReplaceable(folder))) {
    throw new InputError(`${found} and holds no strokewise shards, so it is not replaced; name another --output`);
  }
}

/** Empties the partial folder but for the lock, and makes an empty one for the output. */
export async function emptyPartial(folder: string): Promise<void> {
  await empty(folder, ["lock"]);
  await Deno.mkdir(outputName(folder));
}

async function empty(folder: string, but: readonly string[]): Promise<void> {
  for await (const { name } of Deno.readDir(partialName(folder))) {
    if (!but.includes(name)) await removeFolder(`${partialName(folder)}/${name}`);
  }
}

/** Removes the partial folder, and the lock with it. */
export async function dropPartial(folder: string, lock: Deno.FsFile): Promise<void> {
  await putBack(folder);
  await removeFolder(partialName(folder));
  lock.close();
}

/** Puts the finished output in its place, unless a killed run did; what was there stays until then. */
export async function finishFolder(folder: string, lock: Deno.FsFile): Promise<void> {
  if (await exists(outputName(folder))) {
    await removeFolder(oldName(folder));
    if (await exists(folder)) await Deno.rename(folder, oldName(folder));
    await Deno.rename(outputName(folder), folder);
  }
  await empty(folder, ["lock", "journal.json"]); // a run that is killed here can tell from them that all is done
  await removeFolder(partialName(folder));
  lock.close();
}

/** Only what an earlier run made, or an empty folder, may be replaced. */
async function isReplaceable(folder: string): Promise<boolean> {
  if (!(await Deno.stat(folder)).isDirectory) return false;
  const entries = await Array.fromAsync(Deno.readDir(folder), ({ name }) => name);
  return entries.length === 0 || entries.includes("index.json") &&
      (await Deno.readTextFile(`${folder}/index.json`)).includes('"format": "strokewise shards"');
}

/** Removes a folder, if it is there; again where a Worker that was ended has just added a file. */
async function removeFolder(path: string): Promise<void> {
  for (let attempt = 1;; attempt++) {
    try {
      return await Deno.remove(path, { recursive: true });
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return;
      if (attempt === 10) throw error;
      await new Promise((resolve) => setTimeout(resolve, 10 * attempt));
    }
  }
}
