/** What `evaluate` finds of a model that draws strokes, and what its page and the terminal say. */
import { assert, assertAlmostEquals, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { sketchRnn } from "../../../models/zoo/sketch_rnn/sketch_rnn.ts";
import type { OptionValue } from "../../../pipelines/base/option_table.ts";
import { InputError } from "../../../pipelines/base/errors.ts";
import { fieldOf } from "../../../pipelines/batches/batch_fields.ts";
import { readBatches } from "../../../pipelines/batches/batch.ts";
import { evaluate } from "../../../tasks/evaluation/evaluate.ts";
import type { Evaluation } from "../../../tasks/evaluation/judges.ts";
import { readEvaluation } from "../../../tasks/evaluation/read_evaluation.ts";
import { formatEvaluation } from "../../../tasks/report/evaluation_text.ts";
import { writeEvaluation } from "../../../tasks/report/write_report.ts";
import { FAST, inTemporaryFolder, may } from "../../helpers.ts";
import { embedded, prepareTo } from "../prepared.ts";
import { smallData, trainTiny } from "../runs.ts";

const OPTIONS = { ...sketchRnn.tiny, maxLength: 90 };

function test(name: string, fn: (folder: string) => Promise<void>): void {
  Deno.test({ name: `evaluate: ${name}`, ignore: FAST || !may("read", "write"), fn: () => inTemporaryFolder(fn) });
}

const trainSketch = (data: string, run: string, more: Readonly<Record<string, OptionValue>> = {}, steps = 6) =>
  trainTiny(data, run, {
    ...{
      model: "sketch-rnn",
      modelOptions: { ...OPTIONS, ...more },
      loop: { steps, batchSize: 20, learningRate: 0.01 },
    },
  });

test("a model of strokes has the objective's losses, the data's sizes, pictures, and names for drawings", async (folder) => {
  const [data, run, reader] = ["data", "run", "cnn"].map((name) => `${folder}/${name}`);
  const index = await smallData(data);
  await trainSketch(data, run, { classCondition: true });
  await trainTiny(data, reader, { loop: { steps: 40 } });
  const settings = { folder: run, checkpoint: "last", split: "train" } as const;
  const count = index.splits.train.examples;
  const judged = { ...settings, drawnSamples: count, namedDrawings: 30, classifier: reader };
  const judgement = await evaluate(judged);
  const { evaluation: { strokes, metrics, examples }, pictures } = judgement;
  const { bound, reconstruction, kl, perPoint, losses, latents, data: sizes, samples, named, read } = strokes!;
  // The objective's own means are of other latents.
  assertAlmostEquals(reconstruction, metrics.nats, 0.01 * Math.abs(metrics.nats));
  assertAlmostEquals(kl, metrics.klNats, 1e-3);
  assertAlmostEquals(bound, reconstruction + kl, 1e-9);
  assertAlmostEquals(losses.offsets + losses.pen, metrics.reconstruction, 0.01 * Math.abs(metrics.reconstruction));
  assertAlmostEquals(perPoint, metrics.natsPerPoint, 0.01 * Math.abs(metrics.natsPerPoint));
  assertAlmostEquals(losses.kl!, metrics.kl, 1e-4);
  assert(losses.penUnmasked! > losses.pen);
  assertEquals(losses.mostPoints, 90);
  const scale = judgement.state.data.statistics!.offsetDeviation;
  let [points, strokesInAll] = [0, 0];
  for await (
    const { fields, size } of readBatches({
      ...{ folder: data, split: "train", batchSize: 50, epochs: 1 },
      fields: ["stroke3", "stroke_count"],
    })
  ) {
    points += fieldOf({ size, fields }, "stroke3").length / 3;
    strokesInAll += Array.from(fieldOf({ size, fields }, "stroke_count")).reduce((sum, n) => sum + n, 0);
  }
  assertEquals([examples, sizes.drawings, sizes.points], [index.splits.train.examples, examples, points / examples]);
  assert(sizes.strokes >= strokesInAll / examples); // maps hold eight at most
  assertAlmostEquals(strokes!.boundInUnits, bound + 2 * Math.log(scale) * (points / examples - 1), 1e-6);
  assertEquals([latents!.size, latents!.kl.length], [4, 4]);
  assertAlmostEquals(latents!.kl.reduce((sum, value) => sum + value), kl, 1e-3);
  assertEquals([samples!.drawings, samples!.temperature], [count, 0.4]);
  assert(samples!.points <= 91 && samples!.strokes >= 1 && samples!.ended >= 0);
  assertEquals([named!.drawings, named!.by, named!.classes], [30, "classes", ["circle", "line", "sun"]]);
  assertEquals(named!.confusion.flat().reduce((sum, count) => sum + count), 30);
  assertEquals([read!.samples.images, read!.real.images, read!.classes], [count, count, 3]);
  assertEquals(Object.keys(read!.samples.rightByClass).sort(), ["circle", "line", "sun"]);
  // The classifier sees each drawing as it was in its own shards.
  const { evaluation: { classification } } = await evaluate({ folder: reader, split: "train" });
  assertAlmostEquals(read!.real.right!, classification!.top1, 1e-9);
  assertEquals(Object.values(read!.samples.readAs).reduce((sum, n) => sum + n), count);

  assertEquals(pictures.strokes!.temperatures.length, 6 * 8);
  assertEquals(pictures.strokes!.temperatures.slice(0, 8).map(({ caption }) => caption), [
    ...["0.2", "0.3", "0.4", "0.5", "0.6", "0.7", "0.8", "0.9"],
  ]);
  const [first] = await Array.fromAsync(
    readBatches({ ...{ folder: data, split: "train", batchSize: 64, epochs: 1 }, fields: ["stroke3", "label"] }),
  );
  const [{ given, caption }, { drawn }] = pictures.strokes!.reconstructions!;
  assertEquals(caption, index.classes[fieldOf(first, "label")[0]]);
  assertEquals(given![0][0][0], fieldOf(first, "stroke3")[0]);
  assert(drawn!.length > 0);
  assertEquals(pictures.strokes!.plane!.labels.length, examples);

  await writeEvaluation(run, judgement);
  assertEquals(await readEvaluation(`${run}/metrics.json`), judgement.evaluation);
  const html = await Deno.readTextFile(`${run}/report.html`);
  for (
    const words of [
      ...["What it draws", "Reconstructions", "Samples beside the data", "Latents", "The plane of latents"],
      ...["Named by likelihood", "Read by a classifier", "<h3>L_R</h3>", "<h3>L_KL</h3>", "<h3>Weight of L_KL</h3>"],
      ...["Bound, nats a drawing", "first axis, "],
    ]
  ) assertStringIncludes(html, words);
  assertEquals(html.match(/<link|<script|@import|src="(?!data:)|<iframe|url\((?!#)/g), null);
  for (const tag of ["section", "div", "table", "tr", "td", "figure", "svg", "g", "text", "p", "span", "dl"]) {
    const count = (pattern: string) => html.match(new RegExp(pattern, "g"))?.length ?? 0;
    assertEquals(count(`<${tag}[ >]`), count(`</${tag}>`), tag);
  }
  const again = await evaluate(judged);
  assertEquals(again.evaluation, judgement.evaluation); // nothing is drawn by another luck

  const none = await evaluate({ ...settings, drawnSamples: 0, namedDrawings: 0 });
  assertEquals([none.evaluation.strokes!.samples, none.evaluation.strokes!.named], [undefined, undefined]);
  const ask = (more: object) => () => evaluate({ ...settings, ...more });
  await assertRejects(
    ask({ drawnSamples: 0, classifier: reader }),
    InputError,
    "--classifier: there is nothing to read",
  );
  await assertRejects(ask({ against: [reader] }), InputError, "--against: the model is told the class");
  await assertRejects(ask({ classifier: run }), InputError, "is no classifier");
  await assertRejects(ask({ nearestSamples: 1 }), InputError, "--nearest-samples: sketch-rnn draws no images");
});

test("runs of one class each name drawings together, whatever they divide offsets by", async (folder) => {
  const runs: string[] = [];
  for (const name of ["line", "sun"]) {
    const data = `${folder}/${name}-data`;
    await prepareTo(data, { sources: embedded(name), options: { size: 16 }, perClass: 60 });
    runs.push(`${folder}/${name}`);
    await trainSketch(data, runs.at(-1)!, { conditional: false }, 30);
  }
  const { evaluation } = await evaluate({ folder: runs[0], split: "train", against: [runs[1]], drawnSamples: 0 });
  const { named, latents, kl, losses } = evaluation.strokes!;
  assertEquals([latents, kl, losses.kl], [undefined, 0, undefined]);
  assertEquals([named!.by, named!.classes], ["runs", ["line", "sun"]]);
  const [lines, suns] = named!.confusion.map((row) => row.reduce((sum, count) => sum + count));
  assertEquals([lines, suns, named!.drawings, named!.most], [suns, suns, 2 * suns, OPTIONS.maxLength]);
  assert(suns > 20 && named!.top1 > 0.9, JSON.stringify(named));
  const itself = () => evaluate({ folder: runs[0], split: "train", against: [`${runs[0]}/../line`] });
  await assertRejects(itself, InputError, "line/../line: named twice");
  await trainSketch(`${folder}/line-data`, `${folder}/again`, { conditional: false }, 2);
  const twice = await evaluate({
    ...{ folder: runs[0], split: "train", drawnSamples: 0 },
    against: [`${folder}/again`],
    namedDrawings: 5,
  });
  assertEquals(twice.evaluation.strokes!.named!.classes, ["line", "line (again)"]);
  // What all read is short where one of them reads little.
  const short = `${folder}/short`;
  await trainSketch(`${folder}/line-data`, short, { conditional: false, maxLength: 6 }, 2);
  const none = () => evaluate({ folder: runs[1], split: "train", drawnSamples: 0, against: [short] });
  await assertRejects(none, InputError, "--against: none of the drawings has 6 points or fewer");
  const few = await evaluate({ folder: runs[0], split: "train", drawnSamples: 0, against: [short] });
  const { confusion: [own, theirs], most } = few.evaluation.strokes!.named!;
  const sum = (row: readonly number[]) => row.reduce((a, b) => a + b);
  assertEquals([most, sum(own) > 0, sum(own)], [6, true, sum(theirs)]);
  const other = `${folder}/cnn`;
  await smallData(`${folder}/three`);
  await trainTiny(`${folder}/three`, other, { loop: { steps: 1 } });
  const ask = (against: string) => () => evaluate({ folder: runs[0], split: "train", against: [against] });
  await assertRejects(ask(other), InputError, `--against ${other}: cnn draws no strokes`);
  await assertRejects(ask(`${folder}/nowhere`), InputError, "nowhere: no such folder");
  await assertRejects(
    () => evaluate({ folder: other, split: "test", against: [runs[0]] }),
    InputError,
    "--against: cnn draws no strokes",
  );
});

const SUBJECT: Evaluation = {
  ...{ model: "sketch-rnn", dataset: "quickdraw", split: "test", unit: "drawing", examples: 1000, step: 5000 },
  metrics: { loss: 0.5, reconstruction: 0.4, kl: 0.2, nats: 100, klNats: 20, natsPerPoint: 2, points: 50, other: 7 },
  strokes: {
    ...{ bound: 120.5, reconstruction: 100.25, kl: 20.25, perPoint: 2.0051, boundInUnits: 430.1 },
    losses: { mostPoints: 250, offsets: 0.3, pen: 0.1, penUnmasked: 0.15, kl: 0.158 },
    latents: { size: 128, active: 30, kl: [9, 8, 3.25], planeShares: [0.4, 0.2] },
    data: { drawings: 1000, strokes: 4.5, points: 50.5 },
    samples: { drawings: 200, strokes: 4.25, points: 48, temperature: 0.4, ended: 0.975 },
    named: {
      by: "classes",
      drawings: 500,
      top1: 0.91,
      nll: 0.3,
      classes: ["cat", "dog"],
      confusion: [[240, 10], [35, 215]],
    },
    read: {
      ...{ classifier: "runs/cnn-1", classes: 2 },
      samples: {
        ...{ images: 200, score: 1.8, confidence: 0.9, spread: 1.9, right: 0.85 },
        ...{ rightByClass: { cat: 0.9, dog: 0.8 }, readAs: { cat: 110, dog: 90 } },
      },
      real: { images: 200, score: 1.9, confidence: 0.95, spread: 2, right: 0.95, rightByClass: {}, readAs: {} },
    },
  },
};

Deno.test("the numbers of a model of strokes for the terminal, letter by letter", () => {
  assertEquals(formatEvaluation(SUBJECT, { colour: false, width: 100 }).split("\n"), [
    "sketch-rnn on quickdraw, test split",
    "1,000 drawings, step 5,000",
    "",
    "bound          120.50  nats a drawing, lower is better: -ln p is at most this",
    "reconstruction 100.25  of it: strokes and end, latents known",
    "KL              20.25  of it: what the latents hold, 30 of 128 active",
    "in its units   430.10  the same, to compare runs that divide offsets otherwise",
    "nats a point     2.01  of the reconstruction",
    "L_R             0.400  reconstruction: L_s + L_p, nats over N_max, 250 points",
    "L_s             0.300  of it: offsets",
    "L_p             0.100  of it: the pen, up to the end of each drawing",
    "L_R to N_max    0.450  the same with the pen behind the end, as magenta trains",
    "L_p to N_max    0.150  of it: the pen",
    "L_KL            0.158  mean over the sizes of the latent, nats",
    "ended          97.5 %  of 200 samples at temperature 0.4",
    "                       4.25 strokes, 48.00 points a sample; 4.50 strokes, 50.50 points a drawing",
    "",
    "Loss 0.500",
    "Other 7.00",
    "",
    "named by likelihood 91.0 %  of 500 drawings, by the class that the model is told; guessing 50.0 %",
    "  96.0 %  cat, of 250",
    "  86.0 %  dog, of 250",
    "",
    "read rightly 85.0 %  of 200 samples by runs/cnn-1; real drawings 95.0 %",
    "read as cat (55.0 %), dog (45.0 %)",
  ]);
});

Deno.test("latents that hold nothing are told, and lines keep within the terminal", () => {
  const { samples: _, named: _named, read: _read, ...rest } = SUBJECT.strokes!;
  const collapsed = { ...SUBJECT, strokes: { ...rest, kl: 0.1, latents: { ...rest.latents!, active: 0 } } };
  const lines = formatEvaluation(collapsed, { colour: false, width: 40 }).split("\n");
  assert(lines.every((line) => [...line].length <= 40));
  assert(lines.includes("The latents say next to nothing of a dr…"));
  assert(!formatEvaluation(SUBJECT, { colour: false, width: 100 }).includes("say next to nothing"));
  const { latents: _latents, ...alone } = rest;
  const decoder = { ...SUBJECT, strokes: { ...alone, kl: 0, losses: { mostPoints: 9, offsets: 1, pen: 2 } } };
  assertEquals(formatEvaluation(decoder, { colour: false, width: 100 }).split("\n").slice(3, 9), [
    "nats           120.50  a drawing, lower is better: -ln p of its strokes and its end",
    "in its units   430.10  the same, to compare runs that divide offsets otherwise",
    "nats a point     2.01  of the reconstruction",
    "L_R              3.00  reconstruction: L_s + L_p, nats over N_max, 9 points",
    "L_s              1.00  of it: offsets",
    "L_p              2.00  of it: the pen, up to the end of each drawing",
  ]);
});
