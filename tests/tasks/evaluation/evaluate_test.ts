/** What `evaluate` finds of real runs, against the shards and the weights themselves. */
import { readEvaluation } from "../../../tasks/evaluation/read_evaluation.ts";
import * as tf from "@tensorflow/tfjs-core";
import { assert, assertAlmostEquals, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { accuracy, nll } from "../../../models/losses.ts";
import { InputError } from "../../../pipelines/base/errors.ts";
import type { Scalar, Tensor2D } from "../../../models/tensors.ts";
import type { Batch } from "../../../pipelines/dataset.ts";
import { mnist } from "../../../pipelines/datasets/mnist.ts";
import type { ShardIndex } from "../../../pipelines/shards/shard_index.ts";
import { readShard } from "../../../pipelines/shards/shard_reader.ts";
import { evaluate } from "../../../tasks/evaluation/evaluate.ts";
import { FAST, inTemporaryFolder, may } from "../../helpers.ts";
import { preparedTo, prepareTo } from "../prepared.ts";
import { evaluationLines, stepLines } from "../../../tasks/runs/metrics.ts";
import { checkpointOf, smallData, trainTiny } from "../runs.ts";
import { fieldOf } from "../../../pipelines/batches/batch_fields.ts";
import type { Model } from "../../../models/model.ts";
import type { ModelSpec } from "../../../models/model_spec.ts";
import { MODELS } from "../../../models/zoo/registry.ts";
import type { Split } from "../../../pipelines/base/split.ts";
import { unpackBits } from "../../../tasks/evaluation/right_bits.ts";
import { splitIdentity } from "../../../tasks/runs/run_data.ts";
import { writeEvaluation } from "../../../tasks/report/write_report.ts";

const PIXELS = 28 * 28;

/** A batch of digits, 0 to 1, [B, 784]. */
function pixelsOf(batch: Batch): Tensor2D {
  return tf.tensor2d(Float32Array.from(fieldOf(batch, "image"), (value) => value / 255), [batch.size, PIXELS]);
}

/** The models of these tests: they read digits, so no strokes. */
const SPECS: readonly ModelSpec[] = [
  {
    ...{ name: "linear-digits", url: import.meta.url, summary: "Linear classifier of digits.", options: {}, tiny: {} },
    ...{ best: { metric: "accuracy", better: "higher" }, fields: ["image", "label"] },
    build(_options, { classes }): Model {
      const weights = tf.variable(tf.zeros<tf.Rank.R2>([PIXELS, classes.length]));
      const classify = (batch: Batch): Tensor2D => tf.tidy(() => tf.logSoftmax(tf.matMul(pixelsOf(batch), weights)));
      const loss = (batch: Batch) => {
        const [logProbs, labels] = [classify(batch), tf.tensor1d(Int32Array.from(fieldOf(batch, "label")), "int32")];
        return { loss: nll(logProbs, labels), metrics: { accuracy: accuracy(logProbs, labels) } };
      };
      const objectives = [{ name: "nll", trains: ["weights"], loss }];
      return { variables: { weights }, objectives, classify, dispose: () => tf.dispose(weights) };
    },
  },
  {
    ...{
      name: "mean-digit",
      url: import.meta.url,
      summary: "The mean of all digits; no classifier.",
      options: {},
      tiny: {},
    },
    ...{ best: { metric: "loss", better: "lower" }, fields: ["image"] },
    build(): Model {
      const mean = tf.variable(tf.zeros<tf.Rank.R1>([PIXELS]));
      const loss = (batch: Batch) => {
        const pixels = pixelsOf(batch);
        const distance = tf.mean(tf.sum(tf.square(tf.sub(pixels, mean)), 1)) as Scalar;
        return { loss: distance, metrics: { meanInk: tf.mean(pixels) as Scalar } };
      };
      const objectives = [{ name: "distance", trains: ["mean"], loss }];
      return { variables: { mean }, objectives, dispose: () => tf.dispose(mean) };
    },
  },
  {
    ...{
      name: "two-means",
      url: import.meta.url,
      summary: "The mean of all digits twice, of two objectives.",
      options: {},
      tiny: {},
    },
    ...{ best: { metric: "loss", better: "lower" }, fields: ["image"] },
    build(): Model {
      const variables = { mean: tf.variable(tf.zeros<tf.Rank.R1>([PIXELS])), ink: tf.variable(tf.scalar(0)) };
      const { mean, ink } = variables;
      const objectives = [{
        ...{ name: "distance", trains: ["mean"] },
        loss: (batch: Batch) => ({
          loss: tf.mean(tf.sum(tf.square(tf.sub(pixelsOf(batch), mean)), 1)) as Scalar,
          metrics: {},
        }),
      }, {
        ...{ name: "ink", trains: ["ink"] },
        loss(batch: Batch) {
          const gaps = tf.sub(tf.mean(pixelsOf(batch), 1), ink);
          return { loss: tf.mean(tf.square(gaps)) as Scalar, metrics: { gap: tf.mean(tf.abs(gaps)) as Scalar } };
        },
      }];
      return { variables, objectives, dispose: () => tf.dispose(variables) };
    },
  },
];

/** Checkpoints hold the address of their model, which is an export. */
export const [linearDigits, meanDigit, twoMeans] = SPECS;

/** A test in a folder of its own, with the models of {@linkcode SPECS} in the registry. */
function test(name: string, fn: (folder: string) => Promise<void>): void {
  const registry = MODELS as Record<string, ModelSpec>;
  const withModels = async (folder: string) => {
    for (const spec of SPECS) registry[spec.name] = spec;
    try {
      await fn(folder);
    } finally {
      for (const { name } of SPECS) delete registry[name];
    }
  };
  Deno.test({
    name: `evaluate: ${name}`,
    ignore: FAST || !may("read", "write"),
    fn: () => inTemporaryFolder(withModels),
  });
}

/** Every value of a field of a split, in the order of the shards. */
async function valuesOf(folder: string, index: ShardIndex, split: Split, name: string): Promise<(number | bigint)[]> {
  const shards = index.splits[split].shards.map((shard) => readShard(folder, shard, [name]));
  return (await Promise.all(shards)).flatMap((arrays) => [...arrays[name].data]);
}

test("a classifier of digits is judged without strokes, and its mistakes are drawn in grey", async (folder) => {
  const [data, run] = [`${folder}/data`, `${folder}/run`];
  const index = await prepareTo(data, { dataset: mnist, shardSize: 40 }); // 100 in test: three shards
  await trainTiny(data, run, { model: "linear-digits", loop: { steps: 40 } });
  const judgement = await evaluate({ folder: run, split: "test", batchSize: 32, checkpoint: "last" });
  const { evaluation: { metrics, classification, identity, ...about }, pictures: { classification: pictures } } =
    judgement;
  const subject = { model: "linear-digits", dataset: "mnist", split: "test", unit: "digit" } as const;
  assertEquals(about, { ...subject, examples: 100, step: 40, checkpoint: "last" });
  assertEquals(identity, splitIdentity(index, "test"));
  assertEquals(classification!.earlyRecognition, []);

  const { data: weights } = (await checkpointOf(run)).tensors["model/weights"]; // [784, 10]
  const images = (await valuesOf(data, index, "test", "image")).map(Number);
  const labels = (await valuesOf(data, index, "test", "label")).map(Number);
  const answers = labels.map((label, i) => {
    const logits = Array.from({ length: 10 }, (_, k) => {
      let sum = 0;
      for (let p = 0; p < PIXELS; p++) sum += images[i * PIXELS + p] / 255 * weights[10 * p + k];
      return sum;
    });
    const logSum = Math.log(logits.reduce((sum, logit) => sum + Math.exp(logit), 0));
    return { i, label, predicted: logits.indexOf(Math.max(...logits)), logProb: logits[label] - logSum };
  });
  const wrong = answers.filter(({ label, predicted }) => label !== predicted).sort((a, b) => a.logProb - b.logProb);
  assertAlmostEquals(classification!.top1, 1 - wrong.length / 100, 1e-9);
  assertEquals(unpackBits(classification!.right!, 100), answers.map(({ label, predicted }) => label === predicted));
  assertAlmostEquals(classification!.nll, -answers.reduce((sum, { logProb }) => sum + logProb, 0) / 100, 1e-5);
  assertAlmostEquals(metrics.accuracy, classification!.top1, 1e-6);
  assertAlmostEquals(metrics.loss, classification!.nll, 1e-5);
  const worst = wrong.slice(0, 24);
  assert(worst.some(({ i }) => i >= 40), "no mistake in the second shard");
  const names = (
    { label, predicted }: { label: number; predicted: number },
  ) => [index.classes[label], index.classes[predicted]];
  assertEquals(
    classification!.mistakes.map(({ example, label, predicted }) => [example, label, predicted]),
    worst.map((answer) => [`test ${answer.i}`, ...names(answer)]),
  );
  assertEquals(
    pictures!.map(({ map, grey }) => [[...map], grey]),
    worst.map(({ i }) => [images.slice(i * PIXELS, (i + 1) * PIXELS), true]),
  );

  await Deno.writeTextFile(`${run}/options.json`, '{"seed": 0}');
  await writeEvaluation(run, judgement);
  const html = await Deno.readTextFile(`${run}/report.html`);
  assertEquals(html.match(/<li><img src="data:image\/png;base64,/g)?.length, worst.length);
  assertEquals(html.match(/drawing|stroke[ s]|recognition/gi), null);
});

test("a classifier of drawings is judged after each stroke; mistakes have the dataset's ids", async (folder) => {
  const [data, run] = [`${folder}/data`, `${folder}/run`];
  const index = await smallData(data);
  await trainTiny(data, run, { loop: { steps: 4 } });
  const { evaluation: { classification, unit }, pictures } = await evaluate({ folder: run, split: "valid" });
  const mistakes = pictures.classification!;
  assertEquals(unit, "drawing");
  assertEquals(classification!.earlyRecognition.map(({ strokes }) => strokes), [1, 2, 3, 4, 5, 6, 7, 8]);
  assertEquals(classification!.earlyRecognition[7].accuracy, classification!.top1);
  const counts = await valuesOf(data, index, "valid", "stroke_count");
  for (const { strokes, complete, unfinished } of classification!.earlyRecognition) {
    const left = [...counts].filter((count) => count > strokes).length;
    assertEquals([unfinished.examples, complete], [left, 1 - left / counts.length]);
  }
  const keys = await valuesOf(data, index, "valid", "key_id");
  const maps = await valuesOf(data, index, "valid", "stroke_index");
  assert(mistakes.length > 0, "no mistakes");
  classification!.mistakes.forEach(({ example }, i) => {
    const place = keys.indexOf(BigInt(example.replace("key_id ", "")));
    assertEquals([...mistakes[i].map], maps.slice(256 * place, 256 * (place + 1)));
    assertEquals(mistakes[i].grey, false);
  });
});

test("Workers answer as this thread does, bit for bit, and the batches stay in order", async (folder) => {
  const [data, run] = [`${folder}/data`, `${folder}/run`];
  await smallData(data);
  await trainTiny(data, run, { model: "cnn-lstm", loop: { steps: 4 } });
  const judge = async (workers: number) => {
    const seen: number[][] = [];
    const settings = { folder: run, split: "train", batchSize: 10, workers } as const;
    const { evaluation, pictures } = await evaluate(settings, (...progress) => seen.push(progress));
    return { evaluation, pictures, seen };
  };
  const alone = await judge(1);
  assertEquals(alone.seen, [10, 20, 30, 40, 50, 60, 70, 80, 90, 97].map((seen) => [seen, 97, seen / 97]));
  assert(alone.pictures.classification!.length > 10, "mistakes have an order");
  assertEquals(await judge(3), alone);
});

test("a model of another module answers in Workers too; one that is no classifier cannot", async (folder) => {
  const data = `${folder}/data`;
  await preparedTo(data, { dataset: mnist });
  const settingsOf = (model: string) => ({ folder: `${folder}/${model}`, split: "test", batchSize: 16 }) as const;
  for (const model of ["linear-digits", "mean-digit"]) {
    await trainTiny(data, settingsOf(model).folder, { model, loop: { steps: 2 } });
  }
  const settings = settingsOf("linear-digits");
  assertEquals(await evaluate({ ...settings, workers: 2 }), await evaluate(settings));
  await assertRejects(
    () => evaluate({ ...settingsOf("mean-digit"), workers: 2 }),
    InputError,
    "--workers 2: mean-digit does not classify, and takes 1",
  );
});

test("a model that is no classifier is judged by its objective", async (folder) => {
  const [data, run] = [`${folder}/data`, `${folder}/run`];
  const index = await preparedTo(data, { dataset: mnist });
  const { lines } = await trainTiny(data, run, { model: "mean-digit", loop: { steps: 6, learningRate: 0.1 } });
  const seen: number[][] = [];
  const settings = { folder: run, split: "test", batchSize: 64 } as const;
  const judgement = await evaluate(settings, (...progress) => seen.push(progress));
  assertEquals(seen, [[64, 100, 0.64], [100, 100, 1]]);
  const { evaluation: { metrics, identity, ...about }, pictures } = judgement;
  const subject = { model: "mean-digit", dataset: "mnist", split: "test", unit: "digit" } as const;
  assertEquals([about, pictures], [{ ...subject, examples: 100, step: 6, checkpoint: "best" }, {}]);
  assertEquals(identity, splitIdentity(index, "test"));

  const { data: mean } = (await checkpointOf(run)).tensors["model/mean"]; // [784]
  const ink = (await valuesOf(data, index, "test", "image")).map((value) => Number(value) / 255);
  assertAlmostEquals(metrics.loss, ink.reduce((sum, value, i) => sum + (value - mean[i % PIXELS]) ** 2, 0) / 100, 1e-3);
  assertAlmostEquals(metrics.meanInk, ink.reduce((sum, value) => sum + value, 0) / ink.length, 1e-6);
  const line = evaluationLines(lines).at(-1)!;
  const valid = await evaluate({ folder: run, split: "valid", batchSize: 32 });
  assertEquals(valid.evaluation.metrics, line.valid);

  await Deno.writeTextFile(`${run}/options.json`, '{"seed": 0}');
  await writeEvaluation(run, judgement);
  assertEquals(await readEvaluation(`${run}/metrics.json`), judgement.evaluation);
  const html = await Deno.readTextFile(`${run}/report.html`);
  for (const words of ["<h3>Loss</h3>", "<h3>Mean ink</h3>", "mean over 100 digits"]) assertStringIncludes(html, words);
});

test("every objective is trained, logged and judged, the second one under its name", async (folder) => {
  const [data, run] = [`${folder}/data`, `${folder}/run`];
  const index = await preparedTo(data, { dataset: mnist });
  const { lines } = await trainTiny(data, run, {
    model: "two-means",
    loop: { steps: 6, learningRate: 0.02, logEvery: 1 },
  });
  const names = ["loss", "ink.loss", "ink.gap"];
  const { valid: measured } = evaluationLines(lines).at(-1)!;
  for (const values of [stepLines(lines).at(-1)!.train, measured]) {
    for (const name of names) assert(Number.isFinite(values[name]), name);
  }
  const judgement = await evaluate({ folder: run, split: "test", batchSize: 64 });
  assertEquals(Object.keys(judgement.evaluation.metrics), names);
  const { ink, mean } = Object.fromEntries(
    Object.entries((await checkpointOf(run)).tensors).map(([name, { data }]) => [name.replace("model/", ""), data]),
  );
  const pixels = (await valuesOf(data, index, "test", "image")).map((value) => Number(value) / 255);
  const gaps = Array.from({ length: 100 }, (_, i) => {
    return pixels.slice(i * PIXELS, (i + 1) * PIXELS).reduce((sum, value) => sum + value, 0) / PIXELS - ink[0];
  });
  const { metrics } = judgement.evaluation;
  assertAlmostEquals(metrics["ink.gap"], gaps.reduce((sum, gap) => sum + Math.abs(gap), 0) / 100, 1e-6);
  assertAlmostEquals(metrics["ink.loss"], gaps.reduce((sum, gap) => sum + gap ** 2, 0) / 100, 1e-6);
  assertAlmostEquals(metrics.loss, pixels.reduce((sum, x, i) => sum + (x - mean[i % PIXELS]) ** 2, 0) / 100, 1e-3);
  const valid = await evaluate({ folder: run, split: "valid", batchSize: 32 });
  assertEquals(valid.evaluation.metrics, measured);

  await Deno.writeTextFile(`${run}/options.json`, '{"seed": 0}');
  await writeEvaluation(run, judgement);
  const html = await Deno.readTextFile(`${run}/report.html`);
  for (const name of ["Distance loss", "Ink loss", "Ink gap"]) {
    for (const tag of ["dt", "h3"]) assertStringIncludes(html, `<${tag}>${name}</${tag}>`);
  }
});
