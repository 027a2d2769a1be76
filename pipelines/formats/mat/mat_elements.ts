/**
 * What a MATLAB MAT-file of level 5 is made of: its header, the tags of its elements, the kinds of arrays. Browser safe.
 *
 * @module
 */
import type { ByteReader } from "../../base/byte_reader.ts";
import type { Dtype } from "../../base/arrays.ts";

/** Bytes of the header. */
export const MAT_HEADER = 128;
/** The element type of an array. */
export const MATRIX = 14;
/** The element type of a deflated element. */
export const COMPRESSED = 15;

/** How numbers are stored, by element type. */
export const STORED_DTYPES: Readonly<Record<number, Dtype>> = {
  1: "int8",
  2: "uint8",
  3: "int16",
  4: "uint16",
  5: "int32",
  6: "uint32",
  7: "float32",
  9: "float64",
  12: "int64",
  13: "uint64",
};

/** A kind of array: MATLAB's name for it, and what its numbers are where it holds numbers. */
export interface MatClass {
  /** Such as `double`. */
  readonly name: string;
  /** Left out where it holds no plain numbers. */
  readonly dtype?: Dtype;
}

/** The kinds of arrays, by the number in their flags. */
export const CLASSES: Readonly<Record<number, MatClass>> = {
  1: { name: "cell" },
  2: { name: "struct" },
  3: { name: "object" },
  4: { name: "char" },
  5: { name: "sparse" },
  6: { name: "double", dtype: "float64" },
  7: { name: "single", dtype: "float32" },
  8: { name: "int8", dtype: "int8" },
  9: { name: "uint8", dtype: "uint8" },
  10: { name: "int16", dtype: "int16" },
  11: { name: "uint16", dtype: "uint16" },
  12: { name: "int32", dtype: "int32" },
  13: { name: "uint32", dtype: "uint32" },
  14: { name: "int64", dtype: "int64" },
  15: { name: "uint64", dtype: "uint64" },
  16: { name: "function handle" },
  17: { name: "opaque" },
};

/** What the header says. */
export interface MatHeader {
  /** Whether numbers are stored with their low byte first. */
  readonly littleEndian: boolean;
  /** Where the element with MATLAB's own data starts, in bytes; 0 where there is none. */
  readonly subsystem: number;
}

/**
 * Reads the header.
 *
 * @param bytes The first 128 bytes of a file, or all that there are.
 * @throws {SyntaxError} When the file is no MAT-file, or one of another level.
 */
export function decodeMatHeader(bytes: Uint8Array): MatHeader {
  const refuse = (why: string) => new SyntaxError(`Cannot read .mat: ${why}`);
  const isHdf5 = (at: number) => [0x89, 0x48, 0x44, 0x46].every((byte, i) => bytes[at + i] === byte);
  const hdf5 = 'the file is HDF5 (version 7.3), which is not read: save it in MATLAB with save(…, "-v7")';
  if (isHdf5(0)) throw refuse(hdf5);
  if (bytes.length < MAT_HEADER) throw refuse("not a MAT-file (it is shorter than the header's 128 bytes)");
  const indicator = String.fromCharCode(bytes[126], bytes[127]);
  if (indicator !== "IM" && indicator !== "MI") {
    const isOld = bytes.subarray(0, 4).includes(0) && bytes[4] < 0x80;
    throw refuse(`not a MAT-file of level 5 (no IM or MI at byte 126)${isOld ? "; level 4 is not read" : ""}`);
  }
  const littleEndian = indicator === "IM"; // the letters MI, as a 16-bit number of the machine that wrote it
  const view = new DataView(bytes.buffer, bytes.byteOffset, MAT_HEADER);
  const version = view.getUint16(124, littleEndian);
  if (version === 0x0200) throw refuse(hdf5);
  if (version !== 0x0100) throw refuse(`version 0x${version.toString(16).padStart(4, "0")}, expected 0x0100`);
  const none = bytes.subarray(116, 124).every((byte) => byte === 0x20); // all spaces says the same as zero
  return { littleEndian, subsystem: none ? 0 : Number(view.getBigUint64(116, littleEndian)) };
}

/** What stands before an element's data. */
export interface MatTag {
  /** What the data is: a number of {@linkcode STORED_DTYPES}, {@linkcode MATRIX}, or another. */
  readonly type: number;
  /** Bytes of data. */
  readonly length: number;
  /** Bytes after the data that belong to the element. */
  readonly padding: number;
}

/**
 * Reads a tag: type and length in 8 bytes, or in 4, where the length is in the upper half of the type and the data, of up
 * to 4 bytes, follows within the 8.
 *
 * @returns Undefined at the end of the bytes.
 * @throws {RangeError} When the bytes end inside the tag.
 * @throws {SyntaxError} When a short tag has a long length.
 */
export async function readMatTag(bytes: ByteReader, littleEndian: boolean): Promise<MatTag | undefined> {
  const at = bytes.position;
  const head = await bytes.peek(8);
  if (head.length === 0) return undefined;
  if (head.length < 8) throw new RangeError(`Cannot read .mat: the data ends inside the tag at byte ${at}`);
  const view = new DataView(head.buffer, head.byteOffset, 8);
  const first = view.getUint32(0, littleEndian);
  const isShort = first >>> 16 !== 0;
  await bytes.skip(isShort ? 4 : 8);
  if (!isShort) {
    const length = view.getUint32(4, littleEndian);
    return { type: first, length, padding: first === COMPRESSED ? 0 : (8 - length % 8) % 8 };
  }
  const length = first >>> 16;
  if (length > 4) {
    throw new SyntaxError(`Cannot read .mat: the short element at byte ${at} has ${length} bytes, expected 4 at most`);
  }
  return { type: first & 0xffff, length, padding: 4 - length };
}
