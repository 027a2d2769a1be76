/**
 * Whether a classifier can read what a model will draw, before that is trained.
 *
 * @module
 */
import { isAble, type Model } from "../../models/model.ts";
import { imageSizeOf } from "../../pipelines/batches/batch_fields.ts";
import type { DataDescription } from "../../pipelines/dataset.ts";
import { withClassifier } from "./generation_classes.ts";
import { placesOf } from "./glyph_reading.ts";
import { refuseLacking } from "./judges.ts";
import { LETTERS } from "./sequences.ts";
import { checkReader } from "./stroke_reading.ts";

/**
 * Checks a classifier as evaluation does. The backend must have been started.
 *
 * @param folder The classifier's run.
 * @param drawing The model, its name, and the data that it is to be trained on.
 * @throws {InputError} When the model does not draw, or the run is no classifier of what it draws.
 */
export async function checkFits(
  folder: string,
  { model, name, data }: { readonly model: Model; readonly name: string; readonly data: DataDescription },
): Promise<void> {
  refuseLacking(model, name, { classifier: folder });
  if (isAble(model, "images") && Object.hasOwn(data.fields, "image")) {
    const { side } = imageSizeOf(data, "image");
    await withClassifier(folder, { side, channels: model.images.channels }, () => Promise.resolve());
  }
  if (isAble(model, "strokes")) await checkReader(folder, data.classes);
  if (isAble(model, "glyphs")) {
    const { side, answer } = model.glyphs;
    const characters = data.fields[answer]?.characters ?? LETTERS;
    await withClassifier(folder, { side, channels: 1 }, (reader) => Promise.resolve(placesOf(reader, characters)));
  }
}
