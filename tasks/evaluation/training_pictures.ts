/**
 * What a model that is being trained draws, for TensorBoard: from the same random numbers at each evaluation.
 *
 * @module
 */
import { type Abilities, isAble } from "../../models/model.ts";
import { InputError } from "../../pipelines/base/errors.ts";
import type { SavedModel } from "../runs/saved_model.ts";
import { isEncoder } from "./picture_codes.ts";
import { sample, type SampleKind } from "./samplers.ts";

/** Samples in a picture. */
const COUNT = 16;

/**
 * Makes pictures: samples, and what is drawn again of examples of valid where a model of images can do that. One without a
 * prior draws again alone: to draw samples it would have to look at the training examples each time.
 *
 * @param onNote Is told once of a picture that cannot be made.
 * @returns A function that gives PNG files by name, none where a model draws nothing.
 */
export function trainingPictures(
  onNote: (note: string) => void,
): (trained: Omit<SavedModel, "notes">) => Promise<Record<string, Uint8Array>> {
  const failed = new Set<SampleKind>();
  return async (trained) => {
    const found: Record<string, Uint8Array> = {};
    for (const kind of kindsOf(trained.model).filter((kind) => !failed.has(kind))) {
      try {
        const formats = isAble(trained.model, "strokes") ? { formats: ["png"] as const } : {};
        const what = kind === "samples" ? { count: COUNT } : { split: "valid" } as const;
        const pictures = await sample({ ...trained, notes: [] }, { kinds: [kind], seed: 0, ...what, ...formats });
        const png = pictures.find(({ file }) => file.endsWith(".png"));
        if (png) found[kind] = png.bytes;
      } catch (error) {
        if (!(error instanceof InputError)) throw error;
        failed.add(kind); // a picture is no reason to end a training
        onNote(`no picture of ${kind}: ${error.message}`);
      }
    }
    return found;
  };
}

function kindsOf(model: Abilities): SampleKind[] {
  const kinds: SampleKind[] = [];
  if (isAble(model, "strokes") || isAble(model, "images") && model.images.prior === "normal") kinds.push("samples");
  if (isAble(model, "images") && isEncoder(model.images)) kinds.push("reconstructions");
  return kinds;
}
