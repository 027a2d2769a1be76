/**
 * The table of samplers, one line each, and the pictures that they make of a run's model.
 *
 * @module
 */
import { type Abilities, isAble } from "../../models/model.ts";
import { InputError } from "../../pipelines/base/errors.ts";
import { mergeOptions } from "../../pipelines/base/option_table.ts";
import type { SavedModel } from "../runs/saved_model.ts";
import { type ImageKind, imageSampler } from "./generation_pictures.ts";
import type { NamedPicture, PictureSettings, Sampler } from "./sampler.ts";

/** A kind of picture. */
export type SampleKind = ImageKind;

/** Every sampler. */
const SAMPLERS: readonly Sampler<keyof Abilities, SampleKind>[] = [
  imageSampler,
];

/** Every kind of picture. */
export const SAMPLE_KINDS: readonly SampleKind[] = [...new Set(SAMPLERS.flatMap(({ kinds }) => kinds))];

/** The options of {@linkcode sample}. */
export const SAMPLE_OPTIONS = {
  kinds: {
    value: SAMPLE_KINDS,
    choices: SAMPLE_KINDS,
    help: "samples; steps: the canvas after each step with what was written where, still and moving; fixed: images " +
      "that share one step's latent; interpolation: lines from one image to another; kernels: learned convolutions",
  },
  count: { value: 100, help: "images in a picture of many, 1 or more", min: 1, whole: true },
  seed: { value: 0, help: "of what is drawn at random; 0 to 4294967295", min: 0, max: 2 ** 32 - 1, whole: true },
} as const;

/**
 * Pictures of what a run's model makes.
 *
 * @param saved As `loadModel` gives it.
 * @param settings How many, of which seed, and which kinds: {@linkcode SAMPLE_KINDS}, all when left out.
 * @returns PNG and GIF files by name.
 * @throws {RangeError} When the count is not 1 or more, or there is no such kind.
 * @throws {InputError} When the model makes nothing that can be shown.
 */
export async function sample(
  { model, spec }: SavedModel,
  { kinds = SAMPLE_KINDS, ...settings }: PictureSettings & { readonly kinds?: readonly SampleKind[] },
): Promise<NamedPicture[]> {
  mergeOptions(SAMPLE_OPTIONS, { kinds, ...settings }, "sampling");
  const able = SAMPLERS.flatMap(({ ability, kinds: own, draw }) =>
    isAble(model, ability) ? [() => draw(model, kinds.filter((kind) => own.includes(kind)), settings)] : []
  );
  if (able.length === 0) throw new InputError(`${spec.name} draws nothing`);
  const pictures: NamedPicture[] = [];
  for (const draw of able) pictures.push(...await draw());
  return pictures;
}
