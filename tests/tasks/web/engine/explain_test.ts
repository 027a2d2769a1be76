/** Where a decision comes from, against finite differences of what the model says of other frames. */
import * as tf from "@tensorflow/tfjs-core";
import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { startBackend } from "../../../../models/backends/backend.ts";
import type { FrameReader } from "../../../../models/model.ts";
import { Prng } from "../../../../pipelines/base/prng.ts";
import { gradientTimesInput, logOddsOf } from "../../../../tasks/web/engine/explain.ts";
import { buildRun, partsOf } from "../../../../tasks/web/engine/built_run.ts";
import { openRunEngine } from "../../../../tasks/web/engine/run_engine.ts";
import { may } from "../../../helpers.ts";
import { HOUSE, type Made, makeBuilt, makeFile, makeSiteRun, PICTURES } from "./site_runs.ts";

const READERS: Made[] = [{ model: "cnn-lstm" }, { model: "cnn" }, { model: "cnn", data: PICTURES }];
const LABEL = 1;
const STEP = 0.001;

/** The log odds of any frames, from probabilities in double precision. */
function oddsOf(reader: FrameReader, frames: Float32Array, shape: number[]): number {
  const logs = tf.tidy(
    () => [...reader.classify(tf.tensor4d(frames, shape as [number, number, number, number])).dataSync()],
  );
  const others = logs.filter((_, label) => label !== LABEL).reduce((sum, log) => sum + Math.exp(log), 0);
  return logs[LABEL] - Math.log(others);
}

Deno.test("log odds are those of the probabilities", async () => {
  await startBackend("cpu");
  const probabilities = [0.5, 0.3, 0.2];
  const odds = [0, 1, 2].map((label) =>
    tf.tidy(() => logOddsOf(tf.log(tf.tensor2d(probabilities, [1, 3])), label).dataSync()[0])
  );
  assertAlmostEquals(odds[0], 0, 1e-6);
  assertAlmostEquals(odds[1], Math.log(0.3 / 0.7), 1e-6);
  assertAlmostEquals(odds[2], Math.log(0.2 / 0.8), 1e-6);
});

for (const backend of ["wasm", "cpu"] as const) {
  for (const made of READERS) {
    const what = `${made.model} of ${made.data ? "pictures" : "strokes"} on ${backend}`;
    Deno.test({
      name: `${what}: the gradient of any frames is that of finite differences`,
      ignore: !may("read"),
      fn: async () => {
        const bytes = await makeFile(made);
        await startBackend(backend);
        const run = await buildRun(bytes, "it");
        const { model } = run;
        const reader = model.frames!;
        const { batch } = partsOf(run).naming!.reader.view.see([HOUSE]);
        const shape = tf.tidy(() => reader.see(batch).shape);
        const prng = new Prng(5);
        const size = shape.reduce((product, length) => product * length, 1);
        const frames = Float32Array.from({ length: size }, () => prng.uniform()); // no two cells of a pool are equal
        const gradient = tf.tidy(() =>
          Float32Array.from(
            tf.grad((x) => logOddsOf(reader.classify(x as tf.Tensor4D), LABEL))(tf.tensor4d(frames, shape)).dataSync(),
          )
        );
        assert(Math.max(...gradient.map(Math.abs)) > 0);
        for (let trial = 0; trial < 6; trial++) {
          // The slope along the gradient's signs in some cells, so that it stands out of the rounding.
          const direction = gradient.map((slope) => prng.uniform() < 0.5 ? Math.sign(slope) : 0);
          const at = (step: number) => oddsOf(reader, frames.map((cell, i) => cell + step * direction[i]), shape);
          const slope = gradient.reduce((sum, value, i) => sum + value * direction[i], 0);
          assertAlmostEquals((at(STEP) - at(-STEP)) / (2 * STEP) / slope, 1, 0.02);
        }
        model.dispose();
      },
    });
  }
}

for (const made of READERS) {
  Deno.test({
    name: `${made.model} of ${made.data ? "pictures" : "strokes"}: frames that are seen are those that are classified`,
    ignore: !may("read"),
    fn: async () => {
      const run = await makeBuilt(made);
      const { batch } = partsOf(run).naming!.reader.view.see([HOUSE, HOUSE.slice(0, 1)]);
      const { frames, classify } = run.model;
      const [shown, direct] = tf.tidy(() => [
        [...frames!.classify(frames!.see(batch)).dataSync()],
        [...classify!(batch).dataSync()],
      ]);
      assertEquals(shown, direct);
      run.model.dispose();
    },
  });

  Deno.test({
    name: `${made.model} of ${made.data ? "pictures" : "strokes"}: what cells say adds up, frame by frame`,
    ignore: !may("read"),
    fn: async () => {
      const { run, bytes } = await makeSiteRun(made);
      using engine = await openRunEngine({ name: run.name, bytes, check: run.check }, { backend: "wasm" });
      const { cells, frames, side } = await engine.explain(HOUSE, LABEL);
      const built = await makeBuilt(made);
      const reader = built.model.frames!;
      const { batch } = partsOf(built).naming!.reader.view.see([HOUSE]);
      const seen = tf.tidy(() => Float32Array.from(reader.see(batch).dataSync()));
      assertEquals(cells.length, seen.length);
      assert(cells.every((value, i) => seen[i] > 0 || value === 0)); // blank cells say nothing
      const frameSize = side * side;
      for (let t = 0; t < frames; t++) {
        const isIn = (i: number) => Math.floor(i / frameSize) === t;
        // All cells of a frame made fainter alike: what was equal in a pool stays so.
        const at = (step: number) =>
          oddsOf(reader, seen.map((cell, i) => isIn(i) ? cell * (1 + step) : cell), [1, frames, side, side]);
        const slope = (at(STEP) - at(-STEP)) / (2 * STEP);
        const sum = cells.reduce((sum, value, i) => isIn(i) ? sum + value : sum, 0);
        assertAlmostEquals(sum, slope, 2e-4 + 0.02 * Math.abs(slope));
        assertEquals(seen.some((cell, i) => isIn(i) && cell > 0), sum !== 0);
      }
      const direct = gradientTimesInput(reader, batch, LABEL);
      assertEquals(cells, direct.dataSync());
      direct.dispose();
      built.model.dispose();
    },
  });
}
