/**
 * A column of a group of rows of a Parquet file, from its pages to its values. Browser safe.
 * Format: https://parquet.apache.org/docs/file-format/data-pages/
 *
 * @module
 */
import type { CompressionCodec, Compressors, DecodedArray, PageHeader } from "hyparquet";
import { Decompress } from "fzstd";
import { compressors as all } from "hyparquet-compressors";
import { parquetHeader } from "hyparquet/src/column.js";
import { decompressPage } from "hyparquet/src/datapage.js";
import { deltaBinaryUnpack, deltaByteArray, deltaLengthByteArray } from "hyparquet/src/delta.js";
import { byteStreamSplit } from "hyparquet/src/encoding.js";
import { readPlain } from "hyparquet/src/plain.js";
import type { Leaf } from "./leaves.ts";
import { readRuns } from "./runs.ts";
import { endOfStruct, withNumbers } from "./thrift.ts";

/** A column's bytes in a group of rows, and what they are. */
export interface ColumnBytes {
  readonly leaf: Leaf;
  readonly codec: CompressionCodec;
  /** How many values it has, nulls too. */
  readonly values: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** Values one after another, of whatever type the column has. */
export type Values = DecodedArray;

/** A page: levels of each of its values, and those values that are there. */
export interface Page {
  /** How many values, nulls too. */
  readonly count: number;
  /** Where lists end: 0 begins a row, 1 another element of the outermost list, and so on; none without lists. */
  readonly repetition: Uint8Array | undefined;
  /** How far the way to each value is there; none where every value is there by the schema. */
  readonly definition: Uint8Array | undefined;
  readonly values: Values;
}

/** The largest page that is read, in bytes; writers make them of one megabyte. */
const MAX_PAGE = 2 ** 28;
const compressors: Compressors = { ...all, ZSTD: unpackZstd };
const INDICES: readonly (string | undefined)[] = ["RLE_DICTIONARY", "PLAIN_DICTIONARY"];

/**
 * Reads the pages of a column, one after another.
 *
 * @throws {SyntaxError} When one is damaged or none that is known; those before it were delivered.
 */
export function* readPages({ leaf, codec, values: expected, bytes }: ColumnBytes): Generator<Page> {
  let dictionary: Values | undefined;
  let [at, seen] = [0, 0];
  while (seen < expected) {
    const end = endOfStruct(bytes, at);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    const header = guarded(() => withNumbers(parquetHeader({ view, offset: at })));
    const size = header.compressed_page_size;
    if (!(size >= 0 && size <= bytes.length - end)) {
      throw new SyntaxError(`a page of ${size} bytes, and ${bytes.length - end} are left`);
    }
    const body = bytes.subarray(end, at = end + size);
    const count = countOf(header);
    if (header.type === "INDEX_PAGE") continue;
    const unpacked = header.uncompressed_page_size;
    if (!(unpacked >= 0 && unpacked <= MAX_PAGE)) {
      throw new SyntaxError(`a page of ${unpacked} bytes once unpacked, at most ${MAX_PAGE} are read`);
    }
    if (header.type === "DICTIONARY_PAGE") {
      dictionary = plain(unpack(body, unpacked, codec), { leaf, count });
      continue;
    }
    if (!(count >= 0 && count <= expected - seen)) {
      throw new SyntaxError(`a page of ${count} values, and the column has ${expected - seen} more`);
    }
    seen += count;
    yield readPage(header, { body, leaf, codec, dictionary, count });
  }
}

function countOf({ data_page_header, data_page_header_v2, dictionary_page_header, type }: PageHeader): number {
  const about = { DATA_PAGE: data_page_header, DATA_PAGE_V2: data_page_header_v2 }[type as string] ??
    { DICTIONARY_PAGE: dictionary_page_header, INDEX_PAGE: { num_values: 0 } }[type as string];
  if (about === undefined) throw new SyntaxError(`a page of an unknown kind (${type})`);
  return about.num_values;
}

interface PageParts {
  readonly body: Uint8Array;
  readonly leaf: Leaf;
  readonly codec: CompressionCodec;
  readonly dictionary: Values | undefined;
  readonly count: number;
}

function readPage(header: PageHeader, { body, leaf, codec, dictionary, count }: PageParts): Page {
  const [first, second] = [header.data_page_header, header.data_page_header_v2];
  const widthOf = (max: number) => 32 - Math.clz32(max);
  const widths = [widthOf(leaf.lists.length), widthOf(leaf.maxDefinition)];
  let rest = second ? body : unpack(body, header.uncompressed_page_size, codec);
  const [repetition, definition] = widths.map((width, i) => {
    const length = second
      ? [second.repetition_levels_byte_length, second.definition_levels_byte_length][i]
      : width === 0
      ? 0
      : lengthAt(rest, first, i);
    const start = second || width === 0 ? 0 : 4;
    if (!(length >= 0 && start + length <= rest.length)) throw new SyntaxError(`levels of ${length} bytes in a page`);
    const levels = width === 0 ? undefined : new Uint8Array(count);
    if (levels) readRuns(rest.subarray(start, start + length), width, levels);
    rest = rest.subarray(start + length);
    return levels;
  });
  if (second?.is_compressed !== false && second) {
    const levels = second.repetition_levels_byte_length + second.definition_levels_byte_length;
    rest = unpack(rest, header.uncompressed_page_size - levels, codec);
  }
  let there = count;
  if (definition) { for (const level of definition) if (level < leaf.maxDefinition) there--; }
  const encoding = (first ?? second)!.encoding as string | undefined;
  return { count, repetition, definition, values: decode(rest, { leaf, count: there, encoding, dictionary }) };
}

/** The length that stands before levels. */
function lengthAt(bytes: Uint8Array, header: PageHeader["data_page_header"], i: number): number {
  const encoding = [header?.repetition_level_encoding, header?.definition_level_encoding][i];
  if (encoding !== "RLE") throw new SyntaxError(`levels as ${encoding}, expected RLE`);
  if (bytes.length < 4) throw new SyntaxError("a page ends before its levels");
  return new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
}

interface Encoded {
  readonly leaf: Leaf;
  /** How many values are there. */
  readonly count: number;
  readonly encoding?: string | undefined;
  readonly dictionary?: Values | undefined;
}

function decode(bytes: Uint8Array, encoded: Encoded): Values {
  const { leaf: { type, bytes: length }, count, encoding, dictionary } = encoded;
  if (count === 0) return [];
  if (INDICES.includes(encoding)) return lookedUp(bytes, count, dictionary);
  if (encoding === "PLAIN") return plain(bytes, encoded);
  const reader = { view: new DataView(bytes.buffer, bytes.byteOffset, bytes.length), offset: 0 };
  return guarded(() => {
    if (encoding === "RLE" && type === "BOOLEAN") {
      const bits = new Uint8Array(count);
      readRuns(bytes.subarray(4), 1, bits); // behind their length
      return Array.from(bits, (bit) => bit === 1);
    }
    if (encoding === "BYTE_STREAM_SPLIT") return byteStreamSplit(reader, count, type, length);
    if (encoding === "DELTA_BINARY_PACKED" && (type === "INT32" || type === "INT64")) {
      const numbers = type === "INT32" ? new Int32Array(count) : new BigInt64Array(count);
      deltaBinaryUnpack(reader, count, numbers);
      return numbers;
    }
    const texts: Uint8Array[] = [];
    if (encoding === "DELTA_LENGTH_BYTE_ARRAY") deltaLengthByteArray(reader, count, texts);
    else if (encoding === "DELTA_BYTE_ARRAY") deltaByteArray(reader, count, texts);
    else throw new SyntaxError(`values of type ${type} encoded as ${encoding}, which is not read`);
    return texts;
  });
}

function plain(bytes: Uint8Array, { leaf: { type, bytes: length }, count }: Encoded): Values {
  const least = { BOOLEAN: 1 / 8, INT32: 4, FLOAT: 4, INT96: 12, BYTE_ARRAY: 4, FIXED_LEN_BYTE_ARRAY: length }[
    type as string
  ] ?? 8;
  if (!(count >= 0 && count * least <= bytes.length)) {
    throw new SyntaxError(`${count} values in ${bytes.length} bytes of a page`);
  }
  const reader = { view: new DataView(bytes.buffer, bytes.byteOffset, bytes.length), offset: 0 };
  return guarded(() => readPlain(reader, type, count, length));
}

function lookedUp(bytes: Uint8Array, count: number, dictionary: Values | undefined): Values {
  if (dictionary === undefined) throw new SyntaxError("a page looks its values up, and there is no dictionary");
  const places = new Int32Array(count);
  readRuns(bytes.subarray(1), bytes[0] ?? 0, places);
  const known = dictionary.length;
  const values: Values = dictionary instanceof Int32Array || dictionary instanceof Float32Array
    ? new (dictionary.constructor as Int32ArrayConstructor)(count)
    : new Array(count);
  for (let i = 0; i < count; i++) {
    if (places[i] >= known) throw new SyntaxError(`value ${places[i]} of a dictionary of ${known}`);
    values[i] = dictionary[places[i]];
  }
  return values;
}

function unpack(bytes: Uint8Array, length: number, codec: CompressionCodec): Uint8Array {
  if (length === 0) return bytes.subarray(0, 0); // not all of the libraries know what nothing is compressed to
  return guarded(() => decompressPage(bytes, length, codec, compressors));
}

/** The library has no limit, and a page of kilobytes may be one of gigabytes. */
function unpackZstd(bytes: Uint8Array, length: number): Uint8Array {
  const unpacked = new Uint8Array(length);
  let at = 0;
  const stream = new Decompress((part) => {
    if (part.length > length - at) throw new SyntaxError(`a page of more than the ${length} bytes that it says`);
    unpacked.set(part, at);
    at += part.length;
  });
  stream.push(bytes, true);
  return unpacked.subarray(0, at); // the caller looks at its length
}

/** What is not as the format has it makes its readers fail in many ways. */
function guarded<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw error instanceof SyntaxError ? error : new SyntaxError((error as Error).message);
  }
}
