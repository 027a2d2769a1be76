/**
 * Files on disk: whether one is there, and writing one so that it is never there half.
 *
 * @module
 */
import { createHash } from "node:crypto";

/** Writes a file under another name first, so that it is never there half. */
export async function writeAtomic(path: string, content: string | Uint8Array): Promise<void> {
  const partial = `${path}.partial`;
  const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
  try {
    using file = await Deno.open(partial, { write: true, create: true, truncate: true });
    for (let at = 0; at < bytes.length;) at += await file.write(bytes.subarray(at));
    await file.sync();
    await Deno.rename(partial, path);
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
