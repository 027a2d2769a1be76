/**
 * What files of drawings hold beside the drawings, which nothing reads. Browser safe.
 *
 * @module
 */
import type { AnyPiece } from "./drawing_pieces.ts";

/** The members of a record that are read. */
const READ: readonly string[] = ["drawing", "word", "key_id", "recognized", "countrycode", "timestamp"];

/** What a part of a file is called. */
export interface PieceNames {
  /** The members of its first record, or its columns. */
  readonly names: readonly string[];
  /** Those of them that nothing reads. */
  readonly columns: readonly string[];
  /** Arrays that nothing reads. */
  readonly arrays: readonly string[];
}

/** The names in a piece of a file. */
export function namesOf(piece: AnyPiece): PieceNames {
  const names = namesIn(piece);
  return { names, columns: names.filter((name) => !READ.includes(name)), arrays: piece.vectors?.others ?? [] };
}

/** Gathers names while files are cut. */
export class PassedOver {
  readonly #columns = new Set<string>();
  readonly #arrays = new Set<string>();

  /** Keeps what nothing reads of a piece. */
  readonly add = ({ columns, arrays }: PieceNames): void => {
    for (const name of columns) this.#columns.add(name);
    for (const name of arrays) this.#arrays.add(name);
  };

  /** Lines for a summary. */
  get notes(): string[] {
    return Object.entries({ columns: this.#columns, arrays: this.#arrays }).flatMap(([what, names]) =>
      names.size > 0 ? [`${what} that are not read: ${[...names].join(", ")}`] : []
    );
  }
}

/** The names of what the first record of a piece says; of a table those that are not read, and those that are. */
function namesIn({ text, table }: AnyPiece): readonly string[] {
  if (table) return [...table.roles.map((role) => role.replace(/\..*/, "")), ...table.others ?? []];
  if (text?.columns) return text.columns.filter((name) => name !== "");
  if (text === undefined || text.bytes.length === 0) return [];
  const feed = text.bytes.indexOf(0x0a);
  try {
    const record: unknown = JSON.parse(new TextDecoder().decode(text.bytes.subarray(0, feed < 0 ? undefined : feed)));
    return typeof record === "object" && record !== null && !Array.isArray(record) ? Object.keys(record) : [];
  } catch {
    return []; // which is told where it is read
  }
}
