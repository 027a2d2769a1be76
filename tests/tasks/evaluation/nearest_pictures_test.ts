/** The nearest pictures, beside a plain search through all of them. */
import * as tf from "@tensorflow/tfjs-core";
import { assertAlmostEquals, assertEquals } from "@std/assert";
import { startBackend } from "../../../models/backends/backend.ts";
import { Prng } from "../../../pipelines/base/prng.ts";
import { compareDistances, NearestSearch, quantile } from "../../../tasks/evaluation/nearest_pictures.ts";

Deno.test("the nearest are those of a plain search, whatever the batches; copies are at no distance", async () => {
  await startBackend("cpu");
  const prng = new Prng(4);
  const points = (count: number) =>
    Array.from({ length: count }, () => Array.from({ length: 12 }, () => prng.uniform()));
  const [queries, all] = [points(7), points(40)];
  queries[3] = all[29];
  const before = tf.memory().numTensors;
  {
    const given = tf.tensor2d(queries);
    using search = new NearestSearch(given);
    given.dispose();
    for (const [from, to] of [[0, 1], [1, 25], [25, 40]]) {
      const rows = tf.tensor2d(all.slice(from, to));
      await search.add(rows);
      rows.dispose();
    }
    search.found.forEach(({ distance, place }, q) => {
      const plain = all.map((one) => Math.hypot(...one.map((value, i) => value - queries[q][i])));
      assertEquals(place, plain.indexOf(Math.min(...plain)));
      assertAlmostEquals(distance, Math.min(...plain), 1e-3);
    });
    assertEquals(search.found[3].place, 29);
  }
  assertEquals(tf.memory().numTensors, before);
});

Deno.test("quantiles are numpy's", () => {
  const values = [3, 1, 4, 1, 5, 9, 2, 6];
  // numpy.quantile(values, [0, 0.05, 0.5, 0.9, 1])
  const expected = [1, 1, 3.5, 6.9, 9];
  [0, 0.05, 0.5, 0.9, 1].forEach((share, i) => assertAlmostEquals(quantile(values, share), expected[i], 1e-12));
});

Deno.test("real pictures compared with themselves are near as often as one in twenty", () => {
  const prng = new Prng(1);
  const distances = Array.from({ length: 2001 }, () => prng.uniform());
  const { samples, real, nearer } = compareDistances(distances, distances);
  assertEquals([samples, nearer], [real, 100 / 2001]);
});
