/**
 * Parquet files, written group of rows by group of rows. Browser safe.
 *
 * @module
 */
import type { CompressionCodec, DecodedArray, SchemaElement } from "hyparquet";
import { ByteWriter } from "hyparquet-writer/src/bytewriter.js";
import { ParquetWriter } from "hyparquet-writer/src/parquet-writer.js";

/** A column: its name, and the part of the schema that says what it holds. */
export interface TableColumn {
  readonly name: string;
  readonly schema: readonly SchemaElement[];
  /** Whether its values are not looked up in a dictionary, for hardly two are alike. */
  readonly isPlain?: boolean;
}

/** A column of values, which may be missing; Arrow writes all of them so. */
export function column(name: string, type: Omit<SchemaElement, "name">, isPlain = false): TableColumn {
  return { name, isPlain, schema: [{ name, repetition_type: "OPTIONAL", ...type }] };
}

/** The part of a schema that is a list of what another part says. */
export function listOf(name: string, element: readonly SchemaElement[]): SchemaElement[] {
  return [
    { name, repetition_type: "OPTIONAL", converted_type: "LIST", num_children: 1 },
    { name: "list", repetition_type: "REPEATED", num_children: 1 },
    ...element,
  ];
}

/** How pages are compressed, beside snappy, which is there always. */
export interface Compression {
  readonly codec: CompressionCodec;
  compress(bytes: Uint8Array): Uint8Array;
}

/** Writes a table. */
export class TableWriter {
  readonly #bytes = new ByteWriter();
  readonly #writer: ParquetWriter;
  readonly #columns: readonly TableColumn[];

  /** @param compression Snappy when left out. */
  constructor(columns: readonly TableColumn[], compression?: Compression) {
    this.#columns = columns;
    const schema = [{ name: "schema", num_children: columns.length }, ...columns.flatMap(({ schema }) => schema)];
    this.#writer = new ParquetWriter({
      ...{ writer: this.#bytes, schema, statistics: false, createdBy: "strokewise" },
      ...(compression ? { codec: compression.codec, compressors: { [compression.codec]: compression.compress } } : {}),
    });
  }

  /**
   * Adds a group of rows.
   *
   * @param data The values of each column, as many.
   * @returns The next bytes of the file.
   */
  add(data: readonly DecodedArray[]): Uint8Array<ArrayBuffer> {
    const rowGroupSize = Math.max(1, data[0].length);
    const columnData = this.#columns.map(({ name, isPlain }, i) => {
      return { name, data: data[i], ...(isPlain ? { encoding: "PLAIN" as const } : {}) };
    });
    this.#writer.write({ columnData, rowGroupSize });
    return this.#taken();
  }

  /**
   * Ends the file.
   *
   * @param about What else is to be said in it, texts by name.
   * @returns Its last bytes.
   */
  end(about: Readonly<Record<string, string>> = {}): Uint8Array<ArrayBuffer> {
    const entries = Object.entries(about).map(([key, value]) => ({ key, value }));
    if (entries.length > 0) this.#writer.kvMetadata = entries; // an empty list is written as one of bytes, which Arrow refuses
    this.#writer.finish();
    return this.#taken();
  }

  /** What was written since the last time. */
  #taken(): Uint8Array<ArrayBuffer> {
    const taken = this.#bytes.getBytes().slice();
    this.#bytes.index = 0;
    return taken;
  }
}
