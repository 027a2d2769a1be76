import { assert, assertEquals, assertMatch, assertRejects, assertStringIncludes } from "@std/assert";
import { InputError } from "../../../pipelines/base/errors.ts";
import { seal } from "../../../pipelines/base/seal.ts";
import { findRuns } from "../../../tasks/runs/find_runs.ts";
import { CLAIM_FILE, isClaimed, RunClaim } from "../../../tasks/runs/run_claim.ts";
import { readMetrics } from "../../../tasks/runs/run_directory.ts";
import { type RunSummary, summarizeRun } from "../../../tasks/runs/run_summary.ts";
import { FAST, inTemporaryFolder, may } from "../../helpers.ts";
import { checkpointOf, smallData, trainTiny } from "../runs.ts";

function test(name: string, fn: (folder: string) => Promise<void>, { isSlow = false } = {}): void {
  Deno.test({
    name: `runs: ${name}`,
    ignore: isSlow && FAST || !may("read", "write"),
    fn: () => inTemporaryFolder(fn),
  });
}

test(
  "a finished, an interrupted and an early stopped run are told apart, also when their data is gone",
  async (folder) => {
    const data = `${folder}/data`;
    await smallData(data); // 97 training examples: 4 steps of 32 an epoch
    const loop = { batchSize: 32, checkpointEvery: 1, logEvery: 1 };
    const [whole, cut, early] = ["whole", "cut", "early"].map((name) => `${folder}/${name}`);
    await trainTiny(data, whole, { loop: { ...loop, epochs: 2 } });
    await trainTiny(data, cut, { loop: { ...loop, epochs: 3 }, until: ({ step }) => step === 6 });
    await trainTiny(data, early, { loop: { ...loop, epochs: 9, patience: 1, learningRate: 1e-12 } });
    await Deno.remove(data, { recursive: true });

    const [finished, interrupted, stopped] = await Promise.all([whole, cut, early].map(summarizeRun));
    const standing = ({ state, step, steps, reason }: RunSummary) => [state, step, steps, reason];
    assertEquals(standing(finished), ["finished", 8, 8, null]);
    assertEquals(standing(interrupted), ["interrupted", 6, 12, null]);
    assertEquals(standing(stopped), ["stopped early", 8, 36, null]);

    const evaluations = (await readMetrics(whole)).filter((line) => line.kind === "evaluation");
    const best = Math.max(...evaluations.map(({ valid }) => valid.accuracy));
    const first = evaluations.find(({ valid }) => valid.accuracy === best)!;
    assertEquals(finished.best, { metric: "accuracy", value: best, step: first.step });
    const { tensors, state } = await checkpointOf(whole);
    const numbers = Object.entries(tensors).filter(([name]) => !name.startsWith("optimizer/"));
    assertEquals(finished.parameters, numbers.reduce((sum, [, { data }]) => sum + data.length, 0));
    assertEquals([finished.model, finished.data, finished.dataset, finished.classes], ["cnn", data, "quickdraw", 3]);
    assertEquals(finished.seconds, state.position.seconds);
    assertMatch(finished.at!, /^\d{4}-\d\d-\d\dT/);
  },
  { isSlow: true },
);

test("a run is running while a training has it, and no longer", async (folder) => {
  const [data, run] = [`${folder}/data`, `${folder}/run`];
  await smallData(data);
  await trainTiny(data, run, { loop: { steps: 2 } });
  {
    using _claim = await RunClaim.of(run);
    assertEquals((await summarizeRun(run)).state, "running");
  }
  assertEquals((await summarizeRun(run)).state, "finished");
  await Deno.writeTextFile(`${run}/${CLAIM_FILE}`, ""); // as a killed training leaves it
  assertEquals([(await summarizeRun(run)).state, await isClaimed(run)], ["finished", false]);
});

test("who claims a run's folder removes what a killed training was writing", async (folder) => {
  const old = new Date(Date.now() - 2000);
  for (const name of ["last.safetensors", "last.safetensors.0123456789abcdef.partial"]) {
    await Deno.writeTextFile(`${folder}/${name}`, "");
    await Deno.utime(`${folder}/${name}`, old, old);
  }
  using _claim = await RunClaim.of(folder);
  const left = await Array.fromAsync(Deno.readDir(folder), ({ name }) => name);
  assertEquals(left.sort(), ["last.safetensors", CLAIM_FILE].sort());
});

test("a folder that is not there, or is a file, is claimed by nobody", async (folder) => {
  await Deno.writeTextFile(`${folder}/file`, "");
  for (const [name, words] of [["missing", "no such folder; make it first"], ["file", "a file, expected a folder"]]) {
    const claim = () => RunClaim.of(`${folder}/${name}`);
    await assertRejects(claim, InputError, `run ${folder}/${name}: ${words}`);
  }
  await Deno.symlink(folder, `${folder}/link`);
  using _claim = await RunClaim.of(`${folder}/link`);
  assert(await isClaimed(folder));
});

test("a look at a claim does not keep a training from it", async (folder) => {
  await Deno.writeTextFile(`${folder}/${CLAIM_FILE}`, "");
  const look = await Deno.open(`${folder}/${CLAIM_FILE}`, { read: true });
  assert(await look.tryLock(false));
  setTimeout(() => look.close(), 30);
  using _claim = await RunClaim.of(folder);
  assert(await isClaimed(folder));
  const { message } = await assertRejects(() => RunClaim.of(folder), InputError);
  assertStringIncludes(message, "another training is writing it");
});

test("each damaged file is named, and what the others say is still told", async (folder) => {
  const [data, run] = [`${folder}/data`, `${folder}/run`];
  await smallData(data);
  await trainTiny(data, run, { loop: { steps: 2, logEvery: 1 } });
  for (const name of ["last.safetensors", "best.safetensors", "metrics.jsonl"]) {
    const path = `${run}/${name}`;
    const bytes = await Deno.readFile(path);
    await Deno.writeFile(path, bytes.map((byte, i) => i === bytes.length - 9 ? byte ^ 1 : byte));
    const { state, reason, step } = await summarizeRun(run);
    assertEquals([state, step], ["damaged", 2]);
    assertStringIncludes(reason!, path);
    await Deno.writeFile(path, bytes);
  }
  await Deno.remove(`${run}/best.safetensors`);
  assertStringIncludes((await summarizeRun(run)).reason!, "not there any more");
});

test("one that saved nothing is told of, with what its options say", async (folder) => {
  const options = { model: "cnn", data: "d", backend: "wasm", "train.batchSize": 32, "train.steps": 7 };
  const about = { date: "2026-01-02T03:04:05.678Z" };
  await Deno.writeTextFile(
    `${folder}/options.json`,
    JSON.stringify(seal({ ...options, "train.epochs": 40, about })),
  );
  const { state, model, step, steps, best, at, reason } = await summarizeRun(folder);
  assertEquals([state, model, step, steps, best, at], ["interrupted", "cnn", 0, 7, null, about.date]);
  assertEquals(reason, "it ended before its first checkpoint");
});

test("an evaluation without the metric that its model is judged by is none to be the best", async (folder) => {
  await Deno.writeTextFile(`${folder}/options.json`, JSON.stringify(seal({ model: "cnn", data: "d" })));
  for (
    const [values, best] of [["", null], [',"accuracy":0.5', { metric: "accuracy", value: 0.5, step: 3 }]] as const
  ) {
    const line = `{"kind":"evaluation","step":3,"loss":2,"best":true${values}}\n`; // of an earlier version
    await Deno.writeTextFile(`${folder}/metrics.jsonl`, line);
    assertEquals((await summarizeRun(folder)).best, best);
  }
});

test("runs within folders are found; shards, links and hidden folders are passed over", async (folder) => {
  for (const path of ["a", "table/row-1", "table/row-2", "table/data", ".hidden", "table/node_modules/b"]) {
    await Deno.mkdir(`${folder}/${path}`, { recursive: true });
    await Deno.writeTextFile(`${folder}/${path}/metrics.jsonl`, "");
  }
  await Deno.remove(`${folder}/table/data/metrics.jsonl`);
  await Deno.writeTextFile(`${folder}/table/data/index.json`, "{}");
  await Deno.mkdir(`${folder}/table/data/inside`);
  await Deno.writeTextFile(`${folder}/table/data/inside/metrics.jsonl`, "");
  await Deno.symlink(`${folder}/a`, `${folder}/link`);
  await Deno.mkdir(`${folder}/other`);
  await Deno.writeTextFile(`${folder}/other/options.json`, '{"of": "another program"}');
  const found = ["a", "table/row-1", "table/row-2"].map((name) => `${folder}/${name}`);
  assertEquals(await findRuns(`${folder}/`), found);
  assertEquals(await findRuns(found[0]), [found[0]]);
  await assertRejects(() => findRuns(`${folder}/none`), InputError, "none: no such folder");
  await assertRejects(() => findRuns(`${folder}/a/metrics.jsonl`), InputError, "a file, expected a folder of runs");
});
