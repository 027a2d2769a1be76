/**
 * The judging of a model that draws images: pictures of its work, and how far its samples are from the training images.
 *
 * @module
 */
import type { Batch } from "../../pipelines/dataset.ts";
import { type NearestScore, nearestTraining } from "./generation_nearest.ts";
import { drawImages } from "./generation_pictures.ts";
import type { Judge } from "./judge.ts";
import { type ReconstructionPictures, reconstructionPictures } from "./reconstruction_pictures.ts";

/** The verdict on a model that draws images, safe to store as JSON. */
export interface GenerationScore {
  /** The samples' negative log-likelihood of their nearest training image; missing where it was not asked for. */
  readonly nearest?: NearestScore;
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
} as const;

const SAMPLES = 100;

/** Judges a model that draws images. */
export const generationJudge: Judge<"images", GenerationScore, GenerationPictures, typeof GENERATION_OPTIONS> = {
  ability: "images",
  lacking: "draws no images",
  options: GENERATION_OPTIONS,
  begin({ images }, { seed, trainExamples }, { nearestSamples }) {
    const count = trainExamples > 0 ? nearestSamples : 0;
    let first: Batch | undefined;
    return {
      fields: [],
      readsTrain: count > 0,
      add(batch) {
        first ??= batch;
      },
      async finish(train) {
        if (first === undefined) throw new RangeError("Cannot evaluate: there are no examples");
        const nearest = count > 0 ? await nearestTraining(images, train, { samples: count, seed }) : undefined;
        const [samples] = await drawImages(images, ["samples"], { count: SAMPLES, seed });
        const reconstructions = await reconstructionPictures(images, first, seed);
        return {
          score: nearest ? { nearest } : {},
          pictures: { samples: samples.bytes, ...(reconstructions ? { reconstructions } : {}) },
        };
      },
    };
  },
};
