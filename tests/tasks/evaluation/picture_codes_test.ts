/** Codes of pictures and where latents come from, of a model whose codes are known. */
import * as tf from "@tensorflow/tfjs-core";
import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { startBackend } from "../../../models/backends/backend.ts";
import { Prng } from "../../../pipelines/base/prng.ts";
import { rowsOf } from "../../../tasks/evaluation/latent_rows.ts";
import { isEncoder, latentSource, readCodes } from "../../../tasks/evaluation/picture_codes.ts";
import { momentsOf } from "../../../tasks/evaluation/feature_rows.ts";
import { codeOf, colourBatch, inBatches, plainImages } from "./plain_images.ts";

type Colour = [number, number, number];

function randomColours(count: number, prng: Prng): Colour[] {
  return Array.from({ length: count }, () => {
    const red = 40 + prng.integer(170);
    return [red, Math.round(red / 2 + prng.integer(100)), 1 + prng.integer(254)]; // green goes with red
  });
}

Deno.test("codes are read without noise, the first of the batches and no more", async () => {
  await startBackend("cpu");
  const drawer = plainImages({ prior: "none" });
  assert(isEncoder(drawer) && !isEncoder(plainImages({ encodes: false })));
  const colours = randomColours(230, new Prng(1));
  const before = tf.memory().numTensors;
  const batches = inBatches(colourBatch(colours.slice(0, 130)), colourBatch(colours.slice(130)));
  const { values, size, labels } = await readCodes(drawer, batches, { most: 205, seed: 3 });
  assertEquals([size, values.length, labels.length], [3, 3 * 205, 205]);
  colours.slice(0, 205).forEach((colour, n) => {
    codeOf(colour).forEach((code, i) => assertAlmostEquals(values[3 * n + i], code, 1e-3));
    assertEquals(labels[n], colour.indexOf(Math.max(...colour)));
  });
  assertEquals(tf.memory().numTensors, before);
});

Deno.test("without a prior latents have the codes' mean and whole covariance; with one they are standard normal", async () => {
  await startBackend("cpu");
  const drawer = plainImages({ prior: "none" });
  assert(isEncoder(drawer));
  const codes = await readCodes(drawer, inBatches(colourBatch(randomColours(60, new Prng(2)))), { most: 60, seed: 0 });
  const source = latentSource(drawer, codes);
  assertEquals(source.name, "a Gaussian fitted to the codes of 60 training examples");
  const before = tf.memory().numTensors;
  const drawn = await rowsOf(source.draw(20_000, 7));
  assertEquals(tf.memory().numTensors, before);
  const [expected, found] = [codes.values, drawn.flatMap((row) => [...row])].map((values) =>
    momentsOf({ values, size: 3 })
  );
  for (let i = 0; i < 3; i++) {
    const deviation = Math.sqrt(expected.covariance[4 * i]);
    assertAlmostEquals(source.mean[i], expected.mean[i], 1e-6);
    assertAlmostEquals(source.deviation[i], deviation * Math.sqrt(59 / 60), 1e-5);
    assertAlmostEquals(found.mean[i], expected.mean[i], 0.03 * deviation);
    for (let j = 0; j < 3; j++) {
      const scale = deviation * Math.sqrt(expected.covariance[4 * j]);
      // 1 / sqrt(20,000) is 0.7 %; a diagonal covariance would miss the correlation of red and green, 0.6 and more.
      assertAlmostEquals(found.covariance[3 * i + j] / scale, expected.covariance[3 * i + j] * 59 / 60 / scale, 0.04);
    }
  }
  assert(expected.covariance[1] / Math.sqrt(expected.covariance[0] * expected.covariance[4]) > 0.5);
  const few = await rowsOf(source.draw(5, 7));
  few.forEach((row, n) => row.forEach((value, i) => assertAlmostEquals(value, drawn[n][i], 1e-5)));

  const normal = latentSource(plainImages(), undefined);
  assertEquals([normal.name, ...normal.mean as Float32Array], ["a standard normal prior", 0, 0, 0]);
  const { mean, covariance } = momentsOf({
    values: (await rowsOf(normal.draw(20_000, 7))).flatMap((row) => [...row]),
    size: 3,
  });
  mean.forEach((value) => assertAlmostEquals(value, 0, 0.03));
  covariance.forEach((value, i) => assertAlmostEquals(value, i % 4 === 0 ? 1 : 0, 0.04));
});
