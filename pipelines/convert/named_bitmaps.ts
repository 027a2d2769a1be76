/**
 * Bitmaps with their classes: those of shards, and of IDX files whose labels are beside them.
 *
 * @module
 */
import { InputError } from "../base/errors.ts";
import { exists } from "../base/files.ts";
import { type Split, SPLITS } from "../base/split.ts";
import { classOfFile } from "../datasets/quickdraw/file_class.ts";
import { QUICKDRAW_CATEGORIES } from "../datasets/quickdraw/quickdraw_categories.ts";
import { readShard, readShardIndex } from "../shards/shard_reader.ts";
import { baseName } from "../sources/source.ts";
import { type FormatFile, openFormat, readArrays, readBitmapsOf } from "./format_reader.ts";
import type { NamedBitmap } from "./picture_files.ts";

/** A bitmap, and the split that its file has it in; left out where that is not said. */
export type PlacedBitmap = NamedBitmap & { readonly split?: Split };

/** Bitmaps with what is known of each: of shards the class, the split and the place in it. */
export async function* namedBitmaps(file: FormatFile, className = ""): AsyncGenerator<PlacedBitmap> {
  const { path, side, format } = file;
  const cells = side * side;
  if (format.name !== "shards") {
    const word = className || classOfFile(baseName(path), new Set(QUICKDRAW_CATEGORIES));
    const labels = format.name === "idx" ? await labelsBeside(path) : undefined;
    const split = labels && splitIn(path);
    let place = 0;
    for await (const pixels of readBitmapsOf(file)) {
      for (let at = 0; at < pixels.length; at += cells, place++) {
        const own = className || labels === undefined ? word : String(labels[place]);
        yield { pixels: pixels.subarray(at, at + cells), side, className: own, ...(split ? { split } : {}) };
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
        yield { pixels: pixels.subarray(i * cells, (i + 1) * cells), side, className: word, name, split };
      }
    }
  }
}

/**
 * The labels that belong to a file of MNIST's images, whose name differs by one word; undefined where there is none.
 *
 * @throws {InputError} When it holds no whole numbers.
 */
async function labelsBeside(path: string): Promise<ArrayLike<number> | undefined> {
  const other = path.replace(/images([-.])idx3(-ubyte(\.gz)?)$/, "labels$1idx1$2");
  if (other === path || !await exists(other)) return undefined;
  const [labels] = Object.values(await readArrays(await openFormat({ path: other })));
  if (labels.dtype !== "uint8" || labels.shape.length !== 1) {
    throw new InputError(`${other}: ${labels.dtype} [${labels.shape}], expected labels, uint8 [N]`);
  }
  return labels.data as Uint8Array;
}

/** What a file's name says of its split. */
function splitIn(path: string): Split | undefined {
  const name = baseName(path);
  return /^(t\d+k|test)\b/.test(name) ? "test" : /^train\b/.test(name) ? "train" : undefined;
}
