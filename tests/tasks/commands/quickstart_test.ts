import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { inTemporaryFolder } from "../../helpers.ts";
import { CAN_RUN, ended, runTask, taskCommand } from "../command.ts";
import { namesIn } from "../prepared.ts";

/** Waits until a file is there, or the process has ended. */
async function fileWritten(path: string, process: Deno.ChildProcess): Promise<void> {
  let over = false;
  process.status.then(() => over = true);
  while (!over && !await Deno.stat(path).then(() => true, () => false)) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

Deno.test({
  name:
    "deno task quickstart: it shows each command before it runs; interrupted it says how to go on, and judges nothing",
  ignore: !CAN_RUN,
  fn: () =>
    inTemporaryFolder(async (folder) => {
      const process = taskCommand("quickstart", [], { folder }).spawn();
      await fileWritten(`${folder}/runs/quickstart-1/last.safetensors`, process);
      process.kill("SIGINT");
      const { code, stdout, stderr } = await ended(process);
      assertEquals(code, 130, stderr);
      const typed = stdout.split("\n").filter((line) => line.startsWith("$ "));
      assertEquals(typed.length, 2);
      assertMatch(typed[0], /^\$ deno task prepare --output data\/quickstart --overwrite\b/);
      assertMatch(typed[1], /^\$ deno task train --data data\/quickstart --run runs\/quickstart-1 --train\./);
      // Before its first step nothing is there to be finished: it is ended, and stderr says so.
      const end = "go on with: deno task train --resume runs/quickstart-1";
      assert([stdout, stderr].some((text) => text.trimEnd().endsWith(end)), stdout + stderr);
      assertEquals(await namesIn(`${folder}/data`), ["quickstart"]);
      assert(!(await namesIn(`${folder}/runs/quickstart-1`)).includes("report.html"));
    }),
});

Deno.test({
  name: "deno task quickstart: an option that is not there is refused",
  ignore: !CAN_RUN,
  fn: async () => {
    const { code, stderr } = await runTask("quickstart", ["--epochs", "1"]);
    assertEquals(code, 2);
    assertStringIncludes(stderr, "unknown option --epochs");
  },
});
