/** What students of samples are told while they learn. */
import { assertEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs-core";
import { startBackend } from "../../../models/backends/backend.ts";
import type { Able, Model, Pass } from "../../../models/model.ts";
import { LOOP_OPTIONS } from "../../../tasks/runs/settings.ts";
import { defaultsOf } from "../../../pipelines/base/option_table.ts";
import type { ImageClassifier } from "../../../tasks/evaluation/generation_classes.ts";
import { studentAccuracy } from "../../../tasks/evaluation/student_accuracy.ts";

Deno.test("students see what a teacher saw after its own steps, not the small pictures of a beginning", async () => {
  await startBackend("cpu");
  const seen: (number | undefined)[] = [];
  const untrained = (): Model & Able<"classify"> => {
    const weights = tf.variable(tf.tensor1d([1, 2]));
    return {
      variables: { weights },
      objectives: [{
        name: "loss",
        trains: ["weights"],
        loss(_, { training }: Pass) {
          seen.push(training?.stepsTaken);
          return { loss: tf.sum(tf.square(weights)) as tf.Scalar, metrics: {} };
        },
      }],
      noNetworks: "of a test",
      classify: ({ size }) => tf.zeros<tf.Rank.R2>([size, 2]),
      dispose: () => weights.dispose(),
    };
  };
  const teacher: ImageClassifier = {
    classifier: { model: "teacher", step: 77 },
    names: ["a", "b"],
    loop: { ...defaultsOf(LOOP_OPTIONS), batchSize: 2 },
    read: (images) => Promise.resolve(Float32Array.from(images, (level) => level)), // pictures of one cell, two a row
    untrained,
  };
  const pictures = Uint8Array.of(9, 1, 1, 9, 9, 1, 1, 9);
  const given = { samples: pictures, train: pictures, real: pictures, labels: [0, 1, 0, 1], steps: 3, seed: 1 };
  const { teacher: right } = (await studentAccuracy(teacher, given))!;
  assertEquals([right, seen], [1, new Array(6).fill(77)]); // three steps of each student
});
