/**
 * NumPy's .npz: a zip file with one deflated {@link https://numpy.org/doc/stable/reference/generated/numpy.savez_compressed.html | .npy}
 * for each named array. fflate makes the container; zlib deflates and inflates, 2 to 10 times faster than fflate does.
 *
 * Layout (https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT, sections 4.3.6 to 4.3.16): for each array a
 * local header "PK\3\4", its name with ".npy" added, and its deflated bytes; then the central directory, an entry
 * "PK\1\2" for each; then the end record "PK\5\6". Every date is 1 January 1980, so the same arrays give the same bytes.
 *
 * @module
 */
import { crc32, deflateRawSync, type ZlibOptions } from "node:zlib";
import { Zip, type ZipInputFile } from "fflate";
import { concatBytes, release } from "../base/bytes.ts";
import { decodeNpy, encodeNpy } from "./npy.ts";
import { readZipEntry, zipEntries, type ZipEntry } from "./zip.ts";
import type { NdArray } from "../base/arrays.ts";

/** The earliest date that zip can say, in local time as zip has it. */
const EPOCH = new Date(1980, 0, 1);
/** Deflate cannot shrink by more than 1032 to 1 (https://zlib.net/zlib_tech.html); a little room for the block headers. */
const MAX_RATIO = 1100;
const MAX_SIZE = 2 ** 31;

/** Zip's number of the deflate method. */
const DEFLATE = 8;

/** How {@linkcode encodeNpz} deflates. */
export interface EncodeNpzOptions {
  /** 0 stores, 1 is fastest, 9 smallest; 3 when left out. */
  readonly level?: 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9;
}

/**
 * Writes named arrays as .npz.
 *
 * @param arrays Array name to array.
 * @returns The file's bytes, which `numpy.load` reads; the same arrays in the same order give the same bytes.
 * @throws {RangeError} When an array's shape and elements disagree.
 *
 * @example
 * ```ts
 * import { decodeNpz, encodeNpz } from "@strokewise/strokewise/formats";
 * import { assertEquals } from "@std/assert";
 *
 * const label = { dtype: "uint16", shape: [3], data: Uint16Array.of(0, 2, 1) } as const;
 * assertEquals(decodeNpz(encodeNpz({ label })), { label });
 * ```
 */
export function encodeNpz(
  arrays: Readonly<Record<string, NdArray>>,
  { level = 3 }: EncodeNpzOptions = {},
): Uint8Array<ArrayBuffer> {
  const members = Object.entries(arrays).map(([name, array]) => [`${name}.npy`, encodeNpy(array)] as const);
  return zipMembers(Object.fromEntries(members), level);
}

/**
 * Writes files as a zip file, every one dated 1 January 1980.
 *
 * @param members Name to content, in the order in which they are written.
 * @param level 0 stores, 1 is fastest, 9 smallest.
 */
export function zipMembers(
  members: Readonly<Record<string, Uint8Array>>,
  level: EncodeNpzOptions["level"] = 3,
): Uint8Array<ArrayBuffer> {
  const files = Object.entries(members).map(([name, member]) => {
    const file = {
      name,
      size: member.length,
      crc: crc32(member),
      parts: [deflate(member, { level })],
    };
    release(member);
    return file;
  });
  return zipDeflated(files);
}

/** Longer than what zlib makes of 2 MiB of bitmaps, so that it is in one piece, and than any buffer that zlib shares. */
const CHUNK = 2 ** 19;

/** Deflates into memory of its own. */
export function deflate(bytes: Uint8Array, options: ZlibOptions): Uint8Array<ArrayBuffer> {
  const deflated = deflateRawSync(bytes, { ...options, chunkSize: CHUNK });
  const own = new Uint8Array(deflated);
  if (deflated.buffer.byteLength >= CHUNK) release(deflated);
  return own;
}

/** A file of a zip file, deflated. */
export interface DeflatedFile {
  readonly name: string;
  /** Bytes before they were deflated. */
  readonly size: number;
  /** Of the bytes before they were deflated. */
  readonly crc: number;
  /** The deflated bytes, one after another. */
  readonly parts: readonly Uint8Array<ArrayBuffer>[];
}

/** Makes a zip file of deflated files, every one dated 1 January 1980; frees them. */
export function zipDeflated(files: readonly DeflatedFile[]): Uint8Array<ArrayBuffer> {
  const parts: Uint8Array[] = [];
  const zip = new Zip((error, part) => {
    if (error) throw error;
    parts.push(part);
  });
  for (const { name: filename, size, crc, parts } of files) {
    const entry: ZipInputFile = { filename, size, crc, mtime: EPOCH, compression: DEFLATE };
    zip.add(entry); // sets ondata
    parts.forEach((part, i) => entry.ondata!(null, part, i === parts.length - 1));
  }
  zip.end();
  const bytes = concatBytes(parts);
  for (const part of parts) release(part);
  return bytes;
}

/**
 * Reads arrays from .npz. Sizes are checked before anything is inflated.
 *
 * @param bytes A whole file.
 * @param names Only these arrays are inflated; all when left out.
 * @returns Array name to array, in the order of `names` where given.
 * @throws {SyntaxError} When the bytes are no zip file, or a member cannot be inflated, has another checksum than the file
 * says, or is not .npy.
 * @throws {RangeError} When an array that was asked for is missing, or a member's size is beyond belief: above 2 GiB, or
 * more than 1100 times its deflated bytes.
 * @throws {TypeError} When an array's dtype is not supported.
 *
 * @example
 * ```ts
 * import { decodeNpz, encodeNpz } from "@strokewise/strokewise/formats";
 * import { assertEquals } from "@std/assert";
 *
 * const zeros = { dtype: "uint8", shape: [4], data: new Uint8Array(4) } as const;
 * assertEquals(Object.keys(decodeNpz(encodeNpz({ image: zeros, label: zeros }), ["label"])), ["label"]);
 * ```
 */
export function decodeNpz(bytes: Uint8Array, names?: readonly string[]): Record<string, NdArray> {
  const wanted = names && new Set(names.map((name) => `${name}.npy`));
  const members = unzipMembers(bytes, wanted);
  const missing = names?.find((name) => !Object.hasOwn(members, `${name}.npy`));
  if (missing !== undefined) {
    throw new RangeError(`Cannot read .npz: no array named ${missing}`);
  }
  const found = names ?? Object.keys(members).map((member) => member.replace(/\.npy$/, ""));
  return Object.fromEntries(found.map((name) => [name, decodeMember(name, members[`${name}.npy`])]));
}

/**
 * Inflates the members of a zip file whose names end with `.npy`.
 *
 * @param bytes A whole file.
 * @param wanted Only members of these names; all when left out.
 * @returns Name, `.npy` and all, to content.
 * @throws {SyntaxError} When the bytes are no zip file, or a member cannot be inflated or has not the checksum that the
 * file says.
 * @throws {RangeError} When a member's size is beyond belief.
 */
export function unzipMembers(bytes: Uint8Array, wanted?: ReadonlySet<string>): Record<string, Uint8Array> {
  const sizes = memberSizes(bytes, wanted);
  const last = new Map(listed(bytes).map((entry) => [entry.name, entry])); // of members with one name
  return Object.fromEntries(
    [...sizes.keys()].map((name) => [name, orOurs(() => readZipEntry(bytes, last.get(name)!))]),
  );
}

/**
 * What the members of a zip file whose names end with `.npy` claim to be inflated; nothing is.
 *
 * @param bytes A whole file.
 * @param wanted Only members of these names; all when left out.
 * @returns Name to bytes.
 * @throws {SyntaxError} When the bytes are no zip file.
 * @throws {RangeError} When a member's size, or that of all together, is beyond belief.
 */
export function memberSizes(bytes: Uint8Array, wanted?: ReadonlySet<string>): ReadonlyMap<string, number> {
  const sizes = new Map<string, number>();
  let total = 0;
  for (const { name, size, originalSize } of listed(bytes)) {
    if (wanted ? !wanted.has(name) : !name.endsWith(".npy")) continue;
    // A name may be listed often and its bytes shared, so the total and each `size` are held against the file too.
    if (originalSize > MAX_SIZE || originalSize > MAX_RATIO * size || size > bytes.length) {
      throw new RangeError(`Cannot read .npz: ${name} claims ${originalSize} bytes from ${size} deflated ones`);
    }
    total += originalSize;
    if (total > MAX_SIZE || total > MAX_RATIO * bytes.length) {
      throw new RangeError(`Cannot read .npz: its arrays claim ${total} bytes or more from ${bytes.length}`);
    }
    sizes.set(name, originalSize);
  }
  return sizes;
}

function listed(bytes: Uint8Array): ZipEntry[] {
  const entries = orOurs(() => zipEntries(bytes));
  const names = new Set<string>();
  for (const { name } of entries) {
    if (names.has(name)) {
      throw new SyntaxError(`Cannot read .npz: ${name} is in it twice, and nothing says which counts`);
    }
    names.add(name);
  }
  return entries;
}

/** What is wrong with a zip file, as what is wrong with an .npz. */
function orOurs<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof SyntaxError) error.message = `Cannot read .npz: ${error.message}`;
    throw error;
  }
}

/** The errors of one member, with its name in front and their kind kept. */
function decodeMember(name: string, member: Uint8Array): NdArray {
  try {
    return decodeNpy(member);
  } catch (error) {
    if (error instanceof Error) error.message = `${name}: ${error.message}`;
    throw error;
  }
}
