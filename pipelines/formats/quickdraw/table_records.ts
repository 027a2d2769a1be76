/**
 * The drawings of a Parquet file with all that is known of them. Browser safe.
 *
 * @module
 */
import { Reject } from "../../base/errors.ts";
import { decodeDrawing } from "../../strokes/drawing_bytes.ts";
import type { ReadTail } from "../parquet/row_groups.ts";
import type { DrawingRecord } from "./drawing_record.ts";
import { namesOf, type PieceNames } from "./passed_over.ts";
import { cutTables, readTable, type TableHow, type TablePiece } from "./tables.ts";

/** How records are read. */
export interface RecordsHow extends Pick<TableHow, "isFitted" | "epsilon"> {
  /** Is told that drawings are fitted. */
  readonly onFit?: (() => void) | undefined;
  /** Is told what is in each group of rows. */
  readonly onNames?: ((names: PieceNames) => void) | undefined;
}

/**
 * Reads drawings, those of a group of rows at a time. Raw ones are fitted: there is no other use of them.
 *
 * @param file All of its bytes, and its last ones.
 * @param how `isFitted` when all drawings are.
 * @param onReject Is told of each row that cannot be used.
 * @throws {Reject} When the file itself cannot be read; what comes before the damage was delivered.
 */
export async function* readTableRecords(
  { bytes, tail }: { readonly bytes: AsyncIterable<Uint8Array>; readonly tail: ReadTail },
  how: RecordsHow,
  onReject: (reject: Reject) => void,
): AsyncGenerator<DrawingRecord[]> {
  for await (const table of cutTables(bytes, tail)) {
    how.onNames?.(namesOf({ table }));
    yield recordsOf(table, how, onReject);
  }
}

function recordsOf(
  piece: TablePiece,
  { isFitted, epsilon, onFit }: RecordsHow,
  onReject: (reject: Reject) => void,
): DrawingRecord[] {
  const records: DrawingRecord[] = [];
  const how = { isFitted: isFitted || piece.roles.includes("drawing.t"), epsilon, hasAbout: true };
  if (how.isFitted) onFit?.();
  for (const { place, read } of readTable(piece, how)) {
    try {
      const { strokes, about } = read();
      records.push({ ...about, drawing: decodeDrawing(strokes) });
    } catch (error) {
      if (!(error instanceof Reject)) throw error;
      onReject(new Reject(error.reason, `${place}: ${error.detail}`));
    }
  }
  return records;
}
