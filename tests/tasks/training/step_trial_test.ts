/** Steps that are thrown away, and what a run makes of them. */
import * as tf from "@tensorflow/tfjs-core";
import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { startBackend } from "../../../models/backends/backend.ts";
import { describeRun } from "../../../tasks/runs/describe_run.ts";
import { describeData } from "../../../tasks/runs/run_data.ts";
import { mergeSettings } from "../../../tasks/runs/settings.ts";
import { runOf } from "../../../tasks/commands/train.ts";
import { settleWorkers } from "../../../tasks/training/settle_workers.ts";
import { stepTrial } from "../../../tasks/training/step_trial.ts";
import { train } from "../../../tasks/training/train.ts";
import { FAST, inTemporaryFolder, may } from "../../helpers.ts";
import { webgpuTest } from "../../models/backends.ts";
import { CAN_RUN, runTask } from "../command.ts";
import { checkpointOf, type Given, smallData, tinyFlags, tinySettings, traces, trainTiny } from "../runs.ts";
import { readShardIndex } from "../../../pipelines/shards/shard_reader.ts";
import { preparedTo } from "../prepared.ts";
import { mnist } from "../../../pipelines/datasets/mnist.ts";
import { InputError } from "../../../pipelines/base/errors.ts";
import { sums } from "./sums.ts";

async function dataOf(folder: string) {
  const index = await readShardIndex(folder);
  return { index, described: describeData(index) };
}

/** A test with small data in a folder of its own. */
function test(name: string, fn: (folder: string, data: string) => Promise<void>, ignored: boolean = FAST): void {
  const fnOnData = async (folder: string) => {
    await smallData(`${folder}/data`);
    await fn(folder, `${folder}/data`);
  };
  Deno.test({
    name: `--workers auto: ${name}`,
    ignore: ignored || !may("read", "write"),
    fn: () => inTemporaryFolder(fnOnData),
  });
}

test(
  "a trial times real steps and leaves nothing: the run after it is what it would have been",
  async (folder, data) => {
    const given = { model: "cnn-lstm", workers: 2, loop: { steps: 4, batchSize: 24, accumulate: 2, emaDecay: 0.9 } };
    await trainTiny(data, `${folder}/without`, given);
    const before = tf.memory().numTensors;
    {
      using trial = await stepTrial(mergeSettings(tinySettings(data, folder, given)), await dataOf(data));
      assert(await trial.alone() > 0);
      for (const [some, more] of [[1, 2], [2, 3]]) {
        const times = await trial.compare(some, more);
        assert(times.every((time) => time > 0), `${times}`);
      }
    }
    assertEquals(tf.memory().numTensors, before);
    await trainTiny(data, `${folder}/with`, given);
    assertEquals(await traces(`${folder}/with`), await traces(`${folder}/without`));
  },
);

test("a model whose loss is no mean over examples is not shared out", async (folder, data) => {
  await startBackend("wasm");
  const settings = mergeSettings({ data, folder, model: sums });
  using trial = await stepTrial(settings, await dataOf(data));
  await trial.alone();
  await assertRejects(() => trial.compare(1, 2), Error, "loss is ");
});

test(
  "a short run has one thread and says why, on the terminal, in its options and its description",
  async (folder, data) => {
    const run = `${folder}/run`;
    const flags = ["--data", data, "--run", run, "--backend", "wasm", ...tinyFlags("cnn"), "--train.steps", "2"];
    const { code, stdout, stderr } = await runTask("train", flags);
    assertEquals(code, 0, stderr);
    assertMatch(stdout, /\nworkers {4}1 \(too short to try more: 2 steps\)\n/);
    const { workers, about } = JSON.parse(await Deno.readTextFile(`${run}/options.json`));
    assertEquals([workers, about.workers], [1, "too short to try more: 2 steps"]);
    assertEquals((await checkpointOf(run)).state.settings.workers, 1);
    const facts = Object.fromEntries(await describeRun(run) ?? []);
    assertEquals(facts.workers, "1 (too short to try more: 2 steps)");
  },
  !CAN_RUN,
);

test(
  "a resumed run keeps its threads; others are taken when they are named, told and remembered",
  async (folder, data) => {
    const run = `${folder}/run`;
    const flags = ["--data", data, "--run", run, "--backend", "wasm", ...tinyFlags("cnn"), "--train.steps", "2"];
    const trained = async (args: readonly string[]) => {
      const opened = await runOf(args);
      await Array.fromAsync(train(opened.settings, opened));
      return opened;
    };
    const first = await trained([...flags, "--workers", "2"]);
    assertEquals([first.settings.workers, first.whyWorkers], [2, "as given"]);
    const second = await trained(["--resume", run, "--train.steps", "4"]);
    assertEquals([second.settings.workers, second.whyWorkers], [2, "as the run has had"]);
    assertEquals(second.backend.why, "as the run has had");
    const third = await trained(["--resume", run, "--train.steps", "6", "--workers", "3"]);
    assertEquals([third.settings.workers, third.whyWorkers], [3, "as given"]);
    assertEquals(
      third.notes[1],
      "from step 4 on 3 threads, not 2: what is learnt is that of 2 up to rounding, not bit for bit",
    );
    const { workers, about } = JSON.parse(await Deno.readTextFile(`${run}/options.json`));
    assertEquals([workers, about.workers], [3, "as given"]);
    assertEquals(about.changes.map(({ before }: { before: unknown }) => before), [
      { "train.steps": 2 },
      { "train.steps": 4, workers: 2 },
    ]);
    const fourth = await trained(["--resume", run, "--train.steps", "8"]);
    assertEquals([fourth.settings.workers, (await checkpointOf(run)).state.settings.workers], [3, 3]);
    const few =
      `it has 3 threads, which its bits depend on, and here are ${navigator.hardwareConcurrency} cores: --workers`;
    assertEquals(fourth.notes.some((note) => note.startsWith(few)), navigator.hardwareConcurrency < 3);
    const fifth = await trained(["--resume", run, "--train.steps", "9", "--workers", "auto"]);
    assertEquals([fifth.settings.workers, fifth.whyWorkers], [1, "too short to try more: 1 step"]);
  },
);

test("a script that goes on with its run has the run's threads where it names none", async (folder, data) => {
  const run = `${folder}/run`;
  const given = { workers: 2, loop: { steps: 4, batchSize: 24, checkpointEvery: 1 } };
  await trainTiny(data, `${folder}/whole`, given);
  await trainTiny(data, run, { ...given, loop: { ...given.loop, logEvery: 1 }, until: ({ step }) => step === 2 });
  const { workers: _, ...settings } = tinySettings(data, run, given);
  await Array.fromAsync(train(settings, { resume: await checkpointOf(run) }));
  const { state, tensors } = await checkpointOf(run);
  assertEquals([state.settings.workers, state.position.step], [2, 4]);
  assertEquals(tensors, (await checkpointOf(`${folder}/whole`)).tensors);
});

test("a profile has one thread", async (folder, data) => {
  const flags = ["--data", data, "--run", `${folder}/run`, "--backend", "wasm", ...tinyFlags("cnn"), "--profile"];
  const { settings, claim } = await runOf(flags);
  claim[Symbol.dispose]();
  assertEquals(settings.workers, 1);
});

webgpuTest("--workers auto is 1", () =>
  inTemporaryFolder(async (folder) => {
    const index = await smallData(`${folder}/data`);
    const { settings, why } = await settleWorkers(
      mergeSettings(tinySettings(`${folder}/data`, folder, { workers: "auto" })),
      { index, described: describeData(index) },
    );
    assertEquals([settings.workers, why], [1, "webgpu computes in one"]);
  }));

webgpuTest(
  "processes that would have to exchange in the middle of a pass are refused before a run begins",
  () =>
    inTemporaryFolder(async (folder) => {
      const index = await preparedTo(`${folder}/digits`, { dataset: mnist });
      const asked = (modelOptions: NonNullable<Given["modelOptions"]>) => {
        const settings = mergeSettings(tinySettings(`${folder}/digits`, folder, { model: "gan", modelOptions }));
        return settleWorkers(settings, { index, described: describeData(index), ranks: 2 });
      };
      const why = "--mpi: gan cannot be trained by 2 processes: with webgpu they cannot exchange the moments";
      await assertRejects(() => asked({ channels: 4, generatorNorm: "batch" }), InputError, why);
      assertEquals((await asked({ channels: 4, generatorNorm: "pixel" })).settings.workers, 1);
    }),
);
