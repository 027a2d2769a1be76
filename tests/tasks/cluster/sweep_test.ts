/** `deno task sweep` as a person runs it, on one machine. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { FAST, inTemporaryFolder } from "../../helpers.ts";
import { exists } from "../../../pipelines/base/files.ts";
import { seal } from "../../../pipelines/base/seal.ts";
import {
  isJudgedSo,
  missingRows,
  readSweep,
  type SweepResults,
  sweepText,
} from "../../../tasks/cluster/sweep_table.ts";
import { evaluate } from "../../../tasks/evaluation/evaluate.ts";
import { judgedFolder } from "../../../tasks/evaluation/judged_aside.ts";
import type { Evaluation } from "../../../tasks/evaluation/judges.ts";
import { writeEvaluation } from "../../../tasks/report/write_report.ts";
import { CAN_RUN, ended, runTask, taskCommand } from "../command.ts";
import { smallData, trainTiny } from "../runs.ts";
import { linesIn, LONG_ROWS, plainTable, ROWS, smallSweepData, tableOf, TWO_ROWS, until } from "./sweeps.ts";

const FILE = decodeURIComponent(new URL(import.meta.url).pathname);

/** The cells of a line of a Markdown table. */
const cellsOf = (line: string): string[] => line.split("|").slice(1, -1).map((cell) => cell.trim());

Deno.test({
  name: "sweep: a line a row, means over the seeds; two processes make the same table as one",
  ignore: FAST || !CAN_RUN,
  fn: () =>
    inTemporaryFolder(async (folder) => {
      await smallSweepData(folder);
      const plain = await plainTable(folder, ROWS);
      const lines = plain[0].split("\n").filter((line) => line.startsWith("| ")).map(cellsOf);
      const heads = ["row", "train.learning-rate", "seed", "steps", "best on valid", "at step"];
      assertEquals(lines[0].slice(0, heads.length), heads);
      const rows = lines.slice(2, 6);
      assertEquals(rows.map((cells) => cells.slice(0, 4)), [
        ["learning-rate-0.001-seed-0", "0.001", "0", "5"],
        ["learning-rate-0.001-seed-1", "0.001", "1", "5"],
        ["learning-rate-0.0003-seed-0", "0.0003", "0", "5"],
        ["learning-rate-0.0003-seed-1", "0.0003", "1", "5"],
      ]);
      const values = rows.map((cells) => Number(/accuracy ([\d.]+) %/.exec(cells[4])![1]));
      assertEquals(
        rows.map((cells) => cells[4].endsWith("*")),
        values.map((_, i) => values.indexOf(Math.max(...values)) === i),
      );
      // The mean of two, and their sample deviation: half their distance times the root of 2.
      for (const [i, [, seeds, mean, deviation]] of lines.slice(8).entries()) {
        const [a, b] = values.slice(2 * i, 2 * i + 2);
        assertEquals(seeds, "2");
        assert(Math.abs(parseFloat(mean) - (a + b) / 2) < 0.11, `${mean} of ${a} and ${b}`);
        assert(Math.abs(parseFloat(deviation) - Math.abs(a - b) / Math.SQRT2) < 0.15, `${deviation} of ${a} and ${b}`);
      }

      const two = await runTask("sweep", [...ROWS, "--run", "runs/two", "--local.processes", "2"], { folder });
      assertEquals(two.code, 0, two.stderr);
      assertEquals(await tableOf(`${folder}/runs/two`), plain);

      // What else is found of a row does not take the place of what it was judged as.
      const onTest = await runTask("evaluate", ["--run", "runs/two/learning-rate-0.001-seed-0"], { folder });
      assertEquals(onTest.code, 0, onTest.stderr);
      const whole = await runTask("sweep", [...ROWS, "--run", "runs/two", "--collect"], { folder });
      assertEquals(whole.code, 0, whole.stderr);
      assertEquals(await tableOf(`${folder}/runs/two`), plain);

      // An engine's rows are refused before any is trained anew, elsewhere, and takes the place of one that is there.
      await smallData(`${folder}/data/other`, 7);
      const engines = ["--run", "runs/two", "--engine", "bullmq", "--redis", "redis://127.0.0.1:1"];
      for (
        const [args, says] of [
          [
            [...ROWS, "--train.warmup-steps", "1"],
            "run runs/two/learning-rate-0.001-seed-0: --train.warmup-steps 1 contradicts",
          ],
          [ROWS.map((arg) => arg === "data/small" ? "data/other" : arg), "data data/other"],
        ] as const
      ) {
        const refused = await runTask("sweep", [...args, ...engines], { folder });
        assertEquals([refused.code, refused.stderr.trimEnd().split("\n").length], [2, 1], refused.stderr);
        assertStringIncludes(refused.stderr, says);
      }

      await Deno.remove(`${folder}/runs/two/learning-rate-0.001-seed-1`, { recursive: true });
      const part = await runTask("sweep", [...ROWS, "--run", "runs/two", "--collect"], { folder });
      assertEquals(part.code, 1);
      assertStringIncludes(part.stdout, "1 of 4 rows are still to come: learning-rate-0.001-seed-1.");
      const row = ["--run", "runs/two", "--rows", "learning-rate-0.001-seed-1"];
      const last = await runTask("sweep", [...ROWS, ...row], { folder });
      assertEquals(last.code, 0, last.stderr);
      assertEquals(await tableOf(`${folder}/runs/two`), plain);
      // Rows of another model, or of other data, are not taken for those that are asked for.
      for (const [was, is] of [["cnn", "cnn-lstm"], ["data/small", "data/other"]]) {
        const others = ROWS.map((arg) => arg === was ? is : arg);
        const asked = await runTask("sweep", [...others, "--run", "runs/two", "--collect"], { folder });
        assertEquals(asked.code, 1, asked.stdout);
        assertStringIncludes(asked.stdout, "missing    all 4 rows: there is no table to make");
      }
      const other = ["--train.learning-rate", "1e-2,1e-4", "--run", "runs/two"];
      const second = await runTask("sweep", [...ROWS.slice(0, -4), ...other], { folder });
      assertEquals(second.code, 2, second.stdout);
      assertStringIncludes(second.stderr, "a row of another sweep, whose table stays; --run names another");
      // Options of a run that went before are a sweep's, too, its empty ones left out.
      const config = ["--config", "runs/two/learning-rate-0.001-seed-0/options.json", "--seed", "0,1"];
      const planned = await runTask("sweep", [...config, "--run", "runs/more", "--dry-run"], { folder });
      assertEquals(planned.code, 0, planned.stderr);
      assertEquals(planned.stdout.includes("--from"), false, planned.stdout);
    }),
});

Deno.test("sweep: a loss that rows measure in their own way does not say which is the best", () => {
  const text = (measures: string[]) =>
    sweepText({
      rows: ["bernoulli", "ssim"].map((likelihood) => ({
        name: likelihood,
        varied: { "model.likelihood": likelihood },
      })),
      ...{ varied: ["model.likelihood"], folder: "runs", split: "valid", classifier: "", reader: "", flat: [{}, {}] },
      best: { metric: "loss", better: "lower" },
      measures,
      runs: [3, 2].map((value) => ({ summary: { step: 9, best: { metric: "loss", value, step: 9 } } })),
    } as unknown as SweepResults);
  assertStringIncludes(text([]), "Rows are told apart by loss on valid");
  assertStringIncludes(text([]), "The best is ssim (*).");
  const untold = text(["model.likelihood"]);
  assertStringIncludes(untold, "What loss measures depends on model.likelihood: it does not tell which row is better.");
  assertEquals(untold.includes("*"), false);
});

Deno.test("sweep: a row is done where its best weights were judged on the split, and read by the classifier that is asked for", () => {
  const judged = { split: "valid", step: 5, examples: 9, classifier: "a1" } as Evaluation;
  const asked = { split: "valid", reader: "a1", step: 5 } as const;
  const isDone = (changed: Partial<typeof judged>, other: Partial<Parameters<typeof isJudgedSo>[1]> = {}) =>
    isJudgedSo({ ...judged, ...changed }, { ...asked, ...other });
  assertEquals(isDone({}), true);
  for (const other of [{ reader: "a2" }, { reader: "" }, { split: "test" }, { step: 6 }] as const) {
    assertEquals(isDone({}, other), false, JSON.stringify(other));
  }
  const { classifier: _, ...unread } = judged;
  assertEquals([isJudgedSo(unread, asked), isJudgedSo(unread, { ...asked, reader: "" })], [false, true]);
  // By more latents than the other rows, or otherwise than they.
  const by = (samples: number, examples?: number) =>
    ({ likelihood: { importance: { samples, bound: 1, ...(examples ? { examples } : {}) } } }) as Evaluation;
  assertEquals([isDone(by(5)), isDone(by(300)), isDone(by(5, 3))], [true, false, false]);
  assertEquals(isDone({ sequences: { beam: 4 } } as Evaluation), false);
  assertEquals([isDone({ asked: { temperature: 1 } }), isDone({ conditions: { "model.binarize": "none" } })], [
    ...[false, false],
  ]);
});

Deno.test({
  name: "sweep: a row of another module of the same name is not done",
  ignore: FAST,
  fn: () =>
    inTemporaryFolder(async (folder) => {
      await smallSweepData(folder);
      const [data, row] = [`${folder}/data/small`, `${folder}/row`];
      await trainTiny(data, row, { loop: { steps: 2 } });
      await writeEvaluation(row, await evaluate({ folder: row, split: "valid" }), judgedFolder(row, "valid"));
      const missing = async (specs: { readonly model: string; readonly augmentation: string }) =>
        missingRows(
          await readSweep({
            ...{ rows: [{ name: "row", args: [], varied: {} }], varied: [], folder, split: "valid" },
            ...{ classifier: "", reader: "", best: undefined, measures: [], flat: [{ augmentation: "own.ts" }] },
            subjects: [{ model: "cnn", specs, data }],
          }),
        );
      assertEquals(await missing({ model: "cnn", augmentation: "affine" }), []);
      assertEquals(await missing({ model: "cnn", augmentation: "file:///own.ts" }), ["row"]);
      await Deno.writeTextFile(
        `${row}/options.json`,
        JSON.stringify(seal({ model: "file:///own.ts", augmentation: "affine" })),
      );
      assertEquals(await missing({ model: "cnn", augmentation: "affine" }), ["row"]);
      assertEquals(await missing({ model: "file:///own.ts", augmentation: "affine" }), []);
    }),
});

Deno.test({
  name: "sweep: a classifier that reads none of what rows draw is refused before anything is trained",
  ignore: FAST || !CAN_RUN,
  fn: () =>
    inTemporaryFolder(async (folder) => {
      await smallSweepData(folder);
      await trainTiny(`${folder}/data/small`, `${folder}/reader`, { loop: { steps: 1 } });
      const sweep = (...args: string[]) =>
        runTask("sweep", [...args, "--classifier", "reader", "--run", "s"], { folder });
      const { code, stderr } = await sweep(...TWO_ROWS);
      assertEquals([code, stderr], [2, "strokewise sweep: --classifier: cnn draws no images\n"]);
      assertEquals(await exists(`${folder}/s`), false);
    }),
});

Deno.test({
  name: "sweep: Ctrl-C saves what two processes are at, and the same command goes on to the same table",
  ignore: FAST || !CAN_RUN,
  fn: () =>
    inTemporaryFolder(async (folder) => {
      await smallSweepData(folder);
      const plain = await plainTable(folder, LONG_ROWS);
      const args = [...LONG_ROWS, "--run", "runs/two", "--local.processes", "2"];
      const process = taskCommand("sweep", args, { folder }).spawn();
      const said = ended(process);
      const rows = ["seed-0", "seed-1"].map((row) => `${folder}/runs/two/${row}`);
      await until(async () => (await Promise.all(rows.map(linesIn))).every((lines) => lines > 10), "both are trained");
      process.kill("SIGINT");
      const { code, stdout } = await said;
      assertEquals(code, 130);
      assertStringIncludes(stdout, "stopped    the same command goes on: deno task sweep ");
      for (const row of rows) assert(await linesIn(row) < 100, "it was not stopped");
      const again = await runTask("sweep", args, { folder });
      assertEquals(again.code, 0, again.stderr);
      assertEquals(again.stdout.match(/100 steps of 32, from step \d\d/g)?.length, 2, again.stdout);
      assertEquals(await tableOf(`${folder}/runs/two`), plain);
    }),
});

Deno.test({
  name: "sweep: what does not go together is refused before anything is trained",
  ignore: FAST || !CAN_RUN,
  fn: () =>
    inTemporaryFolder(async (folder) => {
      const cases: [args: string[], says: string][] = [
        [["--seed", "0,1", "--slurm.time", "3"], "--slurm.time: not with --engine local"],
        [["--seed", "0,1", "--redis", "redis://x"], "--redis: not with --engine local"],
        [["--seed", "0,1", "--engine", "bullmq"], "--redis is missing"],
        [["--seed", "0,1", "--rows", "seed-2"], "--rows: seed-2: none of seed-0 and seed-1"],
        [["--seed", "0,1", "--classifier", "none"], "run none: no such folder"],
        [["--seed", "0,1", "--run", `${FILE}/x`], `--run ${FILE}/x: ${FILE} is a file, expected a folder`],
        [["--seed", "0,1", "--resume", "runs/x"], "unknown option --resume"],
        [["--train.optimizer", "sgd,adam", "--train.momentum", "0.5"], "training: momentum: read with optimizer sgd"],
        [["--train.steps", "3,5", "--train.epochs", "2"], "--train.epochs: the run ends after --train.steps 3"],
      ];
      for (const [args, says] of cases) {
        const { code, stderr } = await runTask("sweep", args, { folder });
        assertEquals([code, stderr.trimEnd().split("\n").length], [2, 1], stderr);
        assertStringIncludes(stderr, `strokewise sweep: ${says}`);
      }
      assertEquals(await Array.fromAsync(Deno.readDir(folder)), []);
    }),
});

Deno.test({
  name: "sweep: what is to be started for some rows is shown and not started; the whole table is not for some",
  ignore: FAST || !CAN_RUN,
  fn: () =>
    inTemporaryFolder(async (folder) => {
      const sweep = (...args: string[]) =>
        runTask("sweep", ["--seed", "0,1,2", "--run", "runs/s", ...args], { folder });
      const { code, stdout, stderr } = await sweep("--rows", "seed-2,seed-0", "--dry-run");
      assertEquals([code, stderr], [0, ""]);
      const command = "deno task sweep --seed=0,1,2 --split valid --run runs/s";
      const rows = [`${command} --rows seed-0`, `${command} --rows seed-2`, `${command} --collect`];
      assertEquals(stdout.trimEnd().split("\n"), rows);
      for (const option of [["--rows", "seed-0"], ["--dry-run"]]) {
        const { code, stderr } = await sweep("--collect", ...option);
        assertEquals(code, 2);
        assertStringIncludes(stderr, `--collect writes the whole table: leave out ${option[0]}`);
      }
      assertEquals(await Array.fromAsync(Deno.readDir(folder)), []);
    }),
});

Deno.test({
  name: "reproduce: an engine's rows are those of the plan, by commands that say all that makes the table what it is",
  ignore: FAST || !CAN_RUN,
  fn: () =>
    inTemporaryFolder(async (folder) => {
      const args = ["draw-mnist", "--budget", "2", "--seeds=2", "--rows", "t1,t2-seed-1", "--run", "runs/r"];
      const { code, stdout, stderr } = await runTask("reproduce", [...args, "--engine", "bullmq", "--dry-run"], {
        folder,
      });
      assertEquals([code, stderr], [0, ""]);
      const command = "deno task reproduce draw-mnist --budget 2 --seeds 2 --run runs/r";
      assertEquals(stdout.trimEnd().split("\n"), [
        `${command} --rows t1-seed-0`,
        `${command} --rows t1-seed-1`,
        `${command} --rows t2-seed-1`,
        `${command} --collect`,
      ]);
      const augment = ["sketch-rnn-augment", "--source", "x", "--sketch-rnn-augment.per-class", "10,25"];
      const few = [...augment, "--sketch-rnn-augment.draws", "1", "--sketch-rnn-augment.seeds", "1", "--run", "runs/a"];
      const cells = await runTask("reproduce", [...few, "--dry-run"], { folder });
      assertEquals([cells.code, cells.stderr], [0, ""]);
      const whole = `deno task reproduce ${few.join(" ")}`;
      const ends = ["--rows 10-draw1-seed1", "--rows 25-draw1-seed1", "--collect"];
      assertEquals(cells.stdout.trimEnd().split("\n"), ends.map((end) => `${whole} ${end}`));
      const measured = await runTask("reproduce", ["vectorizer", "--source", "x", "--local.processes", "2"], {
        folder,
      });
      assertEquals(measured.code, 2);
      assertStringIncludes(measured.stderr, "--local.processes: not with vectorizer, which is measured as a whole");
    }),
});
