/**
 * What augmentation makes of drawings: a contact sheet for a person to judge before the training has cost an hour.
 *
 * @module
 */
import { type AugmentRequest, readBatches } from "../../pipelines/batches/batch.ts";
import { contactSheet, type SheetDrawing } from "../../pipelines/images/contact_sheet.ts";
import { encodePng } from "../../pipelines/images/png.ts";
import { writeAtomic } from "../../pipelines/base/files.ts";
import { addressOf } from "../../pipelines/base/spec_module.ts";
import type { RunSettings } from "../runs/settings.ts";

const DRAWINGS = 8;
const VERSIONS = 5;

/** Writes a sheet of some training drawings, the plain one in the first row and what five epochs see of it below. */
export async function writeAugmentSheet(path: string, { data, augmentation, augment }: RunSettings): Promise<void> {
  const plain = await firstMaps(data);
  const request = { address: await addressOf(augmentation, "augmentation"), options: augment };
  const rows = [plain];
  for (let seed = 1; seed <= VERSIONS; seed++) rows.push(await firstMaps(data, request, seed));
  const size = Math.sqrt(plain[0].map.length);
  const options = { size, columns: plain.length, scale: Math.max(1, Math.round(128 / size)) };
  await writeAtomic(path, encodePng(contactSheet(rows.flat(), options)));
}

/** The first drawings of the train split in shard order, each drawn anew by the seed. */
async function firstMaps(data: string, augment?: AugmentRequest, augmentSeed = 0): Promise<SheetDrawing[]> {
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
