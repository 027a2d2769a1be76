/**
 * NumPy's .npy: one array with its dtype and shape. Browser safe.
 *
 * Layout (https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html):
 *
 * ```text
 * 0   6  magic: 93 4E 55 4D 50 59, "\x93NUMPY"
 * 6   1  major version: 1, 2 or 3        7  1  minor version: 0
 * 8   2  header length, uint16 little-endian; 4 bytes (uint32) from version 2 on
 * …   n  header: a Python dict literal in latin-1 (UTF-8 from version 3 on), padded with spaces, closed by "\n"
 * …      the elements; we write and read little-endian, C order only
 * ```
 *
 * The elements start at a multiple of 64 bytes. Typed arrays share the machine's byte order, which is little-endian
 * wherever JavaScript runs today.
 *
 * @module
 */
import { bytesOf } from "../base/bytes.ts";
import { type Dtype, elementCount, halfToFloat, type NdArray, typedArray } from "../base/arrays.ts";

const MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];
const ALIGNMENT = 64;
/** Bytes; numpy itself refuses headers above 10,000 unless told otherwise. */
const MAX_HEADER = 2 ** 16;

/** What the header calls each dtype; "|" is numpy's mark for "byte order does not matter". */
const DESCRIPTORS: Readonly<Record<Dtype, string>> = {
  uint8: "|u1",
  int8: "|i1",
  uint16: "<u2",
  int16: "<i2",
  uint32: "<u4",
  int32: "<i4",
  uint64: "<u8",
  int64: "<i8",
  float32: "<f4",
  float64: "<f8",
};

/**
 * What numpy calls a {@linkcode Dtype} in a file's header.
 *
 * @returns Such as `<i2`.
 *
 * @example
 * ```ts
 * import { descriptorOf } from "@strokewise/strokewise/formats";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(descriptorOf("int16"), "<i2");
 * ```
 */
export function descriptorOf(dtype: Dtype): string {
  return DESCRIPTORS[dtype];
}

/**
 * Writes an array as .npy, version 1.0.
 *
 * @param array Any dtype and shape; as many elements as the shape says.
 * @returns The file's bytes, which `numpy.load` reads.
 * @throws {RangeError} When shape and elements disagree, or the shape is too long for a 1.0 header.
 *
 * @example
 * ```ts
 * import { decodeNpy, encodeNpy } from "@strokewise/strokewise/formats";
 * import { assertEquals } from "@std/assert";
 *
 * const array = { dtype: "uint16", shape: [2, 1], data: Uint16Array.of(7, 65535) } as const;
 * assertEquals(decodeNpy(encodeNpy(array)), array);
 * ```
 */
export function encodeNpy({ dtype, shape, data }: NdArray): Uint8Array<ArrayBuffer> {
  const count = elementCount(shape);
  if (count !== data.length) {
    throw new RangeError(`Cannot write .npy: shape [${shape}] has ${count} elements, the data has ${data.length}`);
  }
  const header = encodeNpyHeader(DESCRIPTORS[dtype], shape);
  const bytes = new Uint8Array(header.length + data.byteLength);
  bytes.set(header);
  bytes.set(bytesOf(data), header.length);
  return bytes;
}

/**
 * Writes what comes before the elements, version 1.0.
 *
 * @param descriptor The dtype as numpy writes it, such as `<i2`, or `|O` for a pickled array of objects.
 * @param shape Lengths, outermost first.
 * @returns A multiple of 64 bytes: 128 for shapes of up to five lengths, so that a count can be filled in later.
 * @throws {RangeError} When the shape is too long for a 1.0 header.
 *
 * @example
 * ```ts
 * import { encodeNpyHeader } from "@strokewise/strokewise/formats";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(encodeNpyHeader("|u1", [0, 784]).length, encodeNpyHeader("|u1", [50_000_000, 784]).length);
 * ```
 */
export function encodeNpyHeader(descriptor: string, shape: readonly number[]): Uint8Array<ArrayBuffer> {
  const tuple = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(", ")})`;
  const dict = `{'descr': '${descriptor}', 'fortran_order': False, 'shape': ${tuple}, }`;
  const start = Math.ceil((10 + dict.length + 1) / ALIGNMENT) * ALIGNMENT;
  if (start - 10 > 0xffff) throw new RangeError(`Cannot write .npy: a shape of ${shape.length} lengths is too long`);
  const bytes = new Uint8Array(start);
  bytes.set([...MAGIC, 1, 0, (start - 10) & 0xff, (start - 10) >> 8]);
  new TextEncoder().encodeInto(dict.padEnd(start - 11) + "\n", bytes.subarray(10));
  return bytes;
}

/**
 * Reads .npy, versions 1 to 3. Nothing is allocated before the header was checked against the bytes that are there.
 *
 * @param bytes A whole file; bytes after the last element are an error.
 * @returns The array, in memory of its own; float16 becomes float32.
 * @throws {SyntaxError} When the bytes are not .npy, or its header cannot be read.
 * @throws {TypeError} When the dtype is none of {@linkcode Dtype} (objects and big-endian numbers among them), or the
 * order is Fortran's.
 * @throws {RangeError} When the header promises another number of bytes than there is.
 *
 * @example
 * ```ts
 * import { decodeNpy } from "@strokewise/strokewise/formats";
 * import { assertThrows } from "@std/assert";
 *
 * assertThrows(() => decodeNpy(Uint8Array.of(1, 2, 3)), SyntaxError, "Cannot read .npy: not an .npy file");
 * ```
 */
export function decodeNpy(bytes: Uint8Array): NdArray {
  const header = decodeNpyHeader(bytes);
  if (header === undefined) {
    if (bytes.length < MAGIC.length) throw notNpy();
    throw new RangeError(`Cannot read .npy: the file ends inside its header, at byte ${bytes.length}`);
  }
  const { descriptor, shape, offset } = header;
  const dtype = dtypeOf(descriptor);
  if (header.fortranOrder && shape.length > 1) {
    throw new TypeError("Cannot read .npy: the array is in Fortran order; save numpy.ascontiguousarray(array)");
  }
  const size = elementCount(shape) * Number(descriptor.slice(2));
  if (size !== bytes.length - offset) {
    throw new RangeError(
      `Cannot read .npy: ${dtype} [${shape}] takes ${size} bytes, found ${bytes.length - offset} after the header`,
    );
  }
  if (/^[<=]f2$/.test(descriptor)) return { dtype: "float32", shape, data: halfToFloat(bytes.subarray(offset)) };
  const data = typedArray(dtype, elementCount(shape));
  bytesOf(data).set(bytes.subarray(offset));
  return { dtype, shape, data };
}

/** What an .npy file says of itself before its first element. */
export interface NpyHeader {
  /** The dtype as numpy writes it, such as `<i2`; `|O` is a pickled array of objects. */
  readonly descriptor: string;
  /** Whether the first index moves fastest. */
  readonly fortranOrder: boolean;
  /** The lengths, outermost first. */
  readonly shape: readonly number[];
  /** Where the elements start, in bytes. */
  readonly offset: number;
}

/**
 * Reads the header of an .npy file, of which only the first bytes need be there yet.
 *
 * @param bytes The start of a file.
 * @returns The header, or undefined where `bytes` end inside it.
 * @throws {SyntaxError} When the bytes are not .npy, or the header cannot be read.
 * @throws {TypeError} When the array is structured.
 * @throws {RangeError} When the shape has 2^53 elements or more.
 *
 * @example
 * ```ts
 * import { decodeNpyHeader, encodeNpyHeader } from "@strokewise/strokewise/formats";
 * import { assertEquals } from "@std/assert";
 *
 * const bytes = encodeNpyHeader("|u1", [5, 784]);
 * assertEquals(decodeNpyHeader(bytes), { descriptor: "|u1", fortranOrder: false, shape: [5, 784], offset: 128 });
 * assertEquals(decodeNpyHeader(bytes.subarray(0, 127)), undefined);
 * ```
 */
export function decodeNpyHeader(bytes: Uint8Array): NpyHeader | undefined {
  if (!bytes.subarray(0, MAGIC.length).every((byte, i) => byte === MAGIC[i])) throw notNpy();
  if (bytes.length < 10) return undefined;
  const [major, minor] = bytes.subarray(6, 8);
  if (major < 1 || major > 3 || minor !== 0) {
    throw new SyntaxError(`Cannot read .npy: version ${major}.${minor}, expected 1.0, 2.0 or 3.0`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const from = major === 1 ? 10 : 12;
  if (bytes.length < from) return undefined;
  const length = major === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  if (length > MAX_HEADER) throw new SyntaxError(`Cannot read .npy: a header of ${length} bytes`);
  if (bytes.length < from + length) return undefined;
  const decoder = new TextDecoder(major === 3 ? "utf-8" : "latin1");
  return { ...parseHeader(decoder.decode(bytes.subarray(from, from + length))), offset: from + length };
}

function notNpy(): SyntaxError {
  return new SyntaxError("Cannot read .npy: not an .npy file (no \\x93NUMPY at its start)");
}

/** Reads the Python dict literal. */
function parseHeader(text: string): Omit<NpyHeader, "offset"> {
  const header = text.trim().replaceAll('"', "'");
  const descriptor = /'descr':\s*'([^']*)'/.exec(header)?.[1];
  const order = /'fortran_order':\s*(True|False)/.exec(header)?.[1];
  const tuple = /'shape':\s*\(([-\d,\sL]*)\)/.exec(header)?.[1];
  if (/'descr':\s*\[/.test(header)) throw new TypeError("Cannot read .npy: structured arrays are not supported");
  if (descriptor === undefined || order === undefined || tuple === undefined) {
    throw new SyntaxError(
      `Cannot read .npy: expected descr, fortran_order and shape in the header, found ${header.slice(0, 200)}`,
    );
  }
  const shape = tuple.split(",").map((length) => length.trim()).filter((length) => length !== "")
    .map((length) => Number(length.replace(/L$/, ""))); // Python 2 wrote 3L
  elementCount(shape); // refuses what no file can hold
  return { descriptor, fortranOrder: order === "True", shape };
}

function dtypeOf(descriptor: string): Dtype {
  // "<u1" is odd but legal: a single byte has no order.
  const normal = /^[<=|][ui]1$/.test(descriptor) ? "|" + descriptor.slice(1) : descriptor;
  if (/^[<=]f2$/.test(descriptor)) return "float32"; // wide enough for every value
  for (const [dtype, known] of Object.entries(DESCRIPTORS)) if (known === normal) return dtype as Dtype;
  if (/O/.test(descriptor)) throw new TypeError("Cannot read .npy: arrays of Python objects are not supported");
  if (descriptor.startsWith(">")) {
    throw new TypeError(`Cannot read .npy: ${descriptor} is big-endian; save array.astype('<${descriptor.slice(1)}')`);
  }
  throw new TypeError(
    `Cannot read .npy: dtype ${descriptor}, expected one of ${Object.values(DESCRIPTORS).join(", ")}`,
  );
}
