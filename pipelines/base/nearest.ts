/**
 * The known name that a person most likely meant. Browser safe.
 *
 * @module
 */

/** The fewest insertions, deletions and replacements that turn one text into another. */
function editDistance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, i) => i);
  for (let i = 1; i <= from.length; i++) {
    const next = [i];
    for (let j = 1; j <= to.length; j++) {
      next[j] = Math.min(row[j] + 1, next[j - 1] + 1, row[j - 1] + (from[i - 1] === to[j - 1] ? 0 : 1));
    }
    row = next;
  }
  return row[to.length];
}

/** Letters of a word that say which is meant. */
const TELLING = 3;

/**
 * How far a known name is from what was written; a forgotten prefix or ending, or the first letters of the words, are as
 * near as one letter, the first letters of a name or its last word as two.
 */
function farness(written: string, known: string): number {
  const [a, b] = [written, known].map((name) => name.replace(/^--/, "").toLowerCase());
  const own = b.slice(b.indexOf(".") + 1);
  const isEnd = b.endsWith(`.${a}`) || b.endsWith(` ${a}`);
  const letters = own.split("-").map((word) => word[0]).join("");
  if (a !== "" && (isEnd || b.startsWith(`${a}-`) || b.startsWith(`${a} `) || a.length > 1 && a === letters)) return 1;
  const isShort = a.length >= TELLING && (own.startsWith(a) || own.endsWith(`-${a}`));
  return Math.min(isShort ? 2 : Infinity, editDistance(a, b), editDistance(a, own) + 1);
}

/**
 * Ends a message about an unknown name.
 *
 * @param written What was found; a flag with its `--`.
 * @param known What it could have been.
 * @returns `; did you mean X?` for the nearest name, nothing where none is near.
 *
 * @example
 * ```ts
 * import { nearest } from "./nearest.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(nearest("circel", ["circle", "car"]), "; did you mean circle?");
 * assertEquals(nearest("--lr", ["--train.epochs", "--train.learning-rate"]), "; did you mean --train.learning-rate?");
 * assertEquals(nearest("zebra", ["circle", "car"]), "");
 * ```
 */
export function nearest(written: string, known: readonly string[]): string {
  let [best, least] = ["", Math.max(2, Math.floor(written.length / 4)) + 1];
  for (const name of known) {
    const distance = farness(written, name);
    if (distance < least) [best, least] = [name, distance];
  }
  return best === "" ? "" : `; did you mean ${best}?`;
}
