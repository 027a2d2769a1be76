/**
 * Which rows are the same example: those with the same key, class and payload. A key alone does not say it, for people
 * number the drawings of each file from 1. Browser safe.
 *
 * @module
 */
import type { BucketRow } from "./row_buckets.ts";

const decoder = new TextDecoder("latin1"); // a character a byte

/** Tells rows that come again, among rows in the order of their keys. */
export class UnlikeRows {
  #first: BucketRow | undefined;
  /** The rows with the key of the first, where there are others. */
  readonly #contents = new Set<string>();
  /** Rows whose key another has too, of another class or with another payload. */
  #namesakes = 0;

  /** Whether a row is no repeat of one before it. */
  take(row: BucketRow): boolean {
    if (this.#first === undefined || row.key !== this.#first.key) {
      this.#first = row;
      this.#contents.clear();
      return true;
    }
    if (this.#contents.size === 0) this.#contents.add(contentOf(this.#first));
    const before = this.#contents.size;
    if (this.#contents.add(contentOf(row)).size === before) return false;
    this.#namesakes += before === 1 ? 2 : 1;
    return true;
  }

  /** What is to be told of the rows so far. */
  get notes(): string[] {
    if (this.#namesakes === 0) return [];
    return [`${this.#namesakes} examples share their key with one of another class or content: all were kept`];
  }
}

/** What rows with the same key may differ in, as text. */
function contentOf({ label, payload }: BucketRow): string {
  return `${label} ${decoder.decode(payload)}`;
}
