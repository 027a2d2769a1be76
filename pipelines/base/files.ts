/**
 * Files on disk: whether one is there, writing all of some bytes, and writing a file so that it is never there half.
 *
 * @module
 */

/** Writes all bytes, however few the other side takes at once. */
export async function writeAll(to: { write(bytes: Uint8Array): Promise<number> }, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) at += await to.write(bytes.subarray(at));
}

/** {@linkcode writeAll} without a promise. */
export function writeAllSync(to: { writeSync(bytes: Uint8Array): number }, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length;) at += to.writeSync(bytes.subarray(at));
}

/** Writes a file under another name first, so that it is never there half. */
export async function writeAtomic(path: string, content: string | Uint8Array): Promise<void> {
  const partial = `${path}.partial`;
  const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
  try {
    using file = await Deno.open(partial, { write: true, create: true, truncate: true });
    await writeAll(file, bytes);
    await file.sync();
    await Deno.rename(partial, path);
  } catch (error) {
    await Deno.remove(partial).catch(() => {});
    throw error;
  }
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
