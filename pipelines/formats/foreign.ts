/**
 * Files of formats that nothing here reads, told by their first bytes. Browser safe.
 *
 * @module
 */
// deno-lint-ignore-file no-control-regex -- files begin with such letters
import { spacedHex } from "../base/text.ts";
import { decodeNpyHeader } from "./npy.ts";

/** What a file is by its first letters, a byte each, and what to do about it. */
const FOREIGN: readonly (readonly [start: RegExp, what: string, remedy?: string])[] = [
  [/^\s*<(!doctype|html|\?xml|head|error)/i, "an HTML or XML page", "the download failed"],
  [/^(\xff\xfe|\xfe\xff)\0\0|^\0\0\xfe\xff/, "text in UTF-32", "iconv -f UTF-32 -t UTF-8 makes it UTF-8"],
  [/^(\xff\xfe|\xfe\xff)/, "text in UTF-16", "iconv -f UTF-16 -t UTF-8 makes it UTF-8"],
  [/^[{[]\0[^\0]\0/, "text in UTF-16", "iconv -f UTF-16LE -t UTF-8 makes it UTF-8"],
  [/^\0[{[]\0[^\0]/, "text in UTF-16", "iconv -f UTF-16BE -t UTF-8 makes it UTF-8"],
  [/^\x1f\x8b\x08/, "compressed by gzip twice", "unpack it once"],
  [
    /^[\x01-\x04][\x08\x09\x0b-\x0e]\0\0/,
    "IDX whose bytes are in little-endian order",
    "write its numbers big-endian",
  ],
  [
    /^(\xef\xbb\xbf)?"?[\w .-]+"?([;\t]"?[\w .-]+"?)+\r?(\n|$)/,
    "CSV with semicolons or tabs between its fields",
    "write commas there",
  ],
  [/^\s*\[/, "a JSON list", "write each of its items as a line of its own"],
  [/^\x93NUMPY/, "numpy's .npy whose header cannot be read"],
  [/^PK(\x03\x04|\x05\x06)/, "a zip archive without .npy files", "unpack it"],
  [/^7z\xbc\xaf|^Rar!|^BZh\d|^\xfd7zXZ|^\x28\xb5\x2f\xfd/, "compressed by something else than gzip", "unpack it"],
  [/^[^]{257}ustar/, "a tar archive", "unpack it"],
  [/^\x89HDF/, "HDF5, as MATLAB 7.3 and h5py write", "save it as .npy, .npz, or .mat with -v7"],
  [
    // Without rows or columns it is rather a bitmap that begins with blank pixels.
    /^[\0\x01\x02]\0\0\0(?!\0{3})[^]{3}\0(?!\0{3})[^]{3}\0[\0\x01]\0\0\0[\x01-\x40]\0\0\0/,
    "perhaps a .mat of level 4",
    "save it with -v7",
  ],
  [/^ARROW1/, "a table of columns (Arrow)", "write it as Parquet"],
  [/^\x89PNG|^\xff\xd8\xff|^GIF8|^BM[^]{4}\0\0\0\0|^RIFF[^]{4}WEBP/, "a picture"],
  [/^%PDF/, "a PDF document"],
  [
    /^\x80[\x02-\x05](\x95|[}\](c])/,
    "a Python pickle, which is not run",
    "save its arrays by numpy.save or numpy.savez",
  ],
  [/^SQLite format 3\0/, "an SQLite database"],
  [/^[^]{4}\0{4}\{"/, "the weights of a model (safetensors)"],
  [/^\x7fELF|^MZ/, "a program"],
  [/^version https:\/\/git-lfs/, "what Git LFS leaves in the place of a file", "git lfs pull fetches it"],
];

/**
 * Says what a file is that is of no known format.
 *
 * @param start Its first bytes; 300 are enough.
 * @param instead What stands behind its name, such as `not ndjson`.
 * @returns Such as `a zip archive without .npy files, not ndjson: unpack it`; undefined where nothing is known of it.
 *
 * @example
 * ```ts
 * import { describeForeign } from "./foreign.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(describeForeign(new TextEncoder().encode("%PDF-1.4"), "not idx"), "a PDF document, not idx");
 * ```
 */
export function describeForeign(start: Uint8Array, instead: string): string | undefined {
  const text = String.fromCharCode(...start.subarray(0, 4096));
  const [, what, remedy] = FOREIGN.find(([pattern]) => pattern.test(text)) ?? [];
  return what && `${what}, ${instead}${remedy === undefined ? "" : `: ${remedy}`}`;
}

/** What is wrong with a file that begins as numpy's .npy does; of others nothing is. */
export function describeBadNpy(bytes: Uint8Array): string | undefined {
  if (!/^\x93NUMPY/.test(String.fromCharCode(...bytes.subarray(0, 6)))) return undefined;
  try {
    decodeNpyHeader(bytes);
    return "Cannot read .npy: the file ends inside its header";
  } catch (error) {
    return `Cannot read .npy: ${(error as Error).message.replace("Cannot read .npy: ", "")}`;
  }
}

/** The first letters of a text, or bytes of what is none. */
export function beginningOf(bytes: Uint8Array): string {
  const start = bytes.subarray(0, 40);
  const isText = start.every((byte) => byte >= 0x20 && byte < 0x7f || byte === 0x0a || byte === 0x0d || byte === 0x09);
  return isText ? JSON.stringify(new TextDecoder().decode(start)) : `the bytes ${spacedHex(bytes.subarray(0, 8))}`;
}
