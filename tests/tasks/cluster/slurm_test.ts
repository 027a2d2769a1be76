/** Rows on a cluster: Slurm itself, real trainings, one of them requeued. */
import { assert, assertAlmostEquals, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { InputError } from "../../../pipelines/base/errors.ts";
import { exists } from "../../../pipelines/base/files.ts";
import { slurm } from "../../../tasks/cluster/slurm.ts";
import { FAST, inTemporaryFolder, may } from "../../helpers.ts";
import { CAN_RUN, runTask, taskCommand } from "../command.ts";
import { HAS_MPI } from "../mpi/ranks.ts";
import { checkpointOf, tinyFlags } from "../runs.ts";
import { HAS_PMIX, HAS_SLURM, startSlurm, withSlurm } from "./slurm_cluster.ts";
import { linesIn, LONG_ROWS, plainTable, rowsOf, smallSweepData, tableOf, until } from "./sweeps.ts";

/** So many that both rows are still trained when one is requeued: until then two commands are started. */
const STEPS = 300;

const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

Deno.test({
  name: withSlurm("slurm trains rows and makes the table; a row that is requeued goes on where it was"),
  ignore: FAST || !HAS_SLURM,
  fn: () =>
    inTemporaryFolder(async (folder) => {
      await smallSweepData(folder);
      const plain = await plainTable(folder, rowsOf(STEPS));
      await Deno.mkdir(`${folder}/slurm`);
      await using cluster = await startSlurm(`${folder}/slurm`);
      const run = "runs/on slurm's 100 %";
      const args = [...rowsOf(STEPS), "--run", run, "--engine", "slurm"];
      const submit = async () => {
        const { args: command } = commandOf(args);
        return await cluster.run(Deno.execPath(), command, { cwd: folder });
      };
      const { code, stdout, stderr } = await submit();
      assertEquals(code, 0, text(stderr));
      const [rows, table] = (await Deno.readTextFile(`${folder}/${run}/slurm/job`)).trim().split(",");
      assertStringIncludes(text(stdout), `table      job ${table}, when all have ended well`);

      const again = await submit();
      assertEquals(again.code, 2);
      assertStringIncludes(
        text(again.stderr),
        `its rows are in job ${rows},${table} still; scancel ${rows} ${table} takes them back`,
      );

      await until(async () => await linesIn(`${folder}/${run}/seed-0`) > 10, "a row is trained");
      await cluster.run("scontrol", ["requeue", `${rows}_0`]);
      const log = `${folder}/${run}/slurm/0.out`;
      await until(async () => (await Deno.readTextFile(log)).includes("stopped    after"), "it was told to end");
      const reason = async () =>
        text((await cluster.run("squeue", ["--noheader", "--format=%r", `--jobs=${rows}_0`])).stdout);
      await until(
        async () => (await reason()).trim() === "BeginTime",
        "it waits, for two minutes if it were left to Slurm",
      );
      await cluster.run("scontrol", ["update", `JobId=${rows}_0`, "StartTime=now"]);
      const made = `${folder}/${run}/table.html`; // squeue may list nothing of a job that is just queued once more
      await until(() => exists(made), "all jobs have ended well, and the table is made", 120);

      const said = await Deno.readTextFile(log);
      const [, stopped] = /stopped +after (\d+) steps/.exec(said)!;
      assertStringIncludes(said, `${STEPS} steps of 32, from step ${stopped}`);
      assert(Number(stopped) >= 10 && Number(stopped) < STEPS, stopped);
      assertEquals(await tableOf(`${folder}/${run}`), plain);
    }),
});

/** The program's arguments that `deno task NAME` stands for. */
function commandOf(args: readonly string[], name = "sweep"): { readonly args: string[] } {
  const root = decodeURIComponent(new URL("../../../", import.meta.url).pathname);
  return {
    args: ["run", "--quiet", `-P=${name}`, `--config=${root}deno.json`, `${root}tasks/commands/${name}.ts`, ...args],
  };
}

Deno.test({
  name: withSlurm("slurm makes a report's table, that of one process"),
  ignore: FAST || !HAS_SLURM,
  fn: () =>
    inTemporaryFolder(async (folder) => {
      const less = ["--frankenstein.classes", "circle,sun", "--frankenstein.size", "16"];
      const flags = ["frankenstein", "--budget", "1", "--backend", "wasm", ...less];
      const plain = await runTask("reproduce", [...flags, "--run", "runs/plain"], { folder });
      assertEquals(plain.code, 0, plain.stderr);
      await Deno.mkdir(`${folder}/slurm`);
      await using cluster = await startSlurm(`${folder}/slurm`);
      const { args } = commandOf([...flags, "--run", "runs/cluster", "--engine", "slurm"], "reproduce");
      const { code, stderr } = await cluster.run(Deno.execPath(), args, { cwd: folder });
      assertEquals(code, 0, text(stderr));
      await until(() => exists(`${folder}/runs/cluster/table.html`), "the table is made", 400);
      const tableIn = async (run: string) =>
        (await Deno.readTextFile(`${folder}/runs/${run}/table.md`))
          .replace(/\| \d+:\d\d(?= \|)/g, "| time").replace(/\d{4}-\d\d-\d\d \d\d:\d\d/g, "date");
      assertEquals(await tableIn("cluster"), await tableIn("plain"));
    }),
});

Deno.test({
  name: withSlurm("srun --mpi=pmix: one training on two nodes, as in one process; nothing is left of it"),
  ignore: FAST || !HAS_PMIX || !HAS_MPI,
  fn: () =>
    inTemporaryFolder(async (folder) => {
      await smallSweepData(folder);
      await Deno.mkdir(`${folder}/slurm`);
      const flags = [...tinyFlags("cnn"), "--data", "data/small", "--backend", "wasm", "--train.steps", "6"];
      const one = await runTask("train", [...flags, "--workers", "1", "--run", "runs/one"], { folder });
      assertEquals(one.code, 0, one.stderr);
      {
        await using cluster = await startSlurm(`${folder}/slurm`);
        const { args } = commandOf(["--mpi", ...flags, "--workers", "1", "--run", "runs/two"], "train");
        const ranks = ["--mpi=pmix", "--nodes=2", "--ntasks=2", Deno.execPath(), ...args];
        const { code, stdout, stderr } = await cluster.run("srun", ranks, { cwd: folder });
        assertEquals(code, 0, text(stderr));
        assertStringIncludes(text(stdout), "ranks      2");
      }
      const [found, expected] = [await checkpointOf(`${folder}/runs/two`), await checkpointOf(`${folder}/runs/one`)];
      assertEquals(found.state.ranks, 2);
      for (const [name, { data }] of Object.entries(expected.tensors)) {
        data.forEach((value, i) => assertAlmostEquals(found.tensors[name].data[i], value, 1e-4, name));
      }
      const { stdout } = await new Deno.Command("pgrep", { args: ["--full", folder] }).output();
      assertEquals(text(stdout), "");
    }),
});

Deno.test({
  name: "the scripts of slurm: a row a task, signals to the command, requeued, then the table",
  ignore: !may("read", "run"),
  fn() {
    const { options } = slurm;
    const values = Object.fromEntries(Object.entries(options).map(([name, { value }]) => [name, value]));
    const rows = ["a", "b-1"].map((name) => ({ name, folder: name }));
    const jobs = {
      task: "sweep",
      args: ["--seed=0,1", "--model", "it's"],
      rows,
      folder: "runs/50% off",
      data: [],
    } as const;
    const plan = slurm.plan(jobs, {
      ...values,
      partition: "short",
      time: "4:00:00",
      memory: "4G",
      account: "lab",
      atOnce: 3,
      gpus: 1,
    });
    const lines = plan.split("\n");
    const deno = Deno.execPath();
    const expected = [
      ...[
        "#!/bin/sh",
        "#SBATCH --job-name=50--off",
        "#SBATCH --partition=short",
        "#SBATCH --time=4:00:00",
        "#SBATCH --mem=4G",
      ],
      ...["#SBATCH --account=lab", '#SBATCH --output="runs/50%% off/slurm/%a.out"', "#SBATCH --open-mode=append"],
      ...["#SBATCH --array=0-1%3", "#SBATCH --requeue", "#SBATCH --signal=B:TERM@60", "#SBATCH --cpus-per-task=1"],
      "#SBATCH --gpus=1",
    ];
    assertEquals(lines.slice(0, expected.length), expected);
    const [array, table] = lines.filter((line) => line.startsWith("exec "));
    assert(array.startsWith(`exec ${deno} run --quiet -P=row `), array);
    assert(array.endsWith(`sweep.ts --seed=0,1 --model 'it'\\''s' --run 'runs/50% off' --rows "$row"`), array);
    assert(table.endsWith(`sweep.ts --seed=0,1 --model 'it'\\''s' --run 'runs/50% off' --collect`), table);
    for (const folder of ['a"b', "a\nrm -rf b", "a\\b"]) {
      assertThrows(() => slurm.plan({ ...jobs, folder }, values), InputError, "Slurm takes no path with quotes");
    }
    assertEquals(lines.filter((line) => /row=/.test(line)), ["  0) row=a ;;", "  1) row=b-1 ;;"]);
  },
});

Deno.test({
  name: "slurm where there is none, and what is no option of its jobs, is told in a line",
  ignore: FAST || !CAN_RUN,
  fn: () =>
    inTemporaryFolder(async (folder) => {
      await smallSweepData(folder);
      const args = [...LONG_ROWS, "--run", "runs/s", "--engine", "slurm"];
      const wrong = await runTask("sweep", [...args, "--slurm.account", "a\nb"], { folder });
      assertEquals([wrong.code, wrong.stderr.trimEnd().split("\n").length], [2, 1], wrong.stderr);
      assertStringIncludes(wrong.stderr, "--slurm.account");
      const without = taskCommand("sweep", args, { folder, env: { PATH: folder } });
      const { code, stderr } = await without.output();
      assertEquals(code, 2);
      assertStringIncludes(text(stderr), "sbatch is not there: no Slurm on this machine; --dry-run prints the scripts");
    }),
});
