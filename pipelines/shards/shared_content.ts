/**
 * Examples of one split whose content another has too, where the sources themselves say the splits: what a model has learnt
 * by heart it knows in the test, or knows wrong where the two are of different classes. Browser safe.
 *
 * @module
 */
import type { Split } from "../base/split.ts";
import { counted } from "../base/text.ts";

/** How many examples have a content, by 53 bits of its hash: of one class as {@linkcode packed}, of several by label. */
type Counts = Map<number, number | Map<number, number>>;

/** Room for a label beside a count. */
const LABELS = 2 ** 16;

/** A label and how many have it, in one number: there may be millions. */
const packed = (label: number, count: number): number => count * LABELS + label;

/** The labels that a content has in a split, and how many examples have each. */
function countsOf(found: number | Map<number, number>): Iterable<readonly [label: number, count: number]> {
  return typeof found === "number" ? [[found % LABELS, Math.floor(found / LABELS)]] : found;
}

/** Counts them while they are written. */
export class SharedContent {
  readonly #counts: Readonly<Record<Split, Counts>> = { train: new Map(), valid: new Map(), test: new Map() };

  /** @param unit What an example is called. */
  constructor(readonly unit: string) {}

  /**
   * Counts an example.
   *
   * @param content The hash of its content.
   * @param label The place of its class.
   */
  add({ low, high }: { readonly low: number; readonly high: number }, split: Split, label: number): void {
    const content = (high >>> 11) * 2 ** 32 + low;
    const counts = this.#counts[split];
    const found = counts.get(content);
    if (found === undefined) counts.set(content, packed(label, 1));
    else if (typeof found === "number" && found % LABELS === label) counts.set(content, found + packed(0, 1));
    else {
      const several = new Map(countsOf(found));
      counts.set(content, several.set(label, (several.get(label) ?? 0) + 1));
    }
  }

  /**
   * What is to be told of the examples so far; nothing where no two splits share one.
   *
   * @param classes The classes' names, by label.
   */
  notes(classes: readonly string[]): string[] {
    const pairs = [["test", "train"], ["test", "valid"], ["valid", "train"]] as const;
    return pairs.flatMap(([judged, other]) => {
      let [shared, contradicting] = [0, 0];
      let example = "";
      for (const [content, found] of this.#counts[judged]) {
        const theirs = this.#counts[other].get(content);
        if (theirs === undefined) continue;
        for (const [label, count] of countsOf(found)) {
          shared += count;
          const [another] = [...countsOf(theirs)].find(([their]) => their !== label) ?? [];
          if (another === undefined) continue;
          contradicting += count;
          example ||= `${classes[label]} in ${judged} and ${classes[another]} in ${other}`;
        }
      }
      const what = (count: number) => counted(count, this.unit);
      return [
        ...(shared === 0 ? [] : [`${judged} shares ${what(shared)} with ${other}, alike in every byte`]),
        ...(contradicting === 0 ? [] : [
          `${what(contradicting)} of ${judged} and ${other}, alike in every byte, ` +
          `of contradicting classes: such as ${example}`,
        ]),
      ];
    });
  }
}
