/**
 * Which options of an augmentation concern what a model reads: strokes, or images.
 *
 * @module
 */
import { InputError } from "../../pipelines/base/errors.ts";
import { pictureForm } from "../../pipelines/dataset.ts";
import type { ShardIndex } from "../../pipelines/shards/shard_index.ts";
import type { Augmentation } from "../../pipelines/strokes/augmentation.ts";
import { flagOf } from "../cli/option_values.ts";
import type { RunSettings } from "../runs/settings.ts";

/** Whether strokes are among the fields that a model reads. */
export function readsStrokes(fields: readonly string[]): boolean {
  return fields.some((name) => ["stroke_index", "stroke3"].includes(name));
}

/** The options that change nothing of these fields. */
export function idleOptions(augmentation: Augmentation, fields: readonly string[]): string[] {
  const { options, drawingOptions = Object.keys(options), images } = augmentation;
  const read = [
    ...readsStrokes(fields) ? drawingOptions : [],
    ...fields.includes("image") ? images?.options ?? [] : [],
  ];
  return Object.keys(options).filter((name) => !read.includes(name));
}

/** Whether a run changes what it reads. */
export function isAugmented({ augmentation, augment }: Pick<RunSettings, "augmentation" | "augment">): boolean {
  return augmentation.changes(augment) || augmentation.images?.changes(augment) === true;
}

/**
 * Checks that each option that is not left at its default changes what a model reads of the data.
 *
 * @throws {InputError} When one does not.
 */
export function checkAugmented(
  index: ShardIndex,
  { model, fields, augmentation, augment }:
    & Pick<RunSettings, "model" | "augmentation" | "augment">
    & { readonly fields: readonly string[] },
): void {
  const given = Object.entries(augmentation.options).filter(([name, { value }]) => `${value}` !== `${augment[name]}`);
  const idle = idleOptions(augmentation, fields);
  for (const [name] of given) {
    const flag = flagOf(`augment.${name}`);
    if (idle.includes(name)) {
      const { drawingOptions, images } = augmentation;
      const what = [
        ...drawingOptions?.includes(name) ?? true ? ["strokes"] : [],
        ...images?.options.includes(name) ? ["images"] : [],
      ];
      throw new InputError(`${flag} changes ${what.join(" and ")}, which ${model.name} does not read of this data`);
    }
    if (name === "saturation" && !readsStrokes(fields) && pictureForm(index.fields.image)?.colour === false) {
      throw new InputError(`${flag} changes colours, and the images of this data are grey`);
    }
  }
}
