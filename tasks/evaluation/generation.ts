/**
 * The judging of a model that draws images: pictures of its work, how like pictures are to what it draws of them, and how
 * far its samples are from real pictures, training pictures and the data's classes.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Batch } from "../../pipelines/dataset.ts";
import { Prng } from "../../pipelines/base/prng.ts";
import type { Split } from "../../pipelines/base/split.ts";
import { grouped } from "../../pipelines/base/text.ts";
import { fieldOf } from "../../pipelines/batches/batch_fields.ts";
import { encodePng } from "../../pipelines/images/png.ts";
import { CLASSIFIER_OPTION } from "./classifier_option.ts";
import { type FeatureScore, FEWEST_PICTURES } from "./feature_score.ts";
import { type ImageClassifier, readClasses, type SampleClasses, withClassifier } from "./generation_classes.ts";
import type { NearestScore } from "./generation_nearest.ts";
import { brightness, SeenImages } from "./generation_seen.ts";
import { sweep } from "./image_latents.ts";
import { nearestPicture, type NearestRow } from "./image_nearest.ts";
import { randomWays, stillWays } from "./image_paths.ts";
import { type ImageStudio, tiled } from "./image_studio.ts";
import type { Judge } from "./judge.ts";
import { drawLogOdds } from "./latent_rows.ts";
import { drawsByCodes, LATENT_OPTIONS, latentSource } from "./latent_source.ts";
import { CODED, isEncoder, readCodes } from "./picture_codes.ts";
import { type ReconstructionPictures, reconstructionPictures } from "./reconstruction_pictures.ts";
import { type StudentAccuracy, studentAccuracy } from "./student_accuracy.ts";
import { type ReconstructionScore, ReconstructionTally } from "./reconstruction_score.ts";
import { compareWithTraining, type CopyScore } from "./training_comparison.ts";

/** The verdict on a model that draws images, safe to store as JSON. */
export interface GenerationScore {
  /** Where latents of samples are drawn from, in words behind "drawn from"; missing where it is the model's prior. */
  readonly latents?: string;
  /** How like pictures are to what is drawn of them; missing where the model finds no latents for pictures. */
  readonly reconstruction?: ReconstructionScore;
  /** The samples' negative log-likelihood of their nearest training image; missing where it was not asked for. */
  readonly nearest?: NearestScore;
  /** How far samples are from their nearest training pictures, and real pictures from theirs; missing likewise. */
  readonly copies?: CopyScore;
  /** What a classifier reads in the samples; missing where none was named. */
  readonly classes?: SampleClasses;
  /** How well a classifier names real pictures that has learnt from samples; missing where none was named, or of one class. */
  readonly students?: StudentAccuracy;
  /** How far samples are from real pictures by a classifier's features; missing where none was named that has them. */
  readonly features?: FeatureScore;
}

/** Pictures of what a model draws, PNG. */
export interface GenerationPictures {
  /** Images drawn from random latents, in a square. */
  readonly samples: Uint8Array;
  /** A row leads from one sample to another. */
  readonly interpolation?: Uint8Array;
  /** A row a latent that is changed alone. */
  readonly sweep?: Uint8Array;
  /** Samples, and below each the nearest training pictures: by pixels, and by features where there are some. */
  readonly nearest?: Uint8Array;
  /** Images of the split drawn again; missing where the model cannot. */
  readonly reconstructions?: ReconstructionPictures;
}

/** The options of {@linkcode generationJudge}. */
export const GENERATION_OPTIONS = {
  nearestSamples: {
    value: 1000,
    help:
      "of a model that draws images: samples held against the nearest training example, all of which are read; 0 for none",
    min: 0,
    whole: true,
  },
  readSamples: {
    value: 1000,
    help:
      "of a model that draws images: samples that --classifier reads, and real images beside them; 8 or more, the more " +
      "the surer",
    min: 8,
    whole: true,
  },
  studentSteps: {
    value: 200,
    help:
      "of a model that draws images: steps in which a classifier of --classifier's kind learns from samples, and another from " +
      "real images, for the classification accuracy score; 0 for none",
    min: 0,
    whole: true,
  },
  classifier: CLASSIFIER_OPTION,
  ...LATENT_OPTIONS,
} as const;

/** Samples of the picture. */
const SAMPLES = 100;

/** Judges a model that draws images. */
export const generationJudge: Judge<"images", GenerationScore, GenerationPictures, typeof GENERATION_OPTIONS> = {
  ability: "images",
  lacking: "draws no images",
  options: GENERATION_OPTIONS,
  begin({ images: drawer }, { seed, trainExamples, classes: names, split }, options) {
    const { readSamples, studentSteps, classifier: folder } = options;
    const nearestSamples = trainExamples > 0 ? options.nearestSamples : 0;
    const isNamed = folder !== "";
    const coder = drawsByCodes(drawer, options) ? drawer : undefined;
    const seen = new SeenImages(drawer, new Prng(seed, 5), Math.max(nearestSamples, isNamed ? readSamples : 0));
    const again = isEncoder(drawer) ? new ReconstructionTally(drawer, seed) : undefined;
    const labels: number[] = [];
    let first: Batch | undefined;
    return {
      fields: isNamed ? ["label"] : [],
      readsTrain: trainExamples > 0 && (nearestSamples > 0 || isNamed || coder !== undefined),
      async add(batch) {
        if (nearestSamples > 0 || isNamed) await seen.add(batch);
        if (isNamed) labels.push(...Array.from(fieldOf(batch, "label")).slice(0, readSamples - labels.length));
        if (first === undefined && isNamed) await withClassifier(folder, seen.size, () => Promise.resolve());
        await again?.add(batch);
        first ??= batch;
      },
      async finish(train) {
        if (first === undefined) throw new RangeError("Cannot evaluate: there are no examples");
        const codes = coder && await readCodes(coder, train, { most: CODED, seed });
        const source = latentSource(drawer, codes)!;
        const studio: ImageStudio = { drawer, source, settings: { count: SAMPLES, seed } };
        const drawn = Math.max(SAMPLES, nearestSamples, isNamed ? readSamples : 0);
        const logOdds = tf.tidy(() => drawLogOdds(drawer, source.draw(drawn, seed))); // [N, S S C]
        const compare = async (classifier?: ImageClassifier) => {
          if (nearestSamples === 0 && classifier === undefined) return { rows: [] };
          const request = { drawer, logOdds, mean: seen.mean, nearestSamples, seed };
          const { train: learnt, ...compared } = await compareWithTraining(train, {
            ...{ ...request, real: seen.first(Math.max(nearestSamples, readSamples)) },
            ...(classifier ? { readSamples } : { readSamples: 0 }),
            ...(classifier?.features ? { featuresOf: classifier.features } : {}),
          });
          if (classifier === undefined) return compared;
          const read = { samples: await bytesOf(logOdds, readSamples), real: seen.first(readSamples) };
          const lessons = { ...read, train: learnt, labels: labels.map((label) => placeOf(names[label], classifier)) };
          const students = studentSteps > 0 && classifier.names.length > 1
            ? await studentAccuracy(classifier, { ...lessons, steps: studentSteps, seed })
            : undefined;
          return { ...compared, classes: await readClasses(classifier, read), ...(students ? { students } : {}) };
        };
        try {
          const { rows, ...compared } = isNamed ? await withClassifier(folder, seen.size, compare) : await compare();
          const reconstruction = await again?.finish();
          return {
            ...(isNamed && compared.features === undefined
              ? { notes: [whyNoDistances({ split, real: labels.length, train: trainExamples })] }
              : {}),
            score: {
              ...(codes ? { latents: source.name } : {}),
              ...(reconstruction ? { reconstruction } : {}),
              ...compared,
            },
            pictures: await shownOf(studio, { logOdds, rows, first }),
          };
        } finally {
          logOdds.dispose();
        }
      },
    };
  },
};

/** Why samples are not held against real pictures by a classifier's features. */
function whyNoDistances(
  { split, real, train }: { readonly split: Split; readonly real: number; readonly train: number },
): string {
  const few = FEWEST_PICTURES;
  const of = `${real} of the ${split} split and ${grouped(train)} of train`;
  return real < few || train < 2 * few
    ? `too few pictures for distances by features, ${of}: at least ${few} and ${2 * few} are needed, so there are none`
    : "the classifier of --classifier says no features of pictures: there are no distances by them";
}

/** The label of a class as a classifier counts them; undefined where it does not know it. */
function placeOf(name: string, { names }: ImageClassifier): number | undefined {
  const place = names.indexOf(name);
  return place < 0 ? undefined : place;
}

/** The first samples for a classifier, brightness 0 to 255, [N, S, S, C]. */
async function bytesOf(logOdds: tf.Tensor2D, count: number): Promise<Uint8Array<ArrayBuffer>> {
  const shown = tf.tidy(() => tf.sigmoid(tf.slice(logOdds, [0, 0], [count, -1])));
  const values = await shown.data<"float32">();
  shown.dispose();
  return brightness(values);
}

/** The pictures of the page. */
async function shownOf(
  studio: ImageStudio,
  { logOdds, rows, first }: {
    readonly logOdds: tf.Tensor2D;
    readonly rows: readonly NearestRow[];
    readonly first: Batch;
  },
): Promise<GenerationPictures> {
  const { drawer, settings: { seed } } = studio;
  const shown = tf.tidy(() => tf.sigmoid(tf.slice(logOdds, [0, 0], [SAMPLES, -1])));
  const values = await shown.data<"float32">();
  shown.dispose();
  const cells = values.length / SAMPLES;
  const samples = Array.from({ length: SAMPLES }, (_, n) => values.subarray(n * cells, (n + 1) * cells));
  const reconstructions = await reconstructionPictures(drawer, first, seed);
  const beside = Math.min(...rows.map(({ pictures }) => pictures.length));
  return {
    samples: encodePng(tiled(drawer, samples, { columns: Math.sqrt(SAMPLES) })),
    interpolation: encodePng(await stillWays(studio, await randomWays(studio))),
    sweep: encodePng((await sweep(studio)).picture),
    ...(rows.length > 0 ? { nearest: encodePng(nearestPicture(drawer, samples.slice(0, beside), rows)) } : {}),
    ...(reconstructions ? { reconstructions } : {}),
  };
}
