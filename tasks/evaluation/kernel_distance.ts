/**
 * The kernel distance of two clouds of features: the squared maximum mean discrepancy with a polynomial kernel, which is
 * right on average at any number of pictures (Bińkowski et al. 2018, arXiv:1801.01401, where it is called KID).
 *
 * F features, M pictures of a subset.
 *
 * @module
 */
import type { Prng } from "../../pipelines/base/prng.ts";
import { countOf, type FeatureRows } from "./feature_rows.ts";

/** What subsets say. */
export interface KernelDistance {
  /** The mean over subsets; may be below 0, where there is no difference. */
  readonly mean: number;
  /** How much subsets differ. */
  readonly standardDeviation: number;
}

/** Subsets, and how many pictures each has at most. */
const SUBSETS = 30;
const MOST = 1000;

/**
 * The unbiased estimate over all pictures of two clouds.
 *
 * @param one 2 pictures or more.
 * @param other 2 pictures or more, as many features.
 *
 * @example By hand: k(x, y) = (x y + 1)^3
 * ```ts
 * import { kernelEstimate } from "./kernel_distance.ts";
 * import { assertEquals } from "@std/assert";
 *
 * // Within [1, 2]: (2 + 1)^3; within [0, 3]: 1; across: 1, 4^3, 1, 7^3.
 * const distance = kernelEstimate({ values: [1, 2], size: 1 }, { values: [0, 3], size: 1 });
 * assertEquals(distance, 27 + 1 - 2 * (1 + 64 + 1 + 343) / 4);
 * ```
 */
export function kernelEstimate(one: FeatureRows, other: FeatureRows): number {
  const [n, m] = [one, other].map(countOf);
  let [within, without, across] = [0, 0, 0];
  for (let i = 0; i < n; i++) for (let j = 0; j < i; j++) within += 2 * kernel(one, i, one, j);
  for (let i = 0; i < m; i++) for (let j = 0; j < i; j++) without += 2 * kernel(other, i, other, j);
  for (let i = 0; i < n; i++) for (let j = 0; j < m; j++) across += kernel(one, i, other, j);
  return within / (n * (n - 1)) + without / (m * (m - 1)) - 2 * across / (n * m); // eq. 4, arXiv:1801.01401
}

/** (x . y / F + 1)^3 of row `a` of some features and row `b` of others. */
function kernel(one: FeatureRows, a: number, other: FeatureRows, b: number): number {
  const { size } = one;
  let product = 0;
  for (let i = 0; i < size; i++) product += one.values[a * size + i] * other.values[b * size + i];
  return (product / size + 1) ** 3;
}

/**
 * The kernel distance: the mean of {@linkcode kernelEstimate} over 30 random subsets of half of the pictures, 1,000 at most.
 *
 * @param one 4 pictures or more.
 * @param other As many.
 */
export function kernelDistance(one: FeatureRows, other: FeatureRows, prng: Prng): KernelDistance {
  const size = Math.min(MOST, Math.floor(Math.min(countOf(one), countOf(other)) / 2));
  const found = Array.from(
    { length: SUBSETS },
    () => kernelEstimate(subset(one, size, prng), subset(other, size, prng)),
  );
  const mean = found.reduce((sum, value) => sum + value, 0) / SUBSETS;
  const variance = found.reduce((sum, value) => sum + (value - mean) ** 2, 0) / SUBSETS;
  return { mean, standardDeviation: Math.sqrt(variance) };
}

/** Some of the rows, none twice. */
function subset(rows: FeatureRows, wanted: number, prng: Prng): FeatureRows {
  const { size } = rows;
  const order = Int32Array.from({ length: countOf(rows) }, (_, i) => i);
  prng.shuffle(order);
  const values = Float64Array.from({ length: wanted * size }, (_, i) => {
    return rows.values[order[Math.floor(i / size)] * size + i % size];
  });
  return { values, size };
}
