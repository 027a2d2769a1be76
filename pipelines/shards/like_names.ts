/**
 * Classes that may be one to whoever named them. Browser safe.
 *
 * @module
 */

/** So many pairs are named. */
const SHOWN = 5;

/**
 * What is to be told of classes whose names differ in capitals, blanks, or the way accents are written alone; capitals of
 * single letters are what they are.
 *
 * @example
 * ```ts
 * import { likeNamesNotes } from "./like_names.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(likeNamesNotes(["cat", "Cat", "dog", "a", "A"]), [
 *   'classes "cat" and "Cat" differ in capitals, blanks or accents alone: are they one?',
 * ]);
 * ```
 */
export function likeNamesNotes(classes: readonly string[]): string[] {
  const groups = [...Map.groupBy(classes, plainName).values()];
  return groups.filter((names) => names.length > 1).slice(0, SHOWN).map((names) => {
    const shown = names.map((name) => JSON.stringify(name));
    return `classes ${shown.join(" and ")} differ in capitals, blanks or accents alone: are they one?`;
  });
}

/** What names that are taken for like have in common. */
function plainName(name: string): string {
  const plain = name.normalize("NFKC").toLowerCase().replace(/[\s_-]+/g, " ").trim();
  return plain.length > 1 ? plain : name.normalize("NFC").trim();
}
