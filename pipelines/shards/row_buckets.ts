/**
 * Rows on their way to the shuffle: dealt into buckets by the high bits of a seeded hash of their key, in memory while
 * they fit and in one file a bucket when they do not. The buckets in order, each sorted by hash, are a random permutation
 * of all rows that depends on nothing but keys and seed; and rows of one key meet in one bucket.
 *
 * @module
 */
import { crc32 } from "node:zlib";
import { concatBytes, release } from "../base/bytes.ts";
import { InputError } from "../base/errors.ts";
import { AWAY, type BucketRow, GIVEN, KEYLESS, type PackedRows, ROW_HEAD } from "./packed_rows.ts";
import { SPLITS } from "../base/split.ts";
import type { StoredBytes } from "./write_journal.ts";

/** Their number does not show in the order; 50 million drawings make 20 MB each. */
const BUCKETS = 512;
const ROWS_AT_ONCE = 1024;

/** Buckets of packed rows, for one pass of writing and then one of reading. */
export class RowBuckets {
  readonly #buffers = Array.from({ length: BUCKETS }, () => new Uint8Array(0));
  readonly #used = new Uint32Array(BUCKETS);
  /** Bytes of each bucket's file, and CRC-32 of them. */
  readonly #stored = new Float64Array(BUCKETS);
  readonly #sums = new Uint32Array(BUCKETS);
  #held = 0;
  /** Whether a row dealt is without a key. */
  isKeyless = false;

  /**
   * @param prefix Of the files' paths, in an existing folder.
   * @param memory Bytes of rows held before they are written to files.
   */
  constructor(readonly prefix: string, readonly memory: number = 2 ** 23) {}

  /** What is in the file of each bucket, to be given to {@linkcode RowBuckets.restore}. */
  get stored(): readonly StoredBytes[] {
    return Array.from(this.#stored, (bytes, bucket) => ({ bytes, crc: this.#sums[bucket] }));
  }

  /** Whether there is anything in the files. */
  get hasStored(): boolean {
    return this.#stored.some((bytes) => bytes > 0);
  }

  /** Goes on with files that an earlier run left, cut to the lengths that it told of; false where they are not there. */
  async restore(stored: readonly StoredBytes[]): Promise<boolean> {
    const sizes = await Promise.all(stored.map(({ bytes }, bucket) => bytes === 0 ? 0 : this.#sizeOf(bucket)));
    if (sizes.length !== BUCKETS || sizes.some((size, bucket) => size < stored[bucket].bytes)) return false;
    for (const [bucket, { bytes, crc }] of stored.entries()) {
      if (sizes[bucket] > bytes) await Deno.truncate(this.#path(bucket), bytes);
      [this.#stored[bucket], this.#sums[bucket]] = [bytes, crc];
    }
    return true;
  }

  async #sizeOf(bucket: number): Promise<number> {
    try {
      return (await Deno.stat(this.#path(bucket))).size;
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return 0;
      throw error;
    }
  }

  /**
   * Deals packed rows.
   *
   * @param labels The label of each of `packed.classes`.
   * @returns Whether all rows are in files now.
   */
  async deal({ bytes, count, isKeyless }: PackedRows, labels: readonly number[]): Promise<boolean> {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    for (let row = 0, at = 0; row < count; row++) {
      const length = ROW_HEAD + view.getUint32(at + 19, true);
      view.setUint16(at + 16, labels[view.getUint16(at + 16, true)], true);
      const bucket = view.getUint32(at, true) >>> 23;
      const [used, end] = [this.#used[bucket], this.#used[bucket] + length];
      if (this.#buffers[bucket].length < end) this.#grow(bucket, end);
      this.#buffers[bucket].set(bytes.subarray(at, at + length), used);
      this.#used[bucket] = end;
      at += length;
    }
    this.#held += bytes.length;
    this.isKeyless ||= isKeyless;
    if (this.#held <= this.memory) return false;
    await this.store();
    return true;
  }

  #grow(bucket: number, end: number): void {
    const buffer = this.#buffers[bucket].buffer.transfer(Math.max(end + (end >> 1), 4096));
    this.#buffers[bucket] = new Uint8Array(buffer);
  }

  /** Writes all rows held to the files. */
  async store(): Promise<void> {
    for (let bucket = 0; bucket < BUCKETS; bucket++) {
      const used = this.#used[bucket];
      if (used === 0) continue;
      const isNew = this.#stored[bucket] === 0;
      const rows = this.#buffers[bucket].subarray(0, used);
      await Deno.writeFile(this.#path(bucket), rows, { append: !isNew });
      this.#sums[bucket] = crc32(rows, this.#sums[bucket]);
      this.#stored[bucket] += used;
      this.#used[bucket] = 0;
    }
    this.#held = 0;
  }

  #path(bucket: number): string {
    return `${this.prefix}-${bucket}.rows`;
  }

  /**
   * Reads the rows back, a bucket at a time in shuffled order; rows of one key in the order in which they were dealt. A
   * bucket's payloads are gone when the next bucket is asked for.
   *
   * @throws {InputError} When a file is not what was written.
   */
  async *shuffled(): AsyncGenerator<BucketRow[]> {
    for (let bucket = 0; bucket < BUCKETS; bucket++) if (this.#used[bucket] === 0) this.#free(bucket);
    for (let bucket = 0; bucket < BUCKETS; bucket++) {
      const held = this.#buffers[bucket].subarray(0, this.#used[bucket]);
      const stored = await this.#read(bucket);
      const all = stored.length === 0 ? held : held.length === 0 ? stored : concatBytes([stored, held]);
      yield* sortedRows(all);
      for (const array of [stored, all]) release(array);
      this.#free(bucket);
    }
  }

  /** Reads the rows in the order in which they lie, and leaves them there; a row's payload is gone with the next one's. */
  async *asDealt(): AsyncGenerator<Generator<BucketRow>> {
    for (let bucket = 0; bucket < BUCKETS; bucket++) {
      const stored = await this.#read(bucket);
      yield rowsIn(stored);
      release(stored);
      yield rowsIn(this.#buffers[bucket].subarray(0, this.#used[bucket]));
    }
  }

  /** What a bucket's file holds; nothing where it has none. */
  async #read(bucket: number): Promise<Uint8Array<ArrayBuffer>> {
    if (this.#stored[bucket] === 0) return new Uint8Array(0);
    const path = this.#path(bucket);
    const bytes = await Deno.readFile(path);
    if (bytes.length === this.#stored[bucket] && crc32(bytes) === this.#sums[bucket]) return bytes;
    throw new InputError(`${path}: its rows are not those that were written (CRC-32); prepare the data again`);
  }

  #free(bucket: number): void {
    release(this.#buffers[bucket]);
    this.#buffers[bucket] = new Uint8Array(0);
    this.#used[bucket] = 0;
  }

  /** Removes the files. */
  async removeFiles(): Promise<void> {
    for (let bucket = 0; bucket < BUCKETS; bucket++) {
      if (this.#stored[bucket] > 0) await Deno.remove(this.#path(bucket));
      this.#stored[bucket] = this.#sums[bucket] = 0;
    }
  }
}

/** The row that begins at an offset. */
function rowAt(bytes: Uint8Array<ArrayBuffer>, view: DataView, at: number): BucketRow {
  const split = view.getUint8(at + 18);
  return {
    key: view.getBigUint64(at + 8, true),
    label: view.getUint16(at + 16, true),
    split: SPLITS[split % GIVEN],
    isGiven: (split & GIVEN) > 0,
    isKeyless: split >= KEYLESS,
    isAway: (split & AWAY) > 0,
    payload: bytes.subarray(at + ROW_HEAD, at + ROW_HEAD + view.getUint32(at + 19, true)),
  };
}

function* rowsIn(bytes: Uint8Array<ArrayBuffer>): Generator<BucketRow> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 0; at < bytes.length;) {
    const row = rowAt(bytes, view, at);
    yield row;
    at += ROW_HEAD + row.payload.length;
  }
}

/** The rows by hash, a few at a time: an object for each of them at once would take more memory than the rows do. */
function* sortedRows(bytes: Uint8Array<ArrayBuffer>): Generator<BucketRow[]> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const lengthAt = (at: number) => ROW_HEAD + view.getUint32(at + 19, true);
  let count = 0;
  for (let at = 0; at < bytes.length; at += lengthAt(at)) count++;
  const places = new Uint32Array(count);
  for (let i = 0, at = 0; i < count; at += lengthAt(at)) places[i++] = at;
  const [high, low] = [0, 4].map((offset) => Uint32Array.from(places, (at) => view.getUint32(at + offset, true)));
  const keyOf = (i: number) => view.getBigUint64(places[i] + 8, true);
  const byKey = (a: number, b: number) => keyOf(a) < keyOf(b) ? -1 : keyOf(a) > keyOf(b) ? 1 : a - b;
  const order = Uint32Array.from(places, (_, i) => i)
    .sort((a, b) => high[a] - high[b] || low[a] - low[b] || byKey(a, b));
  for (let from = 0; from < count; from += ROWS_AT_ONCE) {
    yield Array.from(order.subarray(from, from + ROWS_AT_ONCE), (i) => rowAt(bytes, view, places[i]));
  }
}
