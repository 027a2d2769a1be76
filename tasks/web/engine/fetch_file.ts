/**
 * Fetches a file of the site, keeps it, and checks that it is the one that was meant. Browser safe.
 *
 * @module
 */
import { sha256 } from "../../../pipelines/base/sha256.ts";
import type { SiteFile } from "../site/manifest.ts";

/** Where files are kept. */
const CACHE = "strokewise";
/** Files that are kept; the oldest go first. */
const KEPT = 32;

/**
 * The bytes of a file of the site: kept ones where there are some, else fetched ones, which are then kept. Their hash is
 * checked whichever they are.
 *
 * @param base What the file's path is relative to.
 * @throws {Error} When it cannot be fetched, or is another than the manifest says.
 */
export async function fetchSiteFile(
  { path, size, sha256: expected }: SiteFile,
  base: URL,
): Promise<Uint8Array<ArrayBuffer>> {
  const url = new URL(path, base).href;
  const cache = await openCache();
  const kept = await cache?.match(url);
  if (kept !== undefined) {
    const bytes = new Uint8Array(await kept.arrayBuffer());
    if (await sha256(bytes) === expected) return bytes;
    await cache?.delete(url);
  }
  const bytes = await fetchBytes(url, path);
  const found = await sha256(bytes);
  if (found !== expected) {
    const [is, meant] = [found, expected].map((hash) => `${hash.slice(0, 12)}…`);
    throw new Error(
      `${path} is not the file that this page was made for: ${bytes.length} bytes with SHA-256 ${is}, expected ${size} ` +
        `with ${meant}; reload the page`,
    );
  }
  if (cache !== undefined) await keep(cache, url, bytes);
  return bytes;
}

async function fetchBytes(url: string, path: string): Promise<Uint8Array<ArrayBuffer>> {
  let response: Response;
  try {
    response = await fetch(url);
    if (response.ok) return new Uint8Array(await response.arrayBuffer());
  } catch { // browsers have a word each for it, and none says more
    throw new Error(`${path} cannot be fetched: the server does not answer. See whether it still runs.`);
  }
  await response.body?.cancel();
  throw new Error(`${path} cannot be fetched: the server says ${response.status}`);
}

/** The browser's cache; undefined where there is none, as over plain HTTP, or where it may not be used. */
async function openCache(): Promise<Cache | undefined> {
  try {
    return await globalThis.caches?.open(CACHE);
  } catch {
    return undefined;
  }
}

/** Keeps a file, and lets the oldest go; a browser that has no room for it does without. */
async function keep(cache: Cache, url: string, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
  try {
    await cache.put(url, new Response(bytes));
    const keys = await cache.keys?.() ?? [];
    for (const key of keys.slice(0, Math.max(0, keys.length - KEPT))) await cache.delete(key);
  } catch {
    // It is fetched again the next time.
  }
}
