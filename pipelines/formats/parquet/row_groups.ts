/**
 * A Parquet file as a stream: its groups of rows one after another, of each the columns that are asked for. Browser safe.
 *
 * @module
 */
import type { ColumnBytes } from "./column.ts";
import { checkValues, footerLength, type ParquetFooter, readFooter } from "./footer.ts";

/** A file's last bytes, up to so many of them, and how many it has in all. */
export type ReadTail = (length: number) => Promise<{ readonly bytes: Uint8Array<ArrayBuffer>; readonly size: number }>;

/** So many bytes hold the description of most files. */
const FIRST_LOOK = 2 ** 16;
/** What is held of a group of rows at most, in bytes. */
const MAX_HELD = 2 ** 30;

/**
 * Reads a file's description.
 *
 * @throws {SyntaxError} When it is no whole Parquet file, encrypted, or damaged.
 */
export async function readDescription(tail: ReadTail): Promise<ParquetFooter> {
  const { bytes, size } = await tail(FIRST_LOOK);
  const length = footerLength(bytes, size);
  const footer = length <= bytes.length ? bytes.subarray(-length) : (await tail(length)).bytes;
  return readFooter(footer, size);
}

/** Columns of a group of rows. */
export interface RowGroupBytes {
  readonly rows: number;
  /** The number of its first row in the file, 1-based. */
  readonly first: number;
  /** In the order in which they were asked for, each in a buffer of its own. */
  readonly columns: readonly ColumnBytes[];
}

/**
 * Cuts a file into its groups of rows.
 *
 * @param bytes All of them, in pieces of any size.
 * @param footer As {@linkcode readDescription} gives it.
 * @param wanted Columns, by their places in `footer.leaves`.
 * @throws {SyntaxError} When a group is too large to be held, lies among others, or the file ends too soon; those before
 * it were delivered.
 */
export async function* cutRowGroups(
  bytes: AsyncIterable<Uint8Array>,
  { groups, leaves }: ParquetFooter,
  wanted: readonly number[],
): AsyncGenerator<RowGroupBytes> {
  const pieces = new Pieces(bytes);
  let first = 1;
  for (const group of groups) {
    const { rows, chunks } = group;
    const asked = wanted.map((place) => ({ place, ...chunks[place] }));
    const held = asked.reduce((sum, { start, end }) => sum + end - start, 0);
    if (held > MAX_HELD) throw new SyntaxError(`row group of ${held} bytes, at most ${MAX_HELD}: write smaller ones`);
    const columns: ColumnBytes[] = [];
    for (const { place, start, end, codec, values } of asked.toSorted((a, b) => a.start - b.start)) {
      checkValues(chunks[place], group);
      columns[wanted.indexOf(place)] = { leaf: leaves[place], codec, values, bytes: await pieces.take(start, end) };
    }
    yield { rows, first, columns };
    first += rows;
  }
  await pieces.end();
}

/** A stream of which parts are taken, from the front to the back. */
class Pieces {
  readonly #pieces: AsyncIterator<Uint8Array>;
  #held: Uint8Array = new Uint8Array(0);
  /** The place of what is held in the stream. */
  #at = 0;

  constructor(bytes: AsyncIterable<Uint8Array>) {
    this.#pieces = bytes[Symbol.asyncIterator]();
  }

  /** The bytes from one place to another, in a buffer of their own. */
  async take(start: number, end: number): Promise<Uint8Array<ArrayBuffer>> {
    if (start < this.#at) throw new SyntaxError("its row groups lie among one another, expected one after another");
    const taken = new Uint8Array(end - start);
    while (this.#at < end) {
      if (this.#held.length === 0 && !await this.#next()) throw new SyntaxError(`it ends at byte ${this.#at}`);
      const skipped = Math.min(this.#held.length, Math.max(0, start - this.#at));
      const part = this.#held.subarray(skipped, Math.min(this.#held.length, end - this.#at));
      if (part.length > 0) taken.set(part, this.#at + skipped - start);
      const used = skipped + part.length;
      this.#held = this.#held.subarray(used);
      this.#at += used;
    }
    return taken;
  }

  /** Reads the rest of the stream, so that all of it counts as read. */
  async end(): Promise<void> {
    while (await this.#next()) continue;
  }

  async #next(): Promise<boolean> {
    const { done, value } = await this.#pieces.next();
    this.#held = value ?? new Uint8Array(0);
    return done !== true;
  }
}
