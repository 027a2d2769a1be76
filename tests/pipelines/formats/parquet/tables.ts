/** Tables for tests: written by the project's writer, read by its reader. */
import type { DecodedArray } from "hyparquet";
import { concatBytes } from "../../../../pipelines/base/bytes.ts";
import type { Reject } from "../../../../pipelines/base/errors.ts";
import type { DrawingRecord } from "../../../../pipelines/formats/quickdraw/drawing_record.ts";
import { readTableRecords } from "../../../../pipelines/formats/quickdraw/table_records.ts";
import { column, listOf, type TableColumn, TableWriter } from "../../../../pipelines/formats/parquet/write.ts";

/** Reads the drawings of a file that is there as a whole, coordinates as lists. */
export async function readAll(
  file: Uint8Array<ArrayBuffer>,
  { size = 1000, isFitted = false, onReject = fail }: {
    readonly size?: number;
    readonly isFitted?: boolean;
    readonly onReject?: (reject: Reject) => void;
  } = {},
): Promise<DrawingRecord[]> {
  async function* bytes(): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < file.length; at += size) yield file.subarray(at, at + size);
  }
  const records = readTableRecords({ bytes: bytes(), tail: tailOf(file) }, { isFitted }, onReject);
  return (await Array.fromAsync(records)).flat().map((record) => ({
    ...record,
    drawing: record.drawing.map(([xs, ys]) => [Array.from(xs), Array.from(ys)] as const),
  }));
}

function fail(reject: Reject): never {
  throw reject;
}

/** The last bytes of a file that is there as a whole. */
export const tailOf = (file: Uint8Array<ArrayBuffer>) => (length: number) =>
  Promise.resolve({ bytes: file.slice(-length), size: file.length });

/** A file of one or more groups of rows. */
export function tableOf(
  columns: readonly TableColumn[],
  groups: readonly (readonly DecodedArray[])[],
  about?: Readonly<Record<string, string>>,
): Uint8Array<ArrayBuffer> {
  const writer = new TableWriter(columns);
  return concatBytes([...groups.map((data) => writer.add(data)), writer.end(about)]);
}

const number = (name: string, type: "INT32" | "INT64" | "FLOAT" | "DOUBLE") => [
  { name, repetition_type: "OPTIONAL" as const, type },
];
type NumberType = Parameters<typeof number>[1];

/** `drawing` as a structure of lists of lists. */
export function structOfLists(names: readonly string[], type: NumberType = "INT32"): TableColumn {
  const lists = names.flatMap((name) => listOf(name, listOf("element", number("element", type))));
  return {
    name: "drawing",
    schema: [{ name: "drawing", repetition_type: "OPTIONAL", num_children: names.length }, ...lists],
  };
}

/** `drawing` as a list of structures of lists. */
export function listOfStructs(names: readonly string[], type: NumberType = "INT32"): TableColumn {
  const lists = names.flatMap((name) => listOf(name, number("element", type)));
  const struct = { name: "element", repetition_type: "OPTIONAL" as const, num_children: names.length };
  return { name: "drawing", schema: listOf("drawing", [struct, ...lists]) };
}

/** `drawing` as lists within lists. */
export function nestedLists(depth: number, type: NumberType = "INT32"): TableColumn {
  let schema = number("element", type) as ReturnType<typeof listOf>;
  for (let i = 1; i < depth; i++) schema = listOf("element", schema);
  return { name: "drawing", schema: listOf("drawing", schema) };
}

/** A column of texts. */
export const texts = (name: string): TableColumn => column(name, { type: "BYTE_ARRAY", converted_type: "UTF8" });
