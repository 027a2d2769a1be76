// `deno task compare` as a person runs it.
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { FAST, inTemporaryFolder } from "../../helpers.ts";
import { CAN_RUN, runTask } from "../command.ts";
import { smallData, trainTiny } from "../runs.ts";

Deno.test({
  name: "compare: a table here and a page, which replaces an earlier one and nothing else",
  ignore: FAST || !CAN_RUN,
  fn: () =>
    inTemporaryFolder(async (folder) => {
      await smallData(`${folder}/data`);
      const runs = ["runs/a", "runs/b"];
      for (const [seed, run] of runs.entries()) {
        await trainTiny(`${folder}/data`, `${folder}/${run}`, { seed, loop: { steps: 2, logEvery: 1 } });
      }
      for (const _time of [1, 2]) {
        const { code, stdout, stderr } = await runTask("compare", runs, { folder });
        assertEquals([code, stderr], [0, ""]);
        assertStringIncludes(stdout, "note  b is not judged: deno task evaluate --run runs/b");
        assert(stdout.endsWith("\n\npage  runs/compare.html\n"), stdout);
      }
      assertStringIncludes(await Deno.readTextFile(`${folder}/runs/compare.html`), "Options that differ");

      await Deno.writeTextFile(`${folder}/diary.html`, "Dear diary\n");
      const cases: [args: string[], says: string][] = [
        [[...runs, "--output", "diary.html"], "--output diary.html: already there, and no page of an earlier compare"],
        [[...runs, "--output", "data"], "--output data: already there"],
        [[...runs, "--output="], "--output: expected the name of a file to be made"],
        [["runs/a"], "name two runs or more"],
        [["runs/a", "runs/c"], "run runs/c: no such folder"],
      ];
      for (const [args, says] of cases) {
        const { code, stderr } = await runTask("compare", args, { folder });
        assertEquals([code, stderr.trimEnd().split("\n").length], [2, 1], stderr);
        assertStringIncludes(stderr, `strokewise compare: ${says}`);
      }
      assertEquals(await Deno.readTextFile(`${folder}/diary.html`), "Dear diary\n");
    }),
});
