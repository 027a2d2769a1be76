/**
 * Files of drawings of every format, cut into pieces of whole records that can be parsed apart.
 *
 * @module
 */
import { cutBinary, type RecordPiece } from "./binary_records.ts";
import { cutTexts, DRAWING_TEXTS, type DrawingPiece } from "./drawing_file.ts";
import { cutSketchRnn } from "../sketchrnn_pieces.ts";
import type { VectorPiece } from "../sketchrnn_vectors.ts";

/** The formats that {@linkcode cutDrawings} reads. */
export const DRAWING_FORMATS: readonly string[] = [...DRAWING_TEXTS, "binary", "sketchrnn"];

/** Some whole records of a file: one of these. */
export interface AnyPiece {
  /** Of a text. */
  readonly text?: DrawingPiece;
  /** Of one of Google's binary files. */
  readonly records?: RecordPiece;
  /** Of one of Sketch-RNN's. */
  readonly vectors?: VectorPiece;
}

/**
 * Cuts a file of drawings into pieces.
 *
 * @param bytes In pieces of any size.
 * @param format One of {@linkcode DRAWING_FORMATS}.
 * @param size How many bytes there are, where that is known.
 * @throws {Reject} As {@linkcode cutTexts}, {@linkcode cutBinary} and {@linkcode cutSketchRnn} do; the pieces before were
 * delivered.
 */
export async function* cutDrawings(
  bytes: AsyncIterable<Uint8Array>,
  format: string,
  size?: number,
): AsyncGenerator<AnyPiece> {
  if (format === "binary") { for await (const records of cutBinary(bytes)) yield { records }; }
  else if (format === "sketchrnn") { for await (const vectors of cutSketchRnn(bytes, size)) yield { vectors }; }
  else for await (const text of cutTexts(bytes, format)) yield { text };
}
