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
  /** Of training pictures, which all others are compared with. */
  readonly reference: FeatureRows;
  /** Of other training pictures; see {@linkcode halvesOf}. */
  readonly train: FeatureRows;
}

/** The fewest pictures that say anything: four neighbours each, and two halves of four. */
export const FEWEST_PICTURES = 8;

/**
 * Compares clouds of features, all with as many pictures, the first of each; undefined where there are too few.
 *
 * @param bounds How many at most, and what draws the kernel distance's subsets.
 */
export function featureScore(
  clouds: FeatureClouds,
  { most, prng }: { readonly most: number; readonly prng: Prng },
): FeatureScore | undefined {
  const pictures = Math.min(most, ...Object.values(clouds).map(countOf));
  if (pictures < FEWEST_PICTURES) return undefined;
  const upTo = ({ values, size }: FeatureRows): FeatureRows => ({
    size,
    values: Float32Array.from({ length: pictures * size }, (_, i) => values[i]),
  });
  const reference = upTo(clouds.reference);
  const compare = (cloud: FeatureRows): CloudDistance => {
    const rows = upTo(cloud);
    return {
      frechet: frechetDistance(rows, reference),
      kernel: kernelDistance(rows, reference, prng),
      ...precisionRecall(rows, reference),
    };
  };
  const { samples, real, train } = clouds;
  return {
    ...{ pictures, features: samples.size },
    ...{ samples: compare(samples), real: compare(real), train: compare(train) },
  };
}

/**
 * Two halves of pictures, each with as many of each class, but for an odd one, which goes to the one half and to the other by
 * turns: of a few hundred pictures, by chance, the classes' shares would differ so much that the halves are further apart
 * than good samples are.
 *
 * @param labels Of each picture, [N].
 */
export function halvesOf(
  { values, size }: FeatureRows,
  labels: ArrayLike<number>,
): Pick<FeatureClouds, "reference" | "train"> {
  const classes = Map.groupBy(Array.from(labels, (_, n) => n), (n) => labels[n]);
  const inTurn = [...classes.values()].flat();
  const halves = [0, 1].map((half) => inTurn.filter((_, i) => i % 2 === half).sort((a, b) => a - b));
  const [reference, train] = halves.map((rows): FeatureRows => ({
    size,
    values: Float32Array.from(
      { length: rows.length * size },
      (_, i) => values[rows[Math.floor(i / size)] * size + i % size],
    ),
  }));
  return { reference, train };
}
