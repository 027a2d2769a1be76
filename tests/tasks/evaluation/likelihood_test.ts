import * as tf from "@tensorflow/tfjs-core";
import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { startBackend } from "../../../models/backends/backend.ts";
import type { Model } from "../../../models/model.ts";
import { Prng } from "../../../pipelines/base/prng.ts";
import type { JudgedRun } from "../../../tasks/evaluation/judge.ts";
import { likelihoodJudge, logMeanExp } from "../../../tasks/evaluation/likelihood.ts";
import { FAST } from "../../helpers.ts";
import { batches, build } from "./tiny_draw.ts";

const RUN: JudgedRun = {
  ...{ classes: ["0"], strokes: 0, split: "test", fields: ["image"], picture: { field: "image", grey: true } },
  ...{ trainExamples: 0, seed: 4 },
};

/** What the judge finds of batches. */
async function judge(model: Model, sizes: number[], importanceSamples: number) {
  const judging = likelihoodJudge.begin({ likelihood: model.likelihood! }, RUN, { importanceSamples });
  for await (const batch of batches(...sizes)) await judging.add({ ...batch, epoch: 0, seen: 0 });
  return (await judging.finish(batches())).score;
}

Deno.test("the bound is the objective's, batch by batch, and more importance samples make it tighter", {
  ignore: FAST,
}, async () => {
  await startBackend("cpu");
  const model = build();
  const [objective] = model.objectives;
  const before = tf.memory().numTensors;
  const one = await judge(model, [3, 5], 1);
  assertEquals(tf.memory().numTensors, before);
  const prng = new Prng(4, 2);
  let expected = 0;
  for await (const batch of batches(3, 5)) {
    const pass = { prng, training: undefined, firstExample: 0 };
    expected += batch.size * tf.tidy(() => objective.loss(batch, pass).loss.dataSync()[0]) / 8;
  }
  assertAlmostEquals(one.bound, expected, 1e-4);
  assertAlmostEquals(one.kl + one.reconstruction, one.bound, 1e-9);
  assertAlmostEquals(one.klPerStep[0] + one.klPerStep[1], one.kl, 1e-9);

  // A posterior away from the prior, so that the weights differ.
  tf.tidy(() => model.variables["posterior/bias"].assign(tf.tensor1d([1, -1, 1, -1, 0.5, -1])));
  const many = await judge(model, [3, 5], 200);
  assert(many.importance.bound < many.bound - 0.1, `${many.importance.bound} ${many.bound}`);
  assertThrows(
    () => likelihoodJudge.begin({ likelihood: model.likelihood! }, RUN, { importanceSamples: 1 }).finish(batches()),
    RangeError,
    "no examples",
  );
  model.dispose();
});

Deno.test("log of the mean of exponentials", () => {
  assertAlmostEquals(logMeanExp([-1000, -1000 + Math.log(3)]), -1000 + Math.log(2), 1e-9);
  assertEquals(logMeanExp([3.5]), 3.5);
});
