/**
 * Where Google keeps Quick, Draw!: a file a category, in five forms. Browser safe.
 *
 * @module
 */
import type { DatasetDownloads } from "../../dataset.ts";
import { InputError } from "../../base/errors.ts";
import { nearest } from "../../base/nearest.ts";
import type { Option } from "../../base/option_table.ts";
import { QUICKDRAW_CATEGORIES } from "./quickdraw_categories.ts";

/** Source: https://github.com/googlecreativelab/quickdraw-dataset#get-the-data */
const BUCKET = "https://storage.googleapis.com/quickdraw_dataset/";

/** Simplified and raw ndjson, packed strokes, 28 x 28 pictures, and 75,000 drawings as stroke-3. */
const FORMS = {
  simplified: { folder: "full/simplified", extension: "ndjson" },
  raw: { folder: "full/raw", extension: "ndjson" },
  binary: { folder: "full/binary", extension: "bin" },
  bitmap: { folder: "full/numpy_bitmap", extension: "npy" },
  sketchrnn: { folder: "sketchrnn", extension: "npz" },
} as const;

/** What chooses categories. */
type Chosen = { readonly classes: Option<readonly string[]> };

/** The files of the categories that `classes` names, all 345 when it names none. */
export const QUICKDRAW_DOWNLOADS: DatasetDownloads<Chosen> = {
  forms: Object.keys(FORMS),
  readable: ["simplified", "raw", "binary", "sketchrnn"],
  options: ["classes"],

  list({ classes }, form) {
    const { folder, extension } = FORMS[form as keyof typeof FORMS];
    const wanted = classes.length > 0 ? [...new Set(classes)] : QUICKDRAW_CATEGORIES;
    const unknown = wanted.filter((name) => !QUICKDRAW_CATEGORIES.includes(name));
    if (unknown.length > 0) {
      const each = unknown.map((name) => `${name}: no such category${nearest(name, QUICKDRAW_CATEGORIES)}`);
      throw new InputError(`--classes: ${each.join(" ")}`);
    }
    return wanted.map((name) => {
      const file = `${name}.${extension}`;
      return { name: file, mirrors: [`${BUCKET}${folder}/${encodeURIComponent(file)}`] };
    });
  },
};

/** The same files, as 28 x 28 pictures. */
export const QUICKDRAW_BITMAP_DOWNLOADS: DatasetDownloads<Chosen> = {
  ...QUICKDRAW_DOWNLOADS,
  forms: ["bitmap"],
  readable: ["bitmap"],
};
