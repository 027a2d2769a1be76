import * as tf from "@tensorflow/tfjs-core";
import { assert, assertAlmostEquals } from "@std/assert";
import { startBackend } from "../../../../models/backends/backend.ts";
import type { Model } from "../../../../models/model.ts";
import { STEP_OPTIONS } from "../../../../models/step_options.ts";
import { seq2seq } from "../../../../models/zoo/seq2seq/seq2seq.ts";
import { transformer } from "../../../../models/zoo/transformer/transformer.ts";
import { defaultsOf } from "../../../../pipelines/base/option_table.ts";
import { Prng } from "../../../../pipelines/base/prng.ts";
import { sliceBatch } from "../../../../pipelines/batches/batch_builder.ts";
import { TINY_BATCH, TINY_SUMS } from "./patterned_sums.ts";

/** The loss in training of the examples from one on. */
function lossOf({ objectives: [objective] }: Model, from: number, to: number): number {
  return tf.tidy(() => {
    const pass = { prng: new Prng(7), training: defaultsOf(STEP_OPTIONS), firstExample: from };
    return objective.loss(sliceBatch(TINY_BATCH, from, to), pass).loss.dataSync()[0];
  });
}

Deno.test("what is dropped in an example depends on its place in the whole batch, however it is shared out", async () => {
  await startBackend("cpu");
  const models = [
    seq2seq.build({ ...seq2seq.tiny, decoderUnits: [8, 8], attention: true, dropoutRate: 0.4 }, TINY_SUMS, new Prng(1)),
    transformer.build({ ...transformer.tiny, dropoutRate: 0.4 }, TINY_SUMS, new Prng(1)),
  ];
  for (const model of models) {
    const whole = lossOf(model, 0, 4);
    assertAlmostEquals((lossOf(model, 0, 3) * 3 + lossOf(model, 3, 4)) / 4, whole, 1e-6);
    // The last example at another place has other units dropped.
    const moved = tf.tidy(() => {
      const pass = { prng: new Prng(7), training: defaultsOf(STEP_OPTIONS), firstExample: 0 };
      return model.objectives[0].loss(sliceBatch(TINY_BATCH, 3, 4), pass).loss.dataSync()[0];
    });
    assert(Math.abs(moved - lossOf(model, 3, 4)) > 1e-4);
    model.dispose();
  }
});
