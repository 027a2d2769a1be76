/**
 * What files of drawings hold beside the drawings, which nothing reads. Browser safe.
 *
 * @module
 */
import type { AnyPiece } from "./drawing_pieces.ts";

/** The members of a record that are read. */
const READ: readonly string[] = ["drawing", "word", "key_id", "recognized", "countrycode", "timestamp"];

/** Gathers names while files are cut. */
export class PassedOver {
  readonly #columns = new Set<string>();
  readonly #arrays = new Set<string>();

  /**
   * Looks at a piece of a file.
   *
   * @returns The names of what its records say, and those that are passed over.
   */
  add(piece: AnyPiece): { readonly names: readonly string[]; readonly others: readonly string[] } {
    for (const name of piece.vectors?.others ?? []) this.#arrays.add(name);
    const names = namesIn(piece);
    const others = names.filter((name) => !READ.includes(name));
    for (const name of others) this.#columns.add(name);
    return { names, others };
  }

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
