/**
 * All that shards hold as one Parquet file, a row an example, shard after shard.
 *
 * Its columns are `split` (train, valid or test) and the stored fields. A field that is a number is a column of its dtype;
 * `label` is an int64, whose names the metadata `huggingface` has, as Hugging Face's library reads class labels. A field that is
 * an array is bytes: its elements little-endian, one after another in C order, of a fixed length where its shape is fixed. The
 * metadata `strokewise` is JSON: `fields` with dtype and shape of each, `classes`, and `options`. A field that is looked up in a
 * bank is no column: `lookups` in the metadata says in which file's rows, and by which column; the bank is not written.
 *
 * @module
 */
import { gzipSync } from "node:zlib";
import type { DecodedArray, SchemaElement } from "hyparquet";
import { type Dtype, elementCount, type Field, type NdArray, storedFields } from "../base/arrays.ts";
import { bytesOf, release } from "../base/bytes.ts";
import { SPLITS } from "../base/split.ts";
import { column, type Compression, type TableColumn, TableWriter } from "../formats/parquet/write.ts";
import { bankFile } from "../shards/bank.ts";
import { readShard, readShardIndex } from "../shards/shard_reader.ts";

/** Examples in a group of rows, and bytes of one of its columns. */
const [ROWS, BYTES] = [10_000, 2 ** 25];

/** At half of the time that snappy takes in JavaScript, and to fewer bytes. */
const GZIP: Compression = { codec: "GZIP", compress: (bytes) => gzipSync(bytes, { level: 1 }) };

/** What numbers of each dtype are in Parquet. */
const NUMBERS: Readonly<Record<Dtype, Omit<SchemaElement, "name">>> = {
  uint8: { type: "INT32", converted_type: "UINT_8" },
  int8: { type: "INT32", converted_type: "INT_8" },
  uint16: { type: "INT32", converted_type: "UINT_16" },
  int16: { type: "INT32", converted_type: "INT_16" },
  uint32: { type: "INT32", converted_type: "UINT_32" },
  int32: { type: "INT32", converted_type: "INT_32" },
  uint64: { type: "INT64", converted_type: "UINT_64" },
  int64: { type: "INT64", converted_type: "INT_64" },
  float32: { type: "FLOAT" },
  float64: { type: "DOUBLE" },
};

/** Where values are that are in no column: rows of a file beside the shards, by the numbers of a column. */
export interface TableLookup {
  readonly field: string;
  readonly file: string;
  readonly by: string;
}

/** The fields of shards that their table has no columns of. */
export async function lookupsOfShards(path: string): Promise<TableLookup[]> {
  const { fields } = await readShardIndex(path);
  return Object.entries(fields).flatMap(([field, { bank }]) =>
    bank === undefined ? [] : [{ field, file: bankFile(bank.name), by: bank.by }]
  );
}

/**
 * Reads shards.
 *
 * @param path Their folder.
 * @param onProgress Is told how many examples are done.
 * @returns The file's bytes, part by part.
 * @throws {InputError} When a shard cannot be used.
 */
export async function* parquetOfShards(
  path: string,
  onProgress: (count: number) => void,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const { fields, classes, options, splits } = await readShardIndex(path);
  const stored = Object.entries(storedFields(fields));
  const writer = new TableWriter([
    column("split", { type: "BYTE_ARRAY", converted_type: "UTF8" }),
    ...stored.map(([name, field]) => columnOf(name, field)),
  ], GZIP);
  const rows = Math.min(ROWS, ...stored.map(([, field]) => Math.max(1, Math.floor(BYTES / bytesIn(field)))));
  let done = 0;
  for (const split of SPLITS) {
    for (const shard of splits[split].shards) {
      const arrays = await readShard(path, shard);
      for (let from = 0; from < shard.examples; from += rows) {
        const place = { from, to: Math.min(shard.examples, from + rows) };
        yield writer.add([
          new Array(place.to - from).fill(split),
          ...stored.map(([name]) => valuesOf(arrays, name, place)),
        ]);
        onProgress(done += place.to - from);
      }
      for (const { data } of Object.values(arrays)) release(data);
    }
  }
  const lookups = await lookupsOfShards(path);
  const labels = { info: { features: { label: { names: classes, _type: "ClassLabel" } } } };
  yield writer.end({
    strokewise: JSON.stringify({
      fields: Object.fromEntries(stored),
      classes,
      options,
      ...(lookups.length > 0 ? { lookups } : {}),
    }),
    ...(isLabel("label", fields.label) ? { huggingface: JSON.stringify(labels) } : {}),
  });
}

/** Whether a field is the class of each example. */
function isLabel(name: string, field: Pick<Field, "shape"> | undefined): boolean {
  return name === "label" && field?.shape.length === 0;
}

function bytesIn({ dtype, shape }: Field): number {
  return elementCount(shape.map(Math.abs)) * Number(/\d+$/.exec(dtype)![0]) / 8;
}

function columnOf(name: string, field: Field): TableColumn {
  const { dtype, shape } = field;
  if (isLabel(name, field)) return column(name, NUMBERS.int64);
  if (shape.length === 0) return column(name, NUMBERS[dtype], dtype.endsWith("64"));
  const isRagged = shape[0] === -1;
  return column(
    name,
    isRagged ? { type: "BYTE_ARRAY" } : { type: "FIXED_LEN_BYTE_ARRAY", type_length: bytesIn(field) },
    true,
  );
}

/** The values of some examples. */
function valuesOf(
  arrays: Readonly<Record<string, NdArray>>,
  name: string,
  { from, to }: { readonly from: number; readonly to: number },
): DecodedArray {
  const { shape, data } = arrays[name];
  const offsets = arrays[`${name}_offsets`]?.data;
  if (offsets === undefined && shape.length === 1) {
    const values = Array.from(data.subarray(from, to) as ArrayLike<number | bigint>);
    return isLabel(name, { shape: [] }) ? values.map(BigInt) : values;
  }
  const bytes = bytesOf(data);
  const size = bytes.length / shape[0] || 0; // of one row of what the array is of
  return Array.from({ length: to - from }, (_, i) => {
    const [start, end] = offsets === undefined ? [from + i, from + i + 1] : [offsets[from + i], offsets[from + i + 1]];
    return bytes.subarray(Number(start) * size, Number(end) * size);
  });
}
