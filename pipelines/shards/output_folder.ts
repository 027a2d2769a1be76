/**
 * A folder that is there whole or not at all. Until it is complete, `<folder>.partial` holds `output`, which becomes the
 * folder by one rename, and beside it what only the run needs: a lock, a journal, rows, and `old`, the folder replaced.
 * Whatever bears these names and is not by the hand of a run is left alone.
 *
 * @module
 */
import { InputError } from "../base/errors.ts";
import { SPLITS } from "../base/split.ts";
import type { ShardIndex } from "./shard_index.ts";
import { exists, infoOf, lockFile, writeAll } from "../base/files.ts";

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

/** What the lock says, by which a partial folder is known as ours. */
const MARK = "strokewise prepare\n";

/**
 * Makes the partial folder, or finds the one that a killed run left, and locks it. Where a run was killed while it put its
 * output in the place of another, the other is put back.
 *
 * @returns The lock; it is held until the file is closed or the process ends.
 * @throws {InputError} When another run is writing the folder, it cannot be replaced, or what is called like the partial
 * folder is somebody's.
 */
export async function claimFolder(folder: string): Promise<Deno.FsFile> {
  await checkPlace(folder);
  for (;;) {
    await checkPartial(folder);
    await Deno.mkdir(partialName(folder), { recursive: true });
    const lock = await Deno.open(lockName(folder), { create: true, read: true, write: true });
    if (!await lockFile(lock)) {
      lock.close();
      throw new InputError(`output ${folder}: another run is writing it`);
    }
    if (await isStillThere(lock, lockName(folder))) {
      await markOurs(folder, lock);
      await putBack(folder);
      return lock;
    }
    lock.close(); // of a run that ended between the opening and the locking
  }
}

async function markOurs(folder: string, lock: Deno.FsFile): Promise<void> {
  if ((await lock.stat()).size > 0) return;
  try {
    await writeAll(lock, new TextEncoder().encode(MARK));
  } catch (error) {
    await removePartial(folder);
    lock.close();
    throw new InputError(`output ${folder}: ${lockName(folder)} cannot be written: ${(error as Error).message}`);
  }
}

/** A partial folder is taken over when it is a run's, or holds nothing yet: no link, and with a lock that bears the mark. */
async function checkPartial(folder: string): Promise<void> {
  const partial = partialName(folder);
  const info = await infoOf(partial);
  if (info === undefined) return;
  if (info.isDirectory) {
    const names = await Array.fromAsync(Deno.readDir(partial), ({ name }) => name);
    if (names.length === 0) return;
    const lock = await infoOf(lockName(folder));
    if (lock?.isFile && await Deno.readTextFile(lockName(folder)) === MARK) return;
    if (lock?.isFile && lock.size === 0 && names.length === 1) return; // of a run that has just made it
  }
  throw new InputError(
    `output ${folder}: ${partial} is in the way and not of strokewise; move it, or name another --output`,
  );
}

/** Where a folder may never be put: in the place of a link, or of a folder that holds the working folder. */
async function checkPlace(folder: string): Promise<void> {
  const path = folder.replace(/\/+$/, "");
  const info = await infoOf(path || "/");
  if (info?.isSymlink) throw new InputError(`output ${path}: a symbolic link; name the folder itself`);
  if (/(^|\/)\.{0,2}$/.test(path) || info?.isDirectory && holds(await Deno.realPath(path), Deno.cwd())) {
    throw new InputError(
      `output ${path || "/"}: holds the folder that you are in; name one to be made, such as data/three`,
    );
  }
}

const holds = (folder: string, path: string): boolean => path === folder || path.startsWith(`${folder}/`);

async function isStillThere(file: Deno.FsFile, path: string): Promise<boolean> {
  const { ino } = await file.stat();
  return (await infoOf(path))?.ino === ino;
}

async function putBack(folder: string): Promise<void> {
  if (!await exists(folder) && await exists(oldName(folder))) await Deno.rename(oldName(folder), folder);
}

/** A kind of folder, which is known as of an earlier run, and may be replaced by another of its kind alone. */
export interface OwnFolders {
  /** What it holds, such as `shards`. */
  readonly what: string;
  /** The file that lists the others. */
  readonly index: string;
  /**
   * What an earlier run may have put into the folder, beside the index: paths in it. Undefined where the index is not of such a
   * run; what it throws as SyntaxError or TypeError counts as that.
   *
   * @param index The index file, parsed.
   */
  filesOf(index: unknown): readonly string[] | undefined;
}

/** Folders of shards. */
export const SHARDS: OwnFolders = {
  what: "shards",
  index: "index.json",
  filesOf(index) {
    const { format, splits, banks = {} } = index as ShardIndex;
    if (format !== "strokewise shards") return undefined;
    const shards = SPLITS.flatMap((split) => splits[split].shards.map(({ file }) => file));
    const others = Object.values(banks).map(({ file }) => file);
    return ["contact_sheet.png", "rejects.ndjson", ...others, ...shards];
  },
};

/**
 * Checks that a folder may be made.
 *
 * @param kind What is to be replaced.
 * @throws {InputError} When it is there, unless it may be replaced and holds only what an earlier run made.
 */
export async function checkReplaceable(folder: string, overwrite: boolean, kind = SHARDS): Promise<void> {
  await checkPlace(folder);
  if (!await exists(folder)) return;
  const found = `output ${folder}: already there`;
  if (!overwrite) throw new InputError(`${found}; --overwrite replaces it, --output names another`);
  const ours = await ownFiles(folder, kind);
  if (ours === undefined) {
    throw new InputError(`${found} and holds no strokewise ${kind.what}, so it is not replaced; name another --output`);
  }
  const others = (await Array.fromAsync(othersIn(folder, ours))).sort();
  if (others.length > 0) {
    const more = others.length > 3 ? ` and ${others.length - 3} more` : "";
    throw new InputError(
      `${found} and holds what is not of its ${kind.what}, ${
        others.slice(0, 3).join(", ")
      }${more}, so it is not replaced`,
    );
  }
}

/** What is in a folder beside some files, and the folders that they are in: paths below `folder`. */
async function* othersIn(folder: string, ours: readonly string[], inside = ""): AsyncGenerator<string> {
  for await (const { name, isFile, isDirectory } of Deno.readDir(`${folder}/${inside}`)) {
    const path = inside + name;
    if (isDirectory && ours.some((file) => file.startsWith(`${path}/`))) yield* othersIn(folder, ours, `${path}/`);
    else if (!isFile || !ours.includes(path)) yield path;
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
  await removePartial(folder);
  lock.close();
}

/** The lock goes last: until then the folder is known as ours. */
async function removePartial(folder: string): Promise<void> {
  await empty(folder, ["lock"]);
  await removeFolder(partialName(folder));
}

/**
 * Puts the finished output in its place, unless a killed run did; what was there stays until then.
 *
 * @param kind What may be replaced.
 */
export async function finishFolder(folder: string, lock: Deno.FsFile, kind = SHARDS): Promise<void> {
  if (await exists(outputName(folder))) await putOutput(folder, kind);
  await endPartial(folder, lock);
}

async function putOutput(folder: string, kind: OwnFolders): Promise<void> {
  await removeFolder(oldName(folder));
  if (await exists(folder)) {
    await checkReplaceable(folder, true, kind); // somebody may have put a file there meanwhile
    await Deno.rename(folder, oldName(folder));
  }
  await Deno.rename(outputName(folder), folder);
}

/** Removes the partial folder when the output is in its place. */
export async function endPartial(folder: string, lock: Deno.FsFile): Promise<void> {
  await empty(folder, ["lock", "journal.json"]); // a run that is killed here can tell from them that all is done
  await removePartial(folder);
  lock.close();
}

/** Where a finished folder goes. */
export interface OutputPlace {
  /** The folder itself; of a place elsewhere one that never comes to be, beside which it is made. */
  readonly folder: string;
  /** Whether it is on another machine, so that what was begun to be put there cannot be put back. */
  readonly isElsewhere: boolean;
  /**
   * Checks that it may be made.
   *
   * @throws {InputError} When something is there, unless it may be replaced.
   */
  check(overwrite: boolean): Promise<void>;
  /** Whether something is there. */
  isThere(): Promise<boolean>;
  /** Puts the finished output there. */
  put(): Promise<void>;
}

/** A folder of this machine. */
export function folderPlace(folder: string, kind = SHARDS): OutputPlace {
  return {
    folder,
    isElsewhere: false,
    check: (overwrite) => checkReplaceable(folder, overwrite, kind),
    isThere: () => exists(folder),
    put: () => putOutput(folder, kind),
  };
}

/** What an earlier run may have put into a folder; nothing where it is not of a run and not empty. */
async function ownFiles(folder: string, { index, filesOf }: OwnFolders): Promise<readonly string[] | undefined> {
  if (!(await infoOf(folder))?.isDirectory) return undefined;
  const path = `${folder}/${index}`;
  const info = await infoOf(path);
  if (info === undefined) return (await Array.fromAsync(Deno.readDir(folder))).length === 0 ? [] : undefined;
  if (!info.isFile) return undefined;
  try {
    const files = filesOf(JSON.parse(await Deno.readTextFile(path)));
    return files && [index, ...files];
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof TypeError) return undefined; // not as we write it
    throw error;
  }
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
