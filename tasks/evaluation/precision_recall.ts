/**
 * Precision and recall of samples (Kynkäänniemi et al. 2019, arXiv:1904.06991): how many samples lie where real pictures
 * are, and how many real pictures lie where samples are. A cloud is taken to be wherever one of its points has its third
 * nearest neighbour at most so far away.
 *
 * @module
 */
import { countOf, type FeatureRows, squaredDistance } from "./feature_rows.ts";

/** Shares, 0 to 1. */
export interface PrecisionRecall {
  /** Of the samples: among the real pictures. */
  readonly precision: number;
  /** Of the real pictures: among the samples. */
  readonly recall: number;
}

const NEIGHBOURS = 3;

/**
 * Precision and recall.
 *
 * @param samples 4 or more.
 * @param real 4 or more; best as many.
 *
 * @example
 * ```ts
 * import { precisionRecall } from "./precision_recall.ts";
 * import { assertEquals } from "@std/assert";
 *
 * // All samples are among real pictures, which reach farther.
 * const [samples, real] = [[0, 1, 2, 3], [0, 1, 2, 3, 50, 51, 52, 53]].map((values) => ({ values, size: 1 }));
 * assertEquals(precisionRecall(samples, real), { precision: 1, recall: 0.5 });
 * ```
 */
export function precisionRecall(samples: FeatureRows, real: FeatureRows): PrecisionRecall {
  return { precision: shareAmong(samples, real), recall: shareAmong(real, samples) };
}

/** The share of some points that are where others are: eq. 1 and 2, arXiv:1904.06991. */
function shareAmong(points: FeatureRows, others: FeatureRows): number {
  const radii = radiiOf(others);
  let found = 0;
  for (let i = 0; i < countOf(points); i++) {
    if (radii.some((radius, j) => squaredDistance(points, i, others, j) <= radius)) found++;
  }
  return found / countOf(points);
}

/** The squared distance of each point from its third nearest neighbour. */
function radiiOf(points: FeatureRows): Float64Array {
  const count = countOf(points);
  return Float64Array.from({ length: count }, (_, i) => {
    const nearest = new Float64Array(NEIGHBOURS).fill(Infinity); // ascending
    for (let j = 0; j < count; j++) {
      if (j === i) continue;
      const distance = squaredDistance(points, i, points, j);
      if (distance >= nearest[NEIGHBOURS - 1]) continue;
      nearest[NEIGHBOURS - 1] = distance;
      nearest.sort();
    }
    return nearest[NEIGHBOURS - 1];
  });
}
