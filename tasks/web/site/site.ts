/**
 * A site: the files of the paint page, in memory, by their paths. The same files are served and exported.
 *
 * @module
 */
import { sha256Of } from "../../../pipelines/base/hash.ts";

/** What a file is for: its line where the sizes are told. */
export const PARTS = ["page", "scripts", "wasm", "models", "prototypes"] as const;

/** A file of a site. */
export interface SiteEntry {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Its media type. */
  readonly type: string;
  /** Whether its path holds its hash: other content would have another path. */
  readonly isImmutable: boolean;
  readonly part: typeof PARTS[number];
}

/** Files by path, relative to the page, of the letters `A-Z a-z 0-9 . _ - /` alone. */
export type Site = ReadonlyMap<string, SiteEntry>;

/** What `site.json` says first. */
export const SITE_FORMAT = "strokewise site";

/** What `site.json` says beside what the page reads: by it a folder is known as of an earlier export. */
export interface ListedSite {
  readonly format: typeof SITE_FORMAT;
  /** Every other file. */
  readonly files: readonly string[];
}

/** The page itself. */
export const INDEX_FILE = "index.html";

const TYPES: Readonly<Record<string, string>> = {
  css: "text/css; charset=utf-8",
  html: "text/html; charset=utf-8",
  js: "text/javascript; charset=utf-8",
  json: "application/json; charset=utf-8",
  png: "image/png",
  safetensors: "application/octet-stream",
  svg: "image/svg+xml; charset=utf-8",
  wasm: "application/wasm",
  webmanifest: "application/manifest+json; charset=utf-8",
};

/**
 * A file of a site.
 *
 * @param path Its ending says what it is.
 * @param content Bytes, or text in UTF-8.
 */
export function entryOf(
  path: string,
  content: Uint8Array<ArrayBuffer> | string,
  { part, isImmutable = false }: Pick<SiteEntry, "part"> & Partial<Pick<SiteEntry, "isImmutable">>,
): SiteEntry {
  const type = TYPES[path.slice(path.lastIndexOf(".") + 1)];
  if (type === undefined) throw new RangeError(`${path}: no media type is known for it`);
  return { bytes: typeof content === "string" ? new TextEncoder().encode(content) : content, type, isImmutable, part };
}

/**
 * A path that holds the hash of its content.
 *
 * @example
 * ```ts
 * import { hashedPath } from "./site.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(hashedPath("assets/page.css", "body{}"), "assets/page-7c98040a.css");
 * ```
 */
export function hashedPath(path: string, content: Uint8Array | string): string {
  return path.replace(/(?=\.[^./]+$)/, `-${sha256Of(content).slice(0, 8)}`);
}

/** The bytes of each part of a site that there is. */
export function sizesOf(site: Site): [part: string, bytes: number][] {
  return PARTS.map((part): [string, number] => [
    part,
    [...site.values()].filter((file) => file.part === part).reduce((sum, { bytes }) => sum + bytes.length, 0),
  ]).filter(([, bytes]) => bytes > 0);
}
