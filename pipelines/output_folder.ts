/**
 * A folder that is there whole or not at all: it is filled under another name and renamed when it is complete.
 *
 * @module
 */
import { InputError } from "./errors.ts";

/** Where everything is written until it is complete. */
export function partialName(folder: string): string {
  return `${folder.replace(/\/+$/, "")}.partial`;
}

/**
 * Makes the partial folder, or finds the one that a killed run left, and locks it.
 *
 * @returns The lock; it is held until the file is closed or the process ends.
 * @throws {InputError} When the folder is there and may not be replaced, or another run is writing it.
 */
export async function claimFolder(folder: string, overwrite: boolean): Promise<Deno.FsFile> {
  if (await exists(folder)) {
    const found = `output ${folder}: already there`;
    if (!overwrite) throw new InputError(`${found}; --overwrite replaces it, --output names another`);
    if (!(await isReplaceable(folder))) {
      throw new InputError(`${found} and holds no strokewise shards, so it is not replaced; name another --output`);
    }
  }
  await Deno.mkdir(partialName(folder), { recursive: true });
  const lock = await Deno.open(lockName(folder), { create: true, write: true });
  if (await lock.tryLock(true)) return lock;
  lock.close();
  throw new InputError(`output ${folder}: another run is writing it`);
}

const lockName = (folder: string) => `${partialName(folder)}/lock`;

/** Removes what is in the partial folder, but for the lock. */
export async function emptyPartial(folder: string): Promise<void> {
  for await (const { name } of Deno.readDir(partialName(folder))) {
    if (name !== "lock") await Deno.remove(`${partialName(folder)}/${name}`, { recursive: true });
  }
}

/** Removes the partial folder; the lock goes with it. */
export async function dropPartial(folder: string, lock: Deno.FsFile): Promise<void> {
  await removeFolder(partialName(folder));
  lock.close();
}

/** Puts the finished folder in its place; the one that was there stays until it is. */
export async function finishFolder(folder: string, lock: Deno.FsFile): Promise<void> {
  const [partial, old] = [partialName(folder), `${partialName(folder)}.old`];
  await Deno.remove(lockName(folder));
  await removeFolder(old);
  if (await exists(folder)) await Deno.rename(folder, old);
  await Deno.rename(partial, folder);
  await removeFolder(old);
  lock.close();
}

/** Whether there is something at a path. */
export async function exists(path: string): Promise<boolean> {
  try {
    await Deno.stat(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) return false;
    throw error;
  }
}

/** Only what an earlier run made, or an empty folder, may be replaced. */
async function isReplaceable(folder: string): Promise<boolean> {
  if (!(await Deno.stat(folder)).isDirectory) return false;
  const entries = await Array.fromAsync(Deno.readDir(folder), ({ name }) => name);
  return entries.length === 0 || entries.includes("index.json") &&
      (await Deno.readTextFile(`${folder}/index.json`)).includes('"format": "strokewise shards"');
}

async function removeFolder(path: string): Promise<void> {
  try {
    await Deno.remove(path, { recursive: true });
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
