/**
 * Files on disk: whether one is there, writing all of some bytes, and writing a file so that it is never there half.
 *
 * @module
 */
import { sha256Of } from "./hash.ts";
import { createHash } from "node:crypto";
import { InputError } from "./errors.ts";

/** Writes all bytes, however few the other side takes at once. */
export async function writeAll(to: { write(bytes: Uint8Array): Promise<number> }, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) at += await to.write(bytes.subarray(at));
}

/** {@linkcode writeAll} without a promise. */
export function writeAllSync(to: { writeSync(bytes: Uint8Array): number }, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length;) at += to.writeSync(bytes.subarray(at));
}

/** Files that are being filled by this process. */
const unfinished = new Set<string>();

/** Removes what is half written: for a process that ends at once. */
export function removeUnfinished(): void {
  for (const path of unfinished) {
    try {
      Deno.removeSync(path);
    } catch {
      // it has its own name by now, or its folder is gone
    }
  }
}

/**
 * Makes a file, or replaces the one that is there, in one go: it is filled and put on the disk under another name. What a
 * killed process left of the same file is removed.
 *
 * @param path The file's name when it is whole; what it was before stays until then, and when `fill` throws.
 * @param fill Gets the file, empty and open for writing.
 * @returns What `fill` returns.
 * @throws {Deno.errors.NotFound} When its folder is not there.
 */
export async function replaceFile<T>(path: string, fill: (file: Deno.FsFile) => Promise<T> | T): Promise<T> {
  return await putFile(path, fill, (partial) => Deno.rename(partial, path));
}

/**
 * Makes the file that a person named as an output, as {@linkcode replaceFile} does, but what is there by the time that it is
 * whole is replaced only where that was said.
 *
 * @param output `path`: the file's name; `overwrite`: whether one that is there is replaced.
 * @throws {InputError} When it is there, made by another process in the meantime too.
 */
export async function makeOutput<T>(
  { path, overwrite }: { readonly path: string; readonly overwrite: boolean },
  fill: (file: Deno.FsFile) => Promise<T> | T,
): Promise<T> {
  if (overwrite) return await replaceFile(path, fill);
  await checkFree(path);
  return await putFile(path, fill, async (partial) => {
    try {
      await Deno.link(partial, path); // unlike a renaming it fails where the name is taken
      await Deno.remove(partial);
    } catch (error) {
      if (error instanceof Deno.errors.AlreadyExists) throw taken(path);
      await checkFree(path); // a disk without links
      await Deno.rename(partial, path);
    }
  });
}

/**
 * Checks that nothing is at the place of an output.
 *
 * @throws {InputError} When something is, be it a link that leads nowhere.
 */
export async function checkFree(output: string): Promise<void> {
  if (await infoOf(output) !== undefined) throw taken(output);
}

function taken(output: string): InputError {
  return new InputError(`output ${output}: already there; --overwrite replaces it, --output names another`);
}

/** Fills a file under another name, and has it put in its place. */
async function putFile<T>(
  path: string,
  fill: (file: Deno.FsFile) => Promise<T> | T,
  put: (partial: string) => Promise<void>,
): Promise<T> {
  await removeLeftovers(folderOf(path), baseOf(path));
  // Nobody else's name, and new: it may neither be another's file nor a link to one.
  const partial = `${path}.${crypto.getRandomValues(new Uint8Array(8)).toHex()}.partial`;
  using file = await Deno.open(partial, { write: true, createNew: true }).catch((error) => {
    const { NotADirectory, NotFound } = Deno.errors;
    if (!(error instanceof NotFound || error instanceof NotADirectory)) throw error;
    throw new NotFound(`${path}: there is no folder ${folderOf(path)} for it; make it first`);
  });
  unfinished.add(partial);
  try {
    await file.lock(true).catch(() => {}); // until it is closed, where files can be locked: somebody is at work
    const filled = await fill(file);
    await file.sync();
    await put(partial);
    return filled;
  } catch (error) {
    await Deno.remove(partial).catch(() => {});
    throw error;
  } finally {
    unfinished.delete(partial);
  }
}

/** So often, and after so many milliseconds, a lock is tried again. */
const AGAIN = { times: 10, after: 20 };

/**
 * Locks a file for this process alone. Whoever looks at a lock holds it for a moment, and so does a program that is just
 * being started by another thread, on a file that was closed meanwhile: only a lock that stays is another's.
 *
 * @returns Whether it has the lock, which ends when the file is closed.
 */
export async function lockFile(file: Deno.FsFile): Promise<boolean> {
  for (let left = AGAIN.times; !await file.tryLock(true); left--) {
    if (left === 0) return false;
    await new Promise((resolve) => setTimeout(resolve, AGAIN.after));
  }
  return true;
}

/** So old, in milliseconds, is what a killed process left, at least: a younger file may not be locked yet. */
const LEFT_FOR = 1000;

/**
 * Removes what {@linkcode replaceFile} began in a folder and nobody is filling any more.
 *
 * @param name The file that was to be made; any when left out.
 */
export async function removeLeftovers(folder: string, name?: string): Promise<void> {
  try {
    for await (const entry of Deno.readDir(folder)) {
      const whole = /^(.*)\.[0-9a-f]{16}\.partial$/s.exec(entry.name)?.[1];
      if (!entry.isFile || whole === undefined || whole !== (name ?? whole)) continue;
      const left = `${folder}/${entry.name}`;
      using file = await Deno.open(left, { read: true, write: true });
      const { mtime } = await file.stat();
      if (mtime === null || Date.now() - mtime.getTime() < LEFT_FOR || !await file.tryLock(true)) continue;
      await Deno.remove(left);
    }
  } catch {
    // A folder that cannot be read, or another who removes the same: the file itself is what matters.
  }
}

/**
 * A module that is not built in, as files name it.
 *
 * @param url Of a file.
 */
export async function sourceModuleOf(url: string): Promise<{ readonly url: string; readonly sha256: string }> {
  const bytes = url.startsWith("file:")
    ? await Deno.readFile(new URL(url))
    : new Uint8Array(await (await fetch(url)).arrayBuffer());
  return { url, sha256: sha256Of(bytes) };
}

/** The size and the hash of a file; undefined where it is not there. */
export async function describeFile(path: string): Promise<{ bytes: number; sha256: string } | undefined> {
  if (!await exists(path)) return undefined;
  const hash = createHash("sha256");
  let bytes = 0;
  for await (const some of (await Deno.open(path)).readable) {
    hash.update(some);
    bytes += some.length;
  }
  return { bytes, sha256: hash.digest("hex") };
}

/** Writes a file so that it is never there half. */
export async function writeAtomic(path: string, content: string | Uint8Array): Promise<void> {
  const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
  await replaceFile(path, (file) => writeAll(file, bytes));
}

/** A path without the slashes at its end; that of the root stays. */
export function trimSlashes(path: string): string {
  return path.replace(/(?<!^)\/+$/, "");
}

/**
 * Checks that files can be made in a folder, before the work begins whose result they are.
 *
 * @throws {InputError} When it is not there, is no folder, or takes no file.
 */
export async function checkWritable(folder: string): Promise<void> {
  try {
    await Deno.remove(await Deno.makeTempFile({ dir: folder || ".", prefix: ".strokewise-" }));
  } catch (error) {
    throw new InputError(`${folder || "."}: cannot be written to: ${(error as Error).message}`);
  }
}

/**
 * Checks that a folder is there or can be made: neither it nor what it is to be in is a file.
 *
 * @param what Names it in the message, such as `--run runs/a`.
 * @throws {InputError} When one is.
 */
export async function checkFolder(folder: string, what: string): Promise<void> {
  let path = folder;
  while (!await exists(path)) {
    if (folderOf(path) === path) return;
    path = folderOf(path);
  }
  if ((await Deno.stat(path)).isDirectory) return;
  throw new InputError(`${what}: ${path === folder ? "" : `${path} is `}a file, expected a folder`);
}

/** The folder that a path's file is in, as it can be opened. */
export function folderOf(path: string): string {
  return path.includes("/") ? path.slice(0, path.lastIndexOf("/")) || "/" : ".";
}

const baseOf = (path: string): string => path.slice(path.lastIndexOf("/") + 1);

/** The names of what is in a folder, folders apart, sorted. */
export async function fileNamesIn(folder: string): Promise<string[]> {
  const entries = await Array.fromAsync(Deno.readDir(folder));
  return entries.filter(({ isDirectory }) => !isDirectory).map(({ name }) => name).sort();
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

/** {@linkcode exists} without a promise; false too where nobody may look. */
export function existsSync(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch {
    return false;
  }
}

/** What is at a path, a link as the link that it is; undefined where there is nothing. */
export async function infoOf(path: string): Promise<Deno.FileInfo | undefined> {
  try {
    return await Deno.lstat(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) return undefined;
    throw error;
  }
}
