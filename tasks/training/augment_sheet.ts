/**
 * What augmentation makes of drawings: a contact sheet for a person to judge before the training has cost an hour.
 *
 * @module
 */
import { readBatches } from "../../pipelines/batches/batch.ts";
import { contactSheet, type SheetDrawing } from "../../pipelines/images/contact_sheet.ts";
import type { AugmentOptions } from "../../pipelines/strokes/augment.ts";
import { encodePng } from "../../pipelines/images/png.ts";
import { writeAtomic } from "../../pipelines/base/files.ts";
import type { TrainSettings } from "../runs/settings.ts";

const DRAWINGS = 8;
const VERSIONS = 5;

/** Writes a sheet of some training drawings, the plain one in the first row and what five epochs see of it below. */
export async function writeAugmentSheet(path: string, settings: TrainSettings): Promise<void> {
  const plain = await firstMaps(settings, undefined, 0);
  const rows = [plain];
  for (let seed = 1; seed <= VERSIONS; seed++) rows.push(await firstMaps(settings, settings.augment, seed));
  const size = Math.sqrt(plain[0].map.length);
  const options = { size, columns: plain.length, scale: Math.max(1, Math.round(128 / size)) };
  await writeAtomic(path, encodePng(contactSheet(rows.flat(), options)));
}

/** The first drawings of the train split in shard order, each drawn anew by the seed. */
async function firstMaps(
  { data }: TrainSettings,
  augment: AugmentOptions | undefined,
  augmentSeed: number,
): Promise<SheetDrawing[]> {
  const options = { folder: data, split: "train", batchSize: DRAWINGS, fields: ["stroke_index"], epochs: 1 } as const;
  for await (const { size, fields } of readBatches({ ...options, ...(augment ? { augment, augmentSeed } : {}) })) {
    const maps = fields.stroke_index as Uint8Array; // [N, size, size]
    const cells = maps.length / size;
    return Array.from({ length: size }, (_, i) => ({
      map: maps.slice(i * cells, (i + 1) * cells),
      caption: augment ? `version ${augmentSeed}` : "as drawn",
    }));
  }
  return [];
}
