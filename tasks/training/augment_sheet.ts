/**
 * What augmentation makes of drawings or images: a contact sheet for a person to judge before the training has cost an hour.
 *
 * @module
 */
import { type AugmentRequest, readBatches } from "../../pipelines/batches/batch.ts";
import { contactSheet, type SheetDrawing } from "../../pipelines/images/contact_sheet.ts";
import { encodePng } from "../../pipelines/images/png.ts";
import { writeAtomic } from "../../pipelines/base/files.ts";
import { addressOf } from "../../pipelines/base/spec_module.ts";
import { pictureForm } from "../../pipelines/dataset.ts";
import { readShardIndex } from "../../pipelines/shards/shard_reader.ts";
import type { RunSettings } from "../runs/settings.ts";
import { readsStrokes } from "./augmented_fields.ts";

const EXAMPLES = 8;
const VERSIONS = 5;

/** What a sheet shows: a field of maps or pictures. */
interface Shown extends Pick<SheetDrawing, "grey" | "colour" | "light"> {
  readonly field: string;
}

/**
 * Writes a sheet of some training examples, the plain ones in the first row and what five epochs see of them below.
 *
 * @param fields Those that the model reads: its drawings are shown, or else its images.
 */
export async function writeAugmentSheet(
  path: string,
  { data, augmentation, augment }: Pick<RunSettings, "data" | "augmentation" | "augment">,
  fields: readonly string[],
): Promise<void> {
  const index = await readShardIndex(data);
  const field = readsStrokes(fields) ? "stroke_index" : "image";
  const { side, colour } = pictureForm(index.fields[field])!;
  const shown = { field, colour, grey: field === "image", light: index.picture?.light ?? false };
  const plain = await firstExamples(data, shown);
  const request = { address: await addressOf(augmentation, "augmentation"), options: augment };
  const rows = [plain];
  for (let seed = 1; seed <= VERSIONS; seed++) rows.push(await firstExamples(data, shown, { augment: request, seed }));
  const options = { size: side, columns: plain.length, scale: Math.max(1, Math.round(128 / side)) };
  await writeAtomic(path, encodePng(contactSheet(rows.flat(), options)));
}

/** The first examples of the train split in shard order, each changed anew by the seed. */
async function firstExamples(
  folder: string,
  { field, ...kind }: Shown,
  { augment, seed = 0 }: { readonly augment?: AugmentRequest; readonly seed?: number } = {},
): Promise<SheetDrawing[]> {
  const options = { folder, split: "train", batchSize: EXAMPLES, fields: [field], epochs: 1 } as const;
  for await (const { size, fields } of readBatches({ ...options, ...augment ? { augment, augmentSeed: seed } : {} })) {
    const maps = fields[field] as Uint8Array; // [N, side, side] or [N, side, side, 3]
    const cells = maps.length / size;
    const original = field === "image" ? "as it is" : "as drawn";
    return Array.from({ length: size }, (_, i) => ({
      ...{ map: maps.slice(i * cells, (i + 1) * cells), ...kind },
      caption: augment ? `version ${seed}` : original,
    }));
  }
  return [];
}
