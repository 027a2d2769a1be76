/**
 * Files of drawings of every format, cut into pieces of whole records that can be parsed apart.
 *
 * @module
 */
import { Reject } from "../../base/errors.ts";
import { cutBinary, type RecordPiece } from "./binary_records.ts";
import { cutTexts, DRAWING_TEXTS, type DrawingPiece } from "./drawing_file.ts";
import { cutTables, type TablePiece } from "./tables.ts";
import { cutSketchRnn } from "../sketchrnn_pieces.ts";
import type { VectorPiece } from "../sketchrnn_vectors.ts";
import type { ReadTail } from "../parquet/row_groups.ts";

/** The formats that {@linkcode cutDrawings} reads. */
export const DRAWING_FORMATS: readonly string[] = [...DRAWING_TEXTS, "binary", "sketchrnn", "parquet"];

/** Some whole records of a file: one of these. */
export interface AnyPiece {
  /** Of a text. */
  readonly text?: DrawingPiece;
  /** Of one of Google's binary files. */
  readonly records?: RecordPiece;
  /** Of one of Sketch-RNN's. */
  readonly vectors?: VectorPiece;
  /** Of a Parquet file. */
  readonly table?: TablePiece;
}

/** A file's bytes, and what is known of it. */
export interface DrawingBytes {
  /** In pieces of any size. */
  readonly bytes: AsyncIterable<Uint8Array>;
  /** How many bytes there are, where that is known. */
  readonly size?: number | undefined;
  /** Its last bytes as stored, where they can be had: Parquet begins there. */
  readonly tail?: ReadTail | undefined;
}

/**
 * Cuts a file of drawings into pieces.
 *
 * @param format One of {@linkcode DRAWING_FORMATS}.
 * @throws {Reject} As {@linkcode cutTexts}, {@linkcode cutBinary}, {@linkcode cutSketchRnn} and {@linkcode cutTables} do;
 * the pieces before were delivered.
 */
export async function* cutDrawings(
  { bytes, size, tail = noTail }: DrawingBytes,
  format: string,
): AsyncGenerator<AnyPiece> {
  if (format === "binary") { for await (const records of cutBinary(bytes)) yield { records }; }
  else if (format === "sketchrnn") { for await (const vectors of cutSketchRnn(bytes, size)) yield { vectors }; }
  else if (format === "parquet") { for await (const table of cutTables(bytes, tail)) yield { table }; }
  else for await (const text of cutTexts(bytes, format)) yield { text };
}

const noTail: ReadTail = () => {
  throw new Reject("broken Parquet", "its end is read first, which a stream's cannot be; name a file");
};
