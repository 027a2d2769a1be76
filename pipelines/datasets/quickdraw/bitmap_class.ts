/**
 * Which class a file of bitmaps holds, by its name. Browser safe.
 *
 * @module
 */

/**
 * The class that a file's name stands for: without folder, ending and `.gz`, as it is where that is known. Else what
 * copies of Google's files are called: `full_numpy_bitmap_` and the like before it, a count such as `-4000x784` or `5000`
 * after it, underscores for spaces.
 *
 * @param name Such as `cat-4000x784.bin.gz`.
 * @param known The classes that there may be.
 * @returns Such as `cat`; the plain name where none is known.
 *
 * @example
 * ```ts
 * import { classOfBitmaps } from "@strokewise/strokewise/pipelines";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(classOfBitmaps("full_numpy_bitmap_ice_cream.npy", new Set(["ice cream"])), "ice cream");
 * ```
 */
export function classOfBitmaps(name: string, known: ReadonlySet<string>): string {
  const plain = name.slice(name.lastIndexOf("/") + 1).replace(/(\.(npy|bin|gz))+$/, "");
  const bare = plain.replace(/^full(_|-|%2F)numpy_bitmap(_|-|%2F)/, "").replace(/[-_ ]?\d+(x784)?$/, "");
  const spaced = bare.replaceAll(/_|%20/g, " ");
  return [plain, bare, spaced].find((candidate) => known.has(candidate)) ?? plain;
}
