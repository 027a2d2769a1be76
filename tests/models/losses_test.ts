import * as tf from "@tensorflow/tfjs-core";
import { assertAlmostEquals } from "@std/assert";
import { startBackend } from "../../models/backends/backend.ts";
import { accuracy, nll } from "../../models/losses.ts";
import { Prng } from "../../pipelines/base/prng.ts";
import { normalTensor, testAgainstCpu } from "./backends.ts";

const LABELS = [2, 0, 4];
const logProbs = () => tf.logSoftmax(normalTensor<tf.Tensor2D>(new Prng(1), [3, 5]));
const labels = () => tf.tensor1d(LABELS, "int32");

Deno.test("nll is minus the mean or the sum of the right classes' log-probabilities", async () => {
  await startBackend("cpu");
  tf.tidy(() => {
    const table = logProbs().arraySync();
    const total = -LABELS.reduce((sum, label, b) => sum + table[b][label], 0);
    assertAlmostEquals(nll(logProbs(), labels()).dataSync()[0], total / 3, 1e-6);
    assertAlmostEquals(nll(logProbs(), labels(), "sum").dataSync()[0], total, 1e-6);
  });
});

testAgainstCpu("nll, its gradient and accuracy", () => {
  const logits = normalTensor(new Prng(1), [3, 5]);
  const gradient = tf.grad((x) => nll(tf.logSoftmax(x) as tf.Tensor2D, labels()))(logits);
  return [nll(logProbs(), labels()), gradient, accuracy(logProbs(), labels())];
});
