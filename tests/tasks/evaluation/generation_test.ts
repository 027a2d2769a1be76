/** What `evaluate` finds of a model that draws images and scores likelihood. */
import { readEvaluation } from "../../../tasks/evaluation/read_evaluation.ts";
import * as tf from "@tensorflow/tfjs-core";
import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertNotEquals,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { decode } from "fast-png";
import { startBackend } from "../../../models/backends/backend.ts";
import { draw } from "../../../models/zoo/draw/draw.ts";
import { InputError } from "../../../pipelines/base/errors.ts";
import { mnist } from "../../../pipelines/datasets/mnist.ts";
import { Prng } from "../../../pipelines/base/prng.ts";
import { NearestTally } from "../../../tasks/evaluation/generation_nearest.ts";
import { drawLogOdds } from "../../../tasks/evaluation/latent_rows.ts";
import { priorLatents } from "../../../tasks/evaluation/drawn_images.ts";
import { seenPictures } from "../../../tasks/evaluation/seen_pictures.ts";
import { evaluate } from "../../../tasks/evaluation/evaluate.ts";
import { generationJudge } from "../../../tasks/evaluation/generation.ts";
import type { JudgedRun } from "../../../tasks/evaluation/judge.ts";
import { describeDrawings } from "../../../tasks/bench/random_drawings.ts";
import { formatEvaluation } from "../../../tasks/report/evaluation_text.ts";
import { evaluationLines } from "../../../tasks/runs/metrics.ts";
import { loadModel } from "../../../tasks/runs/saved_model.ts";
import { FAST, inTemporaryFolder, may } from "../../helpers.ts";
import { preparedTo } from "../prepared.ts";
import { smallData, trainTiny } from "../runs.ts";
import { fieldOf } from "../../../pipelines/batches/batch_fields.ts";
import { prefetchBatches } from "../../../pipelines/batches/prefetch.ts";
import { writeEvaluation } from "../../../tasks/report/write_report.ts";

function test(name: string, fn: (folder: string) => Promise<void>): void {
  Deno.test({ name: `evaluate: ${name}`, ignore: FAST || !may("read", "write"), fn: () => inTemporaryFolder(fn) });
}

/** The tiles of a picture, as red values [28, 28] each, row by row. */
function tilesOf(png: Uint8Array, scale: number): number[][] {
  const { width, height, data, channels } = decode(png);
  const pitch = 29 * scale;
  const tiles: number[][] = [];
  for (let top = scale; top + pitch <= height; top += pitch) {
    for (let left = scale; left + pitch <= width; left += pitch) {
      const cell = (i: number) => channels * ((top + scale * Math.floor(i / 28)) * width + left + scale * (i % 28));
      tiles.push(Array.from({ length: 784 }, (_, i) => data[cell(i)]));
    }
  }
  return tiles;
}

test("a model that draws has the objective's bound, samples near the training images, and pictures", async (folder) => {
  const [data, run] = [`${folder}/data`, `${folder}/run`];
  const index = await preparedTo(data, { dataset: mnist });
  const { lines } = await trainTiny(data, run, { model: "draw", loop: { steps: 8, learningRate: 0.01 } });
  const settings = { folder: run, checkpoint: "last", batchSize: 32, importanceSamples: 1, nearestSamples: 7 } as const;
  const valid = await evaluate({ ...settings, split: "valid" });
  const { valid: line } = evaluationLines(lines).at(-1)!;
  for (const name of ["loss", "reconstruction", "kl"]) {
    assertAlmostEquals(valid.evaluation.metrics[name], line[name], 2e-3, name);
    const part = name === "loss" ? "bound" : name as "reconstruction" | "kl";
    assertAlmostEquals(valid.evaluation.likelihood![part], line[name], 2e-3, name);
  }

  const seen: number[] = [];
  const judgement = await evaluate({ ...settings, split: "test", importanceSamples: 2 }, (done, total) => {
    seen.push(done);
    assertEquals(total, 100 + index.splits.train.examples);
  });
  assertEquals(judgement.evaluation.asked, { importanceSamples: 2, nearestSamples: 7 });
  assertEquals(seen.at(-1), 100 + index.splits.train.examples);
  const { likelihood, generation, classification, examples } = judgement.evaluation;
  assertEquals([examples, likelihood!.klPerStep.length, likelihood!.importance.samples], [100, 3, 2]);
  assertEquals(classification, undefined);
  const { model } = await loadModel(run, "last");
  const read = (split: "train" | "test", batchSize: number) =>
    prefetchBatches({ folder: data, split, batchSize, fields: ["image"], epochs: 1 });
  assertEquals(generation!.nearest!.samples, 7);
  const cells = new Float32Array(784);
  for await (const { fields } of read("test", 41)) {
    fieldOf({ size: 1, fields }, "image").forEach((value, i) => cells[i % 784] += value >= 127.5 ? 1 : 0);
  }
  const mean = cells.map((on) => (on + 0.5) / 101);
  const tally = new NearestTally(tf.tidy(() => drawLogOdds(model.images!, priorLatents(model.images!, 7, 0))), mean);
  for await (const batch of read("train", 37)) {
    await tally.add((await seenPictures(model.images!, batch, new Prng(1))).rows);
  }
  const nearest = tally.finish();
  const ways = [[generation!.nearest!, nearest], [generation!.nearest!.ofSamples!, nearest.ofSamples!]] as const;
  for (const [found, expected] of ways) {
    for (const name of ["mean", "standardDeviation", "maximum", "meanImage"] as const) {
      assertAlmostEquals(found[name]!, expected[name]!, 2e-3, name);
    }
  }

  const { samples, reconstructions } = judgement.pictures.generation!;
  const { pairs, steps, shownSteps, windows } = reconstructions!;
  assertEquals([shownSteps, windows], [[1, 2, 3], ["read", "write"]]);
  assertEquals(tilesOf(samples, 2).length, 100);
  const tiles = tilesOf(pairs, 2); // 4 times: 8 digits, 8 reconstructions
  assertEquals([tiles.length, tilesOf(steps, 3).length], [64, 6 * 4]);
  const [first] = await Array.fromAsync(read("test", 32));
  const originals = Array.from(fieldOf(first, "image"), (value) => value >= 127.5 ? 255 : 0);
  const pass = { prng: new Prng(0, 2), training: undefined, firstExample: 0 };
  const { images: drawn } = model.images!.reconstruct!(first, pass, { spread: 0 });
  const last = (await drawn.canvases.data()).slice(2 * 32 * 784).map((logit) => 255 / (1 + Math.exp(-logit)));
  for (const i of [0, 7, 8, 31]) {
    const at = 16 * Math.floor(i / 8) + i % 8;
    assertEquals(tiles[at], originals.slice(i * 784, (i + 1) * 784));
    tiles[at + 8].forEach((level, cell) => assertAlmostEquals(level, last[i * 784 + cell], 1.1)); // 253 greys
  }
  assertEquals(tilesOf(steps, 3)[0], originals.slice(0, 784));

  // Of all 100 digits, which are read 32 at a time, each anew with the generator that pictures are made with.
  const { reconstruction } = generation!;
  let [error, ofMean, ofOther] = [0, 0, 0];
  const digits: number[][] = [];
  for await (const batch of read("test", 32)) {
    const { canvases } = model.images!.reconstruct!(batch, { ...pass, prng: new Prng(0, 2) }, { spread: 0 }).images;
    const logits = (await canvases.data()).slice(2 * batch.size * 784);
    Array.from(fieldOf(batch, "image")).forEach((value, i) => {
      if (i % 784 === 0) digits.push([]);
      digits.at(-1)!.push(value >= 127.5 ? 1 : 0);
      error += (digits.at(-1)!.at(-1)! - 1 / (1 + Math.exp(-logits[i]))) ** 2 / 78_400;
    });
  }
  digits.forEach((digit, n) =>
    digit.forEach((value, i) => {
      ofMean += (value - cells[i] / 100) ** 2 / 78_400;
      ofOther += (value - digits[(n + 1) % 100][i]) ** 2 / 78_400;
    })
  );
  assertEquals(reconstruction!.pictures, 100);
  const { drawn: again, mean: meanDigit, other } = reconstruction!;
  for (const [found, expected] of [[again.mse, error], [meanDigit.mse, ofMean], [other.mse, ofOther]]) {
    assertAlmostEquals(found, expected, 1e-5);
  }
  assert(again.ssim! > -1 && again.ssim! < 1 && other.ssim! < 0.5, JSON.stringify(reconstruction));
  // Samples of a model that has hardly begun are no copies, and no nearer than real digits by pixels.
  const { copies } = generation!;
  assertEquals([copies!.samples, copies!.real, copies!.features], [7, 7, undefined]);
  assert(copies!.pixels.samples > 0 && copies!.pixels.real < 0.5, JSON.stringify(copies));
  model.dispose();

  await Deno.writeTextFile(`${run}/options.json`, '{"seed": 0}');
  await writeEvaluation(run, judgement);
  assertEquals(await readEvaluation(`${run}/metrics.json`), judgement.evaluation);
  const html = await Deno.readTextFile(`${run}/report.html`);
  for (
    const words of [
      "<h2>Step by step</h2>",
      "Bound, nats a digit",
      "Nearest training digit",
      "How like the digit is what is drawn of it",
      "Memorised or not",
      "One at a time",
      "From one to another",
      "where it looked",
      "100 digits",
    ]
  ) assertStringIncludes(html, words);
  assertEquals(html.match(/src="data:image\/png;base64,iVBOR/g)?.length, 6);
  assertEquals(html.match(/<link|<script|@import|src="(?!data:)|<iframe|url\((?!#)/g), null);
  for (const tag of ["section", "div", "table", "tr", "td", "figure", "svg", "p", "span", "dl"]) {
    const count = (pattern: string) => html.match(new RegExp(pattern, "g"))?.length ?? 0;
    assertEquals(count(`<${tag}[ >]`), count(`</${tag}>`), tag);
  }
  assert(html.length < 1e6, `${html.length} letters`);

  await assertRejects(
    () => evaluate({ ...settings, split: "test", importanceSamples: 0 }),
    RangeError,
    "evaluation: importanceSamples: expected a whole number, 1 or more; found 0",
  );
  const alone = await evaluate({ ...settings, split: "test", nearestSamples: 0 });
  assertEquals(alone.evaluation.generation!.nearest, undefined);
});

test("a model refuses the options of what it cannot do", async (folder) => {
  const [data, run] = [`${folder}/data`, `${folder}/run`];
  await smallData(data);
  await trainTiny(data, run, { loop: { steps: 1 } });
  const ask = (more: { importanceSamples?: number; nearestSamples?: number }) => () =>
    evaluate({ folder: run, split: "test", ...more });
  await assertRejects(ask({ nearestSamples: 0 }), InputError, "--nearest-samples: cnn draws no images");
  await assertRejects(ask({ importanceSamples: 1 }), InputError, "--importance-samples: cnn scores no likelihood");
});

test("a supervised encoder is judged as a classifier too; a page of two abilities shows both", async (folder) => {
  const [data, run] = [`${folder}/data`, `${folder}/run`];
  await preparedTo(data, { dataset: mnist });
  const modelOptions = { ...draw.tiny, steps: 2, convolution: "supervised" };
  await trainTiny(data, run, { model: "draw", modelOptions, loop: { steps: 30 } });
  const settings = { folder: run, split: "test", importanceSamples: 1, nearestSamples: 0 } as const;
  const judgement = await evaluate(settings);
  const { evaluation: { metrics, likelihood, generation, classification }, pictures } = judgement;
  assertAlmostEquals(classification!.top1, metrics.accuracy, 1e-6);
  assertAlmostEquals(classification!.nll, metrics.nll, 1e-4);
  assertAlmostEquals(likelihood!.bound, metrics.bound, 2e-3);
  assertEquals(Object.keys(generation!), ["reconstruction"]);
  assertEquals(pictures.classification!.length, classification!.mistakes.length);

  const text = formatEvaluation(judgement.evaluation, { colour: false, width: 80 });
  for (const words of ["bound ", "Loss ", "top-1 ", "100 digits, 10 classes, step"]) assertStringIncludes(text, words);
  await Deno.writeTextFile(`${run}/options.json`, '{"seed": 0}');
  await writeEvaluation(run, judgement);
  const html = await Deno.readTextFile(`${run}/report.html`);
  const places = [
    "Bound, nats a digit",
    "Top-1 accuracy",
    "Class loss, nats a digit",
    "<dt>Loss</dt>",
    "What it draws",
    "The numbers",
    "Training",
    "Confusion",
  ]
    .map((words) => html.indexOf(words));
  assert(places.every((place) => place > 0), `${places}`);
  assertEquals(places, places.toSorted((a, b) => a - b));
});

Deno.test({
  name: "a model without windows shows none; one that cannot draw again shows samples alone",
  ignore: FAST,
  fn: async () => {
    await startBackend("cpu");
    const prng = new Prng(3);
    const image = Uint8Array.from({ length: 5 * 64 }, () => prng.uniform() < 0.4 ? 255 : 0);
    const batch = { size: 5, fields: { image, label: Uint8Array.of(0, 1, 0, 1, 1) }, epoch: 0, seen: 5 };
    async function* batches() {
      yield await Promise.resolve(batch);
    }
    const whole = { ...draw.tiny, readAttention: 0, writeAttention: 0, steps: 20 };
    const model = draw.build(whole, describeDrawings({ side: 8, frames: 1, classes: 2 }), new Prng(1));
    const run: JudgedRun = {
      ...{ classes: ["0", "1"], strokes: 0, split: "test", fields: {}, picture: { field: "image", grey: true } },
      ...{ trainExamples: 5, seed: 4 },
    };
    const before = tf.memory().numTensors;
    const { reconstruct: _, ...sampler } = model.images!;
    const none = { nearestSamples: 0, readSamples: 8, studentSteps: 0, classifier: "" };
    for (const images of [model.images!, sampler]) {
      const judging = generationJudge.begin({ images }, run, { ...none, latents: "auto" });
      assertEquals(judging.readsTrain, false);
      await judging.add(batch);
      const { score, pictures: { samples, reconstructions } } = await judging.finish(batches());
      const parts = images === sampler ? [] : ["reconstruction"];
      assertEquals([Object.keys(score), tf.memory().numTensors], [parts, before]);
      assert(samples.length > 0);
      assertEquals(reconstructions === undefined, images === sampler);
      if (reconstructions === undefined) continue;
      assertEquals(reconstructions.windows, []);
      assertEquals(reconstructions.shownSteps, [1, 3, 4, 6, 8, 10, 11, 13, 15, 17, 18, 20]);
      // By codes other samples are drawn, and that is said.
      const byCodes = generationJudge.begin({ images }, run, { ...none, latents: "codes" });
      assertEquals(byCodes.readsTrain, true);
      await byCodes.add(batch);
      const found = await byCodes.finish(batches());
      assertEquals(found.score.latents, "the neighbourhoods of the codes of 5 training examples");
      assertNotEquals(found.pictures.samples, samples);
    }
    model.dispose();
  },
});

Deno.test("the numbers of likelihood and generation for the terminal, letter by letter", () => {
  const evaluation = {
    ...{ model: "draw", dataset: "mnist", split: "test", unit: "digit", examples: 10_000, step: 5000 } as const,
    metrics: { loss: 91.7, reconstruction: 65.5, kl: 26.2, "critic.loss": 0.985 },
    likelihood: {
      ...{ bound: 91.66, reconstruction: 65.43, kl: 26.23, klPerStep: [4, 2, 0.4, 0] },
      importance: { samples: 5, bound: 89.5 },
    },
    generation: {
      nearest: { samples: 1000, mean: 114.34, standardDeviation: 55.48, maximum: 1532.43, meanImage: 131.8 },
      classes: {
        ...{ classifier: { model: "mnist-lstm", step: 2000 }, classes: 10 },
        samples: { images: 1000, score: 7.9, confidence: 0.9234, spread: 9.51 },
        real: { images: 1000, score: 9.61, confidence: 0.979, spread: 9.9 },
      },
    },
  };
  assertEquals(formatEvaluation(evaluation, { colour: false, width: 100 }).split("\n"), [
    "draw on mnist, test split",
    "10,000 digits, step 5,000",
    "",
    "bound           91.66  nats a digit, lower is better: -ln p is at most this",
    "reconstruction  65.43  of it: drawing again what was seen",
    "KL              26.23  of it: what the latents hold, 4 steps █▅▁▁",
    "weighted bound  89.50  tighter, by 5 latents a digit",
    "nearest        114.34  nats, sample to nearest training digit; lower is closer",
    "                       1,000 samples, sd 55.48, at most 1,532",
    "                       131.80 for the mean digit, drawn every time",
    "class score      7.90  1 to 10, higher is better, by mnist-lstm; 9.61 for real digits, 1 for grey",
    "                       92.3 % sure, 9.51 classes; real digits 97.9 % sure, 9.90 classes",
    "",
    "Critic loss 0.985",
  ]);
  const one = {
    ...{ ...evaluation, metrics: { loss: 3, reconstruction: 2, kl: 1 }, generation: {} },
    likelihood: { bound: 3, reconstruction: 2, kl: 1, klPerStep: [1], importance: { samples: 1, bound: 3 } },
  };
  assertEquals(formatEvaluation(one, { colour: false, width: 40 }).split("\n").slice(3), [
    "bound          3.00  nats a digit, lowe…",
    "reconstruction 2.00  of it: drawing aga…",
    "KL             1.00  of it: what the la…",
  ]);
});

Deno.test("the numbers of pictures for the terminal, letter by letter", () => {
  const evaluation = {
    ...{ model: "vae", dataset: "image-folder", split: "test", unit: "picture", examples: 364, step: 5000 } as const,
    metrics: { loss: 9100, bound: 9000, reconstruction: 8900, kl: 100, bitsPerDim: 1.0566 },
    likelihood: {
      ...{ bound: 9010, reconstruction: 8905, kl: 105, klPerStep: [105] },
      importance: { samples: 5, bound: 8950 },
    },
    generation: {
      reconstruction: {
        pictures: 364,
        drawn: { mse: 0.00512, psnr: 23.21, ssim: 0.9123 },
        mean: { mse: 0.0801, psnr: 11.2, ssim: 0.31 },
        other: { mse: 0.1312, psnr: 9.14, ssim: 0.28 },
      },
      copies: { samples: 1000, real: 364, pixels: { samples: 0.12, real: 0.14, nearer: 0.071 } },
      classes: {
        ...{ classifier: { model: "cnn", step: 2000 }, classes: 4 },
        samples: { images: 1000, score: 3.1, confidence: 0.9, spread: 3.9 },
        real: { images: 364, score: 3.8, confidence: 0.98, spread: 4 },
      },
      features: {
        ...{ pictures: 364, features: 64 },
        samples: {
          ...{ frechet: 41.23, kernel: { mean: 0.0512, standardDeviation: 0.004 }, precision: 0.61, recall: 0.32 },
        },
        real: { frechet: 17.5, kernel: { mean: 0.0001, standardDeviation: 0.003 }, precision: 0.91, recall: 0.9 },
        train: { frechet: 12.5, kernel: { mean: -0.0002, standardDeviation: 0.003 }, precision: 0.95, recall: 0.94 },
      },
      students: {
        ...{ learnt: 1000, named: 364, steps: 200, samples: 0.71, real: 0.88, teacher: 0.97, guessing: 0.25 },
      },
    },
  };
  const linesOf = (of: Parameters<typeof formatEvaluation>[0]) =>
    formatEvaluation(of, { colour: false, width: 100 }).split("\n");
  const { generation } = evaluation;
  const guess = { ...evaluation, generation: { ...generation, students: { ...generation.students, teacher: 0.29 } } };
  const doubt = ["beware: cnn names 29.0 % of real pictures rightly", "guessing 25.0 %: its features tell little"];
  const told = linesOf(guess).filter((line) => !linesOf(evaluation).includes(line));
  assertEquals(told.map((line) => line.trim()), doubt);
  assertEquals(linesOf(evaluation).slice(3), [
    "bound           9,010  nats a picture, lower is better: -ln p is at most this",
    "reconstruction  8,905  of it: drawing again what was seen",
    "KL             105.00  of it: what the latents hold, one step",
    "weighted bound  8,950  tighter, by 5 latents a picture",
    "bits per dim    1.058  of the bound, a number of the picture; 1.051 of the weighted one",
    "drawn again    0.0051  squared difference; the mean picture 0.0801, another picture 0.1312",
    "                       23.2 dB; the mean picture 11.2 dB, another picture 9.1 dB",
    "                       SSIM 0.912; the mean picture 0.310, another picture 0.280",
    "                       364 pictures, pixels 0 to 1; the mean or another in place of each",
    "copies          7.1 %  of samples are nearer to a training picture than 95 % of real ones, by pixels",
    "class score      3.10  1 to 4, higher is better, by cnn; 3.80 for real pictures, 1 for grey",
    "                       90.0 % sure, 3.90 classes; real pictures 98.0 % sure, 4.00 classes",
    "Fréchet         41.23  by features of cnn, lower is nearer; real pictures 17.50",
    "                       364 samples from as many training pictures; other training pictures 12.50",
    "kernel         0.0512  sd 0.0040, lower is nearer; real pictures 0.0001",
    "precision      61.0 %  of the samples lie among training pictures; real pictures 91.0 %",
    "recall         32.0 %  of training pictures lie among samples; among real pictures 90.0 %",
    "accuracy score 71.0 %  named rightly after 1,000 samples alone; after as many real pictures 88.0 %",
    "",
    "Loss 9,100",
  ]);
});
