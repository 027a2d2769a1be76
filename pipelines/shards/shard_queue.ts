/**
 * Shards being written, a few at a time. Browser safe.
 *
 * @module
 */
import type { ShardEntry } from "./shard_index.ts";

/** More would only wait: their rows are held in memory. */
const SHARDS_AT_ONCE = 4;

/** Has shards written. */
export class ShardQueue {
  readonly #running = new Set<Promise<void>>();
  #failure: Error | undefined;

  /** Waits until there is room for another; throws what went wrong with one before. */
  async room(): Promise<void> {
    while (this.#running.size >= SHARDS_AT_ONCE) await Promise.race(this.#running);
    if (this.#failure) throw this.#failure;
  }

  /** Counts a shard among those that are being written. */
  add(shard: Promise<ShardEntry>): void {
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
