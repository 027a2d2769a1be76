import * as tf from "@tensorflow/tfjs-core";
import { assertEquals } from "@std/assert";
import { startBackend } from "../../../models/backends/backend.ts";
import { objectiveMeans } from "../../../models/gradients/evaluate_objective.ts";
import type { Objective } from "../../../models/model.ts";
import type { Batch } from "../../../pipelines/dataset.ts";
import { Prng } from "../../../pipelines/base/prng.ts";

/** Each loss is 1 by a pass; by answers it is their mean. */
const bySight: Objective = { name: "sight", trains: ["w"], loss: () => ({ loss: tf.scalar(1), metrics: {} }) };
const byAnswers: Objective = {
  ...bySight,
  name: "answers",
  lossOfAnswers: (logProbs) => ({
    loss: tf.mean(logProbs) as tf.Scalar,
    metrics: { most: tf.max(logProbs) as tf.Scalar },
  }),
};

Deno.test("known answers spare the objectives that take no more a pass, and are weighted by the batch", async () => {
  await startBackend("cpu");
  const before = tf.memory().numTensors;
  const of = (size: number): Batch => ({ size, fields: {} });
  const means = objectiveMeans({ objectives: [byAnswers, bySight] }, new Prng(1));
  await means.add(of(1), { logProbs: Float32Array.of(2, 4) }); // 3, most 4
  await means.add(of(3), { logProbs: Float32Array.of(7, 7, 7, 7, 7, 13) }); // 8, most 13
  assertEquals(means.finish(), { "loss": (3 + 3 * 8) / 4, "most": (4 + 3 * 13) / 4, "sight.loss": 1 });

  const some: Objective = {
    ...bySight,
    loss: ({ size }) => ({ loss: tf.scalar(1), metrics: size < 2 ? {} : { size: tf.scalar(size) } }),
  };
  const partly = objectiveMeans({ objectives: [some] }, new Prng(1));
  for (const size of [1, 3, 2, 1]) await partly.add(of(size));
  assertEquals(partly.finish(), { loss: 1, size: (3 * 3 + 2 * 2) / 5 });

  const passes = objectiveMeans({ objectives: [byAnswers, bySight] }, new Prng(1));
  await passes.add(of(2));
  assertEquals(passes.finish(), { "loss": 1, "sight.loss": 1 });
  assertEquals(tf.memory().numTensors, before);
});
