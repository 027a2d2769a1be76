/**
 * The judging of a classifier: it answers for every example and, where it reads strokes, after each of the first ones.
 *
 * B batch.
 *
 * @module
 */
import type { PlacedBatch } from "../../pipelines/batches/batch.ts";
import { fieldOf } from "../../pipelines/batches/batch_fields.ts";
import type { PictureField } from "../../pipelines/dataset.ts";
import type { SheetDrawing } from "../../pipelines/images/contact_sheet.ts";
import { type Classification, type ExampleContext, tallyClassification } from "./classification_tally.ts";
import type { Judge, JudgedRun } from "./judge.ts";

const WORST_MISTAKES = 24;

/** Judges a model that classifies. */
export const classificationJudge: Judge<"classify", Classification, readonly SheetDrawing[] | undefined> = {
  ability: "classify",
  lacking: "does not classify",
  options: {},
  begin(_model, run) {
    const { classes, labels: among = [...classes.keys()], strokes, picture, fields } = run;
    const tally = tallyClassification(classes, { strokes, worst: WORST_MISTAKES, among });
    return {
      fields: ["label", "key_id", ...picture ? [picture.field] : []].filter((name) => Object.hasOwn(fields, name)),
      readsTrain: false,
      add(batch, answers) {
        if (answers === undefined) throw new TypeError("Cannot judge a classifier without its answers");
        const labels = fieldOf(batch, "label"); // [B]
        const counts = strokes > 0 ? fieldOf(batch, "stroke_count") : new Uint8Array(batch.size); // [B]
        for (const [i, logProbs] of answers.prefixes.entries()) tally.addEarly(i + 1, logProbs, { labels, counts });
        tally.add(answers.whole, labels, contextsOf(batch, run));
      },
      finish() {
        const { classification, pictures } = tally.finish();
        return { score: classification, pictures: picture && pictures };
      },
    };
  },
};

/** What identifies and shows each example of a batch. */
function contextsOf(batch: PlacedBatch, { split, picture }: JudgedRun): ExampleContext[] {
  const keys = batch.fields.key_id as BigUint64Array | undefined; // [B]
  return Array.from({ length: batch.size }, (_, i) => ({
    example: keys === undefined ? `${split} ${batch.seen - batch.size + i}` : `key_id ${keys[i]}`,
    ...(picture ? { picture: examplePicture(batch, i, picture) } : {}),
  }));
}

/** How an example of a batch looks. */
export function examplePicture(
  batch: PlacedBatch,
  i: number,
  { field, grey, light = false }: PictureField,
): SheetDrawing {
  const maps = batch.fields[field] as Uint8Array; // [B, size, size] or [B, size, size, 3]
  const cells = maps.length / batch.size;
  const colour = !Number.isInteger(Math.sqrt(cells)); // 3 S S is no square number
  return { map: maps.subarray(i * cells, (i + 1) * cells), grey, light, colour };
}
