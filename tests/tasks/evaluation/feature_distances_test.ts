/** How far clouds of features are from each other: against scipy and numpy, and in closed forms. */
import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { Prng } from "../../../pipelines/base/prng.ts";
import type { FeatureRows } from "../../../tasks/evaluation/feature_rows.ts";
import { frechetDistance, gaussianDistance } from "../../../tasks/evaluation/frechet_distance.ts";
import { featureScore, halvesOf } from "../../../tasks/evaluation/feature_score.ts";
import { kernelDistance, kernelEstimate } from "../../../tasks/evaluation/kernel_distance.ts";
import { precisionRecall } from "../../../tasks/evaluation/precision_recall.ts";

/** Points that Python can make too: shift + scale sin(a + 1.3 n + 2.1 f + b n f). */
function cloud(
  [count, size]: readonly [number, number],
  { a, b, shift = 0, scale = 1 }: { a: number; b: number; shift?: number; scale?: number },
): FeatureRows {
  const values = Float64Array.from({ length: count * size }, (_, i) => {
    const [n, f] = [Math.floor(i / size), i % size];
    return shift + scale * Math.sin(a + 1.3 * n + 2.1 * f + b * n * f);
  });
  return { values, size };
}

/** Normal points around a mean, [N, F]. */
function normals([count, size]: readonly [number, number], mean: number, prng: Prng): FeatureRows {
  return { values: Float64Array.from({ length: count * size }, () => mean + prng.normal()), size };
}

const ONE = { a: 0.7, b: 0.37 }, OTHER = { a: 0.2, b: 0.53, shift: 0.3, scale: 1.4 };

Deno.test("the Fréchet distance is that of numpy and scipy.linalg.sqrtm, of fewer pictures than features too", () => {
  assertAlmostEquals(frechetDistance(cloud([40, 6], ONE), cloud([30, 6], OTHER)), 2.1230492911135124, 1e-9);
  assertAlmostEquals(frechetDistance(cloud([30, 6], OTHER), cloud([40, 6], ONE)), 2.1230492911135124, 1e-9);
  // numpy.linalg.eigh, where sqrtm of a matrix without full rank gives up.
  assertAlmostEquals(frechetDistance(cloud([5, 8], ONE), cloud([7, 8], OTHER)), 5.78937391857527, 1e-6);
  assertAlmostEquals(frechetDistance(cloud([40, 6], ONE), cloud([40, 6], ONE)), 0, 1e-9);
});

Deno.test("of Gaussians along the same axes it is the sum over the axes of both squared differences", () => {
  const size = 5;
  const along = (mean: number, deviation: number) => {
    const covariance = new Float64Array(size * size);
    for (let i = 0; i < size; i++) covariance[i * size + i] = (deviation + i) ** 2;
    return { mean: new Float64Array(size).fill(mean), covariance };
  };
  assertAlmostEquals(gaussianDistance(along(1, 0), along(4, 2)), size * (3 ** 2 + 2 ** 2), 1e-9);
});

Deno.test("two halves of one cloud are nearer the more there are; the kernel distance is around 0 at any number", () => {
  const prng = new Prng(3);
  const halves = (count: number) =>
    [0, 0].map((mean) => normals([count, 10], mean, prng)) as [FeatureRows, FeatureRows];
  const [few, many] = [halves(60), halves(600)];
  const [floor, lower] = [few, many].map(([one, other]) => frechetDistance(one, other));
  assert(floor > 5 * lower, `${floor}, ${lower}`);
  for (const [one, other] of [few, many]) {
    const { mean, standardDeviation } = kernelDistance(one, other, new Prng(1));
    assert(Math.abs(mean) < 2 * standardDeviation, `${mean}, ${standardDeviation}`);
  }
  const [near, far] = [few[0], normals([60, 10], 1, prng)];
  const apart = kernelDistance(near, far, new Prng(1));
  assert(apart.mean > 5 * apart.standardDeviation, JSON.stringify(apart));
  assertEquals(apart, kernelDistance(near, far, new Prng(1)));
});

Deno.test("the kernel distance over all pictures is that of numpy; over subsets it is that on average", () => {
  const [one, other] = [cloud([40, 6], ONE), cloud([30, 6], OTHER)];
  assertAlmostEquals(kernelEstimate(one, other), 0.5133545180586929, 1e-12);
  const means = Array.from({ length: 20 }, (_, seed) => kernelDistance(one, other, new Prng(seed)).mean);
  assertAlmostEquals(means.reduce((sum, mean) => sum + mean, 0) / 20, 0.5133545180586929, 0.02);
});

Deno.test("precision and recall are those of numpy's whole tables of distances", () => {
  assertEquals(precisionRecall(cloud([40, 2], ONE), cloud([30, 2], { ...OTHER, shift: 0.6 })), {
    ...{ precision: 1, recall: 9 / 30 },
  });
  const { precision, recall } = precisionRecall(
    cloud([40, 2], ONE),
    cloud([30, 2], { ...OTHER, shift: 1.1, scale: 0.8 }),
  );
  assertEquals([Math.round(precision * 40), Math.round(recall * 30)], [13, 8]);
});

Deno.test("samples of one mode are precise and recall little; those that are scattered the other way round", () => {
  const prng = new Prng(5);
  const real = normals([300, 2], 0, prng);
  const narrow: FeatureRows = { values: Float64Array.from(real.values, (value) => value / 8), size: 2 };
  const wide: FeatureRows = { values: Float64Array.from(real.values, (value) => 8 * value), size: 2 };
  const [one, other] = [narrow, wide].map((samples) => precisionRecall(samples, real));
  assert(one.precision > 0.95 && one.recall < 0.3, JSON.stringify(one));
  assert(other.precision < 0.3 && other.recall > 0.95, JSON.stringify(other));
});

Deno.test("halves of training pictures have as many of each class, in reading order, whatever that is", () => {
  const labels = [0, 1, 1, 0, 2, 1, 0, 1, 0];
  const { reference, train } = halvesOf({ values: labels.flatMap((label, n) => [label, n]), size: 2 }, labels);
  assertEquals(Array.from(reference.values).filter((_, i) => i % 2 === 1), [0, 1, 4, 5, 6]);
  assertEquals(Array.from(train.values).filter((_, i) => i % 2 === 1), [2, 3, 7, 8]);
});

Deno.test("halves are as large as each other where each class has one picture", () => {
  const labels = Array.from({ length: 17 }, (_, n) => n);
  const { reference, train } = halvesOf({ values: labels, size: 1 }, labels);
  assertEquals([[...Array.from(reference.values)], [...Array.from(train.values)]], [
    [0, 2, 4, 6, 8, 10, 12, 14, 16],
    [1, 3, 5, 7, 9, 11, 13, 15],
  ]);
});

Deno.test("classes far apart, read one after the other, do not raise the floor of a perfect copy's distance", () => {
  const prng = new Prng(2);
  const labels = Array.from({ length: 400 }, (_, n) => Number(n >= 100)); // a quarter of the one, then the other
  const values = labels.flatMap((label) => [20 * label + prng.normal(), prng.normal()]);
  const real = normals([200, 2], 0, prng);
  const found = featureScore({ samples: real, real, ...halvesOf({ values, size: 2 }, labels) }, { most: 200, prng });
  assertEquals(found?.pictures, 200);
  assert(found!.train.frechet < 0.2, `${found!.train.frechet}`); // in halves as they are read, 100 and more
  assert(found!.samples.frechet > 100, `${found!.samples.frechet}`);
});
