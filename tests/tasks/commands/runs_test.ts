/** `deno task runs`, as a process of its own and its table. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { formatRuns } from "../../../tasks/commands/runs.ts";
import type { RunSummary } from "../../../tasks/runs/run_summary.ts";
import { FAST, inTemporaryFolder } from "../../helpers.ts";
import { CAN_RUN, runTask } from "../command.ts";
import { smallData, trainTiny } from "../runs.ts";

Deno.test({
  name: "runs: lists the runs of the folder runs, those of folders that are named, and none where there is none",
  ignore: FAST || !CAN_RUN,
  fn: () =>
    inTemporaryFolder(async (folder) => {
      const empty = await runTask("runs", [], { folder });
      assertEquals([empty.code, empty.stdout], [0, "no run in runs; deno task train makes one\n"]);
      await smallData(`${folder}/data`);
      await trainTiny(`${folder}/data`, `${folder}/runs/table/row`, { loop: { steps: 1 } });

      const table = await runTask("runs", [], { folder });
      assertEquals(table.code, 0, table.stderr);
      assertStringIncludes(table.stdout, "\nruns/table/row  finished  cnn");
      const { stdout } = await runTask("runs", ["--json", "runs", "runs/table"], { folder });
      const [run, ...others] = JSON.parse(stdout) as RunSummary[];
      assertEquals([run.folder, run.state, run.step, others.length], ["runs/table/row", "finished", 1, 0]);

      const missing = await runTask("runs", ["nowhere"], { folder });
      assertEquals([missing.code, missing.stderr], [2, "strokewise runs: nowhere: no such folder\n"]);
    }),
});

Deno.test("runs: the table fits the terminal, and what is wrong stands below it", () => {
  const run: RunSummary = {
    ...{ folder: "runs/reproduce-draw-mnist/plain-10", state: "running", reason: null, model: "draw" },
    ...{
      parameters: 1000,
      data: "data/mnist",
      dataset: "mnist",
      identity: null,
      classes: 10,
      step: 1200,
      steps: 10_000,
    },
    ...{ best: { metric: "loss", value: 93.456, step: 1000 }, began: null, at: "2026-01-02T03:04:05Z", seconds: 61 },
  };
  const bad: RunSummary = {
    ...run,
    folder: "runs/b\n\u001b[2J",
    state: "damaged",
    reason: "no\nc: no",
    best: null,
    steps: null,
  };
  assertEquals(formatRuns([run, bad]).split("\n"), [
    "run                                 state    model  data                  steps  best on valid         last, UTC  time",
    "runs/reproduce-draw-mnist/plain-10  running  draw   data/mnist  1,200 of 10,000     loss 93.46  2026-01-02 03:04  1:01",
    "runs/b\\n\\x1b[2J                     damaged  draw   data/mnist       1,200 of ?              -  2026-01-02 03:04  1:01",
    "",
    "runs/b\\n\\x1b[2J: no\\nc: no",
  ]);
  for (const width of [100, 80, 60]) {
    const [head, first] = formatRuns([run, bad], width).split("\n");
    assert(head.length <= width && first.length <= width, `${width}: ${first}`);
    assertStringIncludes(first, "plain-10"); // the end of a name tells it from others
  }
});
