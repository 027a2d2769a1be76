/** A run that begins with another's weights. */
import { createHash } from "node:crypto";
import * as tf from "@tensorflow/tfjs-core";
import { assert, assertEquals, assertNotEquals, assertRejects } from "@std/assert";
import type { NamedArray } from "../../../models/checkpoint.ts";
import { startBackend } from "../../../models/backends/backend.ts";
import { InputError } from "../../../pipelines/base/errors.ts";
import { mnist } from "../../../pipelines/datasets/mnist.ts";
import type { Dataset } from "../../../pipelines/dataset.ts";
import { sealIndex } from "../../../pipelines/shards/index_hash.ts";
import { UsageError } from "../../../tasks/cli/option_values.ts";
import { runOf } from "../../../tasks/commands/train.ts";
import { evaluate } from "../../../tasks/evaluation/evaluate.ts";
import { evaluationLines } from "../../../tasks/runs/metrics.ts";
import { saveCheckpoint } from "../../../tasks/runs/run_directory.ts";
import { train } from "../../../tasks/training/train.ts";
import { FAST, inTemporaryFolder, may } from "../../helpers.ts";
import { colourHeads, colours } from "../../own_specs.ts";
import { embedded, namesIn, preparedTo, prepareTo } from "../prepared.ts";
import { checkpointOf, metricsOf, smallData, tinyFlags, tinySettings, traces, trainTiny } from "../runs.ts";

/** A test with small data of circle, line and sun, and the same drawings without the sun's, in a folder of its own. */
function test(name: string, fn: (folder: string) => Promise<void>, ignored: boolean = FAST): void {
  const fnOnData = async (folder: string) => {
    await smallData(`${folder}/data`);
    const sources = embedded("circle", "line");
    await preparedTo(`${folder}/two`, { sources, options: { size: 16 }, perClass: 40, shardSize: 40 });
    await fn(folder);
  };
  Deno.test({
    name: `--from: ${name}`,
    ignore: ignored || !may("read", "write"),
    fn: () => inTemporaryFolder(fnOnData),
  });
}

/** Runs `deno task train` in this process. */
async function trained(args: readonly string[]): Promise<readonly string[]> {
  const run = await runOf([...args, ...args.includes("--resume") ? [] : ["--backend", "wasm"]]);
  await Array.fromAsync(train(run.settings, run));
  return run.notes.filter((note) => !note.includes("always blank")); // of so few drawings
}

/** A tensor whose first number is too large for one. */
const infinite = ({ shape, data }: NamedArray): NamedArray => ({ shape, data: data.with(0, Infinity) });

/** Flags of one step that changes nothing. */
const STILL = ["--train.steps", "1", "--train.learning-rate", "0"];

test("on the same data nothing is new, and a run that learns nothing is as good as the other's best", async (folder) => {
  const [a, b] = [`${folder}/a`, `${folder}/b`];
  const loop = { steps: 9, evaluateEvery: 3, learningRate: 0.05, emaDecay: 0.5 };
  await trainTiny(`${folder}/data`, a, { model: "cnn-lstm", loop });
  const best = evaluationLines(await metricsOf(a)).findLast(({ best }) => best)!;
  assertNotEquals(best.step, 9); // or best and last would be the same
  const notes = await trained(["--from", a, "--data", `${folder}/data`, "--run", b, ...STILL, "--seed", "7"]);
  const what = `begins with conv1, conv2, lstm1, lstm2, dense, output of ${a}/best.safetensors, step ${best.step}`;
  assertEquals(notes, [`${what}; nothing is new; the optimizer starts anew`]);
  assertEquals(evaluationLines(await metricsOf(b)).map(({ valid }) => valid), [best.valid]);
  const judge = async (folder: string) => (await evaluate({ folder, split: "test" })).evaluation;
  assertEquals({ ...await judge(b), step: 0 }, { ...await judge(a), step: 0 });

  const { state: { settings, origin, position } } = await checkpointOf(b);
  assertEquals(settings.modelOptions, (await checkpointOf(a)).state.settings.modelOptions); // tiny, though nobody said so
  const sha256 = createHash("sha256").update(await Deno.readFile(`${a}/best.safetensors`)).digest("hex");
  const about = { checkpoint: `${a}/best.safetensors`, sha256, step: best.step, model: "cnn-lstm" };
  const options = JSON.parse(await Deno.readTextFile(`${b}/options.json`));
  assertEquals([settings.from, origin, options.from, options.about.origin], [a, about, a, about]);
  assertEquals(position.step, 1);
});

test("the last weights by the path of their file", async (folder) => {
  const [a, b] = [`${folder}/a`, `${folder}/b`];
  await trainTiny(`${folder}/data`, a, { loop: { steps: 5, evaluateEvery: 2, learningRate: 0.05 } });
  await trained(["--from", `${a}/last.safetensors`, "--data", `${folder}/data`, "--run", b, ...STILL]);
  const [last, now] = [await checkpointOf(a), await checkpointOf(b)];
  for (const [name, { data }] of Object.entries(last.tensors)) {
    if (name.startsWith("model/")) assertEquals(now.tensors[name].data, data, name);
    else assertNotEquals(now.tensors[name].data, data, `${name}: the optimizer's`);
  }
});

test("other classes: the last layer is new, all before it is the other run's at step 0; two Workers, resumed", async (folder) => {
  const a = `${folder}/a`;
  await trainTiny(`${folder}/data`, a, { loop: { steps: 5, evaluateEvery: 5, learningRate: 0.05 } });
  const source = (await checkpointOf(a, "best")).tensors;
  const flags = (run: string) => [
    ...["--from", a, "--data", `${folder}/two`, "--run", `${folder}/${run}`, "--workers", "2", "--seed", "4"],
    ...["--train.steps", "6", "--train.log-every", "1"],
  ];
  const notes = await trained(flags("whole"));
  const begins = `begins with conv1, conv2, dense of ${a}/best.safetensors, step 5; `;
  const fresh = "new: output, because the classes are others: sun is missing; the optimizer starts anew";
  assertEquals(notes, [begins + fresh]);

  const parts = await runOf([...flags("parts"), "--backend", "wasm"]);
  const stop = new AbortController();
  const lines = train(parts.settings, { ...parts, signal: stop.signal });
  await lines.next(); // what step 0 was is in the checkpoint until the next is saved
  const { tensors, state } = await checkpointOf(`${folder}/parts`);
  assertEquals(state.position.step, 0);
  for (const name of Object.keys(tensors).filter((name) => name.startsWith("model/"))) {
    if (name.startsWith("model/output/")) assertNotEquals(tensors[name].shape, source[name].shape);
    else assertEquals(tensors[name], source[name], name);
  }
  stop.abort();
  await Array.fromAsync(lines);
  await Deno.rename(a, `${folder}/gone`); // a run that goes on needs the other no more
  await trained(["--resume", `${folder}/parts`]);
  assertEquals(await traces(`${folder}/parts`), await traces(`${folder}/whole`));
  assertEquals((await checkpointOf(`${folder}/parts`)).state.origin?.checkpoint, `${a}/best.safetensors`);
  const contrary = ["--resume", `${folder}/parts`, "--from", `${folder}/gone`];
  await assertRejects(() => runOf(contrary), UsageError, `--from ${folder}/gone contradicts the run, which has ${a}`);
});

test("as many classes of other names are other classes; other options are the reason for other new variables", async (folder) => {
  const [a, b] = [`${folder}/a`, `${folder}/b`];
  await trainTiny(`${folder}/two`, a, { loop: { steps: 1 } });
  const sources = embedded("circle", "house");
  await prepareTo(`${folder}/house`, { sources, options: { size: 16 }, perClass: 40 });
  const notes = await trained([
    "--from",
    a,
    "--data",
    `${folder}/house`,
    "--run",
    b,
    ...STILL,
    "--model.dense-units=6",
  ]);
  assertEquals(notes, [
    `begins with conv1, conv2 of ${a}/best.safetensors, step 1; new: dense, output, because --model.dense-units is 6, ` +
    "there 8 and the classes are others: house is new and line is missing; the optimizer starts anew",
  ]);
  const lstm = await trained([
    ...["--from", a, "--data", `${folder}/two`, "--run", `${folder}/c`, ...STILL, ...tinyFlags("cnn-lstm")],
  ]);
  const begins =
    `begins with conv1, conv2, output of ${a}/best.safetensors, step 1; new: lstm1, lstm2, dense, because `;
  assertEquals(lstm, [`${begins}it is of cnn; the optimizer starts anew`]);
});

test("draw: every weight is taken, whatever the classes", async (folder) => {
  const [data, other, a, b] = ["digits", "other", "a", "b"].map((name) => `${folder}/${name}`);
  await prepareTo(data, { dataset: mnist as Dataset, perClass: 10 });
  await trainTiny(data, a, { model: "draw", loop: { steps: 2, batchSize: 16 } });
  const index = await prepareTo(other, { dataset: mnist as Dataset, perClass: 8 });
  const classes = index.classes.with(9, "ten");
  await Deno.writeTextFile(`${other}/index.json`, JSON.stringify(sealIndex({ ...index, classes })));
  const notes = await trained(["--from", a, "--data", other, "--run", b, ...STILL, "--train.batch-size", "16"]);
  assert(
    notes[0].endsWith(
      `of ${a}/best.safetensors, step 2; nothing is new, though the classes are others: ten is new and 9 is missing; the optimizer starts anew`,
    ),
    notes[0],
  );
  const [was, is] = [await checkpointOf(a, "best"), await checkpointOf(b)];
  const names = Object.keys(was.tensors).filter((name) => name.startsWith("model/"));
  for (const name of names) assertEquals(is.tensors[name], was.tensors[name], name);
});

test("a model of one's own of two objectives, by its file", async (folder) => {
  const [a, b] = [`${folder}/a`, `${folder}/b`];
  for (const names of [["blue", "green", "red"], ["blue", "red"]]) {
    const lines = Array.from({ length: 120 }, (_, i) => `${names[i % names.length]} ${i}\n`).join("");
    await Deno.writeTextFile(`${folder}/lines.txt`, lines);
    const output = `${folder}/colours-${names.length}`;
    await prepareTo(output, { dataset: colours as Dataset, sources: [`${folder}/lines.txt`] });
  }
  await startBackend("wasm");
  await Deno.mkdir(a);
  const modelOptions = { units: 5 };
  await Array.fromAsync(
    train({ data: `${folder}/colours-3`, folder: a, model: colourHeads, modelOptions, loop: { steps: 3 } }),
  );
  const notes = await trained(["--from", a, "--data", `${folder}/colours-2`, "--run", b, ...STILL, "--workers", "2"]);
  assertEquals(notes, [
    `begins with hidden, guess of ${a}/best.safetensors, step 3; new: classes, because the classes are others: green is ` +
    "missing; the optimizer starts anew",
  ]);
  const [{ tensors: was }, { tensors: is, state }] = [await checkpointOf(a, "best"), await checkpointOf(b)];
  assertEquals(state.settings.model.url, colourHeads.url);
  for (const name of ["hidden/weights", "hidden/bias", "guess/weights"]) {
    assertEquals(is[`model/${name}`], was[`model/${name}`]);
  }
  assertEquals(is["model/classes/weights"].shape, [5, 2]);
});

test("what cannot be begun with is refused in a line, before anything is written", async (folder) => {
  const a = `${folder}/a`;
  const given = ["--data", `${folder}/data`, "--run", `${folder}/b`, "--backend", "wasm"];
  const refused = async (args: string[], words: string) => {
    const { message } = await assertRejects(() => runOf([...given, ...args]), InputError);
    assertEquals(message, words);
    assert(!(await namesIn(folder)).includes("b"));
  };
  await refused(["--from", a], `run ${a}: no such folder`);
  await trainTiny(`${folder}/data`, a, { loop: { steps: 1 } });
  await prepareTo(`${folder}/large`, {
    sources: embedded("circle", "line", "sun"),
    options: { size: 20 },
    perClass: 20,
  });
  const shapes = `data ${folder}/large: its stroke_index is [20,20] up to 8, ${a} was trained on [16,16] up to 8`;
  await refused(["--from", a, "--data", `${folder}/large`], shapes);
  const none = `--from ${a}/best.safetensors: none of its variables fits model cnn`;
  await refused(["--from", a, "--model.channels", "5", "--model.dense-units", "3"], none);
  await prepareTo(`${folder}/digits`, { dataset: mnist as Dataset, perClass: 10 });
  const lacks = `data ${folder}/digits: the mnist shards lack stroke_index and stroke_count, which cnn reads`;
  await refused(["--from", a, "--data", `${folder}/digits`], lacks);
  const checkpoint = await checkpointOf(a, "best");
  const [name, tensor] = Object.entries(checkpoint.tensors)[0];
  const tensors = { ...checkpoint.tensors, [name]: { ...tensor, data: tensor.data.with(0, NaN) } };
  await saveCheckpoint(`${a}/best.safetensors`, { ...checkpoint, tensors });
  const nan = `checkpoint ${a}/best.safetensors: ${name} holds NaN: there is no beginning with it`;
  await refused(["--from", a], nan);
});

test("a script does it too, and no tensor is left behind, not by a failure either", async (folder) => {
  const [a, b] = [`${folder}/a`, `${folder}/b`];
  await trainTiny(`${folder}/data`, a, { loop: { steps: 1 } });
  await startBackend("wasm");
  const loop = { steps: 1, emaDecay: 0.9 };
  await Deno.mkdir(b);
  const before = tf.memory().numTensors;
  await Array.fromAsync(train({ ...tinySettings(`${folder}/data`, b, { loop }), from: a }));
  assertEquals((await checkpointOf(b)).state.origin?.step, 1);
  assertEquals(tf.memory().numTensors, before);

  const { tensors, state } = await checkpointOf(b);
  const without = (end: string) => Object.fromEntries(Object.entries(tensors).filter(([name]) => !name.endsWith(end)));
  const faults = {
    "a variable of another shape": { ...tensors, "model/dense/bias": { shape: [3], data: new Float32Array(3) } },
    "a variable that is missing": without("output/bias"),
    "a number that is not finite": { ...tensors, "model/output/bias": infinite(tensors["model/output/bias"]) },
    "a running mean that is missing": without("ema/dense/bias/average"),
  };
  for (const [what, changed] of Object.entries(faults)) {
    const resume = { state, tensors: changed };
    await assertRejects(
      () => train(tinySettings(`${folder}/data`, b, { loop }), { resume }).next(),
      Error,
      undefined,
      what,
    );
    assertEquals(tf.memory().numTensors, before, what);
  }
});
