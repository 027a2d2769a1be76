/** From the command line to a run that can start, and what is refused on the way. */
import { assert, assertAlmostEquals, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import type { Dataset } from "../../../pipelines/dataset.ts";
import { arithmetic } from "../../../pipelines/datasets/arithmetic/arithmetic.ts";
import { InputError } from "../../../pipelines/base/errors.ts";
import { UsageError } from "../../../tasks/cli/option_values.ts";
import { recordDivergence } from "../../../tasks/runs/divergence.ts";
import { saveCheckpoint } from "../../../tasks/runs/run_directory.ts";
import { summarizeRun } from "../../../tasks/runs/run_summary.ts";
import { sealIndex } from "../../../pipelines/shards/index_hash.ts";
import { train } from "../../../tasks/training/train.ts";
import { runOf } from "../../../tasks/commands/train.ts";
import { readBatches } from "../../../pipelines/batches/batch.ts";
import { FAST, inTemporaryFolder, may } from "../../helpers.ts";
import { CAN } from "../../models/backends.ts";
import { CAN_RUN, complaints, ended, runTask, taskCommand } from "../command.ts";
import { embedded, filesOf, namesIn, prepareTo } from "../prepared.ts";
import { checkpointOf, smallData, tinyFlags } from "../runs.ts";
import { type OpenRun, savedSettings } from "../../../tasks/training/open_run.ts";

/** A test in a folder of its own that holds `data`. */
function test(name: string, fn: (folder: string) => Promise<void>, ignore = !may("read", "write")): void {
  const fnOnData = async (folder: string) => {
    await smallData(`${folder}/data`);
    await fn(folder);
  };
  Deno.test({ name: `deno task train: ${name}`, ignore, fn: () => inTemporaryFolder(fnOnData) });
}

/** The flags of a tiny run of two steps. */
function flags(folder: string): string[] {
  return [
    ...["--data", `${folder}/data`, "--run", `${folder}/run`, "--backend", "wasm", ...tinyFlags("cnn")],
    ...["--train.steps", "2", "--seed", "5"],
  ];
}

/** Opens a run and leaves it at that. */
async function opened(args: readonly string[]): Promise<OpenRun> {
  const run = await runOf(args);
  run.claim[Symbol.dispose]();
  return run;
}

/** Opens a run and takes every step of it. */
async function finish(args: readonly string[]): Promise<void> {
  const run = await runOf(args);
  await Array.fromAsync(train(run.settings, run));
}

test("nothing of a run that saved nothing is taken for the next one's", async (folder) => {
  await opened([...flags(folder), "--augment.rotate", "30"]);
  assertEquals(await namesIn(`${folder}/run`), ["augmented.png", "options.json"]);
  await opened(flags(folder));
  assertEquals(await namesIn(`${folder}/run`), ["options.json"]);
});

test("defaults, --config and flags come together in options.json, which is a --config", async (folder) => {
  await Deno.writeTextFile(`${folder}/config.json`, '{"train.batchSize": 8, "train.clipNorm": 2, "seed": 9}');
  const { settings, backend } = await opened([...flags(folder), "--config", `${folder}/config.json`]);
  assertEquals([settings.loop.batchSize, settings.loop.clipNorm, settings.loop.patience], [8, 2, 0]);
  assertEquals([settings.seed, settings.modelOptions.denseUnits, backend.name], [5, 8, "wasm"]);
  const options = JSON.parse(await Deno.readTextFile(`${folder}/run/options.json`));
  assertEquals(options["train.batchSize"], 8);
  assertEquals(options["model.channels"], [2, 3]);
  const again = await opened(["--config", `${folder}/run/options.json`]);
  assertEquals(again.settings, settings);
});

test("a warm-up that is longer than the run is told; more threads than a batch has examples are refused", async (folder) => {
  const { notes } = await opened([...flags(folder), "--train.warmup-steps", "8"]);
  assertEquals(notes, [
    "the warm-up of 8 steps is longer than the run's 2: the learning rate ends at 0.000250, not 0.001",
  ]);
  const few = [...flags(folder), "--run", `${folder}/other`, "--train.batch-size", "3", "--workers", "4"];
  const words = "--workers 4: a batch has 3 examples, expected as many or fewer";
  await assertRejects(() => opened(few), InputError, words);
});

test("the norm of gradients is that before they are cut", async (folder) => {
  const norms: number[][] = [];
  for (const cut of [[], ["--train.clip-value", "1e-6"]]) {
    const run = await runOf([
      ...flags(folder),
      "--run",
      `${folder}/cut${cut.length}`,
      "--train.log-every",
      "1",
      ...cut,
    ]);
    const lines = await Array.fromAsync(train(run.settings, run));
    norms.push(lines.flatMap((line) => line.kind === "step" ? [line.train.gradientNorm] : []));
  }
  assertEquals(norms[1][0], norms[0][0]);
  assert(norms[0][0] > 0.01, `${norms}`);
});

test("--preset gives defaults that flags come before, and is for new runs of models that have it", async (folder) => {
  const tiny = ["--data", `${folder}/data`, "--backend", "wasm", ...tinyFlags("sketch-rnn"), "--run", `${folder}/run`];
  const { settings: { loop, modelOptions } } = await opened([
    ...tiny,
    ...["--preset", "report", "--train.steps", "2", "--model.kl-weight", "0.7", "--train.batch-size", "20"],
  ]);
  // Figure 2.5 of the report: keep probabilities 0.75 and augment_stroke_prob 0.15.
  assertEquals([loop.learningRate, loop.decayRate, loop.minLearningRate], [0.001, 0.0999, 0.0001]);
  assertEquals([loop.schedule, loop.clipValue, loop.clipNorm, loop.steps], ["exponential", 1, 0, 2]);
  assertEquals([modelOptions.recurrentDropoutRate, modelOptions.pointDropRate], [0.25, 0.15]);
  assertEquals([modelOptions.klWeight, modelOptions.klWeightStart, loop.batchSize], [0.7, 0.01, 20]);
  const options = JSON.parse(await Deno.readTextFile(`${folder}/run/options.json`));
  assertEquals([options["train.decayRate"], options.preset], [0.0999, undefined]);
  const plain = await opened([...tiny.slice(0, -1), `${folder}/plain`]);
  assertEquals([plain.settings.loop.clipNorm, plain.settings.loop.batchSize], [1, 100]);
  const refused = async (args: readonly string[], message: string) => {
    assertStringIncludes((await assertRejects(() => opened(args), UsageError)).message, message);
  };
  await refused([...tiny, "--preset", "reprot"], "sketch-rnn has magenta and report; did you mean report?");
  await refused([...flags(folder), "--preset", "report"], "--preset report: cnn has none");
  await refused(["--resume", `${folder}/run`, "--preset", "report"], "--preset is for a new run");
});

test("what a model has measured is in options.json and every checkpoint, and is not measured again", async (folder) => {
  const tiny = ["--data", `${folder}/data`, "--backend", "wasm", ...tinyFlags("sketch-rnn"), "--run", `${folder}/run`];
  await finish([...tiny, "--train.steps", "2", "--train.batch-size", "50"]);
  let [count, sum, squares] = [0, 0, 0];
  const read = { folder: `${folder}/data`, split: "train", batchSize: 1, fields: ["stroke3"], epochs: 1 } as const;
  for await (const { fields: { stroke3 } } of readBatches(read)) {
    for (let i = 3; i < Math.min(stroke3.length, 39); i++) { // 12 points behind the first one: those of tiny
      if (i % 3 === 2) continue;
      [count, sum, squares] = [count + 1, sum + Number(stroke3[i]), squares + Number(stroke3[i]) ** 2];
    }
  }
  const deviation = Math.sqrt(squares / count - (sum / count) ** 2);
  const checkpoint = await checkpointOf(`${folder}/run`);
  const { statistics } = checkpoint.state.data;
  assertAlmostEquals(statistics!.offsetDeviation, deviation, 1e-9);
  const { about } = JSON.parse(await Deno.readTextFile(`${folder}/run/options.json`));
  assertEquals(about.statistics, statistics);
  // Another value stays, too, when the run goes on.
  const data = { ...checkpoint.state.data, statistics: { offsetDeviation: 7 } };
  await saveCheckpoint(`${folder}/run/last.safetensors`, { ...checkpoint, state: { ...checkpoint.state, data } });
  await finish(["--resume", `${folder}/run`, "--train.steps", "3"]);
  const again = await checkpointOf(`${folder}/run`);
  assertEquals([again.state.data.statistics, again.state.position.step], [{ offsetDeviation: 7 }, 3]);
}, FAST || !CAN.wasm);

test("a resumed run has the options and the place of its checkpoint", async (folder) => {
  await finish(flags(folder));
  const { settings, resume } = await opened(["--resume", `${folder}/run/`, "--train.steps", "2", "--seed=5"]);
  assertEquals(await savedSettings(settings), (await checkpointOf(`${folder}/run`)).state.settings);
  assertEquals(resume!.state.position.seen, 64);
  await Deno.rename(`${folder}/run`, `${folder}/moved`);
  const moved = await opened(["--resume", `${folder}/moved`]);
  assertEquals(moved.settings, { ...settings, folder: `${folder}/moved` });
});

test("a run that began before an option was there goes on with its default", async (folder) => {
  await finish(flags(folder));
  const { tensors, state } = await checkpointOf(`${folder}/run`);
  const { optimizer: _, ...loop } = state.settings.loop;
  const older = {
    tensors,
    state: { ...state, settings: { ...state.settings, loop, model: "cnn", augmentation: undefined } },
  };
  await saveCheckpoint(`${folder}/run/last.safetensors`, older);
  const { settings } = await opened(["--resume", `${folder}/run`]);
  assertEquals(await savedSettings(settings), state.settings);
  const contrary = ["--resume", `${folder}/run`, "--train.optimizer", "rmsprop"];
  await assertRejects(() => runOf(contrary), UsageError, "contradicts the run, which has adam");
});

test("a checkpoint with a number that is not finite is not gone on from", async (folder) => {
  await finish(flags(folder));
  const path = `${folder}/run/last.safetensors`;
  const checkpoint = await checkpointOf(`${folder}/run`);
  const [name, tensor] = Object.entries(checkpoint.tensors)[0];
  const tensors = { ...checkpoint.tensors, [name]: { ...tensor, data: tensor.data.with(0, Infinity) } };
  await saveCheckpoint(path, { ...checkpoint, tensors });
  const words = `checkpoint ${path}: ${name} holds Infinity: there is no going on from it`;
  await assertRejects(() => runOf(["--resume", `${folder}/run`]), InputError, words);
});

test("of a run that diverged it is said when it goes on, and no longer once it has", async (folder) => {
  await finish(flags(folder));
  await recordDivergence(`${folder}/run`, "loss is NaN at step 3 (epoch 1)");
  const resume = ["--resume", `${folder}/run`, "--train.steps", "4"];
  const { notes } = await opened(resume);
  const [note] = notes;
  assertStringIncludes(
    note,
    "it diverged: loss is NaN at step 3 (epoch 1); from step 2 on the same steps lead there again",
  );
  await finish(resume);
  assertEquals((await summarizeRun(`${folder}/run`)).state, "finished");
});

test("a resumed run takes no flag that contradicts it, and no other data", async (folder) => {
  await finish(flags(folder));
  const before = await filesOf(`${folder}/run`);
  const resume = ["--resume", `${folder}/run`];
  const refused = async (args: string[], words: string) => {
    const { message } = await assertRejects(() => runOf([...resume, ...args]), UsageError);
    assertStringIncludes(message, words);
  };
  await refused(["--train.batch-size", "16"], "--train.batch-size 16 contradicts the run, which has 32");
  await refused(["--train.optimizer", "rmsprop"], "--train.optimizer rmsprop contradicts the run, which has adam");
  await refused(["--model.channels", "2,4"], "--model.channels 2,4 contradicts the run, which has 2,3");
  await refused(["--model", "cnn-lstm"], "--model cnn-lstm contradicts the run, which has cnn");
  await refused(["--seed", "6"], "--seed 6 contradicts the run, which has 5");
  const none = () => runOf([...resume, "--augmentation", "./none.ts"]);
  await assertRejects(none, InputError, "--augmentation ./none.ts: cannot be imported: ");
  await refused(["--train.step", "3"], "unknown option --train.step; did you mean --train.steps?");
  await Deno.writeTextFile(`${folder}/config.json`, '{"train.steps": 9}');
  await refused(["--config", `${folder}/config.json`], "a resumed run takes its options from its checkpoint");

  await refused(["--run", `${folder}/other`], "--run: --resume names the run's folder");

  const words = `data ${folder}/data: not the shards that ${folder}/run was trained on`;
  const index = JSON.parse(await Deno.readTextFile(`${folder}/data/index.json`));
  index.splits.valid.shards[0].sha256 = index.splits.test.shards[0].sha256;
  await Deno.writeTextFile(`${folder}/data/index.json`, JSON.stringify(sealIndex(index)));
  await assertRejects(() => runOf(resume), InputError, words);
  await Deno.remove(`${folder}/data`, { recursive: true });
  await assertRejects(() => runOf(resume), InputError, `data ${folder}/data: no index.json`);
  await smallData(`${folder}/data`, 1);
  await assertRejects(() => runOf(resume), InputError, words);
  assertEquals(await filesOf(`${folder}/run`), before);
});

test("a run that is there is not trained over; one that never began is", async (folder) => {
  await opened(flags(folder));
  await finish(flags(folder));
  const words = `run ${folder}/run: already there; --resume ${folder}/run goes on with it, --run names another`;
  await assertRejects(() => runOf(flags(folder)), InputError, words);
  await assertRejects(
    () => runOf(["--resume", `${folder}/none`]),
    InputError,
    `run ${folder}/none: no such folder`,
  );
  for (const name of ["last", "best"]) await Deno.remove(`${folder}/run/${name}.safetensors`);
  const ended = `run ${folder}/run: it ended before its first checkpoint; train --run ${folder}/run begins it anew`;
  await assertRejects(() => runOf(["--resume", `${folder}/run`]), InputError, ended);
});

test("one training at a time: a second new run and a second resume are refused until the first ends", async (folder) => {
  const words = `run ${folder}/run: another training is writing it`;
  const first = await runOf(flags(folder));
  await assertRejects(() => runOf(flags(folder)), InputError, words);
  const lines = train(first.settings, first);
  await lines.next();
  const before = await filesOf(`${folder}/run`);
  await assertRejects(() => runOf(["--resume", `${folder}/run`]), InputError, words);
  await assertRejects(() => train(first.settings).next(), InputError, words);
  assertEquals(await filesOf(`${folder}/run`), before);
  await Array.fromAsync(lines);
  assertEquals((await namesIn(`${folder}/run`)).includes("train.lock"), false);
  await finish(["--resume", `${folder}/run`]);
});

test("runs that begin together in folders that nobody named get different ones", async (folder) => {
  const args = flags(folder).toSpliced(flags(folder).indexOf("--run"), 2).toSpliced(0, 2, "--data", `${folder}/data`);
  const runs = [1, 2, 3].map(() => taskCommand("train", args, { folder }).spawn());
  const ends = await Promise.all(runs.map(ended));
  assertEquals(ends.map(({ code }) => code), [0, 0, 0], ends.map(({ stderr }) => stderr).join());
  assertEquals(await namesIn(`${folder}/runs`), ["cnn-1", "cnn-2", "cnn-3"]);
}, !CAN_RUN);

test("a folder with files that are of no run is refused, and they stay", async (folder) => {
  const run = `${folder}/run`;
  const files = { "options.json": '{"my":"options"}', "metrics.jsonl": '{"step":99,"thesis":1}\n' };
  await Deno.mkdir(run);
  for (const [name, text] of Object.entries(files)) await Deno.writeTextFile(`${run}/${name}`, text);
  await assertRejects(() => runOf(flags(folder)), InputError, `run ${run}: holds `);
  for (const [name, text] of Object.entries(files)) assertEquals(await Deno.readTextFile(`${run}/${name}`), text);
  await Deno.remove(run, { recursive: true });
  await opened(flags(folder));
  await Deno.writeTextFile(`${run}/thesis.txt`, "Once");
  await assertRejects(() => runOf(flags(folder)), InputError, `run ${run}: holds thesis.txt, which is of no run`);
  await Deno.writeTextFile(`${folder}/file`, "");
  const words = `run ${folder}/file: a file, expected a folder to be made`;
  await assertRejects(() => runOf([...flags(folder), "--run", `${folder}/file`]), InputError, words);
});

test("what cannot be trained is refused before anything is written", async (folder) => {
  const [deep, few] = [`${folder}/deep`, `${folder}/few`];
  await prepareTo(deep, { sources: embedded("sun") });
  await prepareTo(few, { sources: embedded("sun", "line"), perClass: 1 });
  const refused = async (args: string[], type: new (message: string) => Error, words: string) => {
    const given = ["--data", `${folder}/data`, "--run", `${folder}/run`, "--backend", "wasm", "--model", "cnn"];
    await assertRejects(() => runOf([...given, ...args]), type, words);
    assertEquals(await namesIn(folder), ["data", "deep", "few"]);
  };
  await refused(["--data", deep], InputError, "one class, sun; there is nothing to learn");
  await refused(["--data", few], InputError, "the valid split holds no example; train 2, test 0");
  await refused(["--data", `${folder}/none`], InputError, `data ${folder}/none: no index.json, so no finished shards`);
  await refused(
    ["--model.channels", "1,1,1,1,1"],
    InputError,
    "5 convolutions need 32 cells a side or more, found 16 x 16",
  );
  await refused(["--augment.scale", "1,0.5"], UsageError, "--augment: ");
  await refused(["--model.lstm-units", "5"], UsageError, "unknown option --model.lstm-units");
});

test("sums of one operation are enough for a model that writes answers", async (folder) => {
  const sums = `${folder}/sums`;
  await prepareTo(sums, { dataset: arithmetic as Dataset, options: { max: 9, operations: ["plus"] } });
  for (const model of ["seq2seq", "transformer"]) {
    const { settings } = await opened([
      "--data",
      sums,
      "--run",
      `${folder}/${model}`,
      "--backend",
      "wasm",
      ...tinyFlags(model),
    ]);
    assertEquals(settings.model.name, model);
  }
});

test("bad input is one line and exit code 2", async (folder) => {
  const refused = async (args: string[]) => {
    const run = await runTask("train", args);
    assertEquals([run.code, complaints(run).length], [2, 1], run.stderr);
    return complaints(run)[0];
  };
  const none = await refused(["--data", `${folder}/none`]);
  assert(none.startsWith(`strokewise train: data ${folder}/none: no index.json`), none);
  const nan = await refused([...flags(folder), "--train.steps", "9", "--train.learning-rate", "1e30"]);
  assert(/^strokewise train: \w+ is .* at step [23] \(epoch 1, examples 33 to 64 of its shuffle\); the/.test(nan), nan);
  const path = `${folder}/data/train-00001.npz`;
  await Deno.writeFile(path, (await Deno.readFile(path)).subarray(0, -1));
  const cut = await refused([...flags(folder), "--run", `${folder}/other`, "--train.steps", "9"]);
  assertStringIncludes(cut, `shard ${path}: `);
}, !CAN_RUN);

test("a machine without a graphics adapter is told so in one line", async (folder) => {
  const { requestAdapter } = navigator.gpu;
  navigator.gpu.requestAdapter = () => Promise.resolve(null);
  try {
    const words = "--backend webgpu: Cannot start the webgpu backend: no graphics adapter";
    await assertRejects(() => runOf([...flags(folder), "--backend", "webgpu"]), InputError, words);
    assertEquals(await namesIn(folder), ["data"]);
  } finally {
    navigator.gpu.requestAdapter = requestAdapter;
  }
});

test("--workers above 1 is refused on webgpu", async (folder) => {
  const words = "--workers 2: webgpu takes 1; --backend wasm takes more";
  const args = [...flags(folder), "--backend", "webgpu", "--workers", "2"];
  await assertRejects(() => runOf(args), InputError, words);
  assertEquals(await namesIn(folder), ["data"]);
}, !CAN.webgpu || !may("read", "write"));
