/**
 * Drawings as Parquet, in Hugging Face's form of simplified Quick, Draw!: `key_id` (digits), `word`, `recognized`,
 * `timestamp`, `countrycode`, and `drawing` with lists of `x` and of `y`, a list a stroke; `word` is a text, and null is what
 * is not known. Browser safe.
 *
 * @module
 */
import { column, listOf, type TableColumn, TableWriter } from "../parquet/write.ts";
import type { DrawingRecord } from "./drawing_record.ts";
import { microsecondsOf } from "./timestamp.ts";

const TEXT = { type: "BYTE_ARRAY", converted_type: "UTF8" } as const;
const COORDINATES = (name: string) =>
  listOf(
    name,
    listOf("element", [{ name: "element", repetition_type: "OPTIONAL", type: "INT32", converted_type: "UINT_8" }]),
  );

const COLUMNS: readonly TableColumn[] = [
  column("key_id", TEXT, true),
  column("word", TEXT),
  column("recognized", { type: "BOOLEAN" }),
  column("timestamp", { type: "INT64", converted_type: "TIMESTAMP_MICROS" }, true),
  column("countrycode", TEXT),
  {
    name: "drawing",
    schema: [
      { name: "drawing", repetition_type: "OPTIONAL", num_children: 2 },
      ...COORDINATES("x"),
      ...COORDINATES("y"),
    ],
  },
];

/** Drawings in a group of rows. */
const ROWS = 10_000;

/** Writes drawings. */
export class DrawingTable {
  readonly #writer = new TableWriter(COLUMNS);
  #records: DrawingRecord[] = [];

  /**
   * Adds a drawing.
   *
   * @returns The next bytes of the file; most of the time there are none.
   * @throws {RangeError} When its timestamp is none that can be read.
   */
  add(record: DrawingRecord): Uint8Array<ArrayBuffer> {
    if (record.timestamp !== undefined && microsecondsOf(record.timestamp) === undefined) {
      throw new RangeError(`timestamp is ${JSON.stringify(record.timestamp).slice(0, 60)}, which is no time`);
    }
    this.#records.push(record);
    return this.#records.length < ROWS ? new Uint8Array(0) : this.#group();
  }

  /** Ends the file; its last bytes, one part after another. */
  end(): readonly Uint8Array<ArrayBuffer>[] {
    return [...this.#records.length > 0 ? [this.#group()] : [], this.#writer.end()];
  }

  #group(): Uint8Array<ArrayBuffer> {
    const records = this.#records;
    this.#records = [];
    const lists = (drawing: DrawingRecord["drawing"], k: 0 | 1) => drawing.map((stroke) => Array.from(stroke[k]));
    return this.#writer.add([
      records.map(({ keyId }) => keyId?.toString()),
      records.map(({ word }) => word),
      records.map(({ recognized }) => recognized),
      records.map(({ timestamp }) => timestamp === undefined ? undefined : microsecondsOf(timestamp)),
      records.map(({ countryCode }) => countryCode),
      records.map(({ drawing }) => ({ x: lists(drawing, 0), y: lists(drawing, 1) })),
    ]);
  }
}
