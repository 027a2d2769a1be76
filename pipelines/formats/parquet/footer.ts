/**
 * What stands at the end of a Parquet file: its columns, and where each group of rows has them. Browser safe.
 * Format: https://github.com/apache/parquet-format
 *
 * @module
 */
import { parquetMetadata } from "hyparquet/src/metadata.js";
import type { CompressionCodec, FileMetaData } from "hyparquet";
import { type Leaf, leavesOf } from "./leaves.ts";
import { endOfStruct, withNumbers } from "./thrift.ts";

/** Where a group of rows has a column. */
export interface ColumnChunk {
  /** Its first byte, and the one behind its last, in the file. */
  readonly start: number;
  readonly end: number;
  /** How its pages are compressed. */
  readonly codec: CompressionCodec;
  /** How many values it has, nulls too. */
  readonly values: number;
}

/** Some rows that are stored together. */
export interface RowGroup {
  readonly rows: number;
  /** Of each column, by its place in {@linkcode ParquetFooter.leaves}. */
  readonly chunks: readonly ColumnChunk[];
}

/** The description of a file. */
export interface ParquetFooter {
  readonly leaves: readonly Leaf[];
  /** In the order in which they are stored. */
  readonly groups: readonly RowGroup[];
  /** What else its writer has to say, such as `huggingface`. */
  readonly about: Readonly<Record<string, string>>;
}

const MAGIC = 4;
/** The longest description that is read, in bytes. */
const MAX_FOOTER = 2 ** 26;
/** Values of a column in a group of rows, at most: they are decoded together. */
const MAX_VALUES = 2 ** 26;

/**
 * How many of a file's last bytes are its description.
 *
 * @param tail The last bytes, 8 or more where there are as many.
 * @param size Of the file.
 * @throws {SyntaxError} When it is no whole Parquet file, or encrypted.
 */
export function footerLength(tail: Uint8Array, size: number): number {
  const magic = String.fromCharCode(...tail.subarray(-MAGIC));
  if (magic === "PARE") throw new SyntaxError("its description is encrypted; only files without encryption are read");
  if (magic !== "PAR1" || size < 2 * MAGIC + 4) {
    throw new SyntaxError("a Parquet file ends with PAR1, this one does not: it is cut, or packed by something else");
  }
  const at = tail.length - MAGIC - 4;
  const length = new DataView(tail.buffer, tail.byteOffset + at).getUint32(0, true) + MAGIC + 4;
  if (length + MAGIC > size) throw new SyntaxError(`its description is of ${length} bytes, and the file of ${size}`);
  if (length > MAX_FOOTER) {
    throw new SyntaxError(`its description is of ${length} bytes, at most ${MAX_FOOTER} are read`);
  }
  return length;
}

/**
 * Reads the description.
 *
 * @param footer The file's last bytes, as many as {@linkcode footerLength} says.
 * @param size Of the file.
 * @throws {SyntaxError} When it is damaged, or says what cannot be.
 */
export function readFooter(footer: Uint8Array, size: number): ParquetFooter {
  endOfStruct(footer.subarray(0, footer.length - MAGIC - 4), 0);
  let metadata: FileMetaData;
  try {
    metadata = parquetMetadata(footer, { geoparquet: false });
  } catch (error) { // what is not as the format has it makes it fail in many ways
    throw new SyntaxError(`its description is damaged: ${(error as Error).message}`);
  }
  const leaves = leavesOf(withNumbers(metadata.schema));
  const groups = metadata.row_groups.map(({ num_rows, columns }, i): RowGroup => {
    const where = `row group ${i + 1}`;
    if (columns.length !== leaves.length) {
      throw new SyntaxError(`${where} has ${columns.length} columns, and the file ${leaves.length}`);
    }
    const rows = wholeNumber(num_rows, `${where}: rows`);
    const chunks = columns.map((column, place): ColumnChunk => {
      const what = `${where}, column ${leaves[place].fields.join(".")}`;
      if (column.crypto_metadata || column.encrypted_column_metadata) {
        throw new SyntaxError(`${what} is encrypted; only files without encryption are read`);
      }
      const { meta_data: data } = column;
      if (column.file_path || !data) throw new SyntaxError(`${what} is in another file`);
      const first = wholeNumber(data.data_page_offset, `${what}: offset`);
      const dictionary = wholeNumber(data.dictionary_page_offset ?? 0n, `${what}: offset`);
      const start = dictionary > 0 ? Math.min(first, dictionary) : first; // some write 0 where there is none
      const end = start + wholeNumber(data.total_compressed_size, `${what}: bytes`);
      if (start < MAGIC || end > size - footer.length) {
        throw new SyntaxError(`${what} is in bytes ${start} to ${end}, and the file has ${size}: it is cut or damaged`);
      }
      const values = wholeNumber(data.num_values, `${what}: values`);
      if (data.codec === undefined) throw new SyntaxError(`${what} is compressed in a way that is not known`);
      return { start, end, codec: data.codec, values };
    });
    return { rows, chunks };
  });
  const about = (metadata.key_value_metadata ?? []).map(({ key, value }) => [key, value ?? ""]);
  return { leaves, groups, about: Object.fromEntries(about) };
}

/** Checks that a column of a group of rows can be decoded as a whole. */
export function checkValues({ values }: ColumnChunk, { rows }: RowGroup): void {
  if (Math.max(values, rows) <= MAX_VALUES) return;
  throw new SyntaxError(
    `a row group of ${rows} rows has ${values} values in a column, at most ${MAX_VALUES} are read: write smaller ones`,
  );
}

function wholeNumber(value: bigint | number, what: string): number {
  const number = Number(value);
  if (Number.isSafeInteger(number) && number >= 0) return number;
  throw new SyntaxError(`${what} is ${value}, expected a whole number`);
}
