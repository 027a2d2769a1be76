/**
 * The table of samplers, one line each, and the pictures that they make of a run's model.
 *
 * @module
 */
import { type Abilities, isAble } from "../../models/model.ts";
import { fieldsRead } from "../../models/model_spec.ts";
import { InputError } from "../../pipelines/base/errors.ts";
import {
  checkNames,
  defaultsOf,
  idleFault,
  mergeOptions,
  type Option,
  type OptionTable,
  type PartialOptions,
} from "../../pipelines/base/option_table.ts";
import { flagOf } from "../cli/option_values.ts";
import type { SavedModel } from "../runs/saved_model.ts";
import { IMAGE_SAMPLER_OPTIONS, type ImageKind, imageSampler } from "./image_sampler.ts";
import type { LatentChoice } from "./latent_source.ts";
import { EXAMPLE_OPTIONS, type NamedPicture, type PictureSettings, type Sampler } from "./sampler.ts";
import { STROKE_SAMPLER_OPTIONS, type StrokeKind, strokeSampler } from "./stroke_sampler.ts";

/** A kind of picture. */
export type SampleKind = ImageKind | StrokeKind;

/** Every sampler. */
const SAMPLERS: readonly Sampler<keyof Abilities, SampleKind>[] = [
  imageSampler,
  strokeSampler,
];

/** Every kind of picture. */
export const SAMPLE_KINDS: readonly SampleKind[] = [...new Set(SAMPLERS.flatMap(({ kinds }) => kinds))];

/** The options of {@linkcode sample} that all samplers have. */
export const SAMPLE_OPTIONS = {
  kinds: {
    value: SAMPLE_KINDS,
    choices: SAMPLE_KINDS,
    help:
      "samples; reconstructions beside what was seen; interpolation: ways from one to another; arithmetic, z1 - z2 + z3, " +
      "of images by the mean latents of classes; of images: sweep, one latent changed; nearest, the training images " +
      "nearest to samples; steps, the canvas after each step with what was written where, still and moving; fixed, " +
      "images that share one step's latent; kernels, learned convolutions; of strokes: temperatures, 0.2 to 0.9; " +
      "completions of drawings that were begun",
  },
  count: { value: 100, help: "samples in a picture of many, 1 or more", min: 1, whole: true },
  seed: { value: 0, help: "of what is drawn at random; 0 to 4294967295", min: 0, max: 2 ** 32 - 1, whole: true },
} as const;

/** The options of all samplers. */
export const SAMPLER_OPTIONS = {
  ...STROKE_SAMPLER_OPTIONS,
  ...IMAGE_SAMPLER_OPTIONS,
  ...EXAMPLE_OPTIONS, // of which each sampler says by itself when it reads them
} as const satisfies Readonly<Record<string, Option>>;

/** What may be asked of {@linkcode sample}; options of samplers whose ability the model lacks are refused. */
export interface SampleSettings extends Partial<PictureSettings>, PartialOptions<typeof STROKE_SAMPLER_OPTIONS> {
  /** Of a model that draws images: what latents of samples are drawn from; `auto`, the prior where there is one, when left out. */
  readonly latents?: LatentChoice;
  /** {@linkcode SAMPLE_KINDS}; all when left out. */
  readonly kinds?: readonly SampleKind[];
  /** Is told what is worth saying, such as that something could not be shown. */
  readonly onNote?: (note: string) => void;
}

/**
 * Pictures of what a run's model makes.
 *
 * @param saved As `loadModel` gives it.
 * @param settings How many, of which seed, which kinds, and how.
 * @returns PNG, SVG and GIF files by name; what strokes draw as ndjson too.
 * @throws {TypeError} When there is no option of a name.
 * @throws {RangeError} When an option does not take its value, or there is no such kind.
 * @throws {InputError} When the model makes nothing that can be shown, or an option cannot be followed.
 */
export async function sample(
  { model, spec, state }: SavedModel,
  { kinds, onNote = () => {}, ...settings }: SampleSettings,
): Promise<NamedPicture[]> {
  const asked = kinds ?? SAMPLE_KINDS;
  const { count = SAMPLE_OPTIONS.count.value, seed = SAMPLE_OPTIONS.seed.value, ...given } = settings;
  mergeOptions(SAMPLE_OPTIONS, { kinds: asked, count, seed }, "sampling");
  checkNames(given, Object.keys(SAMPLER_OPTIONS), "sampling");
  const able = SAMPLERS.filter(({ ability }) => isAble(model, ability));
  if (able.length === 0) {
    throw new InputError(`${spec.name} draws nothing by itself; deno task evaluate shows what it makes of examples`);
  }
  for (const [option, value] of Object.entries(given)) {
    if (value === undefined || able.some(({ options }) => Object.hasOwn(options, option))) continue;
    const { lacking } = SAMPLERS.find(({ options }) => Object.hasOwn(options, option))!;
    throw new InputError(`${flagOf(option)}: ${spec.name} ${lacking}`);
  }
  const makers = able.filter(({ kinds: own }) => own.some((kind) => asked.includes(kind)));
  refuseUnread(makers, { pictures: asked, ...settings });
  const run = {
    ...{ count, seed, learnt: state.data, data: state.settings.data, isAsked: kinds !== undefined, onNote },
    model: { name: spec.name, fields: fieldsRead(spec, state.settings.modelOptions, state.data) },
  };
  const pictures: NamedPicture[] = [];
  for (const { ability, kinds: own, options, draw } of makers) {
    if (!isAble(model, ability)) continue;
    const values = Object.fromEntries(Object.entries(given).filter(([name]) => Object.hasOwn(options, name)));
    const about = { run, options: mergeOptions(options, values, "sampling") };
    pictures.push(...await draw(model, { ...about, kinds: asked.filter((kind) => own.includes(kind)) }));
  }
  if (pictures.length > 0) return pictures;
  throw new InputError(`${spec.name} as it was built has nothing to show for ${asked.join(", ")}`);
}

/**
 * Refuses what no sampler reads beside the kinds, and the other options, that were asked for.
 *
 * @throws {InputError} When there is such an option.
 */
function refuseUnread(
  samplers: readonly Sampler<keyof Abilities, SampleKind>[],
  given: Readonly<Record<string, unknown>>,
): void {
  const tables = samplers.map(({ options, heeds }): OptionTable => ({
    pictures: SAMPLE_OPTIONS.kinds,
    count: { ...SAMPLE_OPTIONS.count, of: { pictures: heeds.count } },
    seed: { ...SAMPLE_OPTIONS.seed, of: { pictures: heeds.seed } },
    ...options,
  }));
  for (const name of Object.keys(given).filter((name) => given[name] !== undefined)) {
    const faults = tables.filter((table) => Object.hasOwn(table, name))
      .map((table) => idleFault(table, { ...defaultsOf(table), ...given }, name, flagOf));
    const [fault] = faults;
    if (fault !== undefined && !faults.includes(undefined)) throw new InputError(fault);
  }
}
