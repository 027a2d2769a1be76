/**
 * The judging of a model that draws images: pictures of its work, and how far its samples are from the training images.
 *
 * @module
 */
import type { ImageDrawer } from "../../models/model.ts";
import type { Batch } from "../../pipelines/dataset.ts";
import { Prng } from "../../pipelines/base/prng.ts";
import { CLASSIFIER_OPTION } from "./classifier_option.ts";
import { checkClassifier, readClasses, type SampleClasses } from "./generation_classes.ts";
import { type NearestScore, nearestTraining } from "./generation_nearest.ts";
import { drawImages, sampleLogOdds } from "./generation_pictures.ts";
import { brightness, SeenImages } from "./generation_seen.ts";
import type { Judge } from "./judge.ts";
import { type ReconstructionPictures, reconstructionPictures } from "./reconstruction_pictures.ts";

/** The verdict on a model that draws images, safe to store as JSON. */
export interface GenerationScore {
  /** The samples' negative log-likelihood of their nearest training image; missing where it was not asked for. */
  readonly nearest?: NearestScore;
  /** What a classifier reads in the samples; missing where none was named. */
  readonly classes?: SampleClasses;
}

/** Pictures of what a model draws. */
export interface GenerationPictures {
  /** Images drawn from random latents, in a square, PNG. */
  readonly samples: Uint8Array;
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
  classifier: CLASSIFIER_OPTION,
} as const;

const SAMPLES = 100;
/** Samples that a classifier reads, and as many images of the split. */
const CLASSED = 1000;

/** Samples for a classifier, brightness, [N, S, S, C]. */
async function sampledImages(images: ImageDrawer, seed: number): Promise<Uint8Array<ArrayBuffer>> {
  const logOdds = sampleLogOdds(images, CLASSED, seed); // [N, S S C]
  const values = await logOdds.data<"float32">();
  logOdds.dispose();
  return brightness(values.map((odds) => 1 / (1 + Math.exp(-odds))));
}

/** Judges a model that draws images. */
export const generationJudge: Judge<"images", GenerationScore, GenerationPictures, typeof GENERATION_OPTIONS> = {
  ability: "images",
  lacking: "draws no images",
  options: GENERATION_OPTIONS,
  begin({ images }, { seed, trainExamples }, { nearestSamples, classifier }) {
    const count = trainExamples > 0 ? nearestSamples : 0;
    const seen = new SeenImages(images, new Prng(seed, 5), classifier === "" ? 0 : CLASSED);
    let first: Batch | undefined;
    return {
      fields: [],
      readsTrain: count > 0,
      async add(batch) {
        if (count > 0 || classifier !== "") await seen.add(batch);
        if (first === undefined && classifier !== "") await checkClassifier(classifier, seen.size);
        first ??= batch;
      },
      async finish(train) {
        if (first === undefined) throw new RangeError("Cannot evaluate: there are no examples");
        const nearest = count > 0
          ? await nearestTraining(images, train, { samples: count, seed, mean: seen.mean })
          : undefined;
        const [samples] = await drawImages(images, ["samples"], { count: SAMPLES, seed });
        const reconstructions = await reconstructionPictures(images, first, seed);
        const classes = classifier === "" ? undefined : await readClasses(classifier, {
          ...{ samples: await sampledImages(images, seed), real: seen.first, size: seen.size },
        });
        return {
          score: { ...(nearest ? { nearest } : {}), ...(classes ? { classes } : {}) },
          pictures: { samples: samples.bytes, ...(reconstructions ? { reconstructions } : {}) },
        };
      },
    };
  },
};
