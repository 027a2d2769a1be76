/**
 * MATLAB's MAT-files of level 5, which `save` writes with `-v6` and `-v7`: named arrays, each deflated on its own or not.
 * Browser safe.
 *
 * Layout (MathWorks, "MAT-File Format", chapter "Level 5 MAT-File Format",
 * https://www.mathworks.com/help/pdf_doc/matlab/matfile_format.pdf):
 *
 * ```text
 * 0    116  text                                  116  8  where MATLAB's own data is, or zeros, or spaces
 * 124  2    version: 0x0100                       126  2  "IM" where the low byte comes first, else "MI"
 * 128       elements: type (uint32), length in bytes (uint32), data, padding to 8 bytes
 * ```
 *
 * An element of type 15 is another element, deflated (zlib), without padding. One of type 14 is an array: elements again,
 * with its flags and class, its lengths (int32), its name, and its numbers, **the first index moving fastest**. Numbers may
 * be stored in a smaller type than the class's: MATLAB stores doubles that are whole as bytes. What is not numbers (cells,
 * structs, text, sparse and complex arrays, objects) is named and passed over.
 *
 * @module
 */
import { bytesOf, concatBytes } from "../../base/bytes.ts";
import { ByteReader } from "../../base/byte_reader.ts";
import {
  CLASSES,
  COMPRESSED,
  decodeMatHeader,
  MAT_HEADER,
  type MatClass,
  MATRIX,
  type MatTag,
  readMatTag,
  STORED_DTYPES,
} from "./mat_elements.ts";
import { toClass } from "./mat_numbers.ts";
import { type Dtype, elementCount, type FieldArray, type NdArray, typedArray } from "../../base/arrays.ts";

/** A variable of a MAT-file. */
export interface MatVariable {
  /** Its name in MATLAB; empty for a few things that MATLAB itself stores. */
  readonly name: string;
  /** MATLAB's name of its class: double, single, int8 … uint64, logical; cell, struct, char, sparse, complex double, … */
  readonly className: string;
  /** What its numbers are; left out where it holds no plain numbers, and can't be read. */
  readonly dtype?: Dtype;
  /** The lengths of its dimensions, at least two in MATLAB; none for an opaque object. */
  readonly shape: readonly number[];
  /**
   * Its numbers in pieces, **in column-major order**: the first index moves fastest. To be read, once, before the next
   * variable is asked for.
   *
   * @throws {TypeError} When it holds no plain numbers, or is read a second time.
   */
  read(): AsyncGenerator<FieldArray>;
}

/** Deflate cannot shrink by more than 1032 to 1 (https://zlib.net/zlib_tech.html); a little room for the block headers. */
const MAX_RATIO = 1100;
/** Of deflated bytes, inflated at once: at most a thousand times as many come out. */
const DEFLATED_AT_ONCE = 2 ** 14;
/** Bytes of numbers that are read at once. */
const READ_AT_ONCE = 2 ** 18;
/** MATLAB's names have 63 letters, its arrays have few dimensions. */
const MAX_HEAD = 4096;
const MAX_BYTES = 2 ** 31;

/** Text as UTF-32. */
const MAX_TYPE = 18;

const FLAG_COMPLEX = 0x08;
const FLAG_LOGICAL = 0x02;

/**
 * Reads a MAT-file, a variable at a time and each in pieces; what is not read of a variable is passed over without being
 * inflated.
 *
 * @param bytes A file's bytes in pieces of any size.
 * @returns The variables in the order of the file.
 * @throws {SyntaxError} When the bytes are no MAT-file of level 5, or one that is broken; before the first variable where
 * the header says so.
 * @throws {RangeError} When lengths do not fit together, or the file ends too soon.
 *
 * @example
 * ```ts
 * import { encodeMat, readMat } from "@strokewise/strokewise/formats";
 * import { assertEquals } from "@std/assert";
 *
 * const x = { dtype: "uint8", shape: [2, 3], data: Uint8Array.of(1, 2, 3, 4, 5, 6) } as const; // rows 1 2 3 and 4 5 6
 * const [variable] = await Array.fromAsync(readMat([encodeMat({ x })]), async ({ name, read }) => ({
 *   name,
 *   pieces: await Array.fromAsync(read()),
 * }));
 * assertEquals(variable, { name: "x", pieces: [Uint8Array.of(1, 4, 2, 5, 3, 6)] });
 * ```
 */
export async function* readMat(
  bytes: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): AsyncGenerator<MatVariable> {
  await using file = new ByteReader(each(bytes));
  const { littleEndian, subsystem } = decodeMatHeader(await file.read(MAT_HEADER));
  for (;;) {
    const start = file.position;
    const tag = await readMatTag(file, littleEndian);
    if (tag === undefined) return;
    const end = file.position + tag.length + tag.padding;
    if (tag.type < 1 || tag.type > MAX_TYPE) {
      throw new SyntaxError(`Cannot read .mat: the element at byte ${start} is of type ${tag.type}, expected 1 to 18`);
    }
    if (start !== subsystem) {
      if (tag.type === COMPRESSED) yield* compressed(file, tag, littleEndian);
      else if (tag.type === MATRIX) yield* matrix(file, tag, littleEndian);
    }
    const rest = end - file.position;
    if (rest > 0 && await file.skip(rest) < rest) throw endsInside(start);
  }
}

async function* each(bytes: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield* bytes;
}

function endsInside(start: number): RangeError {
  return new RangeError(`Cannot read .mat: the file ends inside the element at byte ${start}`);
}

/** The array inside a deflated element. */
async function* compressed(file: ByteReader, { length }: MatTag, littleEndian: boolean): AsyncGenerator<MatVariable> {
  const at = file.position;
  await using inflated = new ByteReader(inflate(file, length));
  const tag = await readMatTag(inflated, littleEndian);
  if (tag?.type !== MATRIX) {
    throw new SyntaxError(`Cannot read .mat: the deflated element at byte ${at} holds type ${tag?.type}, no array`);
  }
  if (tag.length > MAX_RATIO * length) {
    throw new RangeError(`Cannot read .mat: an array claims ${tag.length} bytes from ${length} deflated ones`);
  }
  for await (const variable of matrix(inflated, tag, littleEndian)) {
    yield variable;
    if (inflated.position < 8 + tag.length) return; // it was not read
    if (await inflated.skip(1) > 0) throw new SyntaxError(`Cannot read .mat: ${variable.name} has too many bytes`);
  }
}

/** The next bytes of a file, inflated; the file is at rest when this has ended, early or not. */
async function* inflate(file: ByteReader, length: number): AsyncGenerator<Uint8Array> {
  const at = file.position;
  let fault: unknown; // streams may put an error of their own in its place
  const deflated = async function* (): AsyncGenerator<BufferSource> {
    try {
      for await (const piece of file.pieces(length, DEFLATED_AT_ONCE)) yield piece as Uint8Array<ArrayBuffer>;
      if (file.position < at + length) throw endsInside(at - 8);
    } catch (error) {
      fault = error;
      throw error;
    }
  }();
  const stream = ReadableStream.from(deflated).pipeThrough(new DecompressionStream("deflate"));
  const reader = stream.getReader();
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) yield next.value;
  } catch {
    throw fault ?? new SyntaxError(`Cannot read .mat: the deflated element at byte ${at} is broken`);
  } finally {
    await reader.cancel().catch(() => {}); // what is wrong with bytes that nobody wants is of no interest
    await deflated.return(undefined); // comes after a read of the file that is on its way
  }
}

/** The array whose tag was read; the reader is at its end when it was read. */
async function* matrix(bytes: ByteReader, { length, padding }: MatTag, littleEndian: boolean) {
  const end = bytes.position + length;
  const { name, flags, shape, kind } = await readHead(bytes, { end, littleEndian });
  const isComplex = (flags & FLAG_COMPLEX) !== 0;
  const dtype = isComplex ? undefined : kind.dtype;
  const className = isComplex
    ? `complex ${kind.name}`
    : (flags & FLAG_LOGICAL) !== 0 && dtype === "uint8"
    ? "logical"
    : kind.name;
  let isRead = false;
  const read = async function* (): AsyncGenerator<FieldArray> {
    if (dtype === undefined) throw new TypeError(`Cannot read .mat: ${name} is ${className}, not plain numbers`);
    if (isRead) throw new TypeError(`Cannot read .mat: ${name} is read a second time`);
    isRead = true;
    yield* readNumbers(bytes, { name, dtype, shape, end, littleEndian });
    const rest = end - bytes.position;
    if (await bytes.skip(rest) < rest) throw new RangeError(`Cannot read .mat: the data ends inside ${name}`);
    await bytes.skip(padding);
  };
  yield { name, className, shape, ...(dtype === undefined ? {} : { dtype }), read } as MatVariable;
}

interface Place {
  /** Where the array ends, in bytes. */
  readonly end: number;
  readonly littleEndian: boolean;
}

interface Head {
  readonly name: string;
  readonly flags: number;
  readonly shape: readonly number[];
  readonly kind: MatClass;
}

/** What an array says of itself before its numbers. */
async function readHead(bytes: ByteReader, place: Place): Promise<Head> {
  const flagged = await readElement(bytes, place, [6]);
  if (flagged.length !== 8) throw new SyntaxError("Cannot read .mat: an array whose flags are not 8 bytes");
  const word = new DataView(flagged.buffer).getUint32(0, place.littleEndian);
  const kind = CLASSES[word & 0xff];
  if (kind === undefined) throw new SyntaxError(`Cannot read .mat: an array of class ${word & 0xff}, expected 1 to 17`);
  const isOpaque = kind.name === "opaque";
  const lengths = isOpaque ? new Uint8Array(0) : await readElement(bytes, place, [5, 6]); // some programs write 6
  if (!isOpaque && (lengths.length < 8 || lengths.length % 4 !== 0)) {
    throw new SyntaxError(`Cannot read .mat: an array whose lengths take ${lengths.length} bytes, expected 8, 12, …`);
  }
  const view = new DataView(lengths.buffer);
  const shape = Array.from({ length: lengths.length >> 2 }, (_, i) => view.getInt32(4 * i, place.littleEndian));
  const name = new TextDecoder().decode(await readElement(bytes, place, [1, 2, 16]));
  elementCount(shape); // refuses what no file can hold
  return { name, flags: word >>> 8 & 0xff, shape, kind };
}

/** A short element of an array. */
async function readElement(
  bytes: ByteReader,
  { end, littleEndian }: Place,
  types: readonly number[],
): Promise<Uint8Array<ArrayBuffer>> {
  const { type, length, padding } = await tagInside(bytes, { end, littleEndian });
  if (!types.includes(type) || length > MAX_HEAD) {
    throw new SyntaxError(`Cannot read .mat: an array's head has type ${type} and ${length} bytes`);
  }
  const data = await bytes.read(length);
  if (data.length < length || await bytes.skip(padding) < padding) {
    throw new RangeError("Cannot read .mat: the data ends inside an array's head");
  }
  return data;
}

async function tagInside(bytes: ByteReader, { end, littleEndian }: Place): Promise<MatTag> {
  const tag = bytes.position < end ? await readMatTag(bytes, littleEndian) : undefined;
  if (tag === undefined) throw new RangeError("Cannot read .mat: an array ends too soon");
  if (bytes.position + tag.length > end) {
    throw new RangeError(`Cannot read .mat: an element of ${tag.length} bytes in an array that has fewer`);
  }
  return tag;
}

async function* readNumbers(
  bytes: ByteReader,
  { name, dtype, shape, ...place }: Place & Required<Pick<MatVariable, "name" | "dtype" | "shape">>,
): AsyncGenerator<FieldArray> {
  const { type, length } = await tagInside(bytes, place);
  const stored = STORED_DTYPES[type];
  if (stored === undefined) throw new SyntaxError(`Cannot read .mat: ${name} is stored as type ${type}, no numbers`);
  const size = elementCount(shape) * typedArray(stored, 0).BYTES_PER_ELEMENT;
  if (size !== length) {
    throw new RangeError(`Cannot read .mat: ${name}, ${stored} [${shape}], takes ${size} bytes, found ${length}`);
  }
  for (let left = length; left > 0;) {
    const piece = await bytes.read(Math.min(left, READ_AT_ONCE));
    if (piece.length < Math.min(left, READ_AT_ONCE)) {
      throw new RangeError(`Cannot read .mat: the data ends inside ${name}`);
    }
    left -= piece.length;
    yield toClass(piece, { name, stored, dtype, littleEndian: place.littleEndian });
  }
}

/** What {@linkcode decodeMat} found. */
export interface MatFile {
  /** The arrays of numbers by name, in C order, with MATLAB's shape. */
  readonly arrays: Record<string, NdArray>;
  /** What was passed over, by name: its class. */
  readonly others: Record<string, string>;
}

/**
 * Reads a whole MAT-file. Nothing is allocated before the bytes for it are there.
 *
 * @param bytes A file's bytes, in one piece or several.
 * @param maxBytes How many bytes of numbers are read at most; 2 GiB when left out.
 * @returns The arrays of numbers, in C order as everywhere here and not in MATLAB's, so that `[i, j]` is the same element;
 * and what else there is.
 * @throws {SyntaxError | RangeError} As {@linkcode readMat} does, and when there are more than `maxBytes`.
 *
 * @example
 * ```ts
 * import { decodeMat, encodeMat } from "@strokewise/strokewise/formats";
 * import { assertEquals } from "@std/assert";
 *
 * const arrays = { y: { dtype: "int16", shape: [2, 2], data: Int16Array.of(-1, 2, 300, 4) } } as const;
 * assertEquals(await decodeMat(encodeMat(arrays)), { arrays, others: {} });
 * ```
 */
export async function decodeMat(
  bytes: Uint8Array | AsyncIterable<Uint8Array>,
  maxBytes: number = MAX_BYTES,
): Promise<MatFile> {
  const [arrays, others]: [[string, NdArray][], [string, string][]] = [[], []];
  let held = 0;
  for await (const { name, className, dtype, shape, read } of readMat(bytes instanceof Uint8Array ? [bytes] : bytes)) {
    if (dtype === undefined) {
      others.push([name, className]);
      continue;
    }
    const pieces: Uint8Array[] = [];
    for await (const piece of read()) {
      held += piece.byteLength;
      if (held > maxBytes) throw new RangeError(`Cannot read .mat: it holds more than ${maxBytes} bytes of numbers`);
      pieces.push(bytesOf(piece));
    }
    const columns = typedArray(dtype, concatBytes(pieces).buffer);
    arrays.push([name, { dtype, shape, data: toRows(columns, shape) }]);
  }
  return { arrays: Object.fromEntries(arrays), others: Object.fromEntries(others) };
}

/** Column-major to row-major order; the other way with the shape reversed. */
export function toRows<T extends FieldArray>(columns: T, shape: readonly number[]): T {
  if (shape.filter((length) => length > 1).length < 2) return columns;
  const rows = columns.slice() as T;
  const steps = shape.map((_, i) => elementCount(shape.slice(0, i)));
  const place = shape.map(() => 0);
  for (let to = 0, from = 0; to < rows.length; to++) {
    rows[to] = columns[from];
    for (let i = shape.length - 1; i >= 0; i--) {
      from += steps[i];
      if (++place[i] < shape[i]) break;
      from -= steps[i] * shape[i];
      place[i] = 0;
    }
  }
  return rows;
}
