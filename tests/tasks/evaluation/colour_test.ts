/** A model that draws pictures in red, green and blue, from its training to its report, its samples and the page. */
import { assert, assertAlmostEquals, assertEquals, assertNotEquals, assertStringIncludes } from "@std/assert";
import * as tf from "@tensorflow/tfjs-core";
import { decode } from "fast-png";
import { fieldOf } from "../../../pipelines/batches/batch_fields.ts";
import { readBatches } from "../../../pipelines/batches/batch.ts";
import { priorLatents } from "../../../tasks/evaluation/drawn_images.ts";
import { evaluate } from "../../../tasks/evaluation/evaluate.ts";
import { sample } from "../../../tasks/evaluation/samplers.ts";
import { writeEvaluation } from "../../../tasks/report/write_report.ts";
import { loadModel } from "../../../tasks/runs/saved_model.ts";
import { readPageRun } from "../../../tasks/web/site/site_run.ts";
import { openRunEngine } from "../../../tasks/web/engine/run_engine.ts";
import { FAST, inTemporaryFolder, may } from "../../helpers.ts";
import { colourData } from "../colour_data.ts";
import { trainTiny } from "../runs.ts";

const SIDE = 6;
const CELLS = SIDE * SIDE * 3;

/** The tiles of a picture, [S S 3] each, row by row. */
function tilesOf(png: Uint8Array): number[][] {
  const { width, height, data, channels } = decode(png);
  assertEquals(channels, 3);
  const gap = [...data.subarray(0, 3)].join();
  let scale = 0;
  while ([...data.subarray(3 * (scale * width + scale), 3 * (scale * width + scale) + 3)].join() === gap) scale++;
  const pitch = (SIDE + 1) * scale;
  const tiles: number[][] = [];
  for (let top = scale; top + pitch <= height; top += pitch) {
    for (let left = scale; left + pitch <= width; left += pitch) {
      tiles.push(Array.from({ length: CELLS }, (_, i) => {
        const [x, y] = [Math.floor(i / 3) % SIDE, Math.floor(i / 3 / SIDE)];
        return Number(data[3 * ((top + scale * y) * width + left + scale * x) + i % 3]);
      }));
    }
  }
  return tiles;
}

const near = (found: readonly number[], expected: ArrayLike<number>) =>
  found.forEach((level, i) => assertAlmostEquals(level, 255 * expected[i], 0.51));

Deno.test({
  name: "pictures in colour stay so: drawn again, sampled, judged, in the report and on the page",
  ignore: FAST || !may("read", "write"),
  fn: () =>
    inTemporaryFolder(async (folder) => {
      const [data, run] = [`${folder}/data`, `${folder}/run`];
      const index = await colourData(folder, 300);
      await trainTiny(data, run, {
        model: "draw",
        loop: { steps: 160, learningRate: 0.02, batchSize: 16, evaluateEvery: 160 },
      });
      const settings = { folder: run, split: "test", batchSize: 32, importanceSamples: 2, nearestSamples: 5 } as const;
      const judgement = await evaluate(settings);
      const { evaluation, pictures } = judgement;
      const saved = await loadModel(run);
      const drawer = saved.model.images!;
      const read = (split: "train" | "test", batchSize: number) =>
        readBatches({ folder: data, split, batchSize, fields: ["image", "label"], epochs: 1 });

      // The first of the split beside what is drawn of them.
      const [first] = await Array.fromAsync(read("test", 32));
      const bytes = fieldOf(first, "image");
      const shown = tilesOf(pictures.generation!.reconstructions!.pairs);
      for (const i of [0, 7, Math.min(8, first.size - 1)]) {
        assertEquals(shown[16 * Math.floor(i / 8) + i % 8], [...bytes.subarray(i * CELLS, (i + 1) * CELLS)]);
      }
      const colourOf = (tile: readonly number[]) => {
        const sums = [0, 1, 2].map((channel) =>
          tile.reduce((sum, level, i) => i % 3 === channel ? sum + level : sum, 0)
        );
        return sums.indexOf(Math.max(...sums));
      };
      const kept = [0, 1, 2, 3, 4, 5, 6, 7].filter((i) => colourOf(shown[8 + i]) === colourOf(shown[i]));
      assert(kept.length >= 7, `${kept.length} of 8 keep their colour`);

      // Each sample's distance from the training picture nearest to it, picture by picture.
      const train = (await Array.fromAsync(read("train", index.splits.train.examples)))[0];
      const seen = Array.from(fieldOf(train, "image"), (byte) => byte / 255);
      const samples = tf.tidy(() => {
        const { canvases } = drawer.draw(priorLatents(drawer, 5, 0)); // [T, N, S, S, C]
        return tf.reshape(tf.sigmoid(tf.unstack(canvases).at(-1)!), [5, CELLS]).arraySync() as number[][];
      });
      const distances = samples.map((drawn) => {
        const pictures = Array.from({ length: train.size }, (_, m) => seen.slice(m * CELLS, (m + 1) * CELLS));
        const away = pictures.map((picture) => picture.reduce((sum, value, i) => sum + (value - drawn[i]) ** 2, 0));
        return Math.sqrt(Math.min(...away) / CELLS);
      }).sort((a, b) => a - b);
      const { copies, nearest } = evaluation.generation!;
      assertAlmostEquals(copies!.pixels.samples, distances[2], 1e-4);
      assertEquals([copies!.samples, nearest], [5, undefined]); // nats are of grey images

      await Deno.writeTextFile(`${run}/options.json`, '{"seed": 0}');
      await writeEvaluation(run, judgement);
      const html = await Deno.readTextFile(`${run}/report.html`);
      for (const words of ["draw on colours", "Step by step"]) assertStringIncludes(html, words);

      // Samples from the prior, and on the page the same of the same latents.
      const made = await sample(saved, { count: 9, seed: 3, kinds: ["samples", "steps", "interpolation", "fixed"] });
      const files = made.map(({ file }) => file);
      for (const file of ["samples.png", "steps.png", "steps.gif", "interpolation.png"]) {
        assert(files.includes(file), file);
      }
      const drawnAt = (count: number, seed: number) =>
        tf.tidy(() => {
          const { canvases } = drawer.draw(priorLatents(drawer, count, seed));
          return tf.sigmoid(tf.unstack(canvases).at(-1)!).dataSync() as Float32Array;
        });
      const expected = drawnAt(9, 3);
      tilesOf(
        made.find(({ file }) => file === "samples.png")!.bytes,
      ).forEach((tile, n) => near(tile, expected.subarray(n * CELLS, (n + 1) * CELLS)));
      const page = await readPageRun(run, "colours");
      const [{ bytes: weights }] = Object.values(page.files);
      using engine = await openRunEngine({ name: "colours", bytes: weights, check: page.run.check }, {
        backend: "wasm",
      });
      assertEquals(engine.card.check, { passed: true, worst: 0 });
      const images = await engine.drawImages({ count: 9, seed: 3 });
      images.forEach(({ canvases, channels, side, steps }, n) => {
        assertEquals([channels, side, canvases.length], [3, SIDE, steps * CELLS]);
        near([...canvases.subarray(-CELLS)], expected.subarray(n * CELLS, (n + 1) * CELLS));
      });
      assertNotEquals(images[0].canvases, images[1].canvases);
      saved.model.dispose();
    }),
});
