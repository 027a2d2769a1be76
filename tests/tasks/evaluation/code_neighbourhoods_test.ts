/** Latents like codes, against the mean and the covariance that they must have. */
import * as tf from "@tensorflow/tfjs-core";
import { assert, assertAlmostEquals, assertEquals, assertNotEquals } from "@std/assert";
import { startBackend } from "../../../models/backends/backend.ts";
import { Prng } from "../../../pipelines/base/prng.ts";
import { likeCodes } from "../../../tasks/evaluation/code_neighbourhoods.ts";
import { momentsOf } from "../../../tasks/evaluation/feature_rows.ts";

const SIZE = 4;

/** Codes about a middle, those of odd place flat: their last number is that of the middle. */
function cluster(count: number, middle: number, seed: number): number[] {
  const prng = new Prng(seed);
  return Array.from({ length: count * SIZE }, (_, i) => middle + (i % SIZE === SIZE - 1 ? 0 : prng.normal()));
}

/** Latents as rows, [count, D], and that no tensor is left. */
function drawn(values: number[], count: number, seed = 3): Float32Array {
  const before = tf.memory().numTensors;
  const latents = likeCodes({ values: Float32Array.from(values), size: SIZE }, [1, SIZE], { count, seed });
  const rows = latents.dataSync<"float32">();
  latents.dispose();
  assertEquals(tf.memory().numTensors, before);
  return rows;
}

Deno.test("where all codes are neighbours, latents have their mean, and their covariance and twice that of pairs", async () => {
  await startBackend("cpu");
  const codes = cluster(11, 5, 1); // each and its ten neighbours
  const expected = momentsOf({ values: codes, size: SIZE });
  const count = 40_000;
  const found = momentsOf({ values: drawn(codes, count), size: SIZE });
  for (let i = 0; i < SIZE; i++) {
    assertAlmostEquals(found.mean[i], expected.mean[i], 5 * Math.sqrt(3 * 2 / count));
    for (let j = 0; j < SIZE; j++) {
      // A code is any of 11: 10/11 of the covariance; the mean of (y - x)(y - x)^T over pairs is twice the covariance.
      const covariance = expected.covariance[SIZE * i + j] * (10 / 11 + 2);
      assertAlmostEquals(found.covariance[SIZE * i + j], covariance, 0.2);
    }
  }
  assert(expected.covariance[0] > 0.5);
});

Deno.test("a latent lies where the neighbours of its code do: in their cluster, and as flat", async () => {
  await startBackend("cpu");
  const rows = drawn([...cluster(30, 0, 1), ...cluster(30, 1000, 2)], 400);
  const middles = Array.from({ length: 400 }, (_, n) => rows[n * SIZE + SIZE - 1]);
  assert(middles.every((last) => last === 0 || last === 1000));
  assert(middles.includes(0) && middles.includes(1000));
  const middleOf = (i: number) => middles[Math.floor(i / SIZE)];
  assert(rows.every((value, i) => Math.abs(value - middleOf(i)) < 12));
  // As wide as the nearest ten of thirty: by all others it would be 1.7 deviations of the cluster, as above.
  const offs = rows.filter((_, i) => i % SIZE === 0).map((value, n) => value - middles[n]);
  const deviation = Math.sqrt(offs.reduce((sum, off) => sum + off ** 2, 0) / offs.length);
  assert(deviation > 1 && deviation < 1.5, `deviation ${deviation}`);
});

Deno.test("a picture's latents are its own, by the seed, step by step; one code gives itself", async () => {
  await startBackend("cpu");
  const codes = cluster(20, 0, 4);
  assertEquals(drawn(codes, 3), drawn(codes, 5).slice(0, 3 * SIZE));
  assertNotEquals(drawn(codes, 3, 4), drawn(codes, 3));
  const [one, two] = [1, 2].map((steps) => {
    const latents = likeCodes({ values: Float32Array.from(codes), size: SIZE }, [steps, SIZE / steps], {
      count: 2,
      seed: 3,
    });
    const { shape } = latents;
    const values = [...tf.tidy(() => tf.transpose(latents, [1, 0, 2])).dataSync()]; // [N, T, Z]
    latents.dispose();
    return { shape, values };
  });
  assertEquals([one.shape, two.shape], [[1, 2, 4], [2, 2, 2]]);
  assertEquals(two.values, one.values);
  assertEquals([...drawn(codes.slice(0, SIZE), 2)], [
    ...Float32Array.from([...codes.slice(0, 4), ...codes.slice(0, 4)]),
  ]);
});
