/** What the judge and the sampler of strokes are made of, by a model whose every number is known. */
import * as tf from "@tensorflow/tfjs-core";
import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { startBackend } from "../../../models/backends/backend.ts";
import { Prng } from "../../../pipelines/base/prng.ts";
import { drawMany, priorOf, splitDrawing } from "../../../tasks/evaluation/drawn_strokes.ts";
import { strokeBatch } from "../../../pipelines/batches/stroke_batch.ts";
import { beginningOf, drawingsOf } from "../../../tasks/evaluation/shown_drawings.ts";
import { LatentTally } from "../../../tasks/evaluation/stroke_latents.ts";
import { ClassLikelihood, movesOf, unitNats } from "../../../tasks/evaluation/stroke_likelihood.ts";
import { plainDrawer } from "./plain_drawer.ts";

const drawing = (label: number, ...rows: number[]) => ({ rows: Int16Array.from(rows), label });
const SOME = [
  drawing(1, 0, 0, 0, 5, 1, 1),
  drawing(0, 3, 3, 1),
  drawing(1, 0, 0, 0, 2, 2, 0, 4, 4, 1),
];

Deno.test("drawings become a batch and drawings again", () => {
  const batch = strokeBatch(SOME);
  assertEquals(drawingsOf(batch), SOME);
  assertEquals([...batch.fields.stroke3_offsets as Int32Array], [0, 2, 3, 6]);
  assertEquals([...strokeBatch([{ ...SOME[0], label: undefined }]).fields.label as Uint16Array], [0]);
  assertEquals(movesOf(plainDrawer({}), batch), [1, 0, 2]);
  assertEquals(movesOf(plainDrawer({ maxLength: 1 }), batch), [1, 0, 1]);
});

Deno.test("a beginning ends with a stroke, or inside of the only one, and is never all nor nothing", () => {
  const strokes = [2, 3, 4].flatMap((points) =>
    Array.from({ length: points }, (_, i) => [1, 1, i === points - 1 ? 1 : 0])
  );
  const kept = (share: number) => beginningOf(strokes.flat(), share).length / 3;
  assertEquals([0.01, 0.2, 0.3, 0.5, 0.7, 0.99].map(kept), [2, 2, 2, 5, 5, 5]);
  const one = Array.from({ length: 8 }, (_, i) => [1, 1, i === 7 ? 1 : 0]).flat();
  assertEquals([0.01, 0.25, 0.5, 0.99].map((share) => beginningOf(one, share).length / 3), [1, 2, 4, 7]);
  assertEquals([...beginningOf([7, 8, 1], 0.5)], [7, 8, 1]); // a dot is all there is
});

Deno.test("what follows a beginning goes on from where it was cut", () => {
  const rows = Float32Array.of(1, 1, 0, 1, 0, 0, 1, 0, 1, 5, 5, 0, 1, 1, 1);
  assertEquals(splitDrawing({ rows }, 3), { given: [[[1, 2, 3], [1, 1, 1]]], drawn: [[[8, 9], [6, 7]]] });
  assertEquals(splitDrawing({ rows }, 2), {
    given: [[[1, 2], [1, 1]]],
    drawn: [[[2, 3], [1, 1]], [[8, 9], [6, 7]]],
  });
  assertEquals(splitDrawing({ rows }, 5).drawn, []);
  assertEquals(splitDrawing({ rows }, 0), { given: [], drawn: [[[1, 2, 3], [1, 1, 1]], [[8, 9], [6, 7]]] });
});

Deno.test("many drawings are asked for in parts, each with its own latents, classes and beginnings", async () => {
  await startBackend("cpu");
  const drawer = plainDrawer({ latentSize: 2, classes: 3 });
  const latents = Float32Array.from({ length: 2 * 250 }, (_, i) => i % 2 === 0 ? 1 + (i / 2) % 5 : 0);
  const labels = Array.from({ length: 250 }, (_, n) => n % 3);
  const prefixes = Array.from({ length: 250 }, (_, n) => [n, 0, 1]);
  const before = tf.memory().numTensors;
  const drawn = await drawMany(drawer, { count: 250, prng: new Prng(1), temperature: 0.3, latents, labels, prefixes });
  assertEquals(tf.memory().numTensors, before);
  assertEquals(drawer.asked.map(({ count, temperature }) => [count, temperature]), [[100, 0.3], [100, 0.3], [50, 0.3]]);
  drawn.forEach(({ rows }, n) => {
    assertEquals([rows[0], rows.length / 3], [n, 1 + 1 + n % 5]);
    const step = rows[6]; // of the second point that is drawn
    if (n % 5 > 0) assert(step >= 1 + n % 3 && step < 2 + n % 3);
  });
  // Those that are not told the class are not.
  await drawMany(plainDrawer({}), { count: 1, prng: new Prng(1), temperature: 1, labels: [] });
  assertEquals(await priorOf(plainDrawer({}), 3, new Prng(1)), undefined);
  const [few, more] = [3, 7].map((count) => priorOf(drawer, count, new Prng(1)));
  assertEquals([...(await more)!.subarray(0, 6)], [...(await few)!]);
});

Deno.test("latents that differ from drawing to drawing are active; what each holds is the closed form", async () => {
  await startBackend("cpu");
  const drawer = plainDrawer({ latentSize: 3 });
  const tally = new LatentTally(3);
  // Means are the second rows: the first number differs from drawing to drawing, the others do not.
  const points = [[4, 7, 0], [-4, 7, 0], [2, 7, 0], [-2, 7, 0]];
  const before = tf.memory().numTensors;
  for (const some of [points.slice(0, 3), points.slice(3)]) {
    await tally.add(drawer.encode!, strokeBatch(some.map((row, i) => drawing(i, 0, 0, 0, ...row))));
  }
  assertEquals(tf.memory().numTensors, before);
  const { use, plane } = tally.finish();
  assertEquals([use.size, use.active], [3, 1]);
  // (mu^2 + 1 - 1 - 0) / 2, means over the drawings, from the greatest on
  [49 / 2, 10 / 2, 0].forEach((kl, i) => assertAlmostEquals(use.kl[i], kl, 1e-6));
  assertAlmostEquals(use.planeShares[0], 1, 1e-9);
  assertEquals(plane.labels, [0, 1, 2, 0]);
  [4, -4, 2, -2].forEach((x, n) => assertAlmostEquals(plane.places[2 * n], x, 1e-6));
});

Deno.test("likelihood names the class that makes a drawing cheapest, by so much", async () => {
  await startBackend("cpu");
  // By class k a drawing costs |points - 1 - k|: of 2 points it is of class 1, of 1 point of class 0, of 3 of class 2.
  const drawer = plainDrawer({ classes: 3, cost: (rows, label) => Math.abs(rows.length / 3 - 1 - label) });
  const named = new ClassLikelihood(drawer, ["a", "b", "c"], { limit: 5, seed: 1 });
  const before = tf.memory().numTensors;
  await named.add(strokeBatch(SOME)); // labels 1, 0, 1
  await named.add(strokeBatch(SOME)); // of which two are seen
  await named.add(strokeBatch(SOME));
  assertEquals(tf.memory().numTensors, before);
  const { by, drawings, top1, nll, confusion } = named.finish()!;
  assertEquals([by, drawings, top1], ["classes", 5, 0.8]);
  assertEquals(confusion, [[2, 0, 0], [0, 2, 1], [0, 0, 0]]);
  const share = (costs: number[], k: number) =>
    Math.exp(-costs[k]) / costs.reduce((sum, cost) => sum + Math.exp(-cost), 0);
  const [two, one, three] = [share([1, 0, 1], 1), share([0, 1, 2], 0), share([2, 1, 0], 1)];
  assertAlmostEquals(nll, -(2 * Math.log(two) + 2 * Math.log(one) + Math.log(three)) / 5, 1e-6);
  assertEquals(new ClassLikelihood(drawer, ["a"], { limit: 0, seed: 1 }).finish(), undefined);
});

Deno.test("a density of offsets divided by s is s squared times that of the offsets", () => {
  // A normal density of deviation 3 in both directions, at 0, of two offsets: 1 / (2 pi 9) each; divided by 3 it is 1 / (2 pi).
  const inUnits = -2 * Math.log(1 / (2 * Math.PI * 9)), divided = -2 * Math.log(1 / (2 * Math.PI));
  assertAlmostEquals(divided + unitNats(plainDrawer({ scale: 3 }), 2), inUnits, 1e-12);
});
