/** The Gaussian of codes against numpy's covariance, and what is drawn from it. */
import * as tf from "@tensorflow/tfjs-core";
import { assert, assertEquals } from "@std/assert";
import { startBackend } from "../../../models/backends/backend.ts";
import { fitGaussian, gaussianLatents } from "../../../tasks/evaluation/latent_gaussian.ts";
import { assertNear } from "../../models/backends.ts";

const SIZE = 6;
/** Twelve codes [12, 6]: `sin(0.37 i i) (1 + i % 6)` of the i-th number. */
const CODES = Float32Array.from({ length: 12 * SIZE }, (_, i) => Math.sin(0.37 * i * i) * (1 + i % SIZE));

/** L L^T. */
function covarianceOf(factor: Float32Array, size: number): number[] {
  return Array.from({ length: size * size }, (_, at) => {
    const [i, j] = [Math.floor(at / size), at % size];
    return Array.from({ length: size }, (_, k) => factor[i * size + k] * factor[j * size + k]).reduce((a, b) => a + b);
  });
}

/** What numpy has: `mean(0)` and `cov(codes.T, bias=True)`. */
const MEAN = [-0.0818394031, 0.0803098033, 0.371232847, 0.678123703, 1.39743658, 0.758736283];
const COVARIANCE = [
  ...[0.328940888, -0.174564856, -0.0672786304, -1.00571657, -0.28060711, 0.200478618],
  ...[-0.174564856, 1.94425467, 1.09330561, 0.542433941, 0.157613156, -1.28931314],
  ...[-0.0672786304, 1.09330561, 5.27025153, 1.43750204, 0.574743933, -1.61888908],
  ...[-1.00571657, 0.542433941, 1.43750204, 8.90629545, -0.468210312, 1.59136777],
  ...[-0.28060711, 0.157613156, 0.574743933, -0.468210312, 9.21663079, -3.17296428],
  ...[0.200478618, -1.28931314, -1.61888908, 1.59136777, -3.17296428, 11.0635753],
];

Deno.test("a Gaussian of codes has their mean and covariance, as numpy finds them", () => {
  const { mean, factor } = fitGaussian(CODES, SIZE);
  assertNear([[...mean]], [MEAN], 1e-6);
  assertNear([covarianceOf(factor, SIZE)], [COVARIANCE], 1e-6);
  assert(factor.every((value, at) => at % SIZE <= Math.floor(at / SIZE) || value === 0));
});

Deno.test("codes that are alike, or fewer than their numbers, have a flat Gaussian with their covariance", async () => {
  const three = CODES.subarray(0, 3 * SIZE);
  const { mean, factor } = fitGaussian(three, SIZE);
  const off = three.map((value, i) => value - mean[i % SIZE]);
  const expected = Array.from({ length: SIZE * SIZE }, (_, at) => {
    const [i, j] = [Math.floor(at / SIZE), at % SIZE];
    return [0, 1, 2].map((n) => off[n * SIZE + i] * off[n * SIZE + j] / 3).reduce((a, b) => a + b);
  });
  assertNear([covarianceOf(factor, SIZE)], [expected], 1e-5);
  const one = fitGaussian(CODES.subarray(0, SIZE), SIZE);
  assertEquals([...one.factor], new Array(SIZE * SIZE).fill(0));
  await startBackend("cpu");
  tf.tidy(() => {
    const drawn = [...gaussianLatents(one, [1, SIZE], { count: 2, seed: 1 }).dataSync()];
    assertEquals(drawn, [...CODES.subarray(0, SIZE), ...CODES.subarray(0, SIZE)]);
  });
});

Deno.test("latents that are drawn have the Gaussian's mean and covariance, whatever there is beside them", async () => {
  await startBackend("cpu");
  const gaussian = fitGaussian(CODES, SIZE);
  const count = 20_000;
  tf.tidy(() => {
    const latents = gaussianLatents(gaussian, [2, 3], { count, seed: 5 });
    assertEquals(latents.shape, [2, count, 3]);
    const codes = tf.reshape(tf.transpose(latents, [1, 0, 2]), [count, SIZE]).dataSync() as Float32Array; // [N, D]
    const found = fitGaussian(codes, SIZE);
    // A mean is off by deviation / sqrt(N), a variance by sqrt(2 / N) of itself: five times that, of the greatest.
    assertNear([[...found.mean]], [[...gaussian.mean]], 5 * Math.sqrt(11 / count) / 1.4);
    assertNear([covarianceOf(found.factor, SIZE)], [COVARIANCE], 5 * Math.sqrt(2 / count));
    const [three, two] = [3, 2].map((count) => gaussianLatents(gaussian, [2, 3], { count, seed: 5 }));
    assertEquals([...tf.slice(three, [0, 0, 0], [2, 2, 3]).dataSync()], [...two.dataSync()]);
    const other = gaussianLatents(gaussian, [2, 3], { count: 2, seed: 6 });
    assert(other.dataSync()[0] !== two.dataSync()[0]);
  });
});
