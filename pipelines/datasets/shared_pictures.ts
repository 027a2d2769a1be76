/**
 * Pictures of one split that another has too, where the sources themselves say the splits: what a model has learnt by heart
 * it knows in the test. Browser safe.
 *
 * @module
 */
import { hashBytesToWords, type Split } from "../base/split.ts";
import { counted } from "../base/text.ts";

/** Counts them while they are read. */
export class SharedPictures {
  /** How often each split has each content, by 53 bits of its hash. */
  readonly #contents: Readonly<Record<Split, Map<number, number>>> = {
    train: new Map(),
    valid: new Map(),
    test: new Map(),
  };

  /** Counts a picture, as it will be stored. */
  add(picture: Uint8Array, split: Split): void {
    const { low, high } = hashBytesToWords(picture, "");
    const content = (high >>> 11) * 2 ** 32 + low;
    const contents = this.#contents[split];
    contents.set(content, (contents.get(content) ?? 0) + 1);
  }

  /** What is to be told of the pictures so far; nothing where no two splits share one. */
  get notes(): string[] {
    const pairs = [["test", "train"], ["test", "valid"], ["valid", "train"]] as const;
    return pairs.flatMap(([judged, other]) => {
      const shared = [...this.#contents[judged]].filter(([content]) => this.#contents[other].has(content));
      const count = shared.reduce((sum, [, times]) => sum + times, 0);
      return count === 0 ? [] : [`${counted(count, "picture")} of ${judged} also in ${other}, pixel by pixel`];
    });
  }
}
