/** A run that goes on for longer than it was started for, or with its data in another place. */
import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertRejects,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { InputError } from "../../../pipelines/base/errors.ts";
import { sealIndex } from "../../../pipelines/shards/index_hash.ts";
import { evaluate } from "../../../tasks/evaluation/evaluate.ts";
import { seal } from "../../../pipelines/base/seal.ts";
import { stepLines } from "../../../tasks/runs/metrics.ts";
import type { Provenance } from "../../../tasks/runs/provenance.ts";
import { readOptions, saveCheckpoint } from "../../../tasks/runs/run_directory.ts";
import type { RunState } from "../../../tasks/runs/run_state.ts";
import { UsageError } from "../../../tasks/cli/option_values.ts";
import { runOf } from "../../../tasks/commands/train.ts";
import { train } from "../../../tasks/training/train.ts";
import { checkSameRun } from "../../../tasks/training/continuation.ts";
import { reopenRun } from "../../../tasks/training/open_run.ts";
import { startBackend } from "../../../models/backends/backend.ts";
import { FAST, inTemporaryFolder, may } from "../../helpers.ts";
import { embedded, filesOf, namesIn, prepareTo } from "../prepared.ts";
import { checkpointOf, metricsOf, smallData, tinyFlags, tinySettings, traces } from "../runs.ts";

/** A test with small data, 97 training examples, in a folder of its own. */
function test(name: string, fn: (folder: string, data: string) => Promise<void>, ignored: boolean = FAST): void {
  const fnOnData = async (folder: string) => {
    await smallData(`${folder}/data`);
    await fn(folder, `${folder}/data`);
  };
  Deno.test({
    name: `--resume: ${name}`,
    ignore: ignored || !may("read", "write"),
    fn: () => inTemporaryFolder(fnOnData),
  });
}

/** Runs `deno task train` in this process, as far as a step. */
async function trained(args: readonly string[], until = Infinity): Promise<readonly string[]> {
  const run = await runOf([
    ...args,
    ...args.includes("--resume") ? [] : ["--backend", "wasm", "--train.log-every", "1"],
  ]);
  const stop = new AbortController();
  for await (const { step } of train(run.settings, { ...run, signal: stop.signal })) {
    if (step + 1 >= until) stop.abort();
  }
  return run.notes;
}

const cnn = (data: string, run: string) => ["--data", data, "--run", run, ...tinyFlags("cnn"), "--seed", "3"];

for (const [name, taken] of [["stopped", 2], ["finished", 4]] as const) {
  test(`a ${name} run with more epochs ends as one that was started with them, bit for bit`, async (folder, data) => {
    const options = ["--model.dropout-rate", "0.2", "--augment.rotate", "15", "--train.warmup-steps", "3"];
    await trained([...cnn(data, `${folder}/whole`), ...options, "--train.epochs", "3", "--train.ema-decay", "0.9"]);
    const parts = `${folder}/parts`;
    const begun = [...cnn(data, parts), ...options, "--train.epochs", "1", "--train.ema-decay", "0.9"];
    await trained(begun, taken === 4 ? Infinity : taken);
    assertEquals((await checkpointOf(parts)).state.position.step, taken);
    const notes = await trained(["--resume", parts, "--train.epochs", "3"]);
    assertEquals(notes, ["ends after 12 steps in all, not 4"]);
    assertEquals(await traces(parts), await traces(`${folder}/whole`));

    const options2 = JSON.parse(await Deno.readTextFile(`${parts}/options.json`));
    assertEquals([options2["train.epochs"], options2["train.steps"]], [3, 0]);
    const [change] = options2.about.changes;
    assertEquals([change.step, change.before], [taken, { "train.epochs": 1 }]);
    assertEquals(options2.about.backend, "wasm");
    assertEquals((await checkpointOf(parts)).state.settings.loop.epochs, 3);
  });
}

test("more steps; a cosine schedule is that of the new total, and the jump is told", async (folder, data) => {
  const run = `${folder}/run`;
  await trained([
    ...cnn(data, run),
    "--train.steps",
    "4",
    "--train.schedule",
    "cosine",
    "--train.learning-rate",
    "0.5",
  ]);
  const notes = await trained(["--resume", run, "--train.steps", "12"]);
  assertEquals(notes, [
    "ends after 12 steps in all, not 4; the cosine schedule is now that of the whole, so the learning rate goes from 0.00 to 0.375",
  ]);
  const rates = stepLines(await metricsOf(run)).map(({ rates }) => rates.learningRate);
  assertEquals(rates.length, 12);
  // Four steps of 45 degrees each, then those of 15 degrees from 60 on.
  const degrees = [0, 45, 90, 135, 60, 75, 90, 105, 120, 135, 150, 165];
  degrees.forEach((angle, i) => assertAlmostEquals(rates[i], (1 + Math.cos(angle * Math.PI / 180)) / 4, 1e-12));
});

test(
  "fewer steps than were planned but more than were taken are fine; as many or fewer are refused",
  async (folder, data) => {
    const run = `${folder}/run`;
    await trained([...cnn(data, run), "--train.steps", "9"], 3);
    const before = await filesOf(run);
    const refused = async (args: string[], words: string) => {
      const { message } = await assertRejects(() => runOf(["--resume", run, ...args]), InputError);
      assertEquals(message, `run ${run}: ${words}`);
      assertEquals(await filesOf(run), before);
    };
    await refused(["--train.steps", "2"], "--train.steps 2: 2 steps in all, and it has taken 3 already; name more");
    await refused(["--train.steps", "3"], "--train.steps 3: 3 steps in all, and it has taken 3 already; name more");
    const epochs =
      "--train.epochs 5: it ends after --train.steps 9, whatever the epochs; --train.steps 0 lets them decide";
    await refused(["--train.epochs", "5"], epochs);
    await trained(["--resume", run, "--train.steps", "5"]);
    assertEquals((await checkpointOf(run)).state.position.step, 5);
    await trained(["--resume", run, "--train.steps", "0", "--train.epochs", "2"]);
    assertEquals((await checkpointOf(run)).state.position.step, 8);
    await trained(["--resume", run]); // which is over
    assertEquals((await checkpointOf(run)).state.position.step, 8);
  },
  FAST,
);

test("a run whose patience ran out goes on with more patience alone", async (folder, data) => {
  const run = `${folder}/run`;
  const patient = ["--train.patience", "1", "--train.learning-rate", "0", "--train.evaluate-every", "1"];
  await trained([...cnn(data, run), "--train.epochs", "2", ...patient]);
  const words =
    `run ${run}: --train.epochs 3: it stopped early, 1 evaluation without a better one; a longer --train.patience`;
  await assertRejects(() => runOf(["--resume", run, "--train.epochs", "3"]), InputError, words);
  await trained(["--resume", run, "--train.patience", "3"]);
  assertEquals((await checkpointOf(run)).state.position.step, 4);
});

test(
  "an evaluation that only the old total had counts for no patience, and is told where it is the best",
  async (folder, data) => {
    const patient = ["--train.patience", "2", "--train.learning-rate", "0"];
    for (const [name, steps] of [["whole", 20], ["parts", 6]] as const) {
      await trained([...cnn(data, `${folder}/${name}`), "--train.steps", `${steps}`, ...patient]);
    }
    assertEquals(await trained(["--resume", `${folder}/parts`, "--train.steps", "20"]), [
      "ends after 20 steps in all, not 6",
    ]);
    for (const name of ["whole", "parts"]) {
      assertEquals((await checkpointOf(`${folder}/${name}`)).state.position.step, 12, name); // judged after 4, 8 and 12
    }
    const early = `${folder}/early`;
    await trained([...cnn(data, early), "--train.steps", "2"]);
    assertEquals(await trained(["--resume", early, "--train.steps", "5"]), [
      "ends after 5 steps in all, not 2",
      "the best weights are of step 2, after which a run of 5 would not be judged",
    ]);
  },
);

test("what was killed while it wrote what changes is made whole by the next", async (folder, data) => {
  const run = `${folder}/run`;
  await trained([...cnn(data, run), "--train.steps", "4"]);
  const [before, options] = [await Deno.readFile(`${run}/last.safetensors`), `${run}/options.json`];
  const old = await Deno.readTextFile(options);
  const saysSteps = async () => {
    const { about, ...flat } = JSON.parse(await Deno.readTextFile(options));
    return [flat["train.steps"], about.changes.map(({ before }: { before: unknown }) => before)];
  };
  await trained(["--resume", run, "--train.steps", "8"], 5);
  assertEquals(await saysSteps(), [8, [{ "train.steps": 4 }]]);
  await Deno.writeTextFile(options, old); // as if it had been killed before that was written
  await trained(["--resume", run]);
  assertEquals(await saysSteps(), [8, [{ "train.steps": 4 }]]);
  await Deno.writeFile(`${run}/last.safetensors`, before); // as if only the checkpoint had been left
  await trained(["--resume", run, "--train.steps", "8"]);
  assertEquals(await saysSteps(), [8, [{ "train.steps": 4 }]]);
  assertEquals((await checkpointOf(run)).state.settings.loop.steps, 8);
});

test("where the best weights are gone it is told, and the next evaluation is the best", async (folder, data) => {
  const run = `${folder}/run`;
  await trained([...cnn(data, run), "--train.steps", "4", "--train.learning-rate", "0"]);
  await Deno.remove(`${run}/best.safetensors`);
  assertEquals(await trained(["--resume", run, "--train.steps", "8"]), [
    `${run}/best.safetensors: not there any more; the next evaluation counts as the best`,
    "ends after 8 steps in all, not 4",
  ]);
  assertEquals((await checkpointOf(run, "best")).state.position.step, 8);
});

test("with another backend a run learns the same up to rounding, and says from where on", async (folder, data) => {
  const [whole, parts] = [`${folder}/whole`, `${folder}/parts`];
  await trained([...cnn(data, whole), "--train.steps", "6"]);
  await trained([...cnn(data, parts), "--train.steps", "6", "--workers", "2"], 3);
  const refused = () => runOf(["--resume", parts, "--backend", "cpu", "--seed", "4"]);
  await assertRejects(refused, UsageError, "--seed 4 contradicts the run, which has 3");
  const notes = await trained(["--resume", parts, "--backend", "cpu"]); // which finds its own number of threads
  assertEquals(notes, [
    "from step 3 on cpu with 1 thread, not wasm with 2: " +
    "what is learnt is that of wasm with 2 up to rounding, not bit for bit",
  ]);
  const losses = async (run: string) => stepLines(await metricsOf(run)).map(({ train }) => train.loss);
  const [once, twice] = [await losses(whole), await losses(parts)];
  assertEquals(twice.length, 6);
  twice.forEach((loss, i) => assertAlmostEquals(loss, once[i], 1e-5));

  const { state: { backend, settings } } = await checkpointOf(parts);
  assertEquals([backend, settings.workers], ["cpu", 1]);
  const options = JSON.parse(await Deno.readTextFile(`${parts}/options.json`));
  const { backend: first, changes: [{ before }], continued: [{ backend: next, step }] } = options.about;
  assertEquals([options.backend, first, before], ["cpu", "wasm", { backend: "wasm", workers: 2 }]);
  assertEquals([next, step], ["cpu", 3]);
  assertEquals(await trained(["--resume", parts, "--train.steps", "7"]), ["ends after 7 steps in all, not 6"]); // on cpu
  assertEquals((await checkpointOf(parts)).state.backend, "cpu");
});

test(
  "data that was moved is taken by its hashes, and remembered; until it is named, the message asks for it",
  async (folder, data) => {
    const [run, elsewhere] = [`${folder}/run`, `${folder}/elsewhere`];
    await trained([...cnn(data, run), "--train.steps", "6", "--train.evaluate-every", "2"], 4);
    await Deno.rename(data, elsewhere);
    const words = `data ${data}: no index.json where ${run} was trained on it; --data says where its shards lie now`;
    await assertRejects(() => runOf(["--resume", run]), InputError, words);
    await assertRejects(() => evaluate({ folder: run, split: "test" }), InputError, words);
    assertEquals((await evaluate({ folder: run, split: "test", data: elsewhere })).notes, []);
    assertEquals(await trained(["--resume", run, "--data", elsewhere]), []);
    assertEquals((await checkpointOf(run)).state.settings.data, elsewhere);
    const options = JSON.parse(await Deno.readTextFile(`${run}/options.json`));
    assertEquals([options.data, options.about.changes[0].before], [elsewhere, { data }]);
    const { notes, state } = await evaluate({ folder: run, split: "test" }); // of the best weights, which may be older
    assertEquals([notes, state.settings.data], [[], elsewhere]);
  },
  FAST,
);

test("a damaged copy of the data is refused, and the run stays as it was", async (folder, data) => {
  const [run, copy] = [`${folder}/run`, `${folder}/copy`];
  await trained([...cnn(data, run), "--train.steps", "2"]);
  await Deno.mkdir(copy);
  for (const name of await namesIn(data)) await Deno.copyFile(`${data}/${name}`, `${copy}/${name}`);
  const shard = `${copy}/test-00000.npz`;
  await Deno.writeFile(shard, (await Deno.readFile(shard)).slice(0, -1));
  const before = await filesOf(run);
  const go = () => runOf(["--resume", run, "--data", copy, "--train.steps", "4"]);
  await assertRejects(go, InputError, `shard ${shard}: sha256 is `);
  assertEquals(await filesOf(run), before);
});

test("other data is refused, and the message says what differs", async (folder, data) => {
  const [run, other] = [`${folder}/run`, `${folder}/other`];
  await trained([...cnn(data, run), "--train.steps", "2"]);
  const before = await filesOf(run);
  const refused = async (words: string) => {
    const { message } = await assertRejects(() => runOf(["--resume", run, "--data", other]), InputError);
    assertEquals(message, `data ${other}: not the shards that ${run} was trained on: ${words}`);
    assertEquals(await filesOf(run), before);
    await Deno.remove(other, { recursive: true });
  };
  const given = { options: { size: 16 }, perClass: 40, shardSize: 40 };
  await prepareTo(other, { ...given, sources: embedded("circle", "line", "house") });
  await refused("of the classes house is new and sun is missing");
  await prepareTo(other, { ...given, sources: embedded("circle", "line", "sun"), options: { size: 20 } });
  await refused("their stroke_index is [20,20] up to 8, it was [16,16] up to 8");
  await smallData(other, 1);
  await refused("prepared with seed 1, those with 0");
  const index = await smallData(other);
  const [shard, ...rest] = index.splits.test.shards;
  const changed = {
    ...index.splits,
    test: { ...index.splits.test, shards: [{ ...shard, sha256: "0".repeat(64) }, ...rest] },
  };
  await Deno.writeTextFile(`${other}/index.json`, JSON.stringify(sealIndex({ ...index, splits: changed })));
  await refused("prepared alike from other sources, or otherwise cut into shards");
  await assertRejects(
    () => runOf(["--resume", run, "--data", `${folder}/none`]),
    InputError,
    `data ${folder}/none: no index.json`,
  );

  await smallData(other, 1); // a script that resumes by hand
  await startBackend("wasm");
  const lines = train(tinySettings(other, run), { resume: await checkpointOf(run) });
  await assertRejects(() => lines.next(), InputError, `data ${other}: not the shards that ${run} was trained on`);
});

test("a position outside its epoch is refused, and the run stays as it was", async (folder, data) => {
  const run = `${folder}/run`;
  await trained(cnn(data, run), 2);
  const { tensors, state } = await checkpointOf(run);
  const position = { ...state.position, seen: 97 };
  await saveCheckpoint(`${run}/last.safetensors`, { tensors, state: { ...state, position } });
  const before = await filesOf(run);
  const words = `checkpoint ${run}/last.safetensors: its position has seen 97 examples of an epoch, which has 97`;
  await assertRejects(() => trained(["--resume", run]), InputError, words);
  assertEquals(await filesOf(run), before);
});

test("a checkpoint of another run is refused, and the run stays as it was", async (folder, data) => {
  const [run, other] = [`${folder}/run`, `${folder}/other`];
  await trained(cnn(data, run), 2);
  const last = "last.safetensors";
  const cases = [
    [tinyFlags("cnn-lstm"), "its model is cnn-lstm, and cnn in the options.json beside it"],
    [[...tinyFlags("cnn"), "--seed", "4"], "its seed is 4, and 3 in the options.json"],
    [
      [...tinyFlags("cnn"), "--seed", "3", "--train.learning-rate", "0.1"],
      "its train.learningRate is 0.1, and 0.001 in",
    ],
  ] as const;
  for (const [i, [flags, says]] of cases.entries()) {
    await trained(["--data", data, "--run", `${other}-${i}`, ...flags], 1);
    await Deno.copyFile(`${other}-${i}/${last}`, `${run}/${last}`);
    const before = await filesOf(run);
    const words = `checkpoint ${run}/${last}: of another run: ${says}`;
    await assertRejects(() => trained(["--resume", run, "--train.epochs", "9"]), InputError, words);
    assertEquals(await filesOf(run), before);
  }
});

Deno.test("--resume: what changes as a run goes on makes no other run of it, nor a module that was moved", () => {
  const options = {
    model: "file:///a/mine.ts",
    "model.units": 4,
    seed: 3,
    "train.epochs": 4,
    data: "data",
    workers: 1,
  };
  const moved = { ...options, model: "file:///b/mine.ts", "train.epochs": 9, data: "elsewhere", workers: 2 };
  const { "model.units": _, ...older } = moved;
  for (const written of [options, moved, older]) checkSameRun(options, written, "it");
  for (const written of [{ ...moved, model: "cnn" }, { ...moved, "model.units": 5 }]) {
    assertThrows(() => checkSameRun(options, written, "it"), InputError, "checkpoint it: of another run: its model");
  }
});

test("a script lengthens its own run, which has no options.json", async (folder, data) => {
  await startBackend("wasm");
  const run = `${folder}/run`;
  await Deno.mkdir(run);
  await Array.fromAsync(train(tinySettings(data, run, { loop: { steps: 2 } })));
  const opened = await reopenRun(run, () => startBackend("wasm"), { loop: { steps: 3 } });
  const state: RunState = (await checkpointOf(run)).state;
  assertEquals([state.settings.loop.steps, state.position.step, opened.settings.loop.steps], [3, 2, 3]);
  await Array.fromAsync(train(opened.settings, opened));
  assertEquals((await checkpointOf(run)).state.position.step, 3);
  assert(!Object.keys(await filesOf(run)).includes("options.json"));
  assertStringIncludes(opened.notes.join(), "ends after 3 steps in all, not 2");
});

test("by what else a run goes on is written, and nothing where it is over", async (folder, data) => {
  const run = `${folder}/run`;
  await trained([...cnn(data, run), "--train.steps", "4"], 2);
  const options = (await readOptions(run))!;
  const machineIs = (about: object) =>
    Deno.writeTextFile(
      `${run}/options.json`,
      JSON.stringify(seal({ ...options, about: { ...Object(options.about), ...about } })),
    );
  await machineIs({ processor: "an abacus" }); // as if it had begun elsewhere
  await trained(["--resume", run]);
  const { about } = JSON.parse(await Deno.readTextFile(`${run}/options.json`)) as { about: Provenance };
  assertEquals([about.processor, about.continued?.length, about.continued?.[0].step], ["an abacus", 1, 2]);
  assert(about.continued![0].processor !== "an abacus");
  await machineIs({ processor: "a loom" });
  await trained(["--resume", run]);
  assertEquals("continued" in JSON.parse(await Deno.readTextFile(`${run}/options.json`)).about, false);
});
