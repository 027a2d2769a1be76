/**
 * Files on disk: whether one is there, writing all of some bytes, and writing a file so that it is never there half.
 *
 * @module
 */
import { createHash } from "node:crypto";

/** Writes all bytes, however few the other side takes at once. */
export async function writeAll(to: { write(bytes: Uint8Array): Promise<number> }, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) at += await to.write(bytes.subarray(at));
}

/** {@linkcode writeAll} without a promise. */
export function writeAllSync(to: { writeSync(bytes: Uint8Array): number }, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length;) at += to.writeSync(bytes.subarray(at));
}

/**
 * Makes a file, or replaces the one that is there, in one go: it is filled and put on the disk under another name.
 *
 * @param path The file's name when it is whole; what it was before stays until then, and when `fill` throws.
 * @param fill Gets the file, empty and open for writing.
 * @returns What `fill` returns.
 */
export async function replaceFile<T>(path: string, fill: (file: Deno.FsFile) => Promise<T> | T): Promise<T> {
  // Nobody else's name, and new: it may neither be another's file nor a link to one.
  const partial = `${path}.${crypto.getRandomValues(new Uint8Array(8)).toHex()}.partial`;
  using file = await Deno.open(partial, { write: true, createNew: true });
  try {
    const filled = await fill(file);
    await file.sync();
    await Deno.rename(partial, path);
    return filled;
  } catch (error) {
    await Deno.remove(partial).catch(() => {});
    throw error;
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
  return { url, sha256: createHash("sha256").update(bytes).digest("hex") };
}

/** Writes a file so that it is never there half. */
export async function writeAtomic(path: string, content: string | Uint8Array): Promise<void> {
  const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
  await replaceFile(path, (file) => writeAll(file, bytes));
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

/** What is at a path, a link as the link that it is; undefined where there is nothing. */
export async function infoOf(path: string): Promise<Deno.FileInfo | undefined> {
  try {
    return await Deno.lstat(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) return undefined;
    throw error;
  }
}
