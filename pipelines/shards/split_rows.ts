/**
 * The rows of one split on their way to shards.
 *
 * @module
 */
import type { LabelledRow } from "../dataset.ts";
import type { ShardEntry, SplitEntry } from "./shard_index.ts";
import type { Split } from "../base/split.ts";
import type { PackRequest } from "./pack_shard.ts";

/** What a shard is made of, as far as this part keeps it. */
export type ShardRows = Pick<PackRequest, "file" | "keys" | "labels" | "payloads" | "lengths"> & {
  /** How many examples the shard has, those that other parts keep among them. */
  readonly examples: number;
};

/**
 * Bytes of payloads at which a shard is full, however few examples it holds: what varies in length takes at most 8 times as
 * much in arrays as in payloads, and a reader takes arrays of 2 GiB together.
 */
const MAX_PAYLOADS = 2 ** 27;

/** Missing classes that are named, before the rest are counted. */
const CLASSES_NAMED = 8;

/** Rows that wait until there are enough of them for a shard, and the shards there are. */
export class SplitRows {
  readonly #perClass: number[];
  readonly #shards: Promise<ShardEntry>[] = [];
  readonly #keys: bigint[] = [];
  readonly #labels: number[] = [];
  readonly #lengths: number[] = [];
  #payloads = new Uint8Array(2 ** 16);
  #used = 0;
  /** Examples that wait, and bytes of their payloads, those that other parts keep among them. */
  #count = 0;
  #bytes = 0;

  constructor(readonly split: Split, readonly shardSize: number, classes: number) {
    this.#perClass = new Array<number>(classes).fill(0);
  }

  /** Adds a row; true when there are enough for a shard, or the shard would be too large with more. */
  add({ key, label, payload }: LabelledRow): boolean {
    const end = this.#used + payload.length;
    if (end > this.#payloads.length) {
      this.#payloads = new Uint8Array(this.#payloads.buffer.transfer(2 * end));
    }
    this.#payloads.set(payload, this.#used);
    this.#used = end;
    this.#keys.push(key);
    this.#labels.push(label);
    this.#lengths.push(payload.length);
    return this.pass(label, payload.length);
  }

  /** Counts a row that another part keeps, of a payload so long; true as {@linkcode SplitRows.add} says it. */
  pass(label: number, length: number): boolean {
    this.#perClass[label]++;
    this.#count++;
    this.#bytes += length;
    return this.#count === this.shardSize || this.#bytes >= MAX_PAYLOADS;
  }

  /** Takes the rows that wait, for the next shard; nothing when there are none. */
  take(): ShardRows | undefined {
    if (this.#count === 0) return undefined;
    const rows = {
      examples: this.#count,
      file: `${this.split}-${String(this.#shards.length).padStart(5, "0")}.npz`,
      keys: BigUint64Array.from(this.#keys),
      labels: Uint16Array.from(this.#labels),
      lengths: Uint32Array.from(this.#lengths),
      payloads: this.#payloads.slice(0, this.#used),
    };
    for (const list of [this.#keys, this.#labels, this.#lengths]) list.length = 0;
    this.#used = this.#count = this.#bytes = 0;
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

  /** What is to be told of classes that the split is without, if there are any. */
  notes(classes: readonly string[]): string[] {
    const missing = classes.filter((_, label) => this.#perClass[label] === 0);
    if (missing.length === 0) return [];
    if (missing.length === classes.length) return [`no example is in ${this.split}`];
    const [named, more] = [missing.slice(0, CLASSES_NAMED).join(", "), missing.length - CLASSES_NAMED];
    return [`${this.split} is without class ${named}${more > 0 ? ` and ${more} more` : ""}`];
  }
}
