/**
 * Which class a file of drawings, of bitmaps or of one picture holds, by its name. Browser safe.
 *
 * @module
 */

const ENDINGS = /(\.(ndjson|jsonl|json|csv|txt|npy|npz|parquet|bin|full|gz))+$/i;
/** What browsers make of the folders in which Google keeps the files. */
const FOLDERS = /^(full(_|-|%2F)(simplified|raw|binary|numpy_bitmap)|sketchrnn)(_|-|%2F)/;

/**
 * The class that a file's name stands for: without folder, ending and `.gz`, as it is where that is known. Else what
 * copies of Google's files are called: `full_numpy_bitmap_`, `sketchrnn_` and the like before it, a count such as
 * `-4000x784` or `5000` after it, ` (1)` as browsers name a second copy, underscores for spaces.
 *
 * @param name Such as `cat-4000x784.bin.gz` or `cat.full.npz`.
 * @param known The classes that there may be.
 * @returns Such as `cat`; the plain name where none is known.
 *
 * @example
 * ```ts
 * import { classOfFile } from "@strokewise/strokewise/pipelines";
 * import { assertEquals } from "@std/assert";
 *
 * const known = new Set(["cat", "ice cream"]);
 * assertEquals(classOfFile("full_numpy_bitmap_ice_cream.npy", known), "ice cream");
 * assertEquals(classOfFile("sketchrnn_cat.full.npz", known), "cat");
 * assertEquals(classOfFile("cat (1).npy", known), "cat");
 * assertEquals(classOfFile("dog.ndjson.gz", known), "dog");
 * ```
 */
export function classOfFile(name: string, known: ReadonlySet<string>): string {
  const plain = name.slice(name.lastIndexOf("/") + 1).replace(ENDINGS, "");
  const bare = plain.replace(FOLDERS, "").replace(/ \(\d+\)$/, "").replace(/[-_ ]?\d+(x784)?$/, "");
  const spaced = bare.replaceAll(/_|%20/g, " ");
  return [plain, bare, spaced].find((candidate) => known.has(candidate)) ?? plain;
}

/**
 * The class of a picture in a file of its own: the name of its folder where that is a known class, else what its own name
 * stands for where that is one, such as `cat` for `cat-17.svg` and `cat_17.svg`.
 *
 * @param path Such as `drawings/cat/17.svg`.
 * @param known The classes that there may be.
 * @returns The folder's name where neither is known; the file's where there is no folder.
 *
 * @example
 * ```ts
 * import { classOfPicture } from "@strokewise/strokewise/pipelines";
 * import { assertEquals } from "@std/assert";
 *
 * const known = new Set(["cat", "ice cream"]);
 * assertEquals(classOfPicture("drawings/cat/17.svg", known), "cat");
 * assertEquals(classOfPicture("drawings/ice_cream-17.svg", known), "ice cream");
 * assertEquals(classOfPicture("drawings/sun/17.svg", known), "sun");
 * ```
 */
export function classOfPicture(path: string, known: ReadonlySet<string>): string {
  const folder = path.split("/").at(-2) ?? "";
  const name = classOfFile(path.replace(/\.gz$/i, "").replace(/\.[^./]+$/, ""), known);
  return known.has(folder) || !known.has(name) && folder !== "" && folder !== "." ? folder : name;
}
