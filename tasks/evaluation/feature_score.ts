/**
 * How far a model's samples are from real pictures, by what a classifier of the data's own makes of both, beside how far
 * real pictures are from each other.
 *
 * N pictures, F features.
 *
 * @module
 */
import type { Prng } from "../../pipelines/base/prng.ts";
import { countOf, type FeatureRows } from "./feature_rows.ts";
import { frechetDistance } from "./frechet_distance.ts";
import { type KernelDistance, kernelDistance } from "./kernel_distance.ts";
import { type PrecisionRecall, precisionRecall } from "./precision_recall.ts";

/** How far some pictures are from training pictures. */
export interface CloudDistance extends PrecisionRecall {
  /** The squared Fréchet distance. */
  readonly frechet: number;
  /** The kernel distance. */
  readonly kernel: KernelDistance;
}

/** How far pictures are from N training pictures; each row is of N others. */
export interface FeatureScore {
  /** N. */
  readonly pictures: number;
  /** F. */
  readonly features: number;
  /** Of samples. */
  readonly samples: CloudDistance;
  /** Of pictures of the split, which a perfect model's samples are like: the floor. */
  readonly real: CloudDistance;
  /** Of other training pictures: the floor of a model that gives out what it learnt from. */
  readonly train: CloudDistance;
}

/** The features of pictures, as many of each as there are. */
export interface FeatureClouds {
  readonly samples: FeatureRows;
  /** Of the split. */
  readonly real: FeatureRows;
  /** Of training pictures, half of which the others are compared with. */
  readonly train: FeatureRows;
}

/** The fewest pictures that say anything: four neighbours each, and two halves of four. */
const FEWEST = 8;

/** Compares clouds of features, all with as many pictures; undefined where there are too few. */
export function featureScore({ samples, real, train }: FeatureClouds, prng: Prng): FeatureScore | undefined {
  const pictures = Math.min(countOf(samples), countOf(real), Math.floor(countOf(train) / 2));
  if (pictures < FEWEST) return undefined;
  const [reference, others] = [rowsOf(train, 0, pictures), rowsOf(train, pictures, pictures)];
  const compare = (rows: FeatureRows): CloudDistance => ({
    frechet: frechetDistance(rows, reference),
    kernel: kernelDistance(rows, reference, prng),
    ...precisionRecall(rows, reference),
  });
  return {
    ...{ pictures, features: samples.size },
    samples: compare(rowsOf(samples, 0, pictures)),
    real: compare(rowsOf(real, 0, pictures)),
    train: compare(others),
  };
}

/** Some of the rows. */
function rowsOf({ values, size }: FeatureRows, from: number, count: number): FeatureRows {
  return { size, values: Float32Array.from({ length: count * size }, (_, i) => values[from * size + i]) };
}
