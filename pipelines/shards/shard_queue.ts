/**
 * Shards being written, a few at a time. Browser safe.
 *
 * @module
 */
import type { ShardEntry } from "./shard_index.ts";
import type { ShardRows, SplitRows } from "./split_rows.ts";

/** More would only wait: their rows are held in memory. */
const SHARDS_AT_ONCE = 4;

/** Has shards written; the splits keep them in order. */
export class ShardQueue {
  readonly #running = new Set<Promise<void>>();
  #failure: Error | undefined;

  /** @param write Writes one. */
  constructor(readonly write: (rows: ShardRows) => Promise<ShardEntry>) {}

  /** Starts to write the rows that wait; resolves when there is room for more. */
  async add(waiting: SplitRows): Promise<void> {
    const rows = waiting.take();
    if (rows === undefined) return;
    while (this.#running.size >= SHARDS_AT_ONCE) await Promise.race(this.#running);
    if (this.#failure) throw this.#failure;
    const shard = this.write(rows);
    waiting.wrote(shard);
    const settled: Promise<void> = this.#settle(shard).then(() => void this.#running.delete(settled));
    this.#running.add(settled);
  }

  /** Resolves when none is being written, whether it went well or not. */
  async settled(): Promise<void> {
    await Promise.all(this.#running);
  }

  async #settle(shard: Promise<ShardEntry>): Promise<void> {
    try {
      await shard;
    } catch (error) {
      this.#failure ??= error as Error;
    }
  }
}
