/**
 * Classes of which there are fewer examples than were asked for. Browser safe.
 *
 * @module
 */
import { counted, grouped } from "../base/text.ts";

const MOST_NAMED = 8;

/**
 * What is to be told of them.
 *
 * @param counts The classes, the examples of each in each split, and how many of each were asked for; Infinity for all.
 * @returns A line, or none.
 */
export function scarceNotes({ classes, splits, perClass }: {
  readonly classes: readonly string[];
  readonly splits: readonly { readonly perClass: readonly number[] }[];
  readonly perClass: number;
}): string[] {
  if (perClass === Infinity) return [];
  const totals = classes.map((name, label) => ({
    name,
    total: splits.reduce((sum, split) => sum + split.perClass[label], 0),
  }));
  const scarce = totals.filter(({ total }) => total < perClass).sort((a, b) => a.total - b.total);
  if (scarce.length === 0) return [];
  const named = scarce.slice(0, MOST_NAMED).map(({ name, total }) => `${name} ${grouped(total)}`).join(", ");
  const more = scarce.length > MOST_NAMED ? ` and ${scarce.length - MOST_NAMED} more` : "";
  return [
    `--per-class ${grouped(perClass)} is more than there are of ${
      counted(scarce.length, "class", "classes")
    }: ${named}${more}`,
  ];
}
