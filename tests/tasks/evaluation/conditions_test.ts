/** Runs judged under conditions that are not those of their training: changed examples, other options of the model. */
import * as tf from "@tensorflow/tfjs-core";
import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertNotEquals,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { draw } from "../../../models/zoo/draw/draw.ts";
import { cnn } from "../../../models/zoo/models.ts";
import { restoreVariables } from "../../../models/zoo/trained_model.ts";
import { InputError } from "../../../pipelines/base/errors.ts";
import { Prng } from "../../../pipelines/base/prng.ts";
import { prefetchBatches } from "../../../pipelines/batches/prefetch.ts";
import { mnist } from "../../../pipelines/datasets/mnist.ts";
import { UsageError } from "../../../tasks/cli/option_values.ts";
import { HelpRequest } from "../../../tasks/cli/options.ts";
import { evaluateCommand } from "../../../tasks/commands/evaluate.ts";
import { changesOf } from "../../../tasks/evaluation/conditions.ts";
import { evaluate } from "../../../tasks/evaluation/evaluate.ts";
import { readEvaluation } from "../../../tasks/evaluation/read_evaluation.ts";
import { loadModel } from "../../../tasks/runs/saved_model.ts";
import { splitIdentity } from "../../../tasks/runs/run_data.ts";
import { FAST, inTemporaryFolder, may } from "../../helpers.ts";
import { embedded, linesOf, namesIn, preparedTo, prepareTo } from "../prepared.ts";
import { checkpointOf, smallData, trainTiny } from "../runs.ts";

function test(name: string, fn: (folder: string) => Promise<void>): void {
  const ignore = FAST || !may("read", "write");
  Deno.test({ name: `evaluate under conditions: ${name}`, ignore, fn: () => inTemporaryFolder(fn) });
}

type Stroke = readonly [readonly number[], readonly number[]];

/** Drawings of a file mirrored left and right about their middles, as a file of their own. */
async function mirrorFile(from: string, to: string): Promise<void> {
  const lines = (await linesOf(from)).map((line) => {
    const drawing = line.drawing as readonly Stroke[];
    const xs = drawing.flatMap(([xs]) => xs);
    const ends = Math.min(...xs) + Math.max(...xs);
    return JSON.stringify({ ...line, drawing: drawing.map(([xs, ys]) => [xs.map((x) => ends - x), ys]) });
  });
  await Deno.writeTextFile(to, `${lines.join("\n")}\n`);
}

test("mirrored by the evaluation, drawings have the numbers of drawings that were prepared mirrored", async (folder) => {
  const [data, run, mirrored] = [`${folder}/data`, `${folder}/run`, `${folder}/mirrored`];
  const classes = ["circle", "hockey stick", "sun"];
  const sources = embedded(...classes);
  const given = { options: { size: 16 }, perClass: 40 };
  const index = await prepareTo(data, { ...given, sources });
  const others = await Promise.all(classes.map(async (name, i) => {
    await mirrorFile(sources[i], `${folder}/${name}.ndjson`);
    return `${folder}/${name}.ndjson`;
  }));
  await prepareTo(mirrored, { ...given, sources: others });
  await trainTiny(data, run, { model: "cnn-lstm", loop: { steps: 30, learningRate: 0.01 } });

  const plain = await evaluate({ folder: run, split: "train" });
  const changed = await evaluate({ folder: run, split: "train", augment: { flip: 1 } });
  const expected = await evaluate({ folder: run, split: "train", data: mirrored });
  const [was, is, wanted] = [plain, changed, expected].map(({ evaluation }) => evaluation.classification!);
  assertAlmostEquals(is.nll, wanted.nll, 1e-5);
  assert(Math.abs(is.nll - was.nll) > 1e-4, `${is.nll} ${was.nll}`);
  assertEquals([is.top1, is.confusion], [wanted.top1, wanted.confusion]);
  assertEquals(is.earlyRecognition.map(({ accuracy }) => accuracy), wanted.earlyRecognition.map((one) => one.accuracy));
  assertEquals(changed.evaluation.conditions, { "augment.flip": 1, augmentSeed: 0 });
  assertEquals(changed.notes, ["judged on changed drawings: --augment.flip 1 and --augment-seed 0"]);
  assertEquals([plain.evaluation.conditions, plain.notes], [undefined, []]);
  assertEquals(plain.evaluation.identity, splitIdentity(index, "train"));

  // Both views of a drawing are those of its mirror image, in the other order: one answer for both, by two threads as by one.
  const views = { folder: run, split: "train", augment: { flip: 1 }, views: 2 } as const;
  const [both, turned] = [await evaluate(views), await evaluate({ ...views, data: mirrored })];
  const [mean, other] = [both, turned].map(({ evaluation }) => evaluation.classification!);
  assertAlmostEquals(mean.nll, other.nll, 1e-5);
  assertEquals([mean.top1, mean.confusion], [other.top1, other.confusion]);
  assert(mean.nll < (was.nll + is.nll) / 2 - 1e-4, `${mean.nll} ${was.nll} ${is.nll}`); // the logarithm is concave
  assertAlmostEquals(both.evaluation.metrics.nll ?? both.evaluation.metrics.loss, mean.nll, 1e-5);
  assertEquals((await evaluate({ ...views, workers: 2 })).evaluation, both.evaluation);
  assertEquals(both.evaluation.identity, plain.evaluation.identity);
  assertEquals(both.notes, [
    "judged by views of each drawing: --augment.flip 1, --augment-seed 0 and --views 2",
  ]);
});

test("one seed changes examples in one way for all runs, another in another; training examples stay", async (folder) => {
  const [data, run, other] = [`${folder}/data`, `${folder}/run`, `${folder}/other`];
  await smallData(data);
  await trainTiny(data, run, { loop: { steps: 3 } });
  await trainTiny(data, other, { loop: { steps: 3 }, seed: 5 });
  const judged = async (folder: string, augmentSeed: number, rotate = 90) =>
    (await evaluate({ folder, split: "test", augment: { rotate }, augmentSeed })).evaluation;
  const [one, again, ofOther, seed, less] = [
    await judged(run, 3),
    await judged(run, 3),
    await judged(other, 3),
    await judged(run, 4),
    await judged(run, 3, 45),
  ];
  assertEquals(again, one);
  assertEquals(ofOther.identity, one.identity); // two runs saw the same drawings
  assertEquals(
    new Set([one, seed, less, (await evaluate({ folder: run, split: "test" })).evaluation].map((e) => e.identity)).size,
    4,
  );
  assertNotEquals(seed.metrics.loss, one.metrics.loss);
  const shared = await evaluate({ folder: run, split: "test", augment: { rotate: 90 }, augmentSeed: 3, workers: 2 });
  assertEquals(shared.evaluation, one);
});

test("DRAW is judged on cells drawn at random that has learnt from cells cut at a threshold", async (folder) => {
  const [data, run] = [`${folder}/data`, `${folder}/run`];
  await preparedTo(data, { dataset: mnist });
  await trainTiny(data, run, { model: "draw", loop: { steps: 20, batchSize: 20, learningRate: 0.02 } });
  const settings = { folder: run, split: "test", checkpoint: "last", importanceSamples: 1, nearestSamples: 0 } as const;
  const plain = await evaluate(settings);
  const drawn = await evaluate({ ...settings, modelOptions: { binarize: "stochastic" } });
  assertEquals(drawn.notes, ["judged with --model.binarize stochastic; trained with auto"]);
  assertEquals(drawn.evaluation.conditions, { "model.binarize": "stochastic" });
  assertEquals(drawn.state.settings.modelOptions.binarize, "auto");
  const [was, is] = [plain, drawn].map(({ evaluation }) => evaluation.likelihood!.bound);
  assert(Math.abs(is - was) > 0.05, `${is} ${was}`);

  // A model that was built so from the start, with the weights of the run.
  const { tensors, state } = await checkpointOf(run);
  const model = draw.build({ ...draw.tiny, binarize: "stochastic" }, state.data, new Prng(9));
  restoreVariables(model, tensors);
  const prng = new Prng(0, 2);
  let [sum, examples] = [0, 0];
  for await (
    const batch of prefetchBatches({
      folder: data,
      split: "test",
      batchSize: 64,
      fields: ["image", "label"],
      epochs: 1,
    })
  ) {
    const pass = { prng, training: undefined, firstExample: 0 };
    sum += batch.size * tf.tidy(() => model.objectives[0].loss(batch, pass).loss.dataSync()[0]);
    examples += batch.size;
  }
  model.dispose();
  assertAlmostEquals(drawn.evaluation.metrics.loss, sum / examples, 1e-3);

  // What was told as it was is no condition.
  const same = await evaluate({ ...settings, modelOptions: { binarize: "auto" } });
  assertEquals(same.evaluation, plain.evaluation);
});

test("each view is changed by a seed of its own", async (folder) => {
  const index = await smallData(`${folder}/data`);
  const reader = { model: cnn, fields: cnn.fields };
  const given = { augment: { rotate: 30 }, augmentSeed: 2 ** 32 - 1, views: 3 };
  const changes = changesOf(given, index, reader)!;
  const seeds = await Promise.all([1, 2, 3].map(async (view) => (await changes.request(view)).augmentSeed));
  assertEquals(seeds, [2 ** 32 - 1, 0, 1]);
});

test("what cannot be is refused in a line", async (folder) => {
  const [data, run, digits, drawer] = ["data", "run", "digits", "drawer"].map((name) => `${folder}/${name}`);
  await smallData(data);
  await trainTiny(data, run, { loop: { steps: 1 } });
  await preparedTo(digits, { dataset: mnist });
  await trainTiny(digits, drawer, { model: "draw", loop: { steps: 1, batchSize: 20 } });
  const refused = (
    given: Partial<Parameters<typeof evaluate>[0]>,
    message: string,
    type: new () => Error = InputError,
  ) => assertRejects(() => evaluate({ folder: run, split: "test", ...given }), type, message);
  await refused({ augmentSeed: 2 }, "--augment-seed 2: no option of --augment changes the examples by it");
  await refused({ views: 2 }, "--views 2: no option of --augment makes one view unlike another");
  await refused({ views: 17, augment: { flip: 1 } }, "views: expected a whole number, 1 to 16", RangeError);
  const shift = { folder: drawer, views: 2, augment: { shift: 0.1 } };
  await refused(shift, "--views 2: draw does not classify, and takes 1");
  await refused({ augment: { turn: 2 } }, 'augmentation affine: no option "turn"', TypeError);
  await refused({ augment: { rotate: 200 } }, "rotate: expected a number, 0 to 180", RangeError);
  await refused({ augment: { scale: [1, 0.5] } }, "--augment: augment scale is 1,0.5: expected two factors");
  await refused({ augment: { brightness: 0.5 } }, "--augment.brightness changes images, which cnn does not read");
  await refused({ modelOptions: { denseUnits: 9 } }, "--model.dense-units 9: not with these weights: ");
  const dropped = "--model.dropout-rate 0.5: cnn reads it in training alone, and what is trained does not change by it";
  await refused({ modelOptions: { dropoutRate: 0.5 } }, dropped);
  await assertRejects(() => evaluateCommand(["--run", run, "--model.dropout-rate", "0.5"]), InputError, dropped);
  const help = await assertRejects(() => evaluateCommand(["--run", run, "--help"]), HelpRequest, "--model.dense-units");
  assert(!help.message.includes("--model.dropout-rate"));
  const idle = { folder: drawer, modelOptions: { threshold: 0.7, binarize: "stochastic" } };
  await refused(idle, "model draw: threshold: read with binarize auto or threshold alone, found", RangeError);
  await refused({ modelOptions: { denseUnits: 1e6 } }, "--model.dense-units 1000000: not with these weights: ");
  await refused({ modelOptions: { lstmUnits: 9 } }, 'no option "lstmUnits"', TypeError);
  await refused(
    { folder: drawer, augment: { rotate: 5 } },
    "--augment.rotate changes strokes, which draw does not read",
  );
  const feedback = { folder: drawer, modelOptions: { feedback: false } };
  await refused(feedback, "has weights of encoder/feedbackKernel, which such a model lacks");
  const { model } = await loadModel(drawer, "last", { steps: 5 }); // more steps have the same weights
  assertEquals(model.images!.latentShape[0], 5);
  model.dispose();
});

test("the command keeps what it finds in a folder of its own", async (folder) => {
  const [data, run, output] = [`${folder}/data`, `${folder}/run`, `${folder}/run/turned`];
  await smallData(data);
  await trainTiny(data, run, { loop: { steps: 2 } });
  await evaluateCommand(["--run", run]);
  const own = await Deno.readTextFile(`${run}/metrics.json`);
  await evaluateCommand(["--run", run, "--augment.rotate", "30", "--augment.scale", "0.5,0.9", "--output", output]);
  assertEquals(await Deno.readTextFile(`${run}/metrics.json`), own);
  assertEquals(await namesIn(output), ["metrics.json", "report.html"]);
  const found = (await readEvaluation(`${output}/metrics.json`))!;
  assertEquals(found.conditions, { "augment.rotate": 30, "augment.scale": [0.5, 0.9], augmentSeed: 0 });
  const page = await Deno.readTextFile(`${output}/report.html`);
  const told = "Note: judged on changed drawings: --augment.rotate 30, --augment.scale 0.5,0.9 and --augment-seed 0";
  assertStringIncludes(page, told);
  // What another run came to is never written over.
  const other = `${folder}/other`;
  await trainTiny(data, other, { loop: { steps: 1 } });
  const before = await namesIn(other);
  await Deno.mkdir(`${folder}/mine`);
  await Deno.writeTextFile(`${folder}/mine/report.html`, "mine");
  const refused = [
    ...[[other, "another run"], [`${data}/index.json`, "a file, expected a folder"], [data, "a folder of shards"]],
    [`${folder}/mine`, "holds a report.html beside which no metrics.json is"],
  ];
  for (const [place, why] of refused) {
    const message = `--output ${place}: ${why}`;
    await assertRejects(() => evaluateCommand(["--run", run, "--output", place]), InputError, message);
  }
  assertEquals(await namesIn(other), before);
  await Deno.mkdir(`${folder}/theirs`);
  await Deno.writeTextFile(`${folder}/theirs/metrics.json`, '{"a":1}');
  await assertRejects(
    () => evaluateCommand(["--run", run, "--output", `${folder}/theirs`]),
    InputError,
    `--output ${folder}/theirs: holds a metrics.json that is no evaluation's; name another folder`,
  );
  assertEquals(await Deno.readTextFile(`${folder}/theirs/metrics.json`), '{"a":1}');
  // Nor what the run itself came to, by what it came to on other examples or under other conditions.
  const link = `${folder}/link`;
  await Deno.symlink(run, link);
  const changed = [["--split", "valid"], ["--data", data], ["--augment.rotate", "30"], ["--model.dense-units", "8"]];
  for (const flags of changed) {
    const words = `--output ${link}: the run's own, whose figures of its test examples stay; leave --output out`;
    const ask = () => evaluateCommand(["--run", run, ...flags, "--output", link]);
    await assertRejects(ask, InputError, words);
  }
  assertEquals(await Deno.readTextFile(`${run}/metrics.json`), own);
  await evaluateCommand(["--run", run, "--output", `${folder}/other/../run`]);
  // Without a folder of its own, one in the run's that says what is another.
  const mine = await Deno.readTextFile(`${run}/metrics.json`);
  await smallData(`${folder}/few`, 5);
  await evaluateCommand(["--run", run, "--data", `${folder}/few`]);
  await evaluateCommand(["--run", run, "--augment.rotate", "30"]);
  // Another folder's name may be written like this one once its slashes are dashes.
  await smallData(`${folder}-few`, 6);
  try {
    await evaluateCommand(["--run", run, "--data", `${folder}-few`]);
  } finally {
    await Deno.remove(`${folder}-few`, { recursive: true });
  }
  const few = new RegExp(`^${`${folder}/few`.slice(1).replaceAll("/", "-")}-[0-9a-f]{8}$`);
  const [turned, ...others] = await namesIn(`${run}/judged`);
  assertEquals([turned, others.map((name) => few.test(name))], ["augment.rotate-30-augmentSeed-0", [true, true]]);
  const moved = `${folder}/moved`; // the same shards are its own, wherever they lie
  await Deno.rename(data, moved);
  assertEquals(await Deno.readTextFile(`${run}/metrics.json`), mine);
  await evaluateCommand(["--run", run, "--data", moved, "--split", "valid"]);
  assertEquals((await namesIn(`${run}/judged`)).length, 4);
  assertEquals((await readEvaluation(`${run}/judged/split-valid/metrics.json`))!.split, "valid");
  assertEquals(await Deno.readTextFile(`${run}/metrics.json`), mine);
  await assertRejects(
    () => evaluateCommand(["--run", run, "--model.dense-unit", "9"]),
    UsageError,
    "unknown option --model.dense-unit; did you mean --model.dense-units?",
  );
});
