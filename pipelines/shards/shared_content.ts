/**
 * Examples of one split whose content another has too, where the sources themselves say the splits: what a model has learnt
 * by heart it knows in the test. Browser safe.
 *
 * @module
 */
import type { Split } from "../base/split.ts";
import { counted } from "../base/text.ts";

/** Counts them while they are written. */
export class SharedContent {
  /** How many examples of each split have a content, by 53 bits of its hash. */
  readonly #counts: Readonly<Record<Split, Map<number, number>>> = {
    train: new Map(),
    valid: new Map(),
    test: new Map(),
  };

  /** @param unit What an example is called. */
  constructor(readonly unit: string) {}

  /**
   * Counts an example.
   *
   * @param content The hash of its content.
   */
  add({ low, high }: { readonly low: number; readonly high: number }, split: Split): void {
    const content = (high >>> 11) * 2 ** 32 + low;
    const counts = this.#counts[split];
    counts.set(content, (counts.get(content) ?? 0) + 1);
  }

  /** What is to be told of the examples so far; nothing where no two splits share one. */
  get notes(): string[] {
    const pairs = [["test", "train"], ["test", "valid"], ["valid", "train"]] as const;
    return pairs.flatMap(([judged, other]) => {
      let shared = 0;
      for (const [content, count] of this.#counts[judged]) if (this.#counts[other].has(content)) shared += count;
      return shared === 0 ? [] : [`${judged} shares ${counted(shared, this.unit)} with ${other}, alike in every byte`];
    });
  }
}
