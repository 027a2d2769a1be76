/**
 * The table of samplers, one line each, and the pictures that they make of a run's model.
 *
 * @module
 */
import { type Abilities, isAble } from "../../models/model.ts";
import { InputError } from "../../pipelines/base/errors.ts";
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

/**
 * Pictures of what a run's model makes.
 *
 * @param saved As `loadModel` gives it.
 * @param settings How many, of which seed, and which kinds: {@linkcode SAMPLE_KINDS}, all when left out.
 * @returns PNG and GIF files by name.
 * @throws {InputError} When the model makes nothing that can be shown.
 */
export async function sample(
  { model, spec }: SavedModel,
  { kinds = SAMPLE_KINDS, ...settings }: PictureSettings & { readonly kinds?: readonly SampleKind[] },
): Promise<NamedPicture[]> {
  const able = SAMPLERS.flatMap(({ ability, kinds: own, draw }) =>
    isAble(model, ability) ? [() => draw(model, kinds.filter((kind) => own.includes(kind)), settings)] : []
  );
  if (able.length === 0) throw new InputError(`${spec.name} draws nothing`);
  const pictures: NamedPicture[] = [];
  for (const draw of able) pictures.push(...await draw());
  return pictures;
}
