/** What `evaluate` finds of a model that draws. */
import * as tf from "@tensorflow/tfjs-core";
import { assert, assertAlmostEquals, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { decode } from "fast-png";
import { startBackend } from "../../../models/backends/backend.ts";
import { draw } from "../../../models/zoo/draw/draw.ts";
import { evaluateObjective } from "../../../models/gradients/evaluate_objective.ts";
import type { Batch } from "../../../pipelines/dataset.ts";
import { InputError } from "../../../pipelines/base/errors.ts";
import { mnist } from "../../../pipelines/datasets/mnist.ts";
import { Prng } from "../../../pipelines/base/prng.ts";
import { judgeNearest } from "../../../tasks/evaluation/likelihood.ts";
import { evaluate } from "../../../tasks/evaluation/evaluate.ts";
import { judgeDrawer } from "../../../tasks/evaluation/generation.ts";
import { formatEvaluation } from "../../../tasks/report/evaluation_text.ts";
import { buildModel } from "../../../models/zoo/trained_model.ts";
import { inTemporaryFolder, may } from "../../helpers.ts";
import { prepareTo } from "../prepared.ts";
import { checkpointOf, smallData, trainTiny } from "../runs.ts";
import { fieldOf } from "../../../pipelines/batches/batch_fields.ts";
import { prefetchBatches } from "../../../pipelines/batches/prefetch.ts";
import { writeEvaluation } from "../../../tasks/report/write_report.ts";
import { describeDrawings } from "../../../tasks/bench/random_drawings.ts";

function test(name: string, fn: (folder: string) => Promise<void>): void {
  Deno.test({ name: `evaluate: ${name}`, ignore: !may("read", "write"), fn: () => inTemporaryFolder(fn) });
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
  const index = await prepareTo(data, { dataset: mnist });
  const { lines } = await trainTiny(data, run, { model: "draw", loop: { steps: 8, learningRate: 0.01 } });
  const settings = { folder: run, checkpoint: "last", batchSize: 32, importanceSamples: 1, nearestSamples: 7 } as const;
  const valid = await evaluate({ ...settings, split: "valid" });
  const line: Record<string, unknown> = lines.findLast(({ kind }) => kind === "evaluation")!;
  for (const name of ["loss", "reconstruction", "kl"]) {
    assertAlmostEquals(valid.evaluation.metrics[name], Number(line[name]), 2e-3, name);
  }

  const seen: number[] = [];
  const judgement = await evaluate({ ...settings, split: "test", importanceSamples: 2 }, (done, total) => {
    seen.push(done);
    assertEquals(total, 100 + index.splits.train.examples);
  });
  assertEquals(seen.at(-1), 100 + index.splits.train.examples);
  const { drawing, examples } = judgement.evaluation;
  assertEquals([examples, drawing!.klPerStep.length, drawing!.importance.samples], [100, 3, 2]);
  const model = buildModel(await checkpointOf(run));
  const read = (split: "train" | "test", batchSize: number) =>
    prefetchBatches({ folder: data, split, batchSize, fields: ["image"], epochs: 1 });
  assertEquals(drawing!.nearest!.samples, 7);
  const nearest = await judgeNearest(model.drawer!, read("train", 37), { samples: 7, seed: 0 });
  for (const [name, value] of Object.entries(nearest)) {
    assertAlmostEquals(drawing!.nearest![name as keyof typeof nearest], value, 2e-3, name);
  }

  const { samples, reconstructions, steps, shownSteps, windows } = judgement.drawings!;
  assertEquals([shownSteps, windows], [[1, 2, 3], ["read", "write"]]);
  assertEquals(tilesOf(samples, 2).length, 100);
  const tiles = tilesOf(reconstructions, 2); // 4 times: 8 digits, 8 reconstructions
  assertEquals([tiles.length, tilesOf(steps, 3).length], [64, 6 * 4]);
  const [first] = await Array.fromAsync(read("test", 32));
  const originals = Array.from(fieldOf(first, "image"), (value) => value >= 127.5 ? 255 : 0);
  const { drawn } = model.drawer!.encode(first, {
    prng: new Prng(0, 2),
    training: undefined,
    firstExample: 0,
  });
  const last = (await drawn.canvases.data()).slice(2 * 32 * 784).map((logit) => 255 / (1 + Math.exp(-logit)));
  for (const i of [0, 7, 8, 31]) {
    const at = 16 * Math.floor(i / 8) + i % 8;
    assertEquals(tiles[at], originals.slice(i * 784, (i + 1) * 784));
    tiles[at + 8].forEach((level, cell) => assertAlmostEquals(level, last[i * 784 + cell], 1.1)); // 253 greys
  }
  assertEquals(tilesOf(steps, 3)[0], originals.slice(0, 784));
  model.dispose();

  await Deno.writeTextFile(`${run}/options.json`, '{"seed": 0}');
  await writeEvaluation(run, judgement);
  assertEquals(JSON.parse(await Deno.readTextFile(`${run}/metrics.json`)), judgement.evaluation);
  const html = await Deno.readTextFile(`${run}/report.html`);
  for (
    const words of [
      "<h2>Step by step</h2>",
      "Bound, nats a digit",
      "Nearest training digit",
      "where it looked",
      "100 digits",
    ]
  ) assertStringIncludes(html, words);
  assertEquals(html.match(/src="data:image\/png;base64,iVBOR/g)?.length, 3);
  assertEquals(html.match(/<link|<script|@import|src="(?!data:)|<iframe|url\((?!#)/g), null);
  for (const tag of ["section", "div", "table", "tr", "td", "figure", "svg", "p", "span", "dl"]) {
    const count = (pattern: string) => html.match(new RegExp(pattern, "g"))?.length ?? 0;
    assertEquals(count(`<${tag}[ >]`), count(`</${tag}>`), tag);
  }
  assert(html.length < 1e6, `${html.length} letters`);

  const alone = await evaluate({ ...settings, split: "test", nearestSamples: 0 });
  assertEquals(alone.evaluation.drawing!.nearest, undefined);
});

test("a model that draws nothing refuses what only drawers have", async (folder) => {
  const [data, run] = [`${folder}/data`, `${folder}/run`];
  await smallData(data);
  await trainTiny(data, run, { loop: { steps: 1 } });
  const ask = (more: { importanceSamples?: number; nearestSamples?: number }) => () =>
    evaluate({ folder: run, split: "test", ...more });
  await assertRejects(ask({ nearestSamples: 0 }), InputError, "--nearest-samples: cnn draws nothing");
  await assertRejects(ask({ importanceSamples: 1 }), InputError, "--importance-samples: cnn draws nothing");
});

Deno.test("the accuracy of a supervised encoder comes along; a model without windows shows none", async () => {
  await startBackend("cpu");
  const prng = new Prng(3);
  const image = Uint8Array.from({ length: 5 * 64 }, () => prng.uniform() < 0.4 ? 255 : 0);
  const batch: Batch = { size: 5, fields: { image, label: Uint8Array.of(0, 1, 0, 1, 1) } };
  async function* batches() {
    yield await Promise.resolve(batch);
  }
  const whole = { ...draw.tiny, readAttention: 0, writeAttention: 0, steps: 20 };
  for (const convolution of ["none", "supervised"]) {
    const model = draw.build(
      { ...whole, convolution },
      describeDrawings({ side: 8, frames: 1, classes: 2 }),
      new Prng(1),
    );
    const [objective] = model.objectives;
    const before = tf.memory().numTensors;
    const judged = await judgeDrawer({
      ...{ drawer: model.drawer!, objective, batches, train: batches, seed: 4 },
      ...{ importanceSamples: 1, nearestSamples: 0 },
    });
    assertEquals(tf.memory().numTensors, before);
    const { accuracy } = await evaluateObjective(objective, batches(), new Prng(4, 2));
    assertEquals(judged.metrics.accuracy, accuracy);
    assertEquals("accuracy" in judged.metrics, convolution === "supervised");
    assertEquals(judged.pictures.windows, []);
    assertEquals(judged.pictures.shownSteps, [1, 3, 4, 6, 8, 10, 11, 13, 15, 17, 18, 20]);
    model.dispose();
  }
});

Deno.test("a drawer's numbers for the terminal, letter by letter", () => {
  const evaluation = {
    ...{ model: "draw", dataset: "mnist", split: "test", unit: "digit", examples: 10_000, step: 5000 } as const,
    metrics: { loss: 91.66, reconstruction: 65.43, kl: 26.23, accuracy: 0.985 },
    drawing: {
      klPerStep: [4, 2, 0.4, 0],
      importance: { samples: 5, bound: 89.5 },
      nearest: { samples: 1000, mean: 114.34, standardDeviation: 55.48, maximum: 1532.43 },
    },
  };
  assertEquals(formatEvaluation(evaluation, { colour: false, width: 80 }).split("\n"), [
    "draw on mnist, test split",
    "10,000 digits, step 5,000",
    "",
    "bound           91.66  nats a digit, lower is better: -ln p is at most this",
    "reconstruction  65.43  of it: drawing again what was seen",
    "KL              26.23  of it: what the latents hold, 4 steps █▅▁▁",
    "weighted bound  89.50  tighter, by 5 latents a digit",
    "accuracy       98.5 %  of the classifier on its filter maps",
    "nearest        114.34  nats, sample to nearest training digit; lower is closer",
    "                       1,000 samples, sd 55.48, at most 1,532",
  ]);
  const plain = { ...evaluation, metrics: { loss: 3, reconstruction: 2, kl: 1 } };
  const one = { ...plain, drawing: { klPerStep: [1], importance: { samples: 1, bound: 3 } } };
  assertEquals(formatEvaluation(one, { colour: false, width: 40 }).split("\n").slice(3), [
    "bound          3.00  nats a digit, lowe…",
    "reconstruction 2.00  of it: drawing aga…",
    "KL             1.00  of it: what the la…",
  ]);
});
