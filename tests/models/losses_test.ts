import * as tf from "@tensorflow/tfjs-core";
import { assertAlmostEquals, assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import { startBackend } from "../../models/backends/backend.ts";
import { accuracy, balancedWeights, classifierLoss, nll } from "../../models/losses.ts";
import { differentiate } from "../../models/gradients/differentiate.ts";
import { MODELS } from "../../models/zoo/registry.ts";
import { describeDrawings } from "../../tasks/bench/random_drawings.ts";
import { sliceBatch } from "../../pipelines/batches/batch_builder.ts";
import { randomBatch } from "../random_batch.ts";
import { Prng } from "../../pipelines/base/prng.ts";
import { assertSlopes } from "./slopes.ts";
import { assertNear, normalTensor, testAgainstCpu } from "./backends.ts";
import { defaultsOf } from "../../pipelines/base/option_table.ts";
import { STEP_OPTIONS, type TrainingStep } from "../../models/step_options.ts";

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

Deno.test("labels are one a row, and those of a batch are classes", async () => {
  await startBackend("cpu");
  tf.tidy(() => {
    for (const measure of [nll, accuracy]) {
      for (const labels of [[1], [0, 1, 2, 3]]) {
        const words = `cannot compare 3 rows with labels [${labels.length}]: expected one a row`;
        assertThrows(() => measure(logProbs(), tf.tensor1d(labels, "int32")), RangeError, words);
      }
    }
    for (const wrong of [5, -1]) {
      const batch = { size: 3, fields: { label: Int32Array.of(4, wrong, 0) } };
      const words = `label ${wrong} of 5 classes: expected 0 to 4`;
      assertThrows(() => classifierLoss(logProbs(), batch), RangeError, words);
    }
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

Deno.test("balanced weights are those of scikit-learn; their mean over the examples is 1", () => {
  // compute_class_weight("balanced", …) of 50, 30, 15 and 5 examples: n_samples / (n_classes * np.bincount(y)).
  const perClass = [50, 30, 15, 5];
  const weights = balancedWeights(perClass);
  for (const [i, expected] of [0.5, 100 / 120, 100 / 60, 5].entries()) assertAlmostEquals(weights[i], expected, 1e-12);
  assertAlmostEquals(perClass.reduce((sum, count, i) => sum + count * weights[i], 0) / 100, 1, 1e-12);
  assertEquals(balancedWeights([7, 0, 7]), [1, 0, 1]);
});

Deno.test("nll with weights counts each example so often, smoothed or not, and its gradient is its slope", async () => {
  await startBackend("cpu");
  const labelWeights = [0.5, 9, 3, 9, 0.25]; // those of labels 2, 0 and 4 count
  tf.tidy(() => {
    const logits = normalTensor<tf.Tensor2D>(new Prng(1), [3, 5]);
    for (const labelSmoothing of [0, 0.1]) {
      const each = logits.arraySync().map((row, b) => {
        const [logSum, label] = [Math.log(row.reduce((sum, logit) => sum + Math.exp(logit), 0)), LABELS[b]];
        const even = row.reduce((sum, logit) => sum + logSum - logit, 0) / 5;
        return labelWeights[label] * ((1 - labelSmoothing) * (logSum - row[label]) + labelSmoothing * even);
      });
      const expected = each.reduce((sum, loss) => sum + loss, 0) / 3;
      const loss = (x: tf.Tensor) => nll(tf.logSoftmax(x) as tf.Tensor2D, labels(), { labelSmoothing, labelWeights });
      assertAlmostEquals(loss(logits).dataSync()[0], expected, 1e-6);
      assertSlopes(loss, { at: logits, gradient: tf.grad(loss)(logits), step: 1e-2 });
    }
  });
});

testAgainstCpu("nll with weights", () => {
  const logits = normalTensor(new Prng(1), [3, 5]);
  const loss = (x: tf.Tensor) =>
    nll(tf.logSoftmax(x) as tf.Tensor2D, labels(), { labelSmoothing: 0.1, labelWeights: [2, 1, 0.5, 1, 3] });
  return [loss(logits), tf.grad(loss)(logits)];
});

const SUPERVISED = { convolution: "supervised", readAttention: 0, channels: [2] } as const;
const CLASSIFIERS = [["cnn", {}], ["cnn-lstm", {}], ["mnist-lstm", {}], ["draw", SUPERVISED]] as const;

for (const [name, options] of CLASSIFIERS) {
  Deno.test(`${name}: with weights, loss and gradients are those of its examples alone, weighted; smoothed too`, async () => {
    await startBackend("cpu");
    const spec = MODELS[name];
    const model = spec.build({ ...spec.tiny, ...options }, DATA, new Prng(1));
    const [objective] = model.objectives;
    const batch = randomBatch([...spec.fields, "label"], { size: 5, side: 16, frames: 4, classes: 3 }, new Prng(4));
    batch.fields.label.set([2, 0, 1, 2, 2] as never);
    const labelWeights = [4, 0.5, 1.25];
    const pass = (from: number, to: number, step: Partial<TrainingStep>) => {
      const part = { ...sliceBatch(batch, from, to), firstExample: from };
      const input = { batch: part, prng: new Prng(2), firstExample: from };
      const found = differentiate(model, objective, { ...input, step: { ...defaultsOf(STEP_OPTIONS), ...step } });
      const values = [found.metrics.nll ?? found.loss, ...name === "draw" ? [] : Object.values(found.gradients)]
        .map((tensor) => [...tensor.dataSync()]);
      tf.dispose(found);
      return values; // DRAW's gradients are of its bound too
    };
    for (const labelSmoothing of [0, 0.2]) {
      const weights = [1.25, 4, 0.5, 1.25, 1.25];
      const alone = weights.map((_, i) => pass(i, i + 1, { labelSmoothing }));
      const expected = alone[0].map((values, t) =>
        values.map((_, i) => alone.reduce((sum, one, b) => sum + weights[b] * one[t][i], 0) / 5)
      );
      assertNear(pass(0, 5, { labelSmoothing, labelWeights }), expected, 1e-5);
    }
    model.dispose();
  });
}

Deno.test("classifiers are trained on smoothed labels, and judged by hard ones", async () => {
  await startBackend("cpu");
  for (const [name, options] of CLASSIFIERS) {
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
