import * as tf from "@tensorflow/tfjs-core";
import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { startBackend } from "../../../models/backends/backend.ts";
import { type NearestScore, NearestTally } from "../../../tasks/evaluation/generation_nearest.ts";
import { drawLogOdds } from "../../../tasks/evaluation/latent_rows.ts";
import { seenPictures } from "../../../tasks/evaluation/seen_pictures.ts";
import { Prng } from "../../../pipelines/base/prng.ts";
import { priorLatents } from "../../../tasks/evaluation/drawn_images.ts";
import { batches, batchOf, build, SIDE } from "./tiny_draw.ts";

Deno.test("samples are held against the nearest training image, however those are cut into batches", async () => {
  await startBackend("cpu");
  const model = build();
  // Canvases must differ for the nearest images to differ.
  tf.tidy(() => {
    for (const name of ["write/weights", "decoder/kernel"]) {
      const variable = model.variables[name];
      variable.assign(tf.mul(variable, 12));
    }
  });
  const mean = Float32Array.from({ length: SIDE * SIDE }, (_, i) => (1 + i) / (2 + SIDE * SIDE));
  const before = tf.memory().numTensors;
  const logOdds = tf.tidy(() => drawLogOdds(model.images!, priorLatents(model.images!, 7, 5)));
  let found: NearestScore;
  {
    using tally = new NearestTally(logOdds, mean);
    logOdds.dispose();
    for await (const batch of batches(4, 6)) {
      const { rows } = await seenPictures(model.images!, batch, new Prng(1));
      await tally.add(rows);
      rows.dispose();
    }
    found = tally.finish();
  }
  assertEquals(tf.memory().numTensors, before);

  const logits = tf.tidy(() => model.images!.draw(priorLatents(model.images!, 7, 5)).canvases.arraySync())[1].map((
    image,
  ) => image.flat(2));
  const images = [batchOf(4, 0), batchOf(6, 1)].flatMap(({ size, fields }) =>
    Array.from(
      { length: size },
      (_, i) => [...fields.image.slice(i * SIDE * SIDE, (i + 1) * SIDE * SIDE)].map((v) => Number(v) / 255),
    )
  );
  const picks = new Set<number>();
  const costs = [...logits, [...mean].map((p) => Math.log(p / (1 - p)))].map((canvas) => {
    const shown = canvas.map((logit) => 1 / (1 + Math.exp(-logit)));
    const distances = images.map((image) => image.reduce((sum, x, i) => sum + (x - shown[i]) ** 2, 0));
    const nearest = distances.indexOf(Math.min(...distances));
    picks.add(nearest);
    return images[nearest].reduce((sum, x, i) => sum - Math.log(x === 1 ? shown[i] : 1 - shown[i]), 0);
  });
  // The other way round, by every image: black and white, with 1e-8 for a cell that differs.
  const others = [...logits, [...mean].map((p) => Math.log(p / (1 - p)))].map((canvas) => {
    const costOf = (image: number[]) =>
      image.reduce((sum, x, i) => sum - Math.log((canvas[i] >= 0 ? x : 1 - x) + 1e-8), 0);
    return Math.min(...images.map(costOf));
  });
  assert(new Set(others.map(Math.round)).size > 1, `${others}`);
  const { ofSamples } = found;
  assertAlmostEquals(ofSamples!.meanImage!, others.pop()!, 1e-2);
  const middle = others.reduce((sum, cost) => sum + cost) / 7;
  assertAlmostEquals(ofSamples!.mean, middle, 1e-2);
  assertAlmostEquals(ofSamples!.maximum, Math.max(...others), 1e-2);
  const spread = Math.sqrt(others.reduce((sum, cost) => sum + (cost - middle) ** 2, 0) / 7);
  assertAlmostEquals(ofSamples!.standardDeviation, spread, 1e-2);
  assert(picks.size > 1, "all samples have the same nearest image");
  assertAlmostEquals(found.meanImage!, costs.pop()!, 1e-3); // against all images, though it is no sample
  const average = costs.reduce((sum, cost) => sum + cost) / 7;
  assertAlmostEquals(found.mean, average, 1e-3);
  assertAlmostEquals(found.maximum, Math.max(...costs), 1e-3);
  const squares = costs.reduce((sum, cost) => sum + (cost - average) ** 2, 0);
  assertAlmostEquals(found.standardDeviation, Math.sqrt(squares / 7), 1e-3);
  model.dispose();
});
