/**
 * Pictures of what a model of images makes: samples, pictures drawn again, the ways between them, and what its latents and
 * steps do.
 *
 * @module
 */
import { InputError } from "../../pipelines/base/errors.ts";
import { nearest } from "../../pipelines/base/nearest.ts";
import type { OptionValues } from "../../pipelines/base/option_table.ts";
import { Prng } from "../../pipelines/base/prng.ts";
import type { ImageDrawer } from "../../models/model.ts";
import type { Batch } from "../../pipelines/dataset.ts";
import { fixedSteps, kernels, samples, steps } from "./generation_pictures.ts";
import { type ImageExamples, openExamples } from "./image_examples.ts";
import { arithmetic, sweep } from "./image_latents.ts";
import { nearestSheet } from "./image_nearest.ts";
import { movingWays, randomWays, realWays, stillWays, type Way } from "./image_paths.ts";
import { type ImageStudio, inPairs, pngFile, tiled } from "./image_studio.ts";
import { picturesOf } from "./latent_rows.ts";
import { drawsByCodes, LATENT_OPTIONS, latentSource } from "./latent_source.ts";
import { CODED, codesOf, type Encoder, isEncoder, type PictureCodes, readCodes } from "./picture_codes.ts";
import { seenPictures } from "./seen_pictures.ts";
import { EXAMPLE_OPTIONS, type NamedPicture, type SampledRun, type Sampler } from "./sampler.ts";

/** A kind of picture of images. */
export type ImageKind =
  | "samples"
  | "reconstructions"
  | "interpolation"
  | "arithmetic"
  | "sweep"
  | "nearest"
  | "steps"
  | "fixed"
  | "kernels";

const IMAGE_KINDS: readonly ImageKind[] = [
  ...["samples", "reconstructions", "interpolation", "arithmetic", "sweep", "nearest", "steps", "fixed"] as const,
  "kernels",
];

/** Kinds that show nothing but what codes of the split's examples give, those that show some such, and all that read examples. */
const ENCODING: readonly ImageKind[] = ["reconstructions", "arithmetic"];
const SHOWING: readonly ImageKind[] = [...ENCODING, "interpolation"];
const READING: readonly ImageKind[] = [...SHOWING, "nearest"];
/** Kinds of models that draw in several steps. */
const STEPWISE: readonly ImageKind[] = ["steps", "fixed"];
/** Kinds that no latents are drawn for. */
const STILL: readonly ImageKind[] = ["reconstructions", "arithmetic", "kernels"];

/** The options of {@linkcode imageSampler}. */
export const IMAGE_SAMPLER_OPTIONS = {
  classes: { ...EXAMPLE_OPTIONS.classes, of: { pictures: ["arithmetic"] } },
  data: EXAMPLE_OPTIONS.data,
  split: { ...EXAMPLE_OPTIONS.split, of: { pictures: SHOWING } },
  latents: { ...LATENT_OPTIONS.latents, of: { pictures: IMAGE_KINDS.filter((kind) => !STILL.includes(kind)) } },
} as const;

type Options = OptionValues<typeof IMAGE_SAMPLER_OPTIONS>;

/** Pictures of a split that are shown, and how many in a row. */
const [SHOWN, ACROSS] = [64, 8];

/** Shows what a model of images makes. */
export const imageSampler: Sampler<"images", ImageKind, typeof IMAGE_SAMPLER_OPTIONS> = {
  ability: "images",
  lacking: "draws no images",
  kinds: IMAGE_KINDS,
  heeds: { count: ["samples", "nearest", "steps", "fixed"], seed: IMAGE_KINDS.filter((kind) => kind !== "kernels") },
  options: IMAGE_SAMPLER_OPTIONS,
  async draw({ images: drawer }, { kinds, run, options }) {
    const wanted = kinds.filter((kind) => canShow(drawer, kind, run));
    const needsCodes = drawsByCodes(drawer, options) && wanted.some((kind) => !STILL.includes(kind));
    const isReading = needsCodes || wanted.some((kind) => READING.includes(kind));
    if (options.data !== "" && !isReading) throw new InputError(`--data: ${kinds.join(", ")} show nothing of it`);
    const examples = isReading ? await examplesOf({ run, options, mustHave: needsCodes }) : undefined;
    const shown = new Shown(drawer, run, examples);
    const still = { drawer, settings: run };
    const codes = needsCodes ? await shown.codes() : undefined;
    const source = latentSource(drawer, codes);
    if (source && codes) run.onNote(`latents are drawn from ${source.name}`);
    const studio = (): ImageStudio => {
      if (source === undefined) {
        throw new RangeError("Cannot draw latents: the model has no prior and no codes were read");
      }
      return { ...still, source };
    };
    const makers: Record<ImageKind, () => Promise<readonly NamedPicture[]>> = {
      samples: () => samples(studio()),
      reconstructions: async () => [await reconstructions(still as EncoderStudio, await shown.batch())],
      interpolation: () => interpolations(studio(), shown),
      arithmetic: () => arithmeticSheet(still as EncoderStudio, shown, { run, options }),
      sweep: async () => [pngFile("sweep.png", (await sweep(studio())).picture)],
      nearest: async () => [pngFile("nearest.png", await nearestSheet(studio(), shown.examples!.train))],
      steps: () => steps(studio()),
      fixed: () => fixedSteps(studio()),
      kernels: () => kernels(drawer),
    };
    const files: NamedPicture[] = [];
    const isLacking = examples?.isEmpty === true && isEncoder(drawer);
    if (isLacking && wanted.some((kind) => SHOWING.includes(kind))) {
      run.onNote(
        `the ${options.split} split holds no example: nothing is shown of its pictures; --split takes another`,
      );
    }
    for (const kind of wanted) {
      if (examples === undefined && kind !== "interpolation" && READING.includes(kind)) continue;
      if (isLacking && ENCODING.includes(kind) && !run.isAsked) continue;
      files.push(...await makers[kind]());
    }
    return files;
  },
};

type EncoderStudio = Omit<ImageStudio, "source"> & { readonly drawer: Encoder };

/**
 * Whether a model has anything for a kind.
 *
 * @throws {InputError} When it has not, and somebody asked for nothing else.
 */
function canShow(drawer: ImageDrawer, kind: ImageKind, { isAsked }: SampledRun): boolean {
  const why = ENCODING.includes(kind) && !isEncoder(drawer)
    ? "the model finds no latents for pictures"
    : STEPWISE.includes(kind) && drawer.latentShape[0] === 1
    ? "the model draws in one step"
    : undefined;
  if (why !== undefined && isAsked) throw new InputError(`--pictures ${kind}: ${why}`);
  return why === undefined;
}

/** The examples; undefined, and a note, where there are none and nobody asked for them. */
async function examplesOf(
  { run, options, mustHave }: { readonly run: SampledRun; readonly options: Options; readonly mustHave: boolean },
): Promise<ImageExamples | undefined> {
  try {
    return await openExamples(options, run);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    if (mustHave) {
      throw new InputError(
        `${error.message}; samples of this model are drawn by codes of training examples`,
      );
    }
    if (run.isAsked || options.data !== "") throw error;
    run.onNote(`${error.message}: nothing is shown of its examples`);
    return undefined;
  }
}

/** Examples and codes, read when they are first asked for. */
class Shown {
  #batch: Batch | undefined;
  #codes: PictureCodes | undefined;

  constructor(
    private readonly drawer: ImageDrawer,
    private readonly run: SampledRun,
    readonly examples: ImageExamples | undefined,
  ) {}

  /** Of the split. */
  async batch(): Promise<Batch> {
    return this.#batch ??= await this.examples!.some(SHOWN);
  }

  /** Of training examples, by a model that finds them. */
  async codes(): Promise<PictureCodes> {
    const request = { most: CODED, seed: this.run.seed };
    return this.#codes ??= await readCodes(this.drawer as Encoder, this.examples!.train, request);
  }
}

/** Rows of pictures of the split, and below each row what is drawn of their codes. */
async function reconstructions({ drawer, settings: { seed } }: EncoderStudio, batch: Batch): Promise<NamedPicture> {
  const { values, size } = await codesOf(drawer, batch, seed);
  const { rows, pictures } = await seenPictures(drawer, batch, new Prng(seed, 6));
  rows.dispose();
  const again = await picturesOf(drawer, pictures.map((_, i) => values.subarray(i * size, (i + 1) * size)));
  const columns = Math.min(ACROSS, pictures.length);
  return pngFile("reconstructions.png", tiled(drawer, inPairs(pictures, again, columns), { columns }));
}

/** Between random latents, and between pictures of a split where the model finds latents for them; still and moving. */
async function interpolations(studio: ImageStudio, shown: Shown): Promise<readonly NamedPicture[]> {
  const files = async (ways: readonly Way[], name: string) =>
    ways.length === 0
      ? []
      : [pngFile(`${name}.png`, await stillWays(studio, ways)), await movingWays(studio, ways, `${name}.gif`)];
  const random = await files(await randomWays(studio), "interpolation");
  if (shown.examples === undefined || shown.examples.isEmpty || !isEncoder(studio.drawer)) return random;
  const ways = await realWays(studio as EncoderStudio, await shown.batch());
  return [...random, ...await files(ways, "interpolation-real")];
}

async function arithmeticSheet(
  studio: EncoderStudio,
  shown: Shown,
  { run, options: { classes } }: { readonly run: SampledRun; readonly options: Options },
): Promise<readonly NamedPicture[]> {
  const names = run.learnt.classes;
  const unknown = classes.find((name) => !names.includes(name));
  if (unknown !== undefined) {
    throw new InputError(`--classes: the model knows no ${unknown}${nearest(unknown, names)}`);
  }
  const labels = [...names.keys()].filter((label) => classes.length === 0 || classes.includes(names[label]));
  const picture = await arithmetic(studio, await shown.batch(), { codes: await shown.codes(), labels, names });
  if (picture !== undefined) return [pngFile("arithmetic.png", picture)];
  const why = "arithmetic takes pictures of two classes or more";
  if (run.isAsked) throw new InputError(why);
  run.onNote(`${why}: none are shown`);
  return [];
}
