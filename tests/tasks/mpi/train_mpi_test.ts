/** Trainings in several processes, as a person runs them: one process's result, and what happens when one of them fails. */
import { assert, assertAlmostEquals, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { stepLines } from "../../../tasks/runs/metrics.ts";
import { inTemporaryFolder } from "../../helpers.ts";
import { ended, runTask } from "../command.ts";
import { checkpointOf, metricsOf, smallData, tinyFlags, traces, trainTiny } from "../runs.ts";
import { MODELS } from "../../../models/zoo/registry.ts";
import { mnist } from "../../../pipelines/datasets/mnist.ts";
import { preparedTo } from "../prepared.ts";
import { mpiTest, pidsOf, runRanks, said, startRanks, staysRunning } from "./ranks.ts";
import { exists } from "../../../pipelines/base/files.ts";

const LOOP = { batchSize: 24, logEvery: 1, evaluateEvery: 4, clipNorm: 1 };

/** The flags of a small run: of drawings 97 in batches of 24, so that the last one of an epoch has one example. */
function flags(
  data: string,
  run: string,
  steps: number,
  { model = tinyFlags("cnn"), batchSize = LOOP.batchSize } = {},
): string[] {
  const loop = [
    `--train.batch-size=${batchSize}`,
    "--train.log-every=1",
    "--train.evaluate-every=4",
    "--train.clip-norm=1",
  ];
  const own = ["--data", data, "--run", run, "--backend", "wasm", `--train.steps=${steps}`];
  return [...model, ...own, ...loop];
}

const sleep = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Waits until a run has taken three steps. */
async function begun(run: string): Promise<void> {
  for (let waited = 0; waited < 600; waited++) {
    const lines = await exists(`${run}/metrics.jsonl`) ? await Deno.readTextFile(`${run}/metrics.jsonl`) : "";
    if (lines.split("\n").length > 3) return;
    await sleep(50);
  }
  throw new Error(`${run} does not begin`);
}

/** Checks that a run has learnt what another has, up to rounding. */
async function assertAlike(run: string, other: string): Promise<void> {
  const [found, expected] = [await checkpointOf(run), await checkpointOf(other)];
  for (const [name, { data }] of Object.entries(expected.tensors)) {
    const furthest = data.reduce((most, value, i) => Math.max(most, Math.abs(value - found.tensors[name].data[i])), 0);
    assert(furthest < 1e-4, `${run}: ${name} is off by ${furthest}`);
  }
  const lossesOf = async (run: string) => stepLines(await metricsOf(run)).map(({ train }) => train.loss);
  const losses = await lossesOf(run);
  for (const [i, loss] of (await lossesOf(other)).entries()) {
    assertAlmostEquals(losses[i], loss, 1e-4 * Math.max(1, Math.abs(loss)), `${run}: loss ${i}`);
  }
}

mpiTest(
  "ranks train as one process does, the same bits each time, interrupted or not, and others go on",
  () =>
    inTemporaryFolder(async (folder) => {
      const [data, one, two, parts, three] = ["data", "one", "two", "parts", "three"].map((name) =>
        `${folder}/${name}`
      );
      await smallData(data);
      await trainTiny(data, one, { loop: { ...LOOP, steps: 9 } });
      const whole = await runRanks({ ranks: 2, args: flags(data, two, 9) });
      assertEquals(whole.code, 0, whole.stderr);
      assertEquals(whole.stdout.match(/^ranks .*$/gm), ["ranks      2"]); // only one of them speaks
      assertEquals(said(whole), []);
      await assertAlike(two, one);
      assertEquals((await checkpointOf(two)).state.ranks, 2);

      // Nine steps in two parts are the same bits; the file system is not asked what one rank has that the other has not.
      const first = await runRanks({ ranks: 2, args: flags(data, parts, 4) });
      assertEquals(first.code, 0, first.stderr);
      await Deno.mkdir(three);
      for await (const { name } of Deno.readDir(parts)) await Deno.copyFile(`${parts}/${name}`, `${three}/${name}`);
      const second = await runRanks({ ranks: 2, args: ["--resume", parts, "--train.steps", "9"] });
      assertEquals(second.code, 0, second.stderr);
      assertEquals(await traces(parts), await traces(two));

      const others = await runRanks({ ranks: 3, args: ["--resume", three, "--train.steps", "9"] });
      assertEquals(others.code, 0, others.stderr);
      const note =
        "from step 4 on 3 processes, not 2 processes: what is learnt is that of 2 processes up to rounding, not";
      assertStringIncludes(others.stdout, note);
      await assertAlike(three, one);
      const { about } = JSON.parse(await Deno.readTextFile(`${three}/options.json`));
      assertEquals([about.ranks, about.changes[0].before.ranks], [3, 2]);
    }),
);

mpiTest(
  "ranks and their threads exchange the moments of batches that are normalized as a whole",
  () =>
    inTemporaryFolder(async (folder) => {
      const [data, one] = [`${folder}/data`, `${folder}/one`];
      await preparedTo(data, { dataset: mnist }); // of 550 digits the fifth batch has two: of three ranks the last has none
      const norms = {
        generatorNorm: "batch",
        discriminatorNorm: "batch",
        gradientPenalty: 1,
        penaltyEvery: 1,
      } as const;
      const modelOptions = { ...MODELS.gan.tiny, ...norms };
      const changes = { batchSize: 137, optimizer: "sgd", learningRate: 0.01 } as const;
      await trainTiny(data, one, { model: "gan", modelOptions, loop: { ...LOOP, ...changes, steps: 6 } });
      const named = Object.entries(modelOptions).map(([name, value]) => `--model.${name}=${value}`);
      const sgd = [`--train.optimizer=${changes.optimizer}`, `--train.learning-rate=${changes.learningRate}`];
      const train = async (run: string, { ranks, workers }: { readonly ranks: number; readonly workers: number }) => {
        const own = flags(data, run, 6, { model: ["--model", "gan", ...named], batchSize: changes.batchSize });
        const { code, stderr } = await runRanks({ ranks, args: [...own, ...sgd, `--workers=${workers}`] });
        assertEquals(code, 0, stderr);
        await assertAlike(run, one);
      };
      await train(`${folder}/two`, { ranks: 2, workers: 1 });
      await train(`${folder}/three`, { ranks: 3, workers: 1 });
      await train(`${folder}/four`, { ranks: 2, workers: 2 });
      await train(`${folder}/again`, { ranks: 2, workers: 2 });
      assertEquals(await traces(`${folder}/again`), await traces(`${folder}/four`));
    }),
);

mpiTest(
  "one that stands still in the middle of a pass is waited for no longer than is allowed",
  () =>
    inTemporaryFolder(async (folder) => {
      const [data, run] = [`${folder}/data`, `${folder}/run`];
      await preparedTo(data, { dataset: mnist });
      const model = ["--model", "gan", "--model.channels=4", "--model.generator-norm=batch"];
      const args = [
        ...flags(data, run, 100_000, { model }),
        "--workers=2",
        "--mpi.limit=5",
        "--train.checkpoint-every=1",
      ];
      const job = startRanks({ ranks: 2, args });
      await begun(run);
      Deno.kill((await pidsOf(job))[1], "SIGSTOP");
      const { code, stdout, stderr } = await ended(job);
      assertEquals(code, 2, stderr);
      const why = "strokewise train: another rank did not answer for 5 s; --mpi.limit allows it more; the last";
      const lines = said({ code, stdout, stderr });
      assertEquals([lines.length, lines[0].startsWith(why)], [1, true], stderr);
    }),
);

mpiTest("one that dies ends all of them, and the last checkpoint is kept", () =>
  inTemporaryFolder(async (folder) => {
    const [data, run] = [`${folder}/data`, `${folder}/run`];
    await smallData(data);
    const job = startRanks({ ranks: 2, args: [...flags(data, run, 100_000), "--train.checkpoint-every=2"] });
    await begun(run);
    const pids = await pidsOf(job);
    assertEquals(pids.length, 2);
    Deno.kill(pids[1], "SIGKILL");
    const killed = performance.now();
    const { code, stdout, stderr } = await ended(job);
    assert(performance.now() - killed < 20_000, "it took long");
    assertEquals(code, 137, stderr);
    const hint = `go on with: mpirun -n 2 deno task train --mpi --resume ${run}`;
    const lines = said({ code, stdout, stderr });
    assertEquals([lines.length, lines[0].endsWith(hint)], [1, true], stderr);
    for (const pid of pids) assertEquals(await staysRunning(pid), false, `${pid}`);
    assert((await checkpointOf(run)).state.position.step > 0);
  }));

mpiTest("a signal to one of them ends all at the same step, saved", () =>
  inTemporaryFolder(async (folder) => {
    const [data, run] = [`${folder}/data`, `${folder}/run`];
    await smallData(data);
    const job = startRanks({ ranks: 2, args: [...flags(data, run, 100_000), "--mpi.limit=60"] });
    await begun(run);
    const [, second] = await pidsOf(job);
    Deno.kill(second, "SIGTERM");
    const { code, stdout, stderr } = await ended(job);
    assert([130, 143].includes(code), `${code}: ${stderr}`);
    const { step } = (await checkpointOf(run)).state.position;
    assertEquals((await metricsOf(run)).at(-1)!.step, step);
    const words = stdout.trim().split("\n").at(-1)!;
    assertMatch(words, new RegExp(`^stopped    after ${step.toLocaleString("en")} steps? in `));
    assertStringIncludes(words, `go on with: mpirun -n 2 deno task train --mpi --resume ${run}`);
  }));

mpiTest(
  "ranks that are not asked for the same, or do not have the same data, end in one line",
  () =>
    inTemporaryFolder(async (folder) => {
      const [data, other] = [`${folder}/data`, `${folder}/other`];
      await smallData(data);
      await smallData(other, 1);
      const args = (data: string, ...more: string[]) => ({
        ranks: 1,
        args: [...flags(data, `${folder}/run`, 3), ...more],
      });
      const asked = await runRanks(args(data), args(data, "--seed", "5"));
      assertEquals(asked.code, 2, asked.stderr);
      assertEquals(said(asked).length, 1, asked.stderr);
      assertMatch(
        said(asked)[0],
        /^strokewise train: --mpi: rank 1\S* .*has seed 5, rank 0 .*has 0; all ranks need the same$/,
      );
      const unknown = await runRanks(args(data, "--no-such"), args(data, "--no-such"));
      assertEquals([unknown.code, said(unknown).length, unknown.stdout], [2, 1, ""], unknown.stderr);
      const read = await runRanks(args(data), args(other));
      assertEquals(read.code, 2, read.stderr);
      assertMatch(
        said(read).join("\n"),
        /^strokewise train: rank 1[^\n]*: data \S+other: not the shards that \S+run was trained/,
      );
    }),
);

mpiTest(
  "a rank has data by the address, and in the cache, that it is told of",
  () =>
    inTemporaryFolder(async (folder) => {
      const [data, run, cache] = ["data", "run", "cache"].map((name) => `${folder}/${name}`);
      await smallData(data);
      await using server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, async ({ url }) => {
        return new Response(await Deno.readFile(data + new URL(url).pathname));
      });
      const { code, stderr } = await runRanks(
        { ranks: 1, args: flags(data, run, 2) },
        { ranks: 1, args: [...flags(`http://127.0.0.1:${server.addr.port}/`, run, 2), "--cache", cache] },
      );
      assertEquals(code, 0, stderr);
      assert(await exists(cache), "shards are elsewhere");
    }),
);

mpiTest(
  "a process that nobody started with others is the only rank, with the bits of a run without ranks",
  () =>
    inTemporaryFolder(async (folder) => {
      const [data, one, alone] = ["data", "one", "alone"].map((name) => `${folder}/${name}`);
      await smallData(data);
      await trainTiny(data, one, { loop: { ...LOOP, steps: 5 } });
      const only = await runTask("train", ["--mpi=true", ...flags(data, alone, 5), "--workers", "1"]);
      assertEquals(only.code, 0, only.stderr);
      assertStringIncludes(only.stdout, "ranks      1 (mpirun starts more)");
      assertEquals(await traces(alone), await traces(one));
    }),
);
