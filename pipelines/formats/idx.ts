/**
 * IDX, the format of MNIST: one array of numbers, big-endian. Browser safe.
 *
 * Layout (https://web.archive.org/web/2024/http://yann.lecun.com/exdb/mnist/, "the IDX file format"):
 *
 * ```text
 * 0  2    zero
 * 2  1    dtype: 08 uint8, 09 int8, 0B int16, 0C int32, 0D float32, 0E float64
 * 3  1    n, the number of dimensions
 * 4  4 n  the lengths, uint32 big-endian
 * …       the elements, big-endian, C order
 * ```
 *
 * @module
 */
import { bytesOf, swapOrder } from "../base/bytes.ts";
import { type Dtype, elementCount, type NdArray, typedArray } from "../base/arrays.ts";

/** The dtypes that IDX knows. */
export type IdxDtype = "uint8" | "int8" | "int16" | "int32" | "float32" | "float64";

const CODES: Readonly<Record<IdxDtype, number>> = {
  uint8: 0x08,
  int8: 0x09,
  int16: 0x0b,
  int32: 0x0c,
  float32: 0x0d,
  float64: 0x0e,
};

/** What an IDX file says of itself before its first element. */
export interface IdxHeader {
  /** What the elements are. */
  readonly dtype: IdxDtype;
  /** The lengths, outermost first. */
  readonly shape: readonly number[];
  /** Where the elements start, in bytes. */
  readonly offset: number;
  /** Bytes of one element. */
  readonly elementSize: number;
}

/**
 * Reads the header of an IDX file, of which only the first bytes need be there yet.
 *
 * @param bytes The start of a file.
 * @returns The header, or undefined where `bytes` end inside it.
 * @throws {SyntaxError} When the bytes are not IDX.
 * @throws {RangeError} When the shape has 2^53 elements or more.
 *
 * @example
 * ```ts
 * import { decodeIdxHeader } from "@strokewise/strokewise/formats";
 * import { assertEquals } from "@std/assert";
 *
 * const bytes = Uint8Array.of(0, 0, 8, 1, 0, 0, 0, 2, 5, 6);
 * assertEquals(decodeIdxHeader(bytes), { dtype: "uint8", shape: [2], offset: 8, elementSize: 1 });
 * assertEquals(decodeIdxHeader(bytes.subarray(0, 7)), undefined);
 * ```
 */
export function decodeIdxHeader(bytes: Uint8Array): IdxHeader | undefined {
  if ((bytes[0] ?? 0) !== 0 || (bytes[1] ?? 0) !== 0) {
    throw new SyntaxError("Cannot read IDX: not an IDX file (its first two bytes are not zero)");
  }
  if (bytes.length < 4) return undefined;
  const dtype = (Object.keys(CODES) as IdxDtype[]).find((name) => CODES[name] === bytes[2]);
  if (dtype === undefined) {
    throw new SyntaxError(`Cannot read IDX: dtype 0x${bytes[2].toString(16)}, expected 0x08, 0x09 or 0x0b to 0x0e`);
  }
  const offset = 4 + 4 * bytes[3];
  if (bytes.length < offset) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, offset);
  const shape = Array.from({ length: bytes[3] }, (_, i) => view.getUint32(4 + 4 * i));
  elementCount(shape); // refuses what no file can hold
  return { dtype, shape, offset, elementSize: typedArray(dtype, 0).BYTES_PER_ELEMENT };
}

/**
 * Reads an IDX file. Nothing is allocated before the header was checked against the bytes that are there.
 *
 * @param bytes A whole file, inflated.
 * @returns The array, in memory of its own.
 * @throws {SyntaxError} When the bytes are not IDX.
 * @throws {RangeError} When the header promises another number of bytes than there is.
 *
 * @example
 * ```ts
 * import { decodeIdx } from "@strokewise/strokewise/formats";
 * import { assertEquals } from "@std/assert";
 *
 * const { shape, data } = decodeIdx(Uint8Array.of(0, 0, 0x0b, 2, 0, 0, 0, 1, 0, 0, 0, 2, 0x01, 0x00, 0xff, 0xff));
 * assertEquals(shape, [1, 2]);
 * assertEquals(data, Int16Array.of(256, -1));
 * ```
 */
export function decodeIdx(bytes: Uint8Array): NdArray<IdxDtype> {
  const header = decodeIdxHeader(bytes);
  if (header === undefined) throw new RangeError("Cannot read IDX: the file ends inside its header");
  const { dtype, shape, offset, elementSize } = header;
  const size = elementCount(shape) * elementSize;
  if (size !== bytes.length - offset) {
    throw new RangeError(
      `Cannot read IDX: ${dtype} [${shape}] takes ${size} bytes, found ${bytes.length - offset} after the header`,
    );
  }
  const elements = bytes.slice(offset);
  swapOrder(elements, elementSize);
  return { dtype, shape, data: typedArray(dtype, elements.buffer) };
}

/**
 * Writes an array as IDX.
 *
 * @param array A dtype that IDX knows, at most 255 dimensions.
 * @returns The file's bytes, not deflated.
 * @throws {TypeError} When IDX has no such dtype.
 * @throws {RangeError} When shape and elements disagree, or a length does not fit in 32 bits.
 *
 * @example
 * ```ts
 * import { encodeIdx } from "@strokewise/strokewise/formats";
 * import { assertEquals } from "@std/assert";
 *
 * const bytes = encodeIdx({ dtype: "uint8", shape: [2], data: Uint8Array.of(5, 6) });
 * assertEquals(bytes, Uint8Array.of(0, 0, 8, 1, 0, 0, 0, 2, 5, 6));
 * ```
 */
export function encodeIdx({ dtype, shape, data }: NdArray): Uint8Array<ArrayBuffer> {
  if (!isIdxDtype(dtype)) throw new TypeError(`Cannot write IDX: it has no ${dtype}, only ${Object.keys(CODES)}`);
  if (elementCount(shape) !== data.length) {
    throw new RangeError(`Cannot write IDX: shape [${shape}] does not have ${data.length} elements`);
  }
  if (shape.length > 255 || shape.some((length) => length >= 2 ** 32)) {
    throw new RangeError(`Cannot write IDX: shape [${shape}], expected up to 255 lengths below 2^32`);
  }
  const offset = 4 + 4 * shape.length;
  const bytes = new Uint8Array(offset + data.byteLength);
  bytes.set([0, 0, CODES[dtype], shape.length]);
  const view = new DataView(bytes.buffer);
  shape.forEach((length, i) => view.setUint32(4 + 4 * i, length));
  bytes.set(bytesOf(data), offset);
  swapOrder(bytes.subarray(offset), data.BYTES_PER_ELEMENT);
  return bytes;
}

function isIdxDtype(dtype: Dtype): dtype is IdxDtype {
  return Object.hasOwn(CODES, dtype);
}
