/**
 * Which rows are the same example: those with the same key, class and payload, and those with the same class and payload
 * where a key is missing. A key alone does not say it, for people number the drawings of each file from 1.
 *
 * @module
 */
import { counted } from "../base/text.ts";
import { ContentTwins, type TwinPlaces } from "./content_twins.ts";
import type { BucketRow } from "./packed_rows.ts";
import type { RowBuckets } from "./row_buckets.ts";

const decoder = new TextDecoder("latin1"); // a character a byte

/** Leaves out rows that come again. */
export class UnlikeRows {
  /** Rows left out so far. */
  duplicates = 0;
  #first: BucketRow | undefined;
  /** The rows with the key of the first, where there are others. */
  readonly #contents = new Set<string>();
  /** Rows whose key another has too, of another class or with another payload. */
  #namesakes = 0;
  readonly #twins = new ContentTwins();

  /** The rows in shuffled order, each once. */
  async *of(rows: RowBuckets, places: TwinPlaces): AsyncGenerator<BucketRow[]> {
    for await (const some of this.#twins.settle(rows, places)) {
      const kept = some.filter((row) => this.#take(row, places.about));
      this.duplicates += some.length - kept.length;
      yield kept;
    }
    this.duplicates += this.#twins.copies;
  }

  /** Whether a row is no repeat of one before it with the same key. */
  #take(row: BucketRow, about: number): boolean {
    if (this.#first === undefined || row.key !== this.#first.key) {
      this.#first = row;
      this.#contents.clear();
      return true;
    }
    if (this.#contents.size === 0) this.#contents.add(contentOf(this.#first, about));
    const before = this.#contents.size;
    if (this.#contents.add(contentOf(row, about)).size === before) return false;
    this.#namesakes += before === 1 ? 2 : 1;
    return true;
  }

  /** What is to be told of the rows so far. */
  get notes(): string[] {
    if (this.#namesakes === 0) return this.#twins.notes;
    const what = "share their key with one of another class or content: all were kept";
    return [`${counted(this.#namesakes, "example")} ${what}`, ...this.#twins.notes];
  }
}

/** What rows with the same key may differ in, as text. */
function contentOf({ label, payload, isAway }: BucketRow, about: number): string {
  return `${label} ${decoder.decode(payload.subarray(0, payload.length - (isAway ? 0 : about)))}`;
}
