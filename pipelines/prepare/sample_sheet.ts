/**
 * A contact sheet of prepared shards: the first training examples of each class, a row a class.
 *
 * @module
 */
import type { ShardIndex } from "../shards/shard_index.ts";
import { decodeText, elementCount, type FieldArray, type Fields, type NdArray, typedArray } from "../base/arrays.ts";
import { SPLITS } from "../base/split.ts";
import { pictureForm } from "../dataset.ts";
import { contactSheet, type SheetDrawing } from "../images/contact_sheet.ts";
import { pictureRow, rowWidth } from "../images/picture_row.ts";
import { readLookups } from "../shards/bank.ts";
import { readShard } from "../shards/shard_reader.ts";
import { release } from "../base/bytes.ts";
import { writeAtomic } from "../base/files.ts";
import { encodePng, type Image } from "../images/png.ts";

const SHEET_CLASSES = 20;

const PER_CLASS = 10;
/** Pixels across of a sheet of rows of pictures, about. */
const SHEET_WIDTH = 1400;

/** Writes `contact_sheet.png`, a picture of the first training examples of each class, a row a class. */
export async function writeContactSheet(folder: string, index: ShardIndex): Promise<void> {
  const sheet = await exampleSheet(folder, index);
  if (sheet !== undefined) await writeAtomic(`${folder}/contact_sheet.png`, encodePng(sheet));
}

/**
 * Paints the first training examples of each class.
 *
 * @returns Undefined where no field is a picture.
 * @throws {InputError} When a shard cannot be used.
 */
export async function exampleSheet(folder: string, index: ShardIndex): Promise<Image | undefined> {
  const { picture, fields } = index;
  if (picture === undefined) return undefined;
  const split = SPLITS.find((split) => index.splits[split].shards.length > 0)!;
  const { side, count, colour } = pictureForm(fields[picture.field])!;
  const shown = [picture.field, ...picture.beside === undefined ? [] : [picture.beside]];
  const isRow = count > 1 || shown.length > 1;
  const width = isRow ? rowWidth(shown.map((name) => fields[name].shape[0]), side) : side;
  const scale = Math.max(1, Math.round((isRow ? 48 : 96) / side));
  const columns = isRow ? [5, 2].find((most) => most * scale * width <= SHEET_WIDTH) ?? 1 : PER_CLASS;
  const kind = { grey: picture.grey, light: picture.light ?? false, colour };
  const lookups = await readLookups(folder, index, Object.fromEntries(shown.map((name) => [name, fields[name]])));
  const texts = textFields(fields);
  const stored = [...new Set(shown.map((name) => lookups[name]?.by ?? name)), ...texts, "label"];
  const perClass: SheetDrawing[][] = index.classes.slice(0, SHEET_CLASSES).map(() => []);
  for (const shard of index.splits[split].shards.slice(0, 4)) {
    const arrays = await readShard(folder, shard, stored);
    (arrays.label.data as Uint8Array).forEach((label, i) => {
      const row = perClass[label];
      if (row === undefined || row.length === PER_CLASS) return;
      const pictures = shown.map((name) => {
        if (!Object.hasOwn(lookups, name)) return valuesOf(arrays[name], i).slice() as Uint8Array;
        const values = typedArray("uint8", elementCount(fields[name].shape));
        lookups[name].look(valuesOf(arrays[lookups[name].by], i), values);
        return values;
      });
      const map = isRow ? pictureRow(pictures, side) : pictures[0]; // [side, width] or [side, side, 3]
      row.push({ map, ...kind, caption: textOf(arrays, i, fields) || index.classes[label] });
    });
    for (const { data } of Object.values(arrays)) release(data);
    if (perClass.every((row) => row.length === PER_CLASS)) break;
  }
  const blank: SheetDrawing = {
    map: new Uint8Array(side * width * (colour ? 3 : 1)).fill(colour || picture.light ? 255 : 0),
    ...kind,
  };
  const rows = perClass.filter((row) => row.length > 0)
    .flatMap((row) => [...row, ...Array(PER_CLASS - row.length).fill(blank)]);
  return contactSheet(rows, { size: side, width, columns, scale });
}

/** The first training examples as texts; none where no field is one. */
export async function exampleTexts(folder: string, index: ShardIndex, most: number): Promise<string[]> {
  const { fields, splits } = index;
  const split = SPLITS.find((split) => splits[split].shards.length > 0)!;
  const names = textFields(fields);
  if (names.length === 0) return [];
  const [shard] = splits[split].shards;
  const arrays = await readShard(folder, shard, names);
  return Array.from({ length: Math.min(most, shard.examples) }, (_, i) => textOf(arrays, i, fields));
}

const textFields = (fields: Fields): string[] =>
  Object.keys(fields).filter((name) => fields[name].characters !== undefined);

/** One example's texts, those of several fields with an equals sign between; empty where no field is one. */
function textOf(arrays: Readonly<Record<string, NdArray>>, i: number, fields: Fields): string {
  return textFields(fields).map((name) => decodeText(valuesOf(arrays[name], i), fields[name].characters!)).join(" = ");
}

/** One example's values of an array. */
function valuesOf({ data, shape: [, ...inner] }: NdArray, i: number): FieldArray {
  const length = elementCount(inner);
  return data.subarray(i * length, (i + 1) * length);
}
