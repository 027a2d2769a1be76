/** A begun drawing, its size and its endings, by models whose ways are known; and what real ones are asked. */
import * as tf from "@tensorflow/tfjs-core";
import { assert, assertAlmostEquals, assertEquals, assertNotEquals, assertRejects } from "@std/assert";
import { startBackend } from "../../../../models/backends/backend.ts";
import type { StrokeDrawer, StrokeRequest } from "../../../../models/stroke_drawer.ts";
import { Prng } from "../../../../pipelines/base/prng.ts";
import { fieldOf } from "../../../../pipelines/batches/batch_fields.ts";
import { strokeBatch } from "../../../../pipelines/batches/stroke_batch.ts";
import { boundsOf, countPoints, type Drawing, fromStroke3, toStroke3 } from "../../../../pipelines/strokes/stroke.ts";
import { likeliestShare, shrunk } from "../../../../tasks/web/engine/begun_strokes.ts";
import { strokeWork } from "../../../../tasks/web/engine/stroke_work.ts";
import { may } from "../../../helpers.ts";
import { HOUSE, makeBuilt } from "./site_runs.ts";

/** Offsets of this deviation, each axis on its own, nothing else. */
const DEVIATION = 20;
/** What the model draws behind what is begun, in the units of the data. */
const BEHIND = [10, -20, 0, 30, 0, 1];

/** A model that finds offsets the likelier the shorter they are, and goes on with the same stroke always. */
function plainDrawer(asked: StrokeRequest[] = []): StrokeDrawer {
  return {
    ...{ latentSize: 0, classes: 0, maxLength: 40, scale: 1 },
    score(batch) {
      const [rows, offsets] = [fieldOf(batch, "stroke3"), fieldOf(batch, "stroke3_offsets")];
      const nats = Array.from({ length: batch.size }, (_, b) => {
        let sum = 0;
        for (let row = offsets[b] + 1; row < offsets[b + 1]; row++) { // the first is no offset
          const [dx, dy] = [rows[3 * row], rows[3 * row + 1]];
          sum += (dx * dx + dy * dy) / (2 * DEVIATION ** 2) + Math.log(2 * Math.PI * DEVIATION ** 2);
        }
        return sum;
      });
      const zeros = () => tf.zeros<tf.Rank.R1>([batch.size]);
      return { offsets: tf.tensor1d(nats), pen: zeros(), kl: zeros() };
    },
    draw(request) {
      asked.push(request);
      const rowsOf = (n: number) => Float32Array.of(...Array.from(request.prefixes?.[n] ?? [0, 0, 0]), ...BEHIND);
      return Promise.resolve(
        Array.from({ length: request.count }, (_, n) => ({ rows: rowsOf(n), ended: n === 0 })),
      );
    },
  };
}

/** A line to and fro, of which no point can be left out. */
function zigzag(step: number, height: number): Drawing {
  const xs = Array.from({ length: Math.floor(255 / step) + 1 }, (_, i) => i * step);
  return [[xs, xs.map((_, i) => i % 2 * height)]];
}

Deno.test("a begun drawing is made so small that its offsets are the likeliest", async () => {
  await startBackend("cpu");
  const chosen = [];
  for (const height of [20, 40, 80, 120]) {
    const drawing = zigzag(16, height);
    const share = await likeliestShare(plainDrawer(), drawing);
    // s^2 m / (2 sigma^2) - 2 ln s is least where s^2 = 2 sigma^2 / m, m the mean square of the offsets.
    const best = Math.sqrt(2 * DEVIATION ** 2 / (16 ** 2 + height ** 2));
    const nearest = Array.from({ length: 9 }, (_, i) => 2 ** (-i / 4))
      .reduce((a, b) => Math.abs(Math.log(b / best)) < Math.abs(Math.log(a / best)) ? b : a);
    assertEquals(share, nearest);
    chosen.push(share);
  }
  assertEquals(new Set(chosen).size, 4);
  assertEquals(await likeliestShare(plainDrawer(), [[[3, 4], [3, 3]]]), 1);
});

Deno.test("a drawing made smaller is simplified as drawings of that size are", () => {
  const bent: Drawing = [[[0, 100, 200], [0, 3, 0]], [[255], [101]]];
  assertEquals(shrunk(bent, 1), [[[0, 100, 200], [0, 3, 0]], [[255], [101]]]);
  assertEquals(shrunk(bent, 0.5), [[[0, 100], [0, 0]], [[128], [51]]]); // 1.5 off the line: within 2
});

Deno.test("endings lie where the begun drawing lies, in its units", async () => {
  const asked: StrokeRequest[] = [];
  const work = strokeWork(plainDrawer(asked));
  const begun: Drawing = [[[0, 200], [0, 100]]];
  const endings = await work.finish(begun, { count: 2, temperature: 0.3, seed: 5, share: 0.5 });
  // It was begun to (100, 50) as the model sees it: from there by (10, -20) and (30, 0), and back by 2.
  assertEquals(endings.map(({ drawing }) => drawing), [[[[220, 280], [60, 60]]], [[[220, 280], [60, 60]]]]);
  assertEquals(endings.map(({ ended }) => ended), [true, false]);
  const [{ prefixes, count, temperature }] = asked;
  assertEquals([count, temperature], [2, 0.3]);
  assertEquals(prefixes!.map((rows) => fromStroke3(rows)), [[[[0, 100], [0, 50]]], [[[0, 100], [0, 50]]]]);
  const [drawn] = await work.drawStrokes({ count: 1, temperature: 1, seed: 5 });
  // From (0, 0) to (10, -20) and (40, -20): its larger side becomes 255.
  assertEquals(drawn.drawing, [[[0, 64, 255], [128, 0, 0]]]);
});

Deno.test("what cannot be drawn is refused", async () => {
  const work = strokeWork(plainDrawer());
  const wish = { count: 1, temperature: 0.5, seed: 1 };
  const cases: [work: () => Promise<unknown>, words: string][] = [
    [() => work.finish([], wish), "cannot go on with the drawing: it is blank"],
    [() => work.finish([[[0.5], [1]]], wish), "stroke 1 has 0.5"],
    [() => work.finish(HOUSE, { ...wish, share: 0 }), "a share of 0: expected above 0, to 1"],
    [() => work.finish(zigzag(6, 120), { ...wish, share: 1 }), "it has 43 points, the model's drawings 40 at most"],
    [() => work.finish(HOUSE, { ...wish, count: 0 }), "cannot draw 0: expected a whole number, 1 to 100"],
    [() => work.drawStrokes({ ...wish, count: 101 }), "cannot draw 101"],
    [() => work.drawStrokes({ ...wish, latents: [new Float32Array(3)] }), "the model takes none"],
    [() => work.drawStrokes(wish, HOUSE), "the model has no encoder"],
  ];
  for (const [work, words] of cases) await assertRejects(work, RangeError, words);
});

Deno.test({
  name: "latents lead to the very drawing again, and a drawing's own to its like",
  ignore: !may("read"),
  fn: async () => {
    const { model } = await makeBuilt({ model: "sketch-rnn", options: { maxLength: 30 } });
    await startBackend("wasm");
    const work = strokeWork(model.strokes!);
    const wish = { count: 8, temperature: 0.4, seed: 7 };
    const before = tf.memory().numTensors;
    const drawn = await work.drawStrokes(wish);
    await work.finish(HOUSE, wish);
    assertEquals(tf.memory().numTensors, before);
    assertEquals(drawn.map(({ latent }) => latent!.length), new Array(8).fill(4));
    const latents = drawn.map(({ latent }) => latent!);
    assertEquals(await work.drawStrokes({ ...wish, latents }), drawn);
    assertNotEquals(await work.drawStrokes({ ...wish, latents: latents.toReversed() }), drawn);
    assertNotEquals(await work.drawStrokes({ ...wish, seed: 8 }), drawn);
    const lines = drawn.filter(({ drawing }) => countPoints(drawing) > 1); // some end where they begin
    assert(lines.length > 2);
    for (const { drawing } of lines) {
      const { minX, minY, maxX, maxY } = boundsOf(drawing);
      assertEquals([minX, minY, Math.max(maxX, maxY)], [0, 0, 255]);
    }
    const like = await work.drawStrokes(wish, HOUSE);
    const { mu, logVar } = model.strokes!.encode!(strokeBatch([{ rows: toStroke3(HOUSE) }]));
    for (const { latent } of like) assertEquals([...latent!], [...mu.dataSync()]);
    tf.dispose([mu, logVar]);
    const few = [new Float32Array(4), new Float32Array(3)];
    await assertRejects(
      () => work.drawStrokes({ ...wish, latents: few }),
      RangeError,
      "cannot draw 8 from 2 latents of 3 numbers: expected 8 of 4",
    );
    // Endings begin from latents that the beginning may have, at the size at which it is shown: mu + sigma noise.
    const endings = await work.finish(HOUSE, { ...wish, count: 40, share: 0.7 });
    const begun = model.strokes!.encode!(strokeBatch([{ rows: toStroke3(shrunk(HOUSE, 0.7)) }]));
    const [means, logs] = [begun.mu.dataSync(), begun.logVar.dataSync()];
    for (let z = 0; z < 4; z++) {
      const off = endings.map(({ latent }) => (latent![z] - means[z]) / Math.exp(logs[z] / 2));
      const mean = off.reduce((sum, value) => sum + value, 0) / 40;
      const deviation = Math.sqrt(off.reduce((sum, value) => sum + (value - mean) ** 2, 0) / 40);
      assert(Math.abs(mean) < 0.6 && deviation > 0.6 && deviation < 1.4, `${mean}, ${deviation}`); // 4 standard errors
    }
    tf.dispose(begun);
    // An ending's latent leads to it again.
    const [ending] = await work.finish(HOUSE, { ...wish, count: 1, share: 0.7 });
    const again = { ...wish, count: 1, share: 0.7, latents: [ending.latent!] };
    assertEquals(await work.finish(HOUSE, again), [ending]);
    model.dispose();
  },
});

Deno.test({
  name: "a model that must be told a class is told it",
  ignore: !may("read"),
  fn: async () => {
    const { model } = await makeBuilt({ model: "sketch-rnn", options: { conditional: false, classCondition: true } });
    await startBackend("wasm");
    const work = strokeWork(model.strokes!);
    const wish = { count: 1, temperature: 0.4, seed: 7 };
    await assertRejects(
      () => work.drawStrokes(wish),
      RangeError,
      "cannot draw class undefined: the model has to be told",
    );
    await assertRejects(() => work.drawStrokes({ ...wish, label: 3 }), RangeError, "cannot draw class 3");
    const [[one], [two]] = [
      await work.drawStrokes({ ...wish, label: 1 }),
      await work.drawStrokes({ ...wish, label: 2 }),
    ];
    assertEquals(one.latent, undefined);
    assertNotEquals(one.drawing, two.drawing);
    assertEquals((await work.finish([[[0, 255], [0, 9]]], { ...wish, label: 1 })).length, 1);
    // The size of what is begun is judged by the class that was told.
    const share = await likeliestShare(model.strokes!, HOUSE, 1);
    assert(share > 0 && share <= 1);
    const score = model.strokes!.score(strokeBatch([{ rows: toStroke3(HOUSE) }]), new Prng(0), { labels: [1] });
    assertAlmostEquals(score.kl.dataSync()[0], 0);
    tf.dispose(score);
    model.dispose();
  },
});
