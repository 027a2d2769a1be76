/**
 * Drawings of files that are no text, as rows have them: records of Google's binary files, whose strokes are copied as they
 * are, Sketch-RNN's offsets, which become strokes, and rows of Parquet files. Browser safe.
 *
 * @module
 */
import type { Split } from "../../base/split.ts";
import { endOfRecord, type RecordPiece, STROKES_AT } from "../../formats/quickdraw/binary_records.ts";
import { decodeBinaryDrawing } from "../../formats/quickdraw/quickdraw_binary.ts";
import { simplifyRaw } from "../../formats/quickdraw/simplify_raw.ts";
import { readVectors, type VectorPiece } from "../../formats/sketchrnn_vectors.ts";
import { readTable, type TablePiece } from "../../formats/quickdraw/tables.ts";
import { decodeDrawing, encodeDrawing } from "../../strokes/drawing_bytes.ts";
import { fitGrid } from "../../strokes/fit_grid.ts";

/** How they are read. */
export interface PackedHow {
  /** Whether drawings are scaled, aligned and simplified. */
  readonly isFitted: boolean;
  /** As `simplifyRaw` has it. */
  readonly epsilon: number;
  /** Whether country and timestamp are asked for. */
  readonly hasAbout: boolean;
}

/** A drawing and what its file says of it. */
export interface PackedDrawing {
  /** As `encodeDrawing` packs them. */
  readonly strokes: Uint8Array;
  readonly key?: { readonly low: number; readonly high: number };
  readonly word?: string;
  readonly recognized?: boolean;
  readonly countryCode?: string | undefined;
  readonly timestamp?: string | undefined;
  /** The array of the file in which it is. */
  readonly split?: Split;
}

/** A drawing before it is read. */
export interface PackedItem {
  /** Where it is in its file, such as `drawing 7`. */
  readonly place: string;
  /** @throws {Reject} When it cannot be used. */
  read(): PackedDrawing;
}

/** The records of a binary file's piece. */
export function* recordItems({ bytes, first }: RecordPiece, how: PackedHow): Generator<PackedItem> {
  const { isFitted, epsilon, hasAbout } = how;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const read = (at: number, end: number): PackedDrawing => {
    const strokes = bytes.subarray(at + STROKES_AT, end);
    const { countryCode, timestamp } = hasAbout ? decodeBinaryDrawing(bytes, at)!.record : {};
    return {
      strokes: isFitted ? encodeDrawing(simplifyRaw(decodeDrawing(strokes), epsilon)) : strokes,
      key: { low: view.getUint32(at, true), high: view.getUint32(at + 4, true) },
      recognized: bytes[at + 10] === 1,
      ...{ countryCode, timestamp },
    };
  };
  for (let [at, number] = [0, first]; at < bytes.length; number++) {
    const [start, end] = [at, endOfRecord(bytes, at)!];
    yield { place: `drawing ${number}`, read: () => read(start, end) };
    at = end;
  }
}

/** The drawings of a piece of Sketch-RNN's; moved into 0..255 where they are not fitted. */
export function* vectorItems(piece: VectorPiece, { isFitted, epsilon }: PackedHow): Generator<PackedItem> {
  const { split } = piece;
  for (const { place, read } of readVectors(piece)) {
    const grid = () => isFitted ? simplifyRaw(read(), epsilon) : fitGrid(read());
    yield { place, read: () => ({ strokes: encodeDrawing(grid()), split }) };
  }
}

/**
 * The drawings of a Parquet file's group of rows.
 *
 * @throws {Reject} Before the first of them, when the group cannot be read.
 */
export function* tableItems(piece: TablePiece, how: PackedHow): Generator<PackedItem> {
  for (const { place, read } of readTable(piece, how)) {
    yield {
      place,
      read() {
        const { strokes, about: { keyId, ...about } } = read();
        const halves = keyId === undefined
          ? {}
          : { key: { low: Number(keyId & 0xffff_ffffn), high: Number(keyId >> 32n) } };
        return { strokes, ...halves, ...about };
      },
    };
  }
}
