/**
 * Rows on their way to the shuffle: dealt into buckets by the high bits of a seeded hash of their key, in memory while
 * they fit and in one file a bucket when they do not. The buckets in order, each sorted by hash, are a random permutation
 * of all rows that depends on nothing but keys and seed; and rows of one key meet in one bucket.
 *
 * A row in a bucket: hash (2 x uint32), key (uint64), label (uint16), split (uint8), payload length (uint32), payload;
 * little-endian.
 *
 * @module
 */
import { type Split, SPLITS } from "./dataset.ts";
import { hashKey } from "./split.ts";

const HEAD_BYTES = 23;
const BUCKETS = 256;

/** A row as a bucket keeps it. */
export interface BucketRow {
  readonly key: bigint;
  readonly label: number;
  readonly split: Split;
  readonly payload: Uint8Array<ArrayBuffer>;
}

/** Buckets of rows, for one pass of writing and then one of reading. */
export class RowBuckets {
  readonly #buffers = Array.from({ length: BUCKETS }, () => new Uint8Array(0));
  readonly #used = new Uint32Array(BUCKETS);
  readonly #spilled = new Uint8Array(BUCKETS);
  #held = 0;

  /**
   * @param folder An existing folder for the files.
   * @param seed Of the hash, and so of the order.
   * @param memory Bytes of rows held before they are written to files.
   */
  constructor(readonly folder: string, readonly seed: number, readonly memory: number = 2 ** 26) {}

  /** Adds a row; resolves once it is held or written. */
  async add({ key, label, split, payload }: BucketRow): Promise<void> {
    const [high, low] = hashKey(key, this.seed);
    const bucket = high >>> 24;
    const [at, end] = [this.#used[bucket], this.#used[bucket] + HEAD_BYTES + payload.length];
    if (this.#buffers[bucket].length < end) {
      const grown = new Uint8Array(Math.max(2 * end, 4096));
      grown.set(this.#buffers[bucket].subarray(0, at));
      this.#buffers[bucket] = grown;
    }
    const view = new DataView(this.#buffers[bucket].buffer);
    view.setUint32(at, high, true);
    view.setUint32(at + 4, low, true);
    view.setBigUint64(at + 8, key, true);
    view.setUint16(at + 16, label, true);
    view.setUint8(at + 18, SPLITS.indexOf(split));
    view.setUint32(at + 19, payload.length, true);
    this.#buffers[bucket].set(payload, at + HEAD_BYTES);
    this.#used[bucket] = end;
    this.#held += HEAD_BYTES + payload.length;
    if (this.#held > this.memory) await this.#spill();
  }

  async #spill(): Promise<void> {
    for (let bucket = 0; bucket < BUCKETS; bucket++) {
      if (this.#used[bucket] === 0) continue;
      await Deno.writeFile(this.#path(bucket), this.#buffers[bucket].subarray(0, this.#used[bucket]), { append: true });
      this.#used[bucket] = 0;
      this.#spilled[bucket] = 1;
    }
    this.#held = 0;
  }

  #path(bucket: number): string {
    return `${this.folder}/bucket-${bucket}.rows`;
  }

  /** Reads the rows back, a bucket at a time in shuffled order, and forgets them; rows of one key in the order added. */
  async *shuffled(): AsyncGenerator<BucketRow[]> {
    for (let bucket = 0; bucket < BUCKETS; bucket++) {
      const held = this.#buffers[bucket].subarray(0, this.#used[bucket]);
      if (this.#spilled[bucket]) {
        await Deno.writeFile(this.#path(bucket), held, { append: true });
        yield sortedRows(await Deno.readFile(this.#path(bucket)));
        await Deno.remove(this.#path(bucket));
      } else {
        yield sortedRows(held);
      }
      this.#buffers[bucket] = new Uint8Array(0);
      this.#used[bucket] = 0;
    }
  }
}

function sortedRows(bytes: Uint8Array<ArrayBuffer>): BucketRow[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const rows: (BucketRow & { high: number; low: number })[] = [];
  for (let at = 0; at < bytes.length;) {
    const end = at + HEAD_BYTES + view.getUint32(at + 19, true);
    rows.push({
      high: view.getUint32(at, true),
      low: view.getUint32(at + 4, true),
      key: view.getBigUint64(at + 8, true),
      label: view.getUint16(at + 16, true),
      split: SPLITS[view.getUint8(at + 18)],
      payload: bytes.subarray(at + HEAD_BYTES, end),
    });
    at = end;
  }
  return rows.sort((a, b) => a.high - b.high || a.low - b.low || (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
}
