/** A loss that is none is told by its objective's name, in training and in evaluation. */
import * as tf from "@tensorflow/tfjs-core";
import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { startBackend } from "../../../models/backends/backend.ts";
import { differentiate } from "../../../models/gradients/differentiate.ts";
import { objectiveMeans } from "../../../models/gradients/evaluate_objective.ts";
import type { Model, Objective } from "../../../models/model.ts";
import { defineModel } from "../../../models/model_spec.ts";
import { InputError } from "../../../pipelines/base/errors.ts";
import { Prng } from "../../../pipelines/base/prng.ts";

const BATCH = { size: 1, fields: {} };

/** What a loss gives of its variable, and in which words it is refused. */
const CASES: Readonly<Record<string, readonly [of: (w: tf.Variable) => unknown, words: string]>> = {
  promise: [
    async (w) => await Promise.reject(new Error(`late ${w.name}`)),
    "its loss gave a promise, expected { loss, metrics }",
  ],
  nothing: [() => undefined, "its loss gave undefined"],
  number: [() => 3, "its loss gave 3"],
  tensor: [(w) => tf.square(w), "its loss gave a tensor [2]"],
  vector: [(w) => ({ loss: tf.square(w), metrics: {} }), "its loss is a tensor [2], expected a scalar tensor"],
  "no metrics": [(w) => ({ loss: tf.sum(w) }), "its metrics are undefined, expected scalar tensors by name"],
  "a number": [
    (w) => ({ loss: tf.sum(w), metrics: { half: 0.5 } }),
    "its metric half is 0.5, expected a scalar tensor",
  ],
};

for (const [name, [of, words]] of Object.entries(CASES)) {
  Deno.test(`a loss that gives ${name} is refused`, async () => {
    await startBackend("cpu");
    const w = tf.variable(tf.tensor1d([1, 2]));
    const loss: unknown = () => of(w);
    const objective = { name: "nll", trains: ["w"], loss } as Objective;
    const model: Model = { variables: { w }, objectives: [objective], dispose: () => w.dispose() };
    const input = { batch: BATCH, prng: new Prng(1) };
    assertThrows(() => differentiate(model, objective, input), InputError, `objective nll: ${words}`);
    const before = tf.memory().numTensors;
    await assertRejects(() => objectiveMeans(model, new Prng(1)).add(BATCH), InputError, `objective nll: ${words}`);
    assertEquals(tf.memory().numTensors, before);
    model.dispose();
  });
}

Deno.test("a model that is not built when its definition returns is refused by its name", () => {
  const build: unknown = async () => await Promise.reject(new Error("late"));
  const slow = defineModel({
    ...{ name: "slow", url: import.meta.url, summary: "Comes late.", fields: [], options: {}, tiny: {} },
    best: { metric: "loss", better: "lower" },
    build: build as () => Model,
  });
  const words = "model slow: build gave a promise, expected a model";
  assertThrows(() => slow.build({}, { fields: {}, classes: [] }, new Prng(1)), RangeError, words);
});
