/** What a classifier reads in images: by closed forms, and in grey, noise, real digits and one digit again and again. */
import * as tf from "@tensorflow/tfjs-core";
import { assert, assertAlmostEquals, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { InputError } from "../../../pipelines/base/errors.ts";
import { Prng } from "../../../pipelines/base/prng.ts";
import { mnist } from "../../../pipelines/datasets/mnist.ts";
import { fieldOf } from "../../../pipelines/batches/batch_fields.ts";
import { prefetchBatches } from "../../../pipelines/batches/prefetch.ts";
import type { Dataset } from "../../../pipelines/dataset.ts";
import { formatEvaluation } from "../../../tasks/report/evaluation_text.ts";
import { writeEvaluation } from "../../../tasks/report/write_report.ts";
import { readEvaluation } from "../../../tasks/evaluation/read_evaluation.ts";
import { evaluate } from "../../../tasks/evaluation/evaluate.ts";
import { classReading, readClasses, withClassifier } from "../../../tasks/evaluation/generation_classes.ts";
import { bestWeightsOf } from "../../../tasks/runs/weights_identity.ts";
import { FAST, inTemporaryFolder, may } from "../../helpers.ts";
import { prepareTo } from "../prepared.ts";
import { smallData, trainTiny } from "../runs.ts";

const DIGIT = { side: 28, channels: 1 } as const;

const logs = (rows: readonly (readonly number[])[]) => Float64Array.from(rows.flat(), Math.log);

Deno.test("the score is the mean divergence from the mean, in its closed forms", () => {
  // Two images, (p, 1 - p) and (1 - p, p): the mean is even, so the score is 2 / exp(H(p)).
  for (const p of [0.5, 0.8, 0.99]) {
    const entropy = -p * Math.log(p) - (1 - p) * Math.log(1 - p);
    const { score, confidence, spread, images } = classReading(logs([[p, 1 - p], [1 - p, p]]), 2);
    assertAlmostEquals(score, 2 / Math.exp(entropy), 1e-12);
    assertAlmostEquals(spread, 2, 1e-12);
    assertAlmostEquals(confidence, p, 1e-12);
    assertEquals(images, 2);
  }
  // By the definition, sum p(y | x) log(p(y | x) / p(y)), with classes that are not as frequent.
  const rows = [[0.7, 0.2, 0.1], [0.6, 0.3, 0.1], [0.1, 0.1, 0.8], [0, 1, 0]];
  const mean = [0, 1, 2].map((k) => rows.reduce((sum, row) => sum + row[k] / 4, 0));
  const divergence = rows.map((row) => row.reduce((sum, p, k) => p > 0 ? sum + p * Math.log(p / mean[k]) : sum, 0));
  assertAlmostEquals(classReading(logs(rows), 3).score, Math.exp(divergence.reduce((a, b) => a + b) / 4), 1e-12);
  // Whatever is read, the same in every image is 1, never less by rounding.
  const same = classReading(Float32Array.from(logs(new Array(99).fill([0.3, 0.6, 0.1]))), 3);
  assert(same.score >= 1 && same.score < 1 + 1e-6, `${same.score}`);
});

function test(name: string, fn: (folder: string) => Promise<void>): void {
  Deno.test({ name: `classes: ${name}`, ignore: FAST || !may("read", "write"), fn: () => inTemporaryFolder(fn) });
}

test("grey canvases and one digit have 1, noise little, digits much; samples are read in an evaluation", async (folder) => {
  const [data, reader, run] = ["data", "reader", "run"].map((name) => `${folder}/${name}`);
  const index = await prepareTo(data, { dataset: mnist as Dataset });
  const loop = { batchSize: 32, steps: 300, learningRate: 0.01, evaluateEvery: 100 };
  await trainTiny(data, reader, { model: "mnist-lstm", modelOptions: { units: 32 }, loop });
  const batches = prefetchBatches({ folder: data, split: "test", batchSize: 100, fields: ["image"], epochs: 1 });
  const real = Uint8Array.from(fieldOf((await Array.fromAsync(batches))[0], "image"));
  const before = tf.memory().numTensors;
  const read = async (samples: Uint8Array<ArrayBuffer>) =>
    await withClassifier(reader, DIGIT, (classifier) => readClasses(classifier, { samples, real }));

  const grey = await read(new Uint8Array(250 * 784).fill(128));
  assertAlmostEquals(grey.samples.score, 1, 1e-5);
  assertEquals([grey.samples.images, grey.real.images, grey.classes], [250, 100, 10]);
  assertEquals(grey.classifier.model, "mnist-lstm");
  const one = await read(Uint8Array.from({ length: 250 * 784 }, (_, i) => real[i % 784]));
  assertAlmostEquals(one.samples.score, 1, 1e-5);
  const prng = new Prng(1);
  const noise = await read(Uint8Array.from({ length: 250 * 784 }, () => prng.integer(256)));
  const digits = await read(real);
  assertEquals(digits.samples, digits.real);
  assert(noise.samples.score < 0.5 * digits.real.score, `${noise.samples.score} ${digits.real.score}`);
  assert(digits.real.score > 6 && digits.real.score <= 10, `${digits.real.score}`);
  assert(digits.real.spread > 9 && digits.real.confidence > 0.85, JSON.stringify(digits.real));
  assertEquals(tf.memory().numTensors, before);

  // A model that has hardly begun draws next to grey.
  await trainTiny(data, run, { model: "draw", loop: { steps: 1 } });
  const settings = { folder: run, split: "test", importanceSamples: 1, nearestSamples: 0 } as const;
  const judged = await evaluate({ ...settings, classifier: reader, studentSteps: 100 });
  const { classes, nearest, features, students, copies } = judged.evaluation.generation!;
  assertEquals([classes!.samples.images, classes!.real.images, nearest, copies], [1000, 100, undefined, undefined]);
  assert(classes!.samples.score < 1.1, `${classes!.samples.score}`);
  assert(classes!.real.score > 5, `${classes!.real.score}`); // binarized, as the model sees them
  // Grey is far from digits, which are among themselves, and nothing is to be learnt from it.
  assertEquals([features!.pictures, features!.features], [100, 32]);
  const { samples, real: held, train } = features!;
  assert(samples.frechet > 3 * held.frechet && samples.frechet > 3 * train.frechet, JSON.stringify(features));
  assert(samples.kernel.mean > 10 * Math.abs(held.kernel.mean), JSON.stringify(features));
  assert(held.precision > 0.5 && train.recall > 0.5, JSON.stringify(features));
  assert(samples.recall < 0.1 && held.recall > 0.5, JSON.stringify(features));
  assertEquals([students!.learnt, students!.named, students!.steps], [
    Math.min(1000, index.splits.train.examples),
    100,
    100,
  ]);
  assert(students!.samples < 0.35 && students!.real > 0.45 && students!.teacher > 0.7, JSON.stringify(students));
  assertAlmostEquals(students!.guessing, 0.1, 0.07);
  const text = formatEvaluation(judged.evaluation, { colour: false, width: 120 });
  for (const words of ["Fréchet ", "precision ", "recall ", "accuracy score "]) assertStringIncludes(text, words);
  await Deno.writeTextFile(`${run}/options.json`, "{}");
  await writeEvaluation(run, judged);
  assertEquals(await readEvaluation(`${run}/metrics.json`), judged.evaluation);
  const html = await Deno.readTextFile(`${run}/report.html`);
  for (const words of ["Samples among real digits", "What can be learnt from samples"]) {
    assertStringIncludes(html, words);
  }
  assert(!html.includes("Memorised or not"));
  assertEquals(Object.keys((await evaluate(settings)).evaluation.generation!), ["reconstruction"]);
});

test("too few pictures for distances are said, with how many there must be", async (folder) => {
  const [data, reader, run] = ["data", "reader", "run"].map((name) => `${folder}/${name}`);
  const { splits } = await prepareTo(data, { dataset: mnist as Dataset, perClass: 7 });
  await trainTiny(data, reader, { model: "mnist-lstm", loop: { steps: 1 } });
  await trainTiny(data, run, { model: "draw", loop: { steps: 1 } });
  assert(splits.valid.examples > 0 && splits.valid.examples < 8, `${splits.valid.examples}`);
  const settings = { folder: run, split: "valid", importanceSamples: 1, studentSteps: 0, classifier: reader } as const;
  const { evaluation, notes } = await evaluate({ ...settings, nearestSamples: 0 });
  assertEquals([evaluation.generation!.features, evaluation.classifier], [undefined, await bestWeightsOf(reader)]);
  assertEquals(notes, [
    `too few pictures for distances by features, ${splits.valid.examples} of the valid split and ${splits.train.examples} of ` +
    "train: at least 8 and 16 are needed, so there are none",
  ]);
});

test("what reads no such images is refused before the work", async (folder) => {
  const [data, sketches, draw, other] = ["data", "sketches", "draw", "other"].map((name) => `${folder}/${name}`);
  await prepareTo(data, { dataset: mnist as Dataset, perClass: 10 });
  await smallData(sketches);
  await trainTiny(data, draw, { model: "draw", loop: { steps: 1 } });
  await trainTiny(sketches, other, { loop: { steps: 1 } });
  const refused = (classifier: string, words: string) =>
    assertRejects(() => evaluate({ folder: draw, split: "test", classifier }), InputError, words);
  await refused(`${folder}/none`, "no such folder");
  await refused(draw, `--classifier ${draw}: draw does not classify`);
  await refused(other, "reads stroke_index, stroke_count, label; expected a classifier of images, such as mnist-lstm");
  await assertRejects(
    () => evaluate({ folder: other, split: "test", classifier: draw }),
    InputError,
    "--classifier: cnn draws no images",
  );
  const reader = `${folder}/reader`;
  await trainTiny(data, reader, { model: "mnist-lstm", loop: { steps: 1 } });
  assertEquals(await withClassifier(reader, DIGIT, ({ names }) => Promise.resolve(names.length)), 10);
  await assertRejects(
    () => withClassifier(reader, { side: 32, channels: 1 }, () => Promise.resolve()),
    InputError,
    "mnist-lstm reads images of [28,28]; those drawn are",
  );
});
