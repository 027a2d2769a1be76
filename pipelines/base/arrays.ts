/**
 * Typed arrays with a shape, and the fields of examples that are made of them. Browser safe.
 *
 * @module
 */

/** The element types that a field may have, under numpy's names. */
export type Dtype =
  | "uint8"
  | "int8"
  | "uint16"
  | "int16"
  | "uint32"
  | "int32"
  | "uint64"
  | "int64"
  | "float32"
  | "float64";

/** The typed array of each {@linkcode Dtype}. */
export interface DtypeArrays {
  /** Whole numbers, 0 to 255. */
  uint8: Uint8Array<ArrayBuffer>;
  /** Whole numbers, -128 to 127. */
  int8: Int8Array<ArrayBuffer>;
  /** Whole numbers, 0 to 65,535. */
  uint16: Uint16Array<ArrayBuffer>;
  /** Whole numbers, -32,768 to 32,767. */
  int16: Int16Array<ArrayBuffer>;
  /** Whole numbers, 0 to 2^32 - 1. */
  uint32: Uint32Array<ArrayBuffer>;
  /** Whole numbers, -2^31 to 2^31 - 1. */
  int32: Int32Array<ArrayBuffer>;
  /** Bigints, 0 to 2^64 - 1. */
  uint64: BigUint64Array<ArrayBuffer>;
  /** Bigints, -2^63 to 2^63 - 1. */
  int64: BigInt64Array<ArrayBuffer>;
  /** Single precision, 24 bits of mantissa. */
  float32: Float32Array<ArrayBuffer>;
  /** Double precision, JavaScript's own number. */
  float64: Float64Array<ArrayBuffer>;
}

/** A typed array of any {@linkcode Dtype}. */
export type FieldArray = DtypeArrays[Dtype];

/** An array with its shape, in C order. */
export interface NdArray<D extends Dtype = Dtype> {
  /** The type of the elements. */
  readonly dtype: D;
  /** The lengths of the dimensions, the outermost first; `[]` for a single number. */
  readonly shape: readonly number[];
  /** The elements, as many as the product of the shape. */
  readonly data: DtypeArrays[D];
}

/** One field of an example: what is stored for each example under one name. */
export interface Field {
  /** The type of the elements. */
  readonly dtype: Dtype;
  /** The shape for one example; `[]` for a number. A ragged field has `[-1, …]`: its first length varies. */
  readonly shape: readonly number[];
  /** The largest value it can hold, where that is known and says something, such as T for a stroke-index map. */
  readonly max?: number;
  /** What its numbers stand for, where that is a text: a character each, "ab " of 0, 1 and 2. */
  readonly characters?: string;
  /** Where its values are looked up, when shards do not hold them. */
  readonly bank?: BankPlace;
}

/** Where the values of a field are that shards do not hold: rows of an array that lies once beside them. */
export interface BankPlace {
  /** The array's name; its dtype is the field's. */
  readonly name: string;
  /** The field whose numbers are the rows, 0-based; the field's shape is that one's, then that of a row. */
  readonly by: string;
}

/** A dataset's fields by name, snake_case as in the shards. */
export type Fields = Readonly<Record<string, Field>>;

/** The fields that shards hold: all but those that are looked up. */
export function storedFields(fields: Fields): Fields {
  return Object.fromEntries(Object.entries(fields).filter(([, { bank }]) => bank === undefined));
}

/**
 * The text of codes.
 *
 * @param codes Places in the characters.
 * @param characters Of the field; a code beyond them is a `?`.
 *
 * @example
 * ```ts
 * import { decodeText } from "@strokewise/strokewise/pipelines";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(decodeText([1, 10, 2], "0123456789+"), "1+2");
 * ```
 */
export function decodeText(codes: ArrayLike<number | bigint>, characters: string): string {
  return Array.from(codes, (code) => characters[Number(code)] ?? "?").join("");
}

/** The names of the banks in which fields are looked up, each once. */
export function banksOf(fields: Fields): string[] {
  return [...new Set(Object.values(fields).flatMap(({ bank }) => bank?.name ?? []))];
}

const ARRAY_TYPES: { readonly [D in Dtype]: (length: number | ArrayBuffer) => DtypeArrays[D] } = {
  uint8: (from) => new Uint8Array(from as ArrayBuffer),
  int8: (from) => new Int8Array(from as ArrayBuffer),
  uint16: (from) => new Uint16Array(from as ArrayBuffer),
  int16: (from) => new Int16Array(from as ArrayBuffer),
  uint32: (from) => new Uint32Array(from as ArrayBuffer),
  int32: (from) => new Int32Array(from as ArrayBuffer),
  uint64: (from) => new BigUint64Array(from as ArrayBuffer),
  int64: (from) => new BigInt64Array(from as ArrayBuffer),
  float32: (from) => new Float32Array(from as ArrayBuffer),
  float64: (from) => new Float64Array(from as ArrayBuffer),
};

/** Whether something is the name of a {@linkcode Dtype}. */
export function isDtype(name: unknown): name is Dtype {
  return typeof name === "string" && Object.hasOwn(ARRAY_TYPES, name);
}

/**
 * A typed array of a {@linkcode Dtype}.
 *
 * @param dtype Which one.
 * @param from The number of zeros to start with, or a buffer to look at.
 * @returns An array of `from` elements, or of as many as the buffer holds.
 * @throws {RangeError} When the buffer holds no whole number of elements.
 *
 * @example
 * ```ts
 * import { typedArray } from "@strokewise/strokewise/pipelines";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(typedArray("int16", 2), new Int16Array(2));
 * ```
 */
export function typedArray<D extends Dtype>(dtype: D, from: number | ArrayBuffer): DtypeArrays[D] {
  return ARRAY_TYPES[dtype](from);
}

/**
 * The number of elements of a shape, refused where it is not whole or does not fit.
 *
 * @param shape Lengths, each 0 or more; `[]` has one element.
 * @returns The product of the lengths.
 * @throws {RangeError} When a length is negative or not whole, or the product is above 2^53.
 *
 * @example
 * ```ts
 * import { elementCount } from "@strokewise/strokewise/pipelines";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(elementCount([2, 3]), 6);
 * assertEquals(elementCount([]), 1);
 * ```
 */
export function elementCount(shape: readonly number[]): number {
  const count = shape.reduce((product, length) => product * length, 1);
  if (!shape.every((length) => Number.isSafeInteger(length) && length >= 0) || !Number.isSafeInteger(count)) {
    throw new RangeError(`Shape [${shape}]: expected whole lengths of 0 or more, and fewer than 2^53 elements`);
  }
  return count;
}

/**
 * Widens numbers of IEEE 754's binary16, none of which float32 lacks.
 *
 * @param bytes Two bytes a number, little-endian.
 * @returns [bytes.length / 2].
 */
export function halfToFloat(bytes: Uint8Array): Float32Array<ArrayBuffer> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Float32Array.from({ length: bytes.length >> 1 }, (_, i) => view.getFloat16(2 * i, true));
}

/**
 * Numbers one after another.
 *
 * @param parts Of any lengths.
 *
 * @example
 * ```ts
 * import { joinFloats } from "./arrays.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals([...joinFloats([Float32Array.of(1, 2), Float32Array.of(3)])], [1, 2, 3]);
 * ```
 */
export function joinFloats(parts: readonly Float32Array[]): Float32Array<ArrayBuffer> {
  const all = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
