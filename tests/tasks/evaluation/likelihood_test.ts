import * as tf from "@tensorflow/tfjs-core";
import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { startBackend } from "../../../models/backends/backend.ts";
import type { Model } from "../../../models/model.ts";
import { Prng } from "../../../pipelines/base/prng.ts";
import type { JudgedRun } from "../../../tasks/evaluation/judge.ts";
import { likelihoodJudge, logMeanExp } from "../../../tasks/evaluation/likelihood.ts";
import { FAST } from "../../helpers.ts";
import { batches, build, SIDE } from "./tiny_draw.ts";

const RUN: JudgedRun = {
  ...{ classes: ["0"], strokes: 0, split: "test", fields: {}, picture: { field: "image", grey: true } },
  ...{ trainExamples: 0, seed: 4 },
};

const ONE = { importanceSamples: 1, importanceExamples: 0 };

/** What the judge finds of batches. */
async function judge(model: Model, sizes: number[], importanceSamples: number, importanceExamples = 0) {
  const options = { importanceSamples, importanceExamples };
  const judging = likelihoodJudge.begin({ likelihood: model.likelihood! }, RUN, options);
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
    () => likelihoodJudge.begin({ likelihood: model.likelihood! }, RUN, ONE).finish(batches()),
    RangeError,
    "no examples",
  );
  model.dispose();
});

Deno.test("how often the model is run is known beforehand", async () => {
  await startBackend("cpu");
  const model = build();
  let encoded = 0;
  const likelihood = {
    ...model.likelihood!,
    encode(...given: Parameters<NonNullable<Model["likelihood"]>["encode"]>) {
      encoded += given[0].shape[0];
      return model.likelihood!.encode(...given);
    },
  };
  for (const [importanceExamples, expected] of [[0, 48], [8, 36]]) {
    encoded = 0;
    const judging = likelihoodJudge.begin({ likelihood }, RUN, { importanceSamples: 4, importanceExamples });
    for await (const batch of batches(3, 5, 4)) await judging.add({ ...batch, epoch: 0, seen: 0 });
    assertEquals([encoded, judging.runs!(12)], [expected, expected]);
  }
  model.dispose();
});

Deno.test("bounds by fewer latents are of groups of those that were drawn, on the first examples alone", async () => {
  await startBackend("cpu");
  const model = build();
  tf.tidy(() => model.variables["posterior/bias"].assign(tf.tensor1d([1, -1, 1, -1, 0.5, -1])));
  const weights: Float32Array[] = []; // in the order in which they were drawn, [B] each
  const { see, encode } = model.likelihood!;
  const watched: Model = {
    ...model,
    likelihood: {
      see,
      encode(seen, pass) {
        const encoded = encode(seen, pass);
        weights.push(encoded.logWeight.dataSync<"float32">().slice());
        return encoded;
      },
    },
  };
  const { importance } = await judge(watched, [3, 5, 4], 30, 5);
  // 30 latents for a batch of 3 and for one of 5, of which 2 count; one for the others.
  assertEquals(weights.map(({ length }) => length), [...Array(30).fill(3), ...Array(30).fill(5), 4]);
  const ofExample = [0, 1, 2].map((b) => weights.slice(0, 30).map((drawn) => drawn[b]))
    .concat([0, 1].map((b) => weights.slice(30, 60).map((drawn) => drawn[b]))); // [5, 30]
  const expected = [1, 10, 30].map((size) => {
    const bounds = ofExample.map((logs) => {
      const groups = Array.from({ length: 30 / size }, (_, g) => logs.slice(g * size, (g + 1) * size));
      const means = groups.map((group) => Math.log(group.reduce((sum, value) => sum + Math.exp(value), 0) / size));
      return -means.reduce((sum, value) => sum + value, 0) / means.length;
    });
    const bound = bounds.reduce((sum, value) => sum + value, 0) / 5;
    const variance = bounds.reduce((sum, value) => sum + (value - bound) ** 2, 0) / 4;
    return { samples: size, bound, error: Math.sqrt(variance / 5) };
  });
  assertEquals([importance.samples, importance.examples], [30, 5]);
  for (const [i, { samples, bound, error }] of importance.bounds!.entries()) {
    assertEquals(samples, expected[i].samples);
    assertAlmostEquals(bound, expected[i].bound, 1e-4);
    assertAlmostEquals(error!, expected[i].error, 1e-3);
  }
  assertEquals([importance.bound, importance.error], [importance.bounds![2].bound, importance.bounds![2].error]);
  assert(importance.bounds![0].bound > importance.bounds![1].bound && importance.bounds![1].bound > importance.bound);

  const whole = (await judge(model, [3, 5], 2)).importance;
  assertEquals([whole.examples, whole.bounds!.map(({ samples }) => samples)], [undefined, [1, 2]]);
  assertEquals((await judge(model, [3, 5], 1)).importance.bounds, undefined);
  assertEquals((await judge(model, [3, 5], 1, 100)).importance.examples, undefined); // there are fewer
  model.dispose();
});

Deno.test("cells that are drawn at random are drawn once: all latents of an example are of the same one", async () => {
  await startBackend("cpu");
  const model = build({ binarize: "stochastic" });
  // Latents that say nothing (the posterior is the prior, and nothing is written): -ln p(x) is that of a Bernoulli variable
  // of log odds 1 a cell, whatever the latents, so that any number of them gives the same bound.
  const { variables } = model;
  for (const name of ["posterior/weights", "posterior/bias", "write/weights", "write/bias"]) {
    tf.tidy(() => variables[name].assign(tf.zerosLike(variables[name])));
  }
  tf.tidy(() => variables.canvas0.assign(tf.onesLike(variables.canvas0)));
  const size = 500, cells = SIDE * SIDE, brightness = 64 / 255;
  const fields = { image: new Uint8Array(size * cells).fill(64), label: new Uint8Array(size) };
  const judged = async (importanceSamples: number) => {
    const judging = likelihoodJudge.begin({ likelihood: model.likelihood! }, RUN, { ...ONE, importanceSamples });
    for (let at = 0; at < 2; at++) await judging.add({ size, fields, epoch: 0, seen: at * size });
    return (await judging.finish(batches())).score;
  };
  const before = tf.memory().numTensors;
  const [one, many] = [await judged(1), await judged(9)];
  assertEquals(tf.memory().numTensors, before);
  assertAlmostEquals(many.importance.bound, many.bound, 1e-5);
  assertAlmostEquals(one.bound, one.importance.bound, 1e-5);
  // By the expectation over the cells; anew for each of nine latents, the weighted bound is 1.7 nats below it.
  const deviation = Math.sqrt(cells * brightness * (1 - brightness) / (2 * size));
  assert(Math.abs(many.bound - cells * (Math.log1p(Math.E) - brightness)) < 4 * deviation, `${many.bound}`);
  model.dispose();
});

Deno.test("log of the mean of exponentials", () => {
  assertAlmostEquals(logMeanExp([-1000, -1000 + Math.log(3)]), -1000 + Math.log(2), 1e-9);
  assertEquals(logMeanExp([3.5]), 3.5);
});
