/**
 * The rows of one split on their way to shards.
 *
 * @module
 */
import type { LabelledRow, Split } from "./dataset.ts";
import type { ShardEntry, SplitEntry } from "./shard_index.ts";
import type { PackRequest } from "./prepare_jobs.ts";

/** What a shard is made of. */
export type ShardRows = Pick<PackRequest, "file" | "keys" | "labels" | "payloads" | "lengths">;

/** Rows that wait until there are enough of them for a shard, and the shards there are. */
export class SplitRows {
  readonly #perClass: number[];
  readonly #shards: Promise<ShardEntry>[] = [];
  readonly #keys: BigUint64Array<ArrayBuffer>;
  readonly #labels: Uint16Array<ArrayBuffer>;
  readonly #lengths: Uint32Array<ArrayBuffer>;
  #payloads = new Uint8Array(2 ** 16);
  #used = 0;
  #count = 0;

  constructor(readonly split: Split, readonly shardSize: number, classes: number) {
    this.#perClass = new Array<number>(classes).fill(0);
    this.#keys = new BigUint64Array(shardSize);
    this.#labels = new Uint16Array(shardSize);
    this.#lengths = new Uint32Array(shardSize);
  }

  /** Adds a row; true when there are enough for a shard. */
  add({ key, label, payload }: LabelledRow): boolean {
    this.#perClass[label]++;
    const end = this.#used + payload.length;
    if (end > this.#payloads.length) {
      const grown = new Uint8Array(2 * end);
      grown.set(this.#payloads.subarray(0, this.#used));
      this.#payloads = grown;
    }
    this.#payloads.set(payload, this.#used);
    this.#used = end;
    this.#keys[this.#count] = key;
    this.#labels[this.#count] = label;
    this.#lengths[this.#count++] = payload.length;
    return this.#count === this.shardSize;
  }

  /** Takes the rows that wait, for the next shard; nothing when there are none. */
  take(): ShardRows | undefined {
    if (this.#count === 0) return undefined;
    const file = `${this.split}-${String(this.#shards.length).padStart(5, "0")}.npz`;
    const rows = {
      file,
      keys: this.#keys.slice(0, this.#count),
      labels: this.#labels.slice(0, this.#count),
      lengths: this.#lengths.slice(0, this.#count),
      payloads: this.#payloads.slice(0, this.#used),
    };
    [this.#count, this.#used] = [0, 0];
    return rows;
  }

  /** Adds the shard that is being written of the rows taken. */
  wrote(shard: Promise<ShardEntry>): void {
    this.#shards.push(shard);
  }

  /** What the index says of the split, once every shard is written. */
  async entry(): Promise<SplitEntry> {
    const shards = await Promise.all(this.#shards);
    return { examples: this.#perClass.reduce((sum, count) => sum + count, 0), perClass: this.#perClass, shards };
  }
}
