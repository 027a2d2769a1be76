/**
 * Bitmaps with their classes: those of shards, and of IDX files whose labels are beside them.
 *
 * @module
 */
import { InputError } from "../base/errors.ts";
import { fileNamesIn, folderOf } from "../base/files.ts";
import { type Split, SPLITS } from "../base/split.ts";
import { readLabels } from "../datasets/mnist_idx.ts";
import { classesSaid, isImages, labelsOf, splitsSaid } from "../datasets/mnist_pairs.ts";
import { classOfFile } from "../datasets/quickdraw/file_class.ts";
import { QUICKDRAW_CATEGORIES } from "../datasets/quickdraw/quickdraw_categories.ts";
import { readShard, readShardIndex } from "../shards/shard_reader.ts";
import { baseName, openSource } from "../sources/source.ts";
import { type FormatFile, readBitmapsOf } from "./format_reader.ts";
import type { NamedBitmap } from "./picture_files.ts";

/** A bitmap, the split that its file has it in where that is said, and whether its class is more than the file's name. */
export type PlacedBitmap = NamedBitmap & { readonly split?: Split; readonly isNamed: boolean };

/**
 * Bitmaps with what is known of each: of shards the class, the split and the place in it.
 *
 * @param className The class of those that name none, and of IDX files whatever their labels say.
 * @param tell Gets what is to be said of the file.
 * @throws {InputError} When the file cannot be used, or its labels cannot.
 */
export async function* namedBitmaps(
  file: FormatFile,
  className = "",
  tell: (note: string) => void = () => {},
): AsyncGenerator<PlacedBitmap> {
  const { path, side, format } = file;
  const cells = side * side;
  if (format.name !== "shards") {
    const known = new Set(QUICKDRAW_CATEGORIES);
    const word = className || classOfFile(baseName(path), known);
    if (file.isTransposed) tell(swappedBack(path));
    const { split, classes } = format.name === "idx" ? await saidOf(path, className !== "", tell) : {};
    let place = 0;
    for await (const pixels of readBitmapsOf(file)) {
      for (let at = 0; at < pixels.length; at += cells, place++) {
        const own = classes?.[place] ?? word;
        const isNamed = className !== "" || classes !== undefined || known.has(word);
        yield { pixels: pixels.subarray(at, at + cells), side, className: own, isNamed, ...(split ? { split } : {}) };
      }
    }
    return;
  }
  const { classes, splits, fields } = await readShardIndex(path);
  for (const split of SPLITS) {
    let place = 0;
    for (const entry of splits[split].shards) {
      const { image, label } = await readShard(path, entry, [
        "image",
        ...Object.hasOwn(fields, "label") ? ["label"] : [],
      ]);
      const pixels = image.data as Uint8Array;
      for (let i = 0; i < entry.examples; i++) {
        const name = `${split}-${String(place++).padStart(6, "0")}`;
        const word = label === undefined ? className : classes[Number(label.data[i])];
        yield {
          pixels: pixels.subarray(i * cells, (i + 1) * cells),
          side,
          className: word,
          isNamed: word !== "",
          name,
          split,
        };
      }
    }
  }
}

/** What is told of a file whose bitmaps are swapped back as they are read. */
export function swappedBack(path: string): string {
  return `${baseName(path)}: rows and columns swapped back, for its name says emnist`;
}

/** What an IDX file's name and the files beside it say of its bitmaps. */
interface Said {
  readonly split?: Split;
  /** The class of each. */
  readonly classes?: readonly string[];
}

/**
 * What is said of a file of MNIST's images, or of a set that is made like it; nothing of any other.
 *
 * @param isNamed Whether its class is known, so that no labels are looked for.
 * @throws {InputError} When the labels are none, are not as many as the images, or stand for no class.
 */
async function saidOf(path: string, isNamed: boolean, tell: (note: string) => void): Promise<Said> {
  if (!isImages(path)) return {};
  const name = baseName(path);
  const [split, another] = splitsSaid(name);
  const said = split === undefined || another !== undefined ? {} : { split };
  if (isNamed) return said;
  const folder = path.slice(0, path.length - name.length);
  const names = await fileNamesIn(folderOf(path));
  const sources = names.map((name) => openSource({ path: `${folder}${name}` }));
  const { labels, notes } = await labelsOf(path, sources);
  notes.forEach(tell);
  if (labels === undefined) return said;
  const { names: classNames, mapping } = await classesSaid(path, sources);
  if (mapping !== undefined) tell(`${name}: classes as ${mapping} names them`);
  const classes = Array.from(await readLabels(labels, openSource({ path })), (label, i) => {
    const className = classNames === undefined ? String(label) : classNames[label];
    if (className) return className;
    throw new InputError(`${labels.path}: label ${label} of image ${i + 1} stands for no class`);
  });
  return { ...said, classes };
}
