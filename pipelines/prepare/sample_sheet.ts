/**
 * A contact sheet of prepared shards: the first training examples of each class, a row a class.
 *
 * @module
 */
import type { ShardIndex } from "../shards/shard_index.ts";
import { SPLITS } from "../base/split.ts";
import { contactSheet, type SheetDrawing } from "../images/contact_sheet.ts";
import { readShard } from "../shards/shard_reader.ts";
import { release } from "../base/bytes.ts";
import { writeAtomic } from "../base/files.ts";
import { encodePng } from "../images/png.ts";

const SHEET_CLASSES = 20;

const SHEET_COLUMNS = 10;

/** Writes `contact_sheet.png`, a picture of the first training examples of each class, a row a class. */
export async function writeContactSheet(folder: string, index: ShardIndex): Promise<void> {
  const { picture } = index;
  if (picture === undefined) return;
  const split = SPLITS.find((split) => index.splits[split].shards.length > 0)!;
  const [size, , channels = 1] = index.fields[picture.field].shape;
  const [cells, kind] = [size * size * channels, { grey: picture.grey, colour: channels === 3 }];
  const perClass: SheetDrawing[][] = index.classes.slice(0, SHEET_CLASSES).map(() => []);
  for (const shard of index.splits[split].shards.slice(0, 4)) {
    const arrays = await readShard(folder, shard, [picture.field, "label"]);
    const [maps, labels] = [arrays[picture.field].data as Uint8Array, arrays.label.data as Uint8Array];
    labels.forEach((label, i) => {
      const row = perClass[label];
      if (row === undefined || row.length === SHEET_COLUMNS) return;
      const map = maps.slice(i * cells, (i + 1) * cells); // [size, size] or [size, size, 3]
      row.push({ map, ...kind, caption: index.classes[label] });
    });
    for (const { data } of Object.values(arrays)) release(data);
    if (perClass.every((row) => row.length === SHEET_COLUMNS)) break;
  }
  const scale = Math.max(1, Math.round(96 / size));
  const blank: SheetDrawing = { map: new Uint8Array(cells).fill(kind.colour ? 255 : 0), ...kind };
  const rows = perClass.filter((row) => row.length > 0)
    .flatMap((row) => [...row, ...Array(SHEET_COLUMNS - row.length).fill(blank)]);
  await writeAtomic(
    `${folder}/contact_sheet.png`,
    encodePng(contactSheet(rows, { size, columns: SHEET_COLUMNS, scale })),
  );
}
