import * as tf from "@tensorflow/tfjs-core";
import { assertAlmostEquals, assertEquals, assertNotEquals } from "@std/assert";
import { startBackend } from "../../models/backends/backend.ts";
import { accuracy, nll } from "../../models/losses.ts";
import { differentiate } from "../../models/gradients/differentiate.ts";
import { MODELS } from "../../models/zoo/registry.ts";
import { describeDrawings } from "../../tasks/bench/random_drawings.ts";
import { randomBatch } from "../random_batch.ts";
import { Prng } from "../../pipelines/base/prng.ts";
import { assertSlopes } from "./slopes.ts";
import { normalTensor, testAgainstCpu } from "./backends.ts";
import { defaultsOf } from "../../pipelines/base/option_table.ts";
import { STEP_OPTIONS } from "../../models/step_options.ts";

const DATA = describeDrawings({ side: 16, frames: 4, classes: 3 });
const LABELS = [2, 0, 4];
const logProbs = () => tf.logSoftmax(normalTensor<tf.Tensor2D>(new Prng(1), [3, 5]));
const labels = () => tf.tensor1d(LABELS, "int32");

Deno.test("nll is minus the mean or the sum of the right classes' log-probabilities", async () => {
  await startBackend("cpu");
  tf.tidy(() => {
    const table = logProbs().arraySync();
    const total = -LABELS.reduce((sum, label, b) => sum + table[b][label], 0);
    assertAlmostEquals(nll(logProbs(), labels()).dataSync()[0], total / 3, 1e-6);
    assertAlmostEquals(nll(logProbs(), labels(), { reduction: "sum" }).dataSync()[0], total, 1e-6);
  });
});

testAgainstCpu("nll, its gradient and accuracy", () => {
  const logits = normalTensor(new Prng(1), [3, 5]);
  const gradient = tf.grad((x) => nll(tf.logSoftmax(x) as tf.Tensor2D, labels()))(logits);
  return [nll(logProbs(), labels()), gradient, accuracy(logProbs(), labels())];
});

/** `torch.nn.functional.cross_entropy` with label smoothing, in double precision: the mean, in nats per example. */
function torchCrossEntropy(logits: number[][], epsilon: number): number {
  const losses = logits.map((row, b) => {
    const logSum = Math.log(row.reduce((sum, logit) => sum + Math.exp(logit), 0));
    const even = row.reduce((sum, logit) => sum + logSum - logit, 0) / row.length;
    return (1 - epsilon) * (logSum - row[LABELS[b]]) + epsilon * even;
  });
  return losses.reduce((sum, loss) => sum + loss, 0) / losses.length;
}

Deno.test("nll with label smoothing is PyTorch's, and its gradient is its slope", async () => {
  await startBackend("cpu");
  tf.tidy(() => {
    const logits = normalTensor<tf.Tensor2D>(new Prng(1), [3, 5]);
    for (const labelSmoothing of [0, 0.1, 1]) {
      const expected = torchCrossEntropy(logits.arraySync(), labelSmoothing);
      const loss = (x: tf.Tensor) => nll(tf.logSoftmax(x) as tf.Tensor2D, labels(), { labelSmoothing });
      assertAlmostEquals(loss(logits).dataSync()[0], expected, 1e-6);
      const sum = nll(logProbs(), labels(), { labelSmoothing, reduction: "sum" });
      assertAlmostEquals(sum.dataSync()[0], 3 * expected, 1e-5);
      assertSlopes(loss, { at: logits, gradient: tf.grad(loss)(logits), step: 1e-2 });
    }
  });
});

testAgainstCpu("nll with label smoothing", () => {
  const logits = normalTensor(new Prng(1), [3, 5]);
  const loss = (x: tf.Tensor) => nll(tf.logSoftmax(x) as tf.Tensor2D, labels(), { labelSmoothing: 0.1 });
  return [loss(logits), tf.grad(loss)(logits)];
});

Deno.test("classifiers are trained on smoothed labels, and judged by hard ones", async () => {
  await startBackend("cpu");
  const supervised = { convolution: "supervised", readAttention: 0, channels: [2] } as const;
  for (const [name, options] of [["cnn", {}], ["mnist-lstm", {}], ["draw", supervised]] as const) {
    const spec = MODELS[name];
    const model = spec.build({ ...spec.tiny, ...options }, DATA, new Prng(1));
    const batch = randomBatch([...spec.fields, "label"], { size: 4, side: 16, frames: 4, classes: 3 }, new Prng(4));
    const [objective] = model.objectives;
    const loss = (labelSmoothing: number) => {
      const pass = differentiate(model, objective, {
        ...{ batch, prng: new Prng(2) },
        step: { ...defaultsOf(STEP_OPTIONS), labelSmoothing },
      });
      const [value] = pass.loss.dataSync();
      tf.dispose(pass);
      return value;
    };
    assertEquals(loss(0), loss(0));
    assertNotEquals(loss(0.3), loss(0), name);
    model.dispose();
  }
});
