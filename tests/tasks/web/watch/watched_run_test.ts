import { assertEquals, assertStringIncludes } from "@std/assert";
import { html } from "../../../../tasks/report/html.ts";
import { appendMetrics } from "../../../../tasks/runs/run_directory.ts";
import { RunClaim } from "../../../../tasks/runs/run_claim.ts";
import { sectionsOf } from "../../../../tasks/web/watch/watch_page.ts";
import { WatchedRun } from "../../../../tasks/web/watch/watched_run.ts";
import { inTemporaryFolder, may } from "../../../helpers.ts";
import { stepLine } from "../../lines.ts";

Deno.test({
  name: "watch: of a run whose folder is removed it is said that it is not there, not that it goes on",
  ignore: !may("read", "write"),
  fn: () =>
    inTemporaryFolder(async (folder) => {
      const path = `${folder}/run`;
      await Deno.mkdir(path);
      await Deno.writeTextFile(`${path}/options.json`, JSON.stringify({ model: "cnn" }));
      await appendMetrics(path, stepLine(9, { loss: 0.5 }));
      const claim = await RunClaim.of(path);
      const run = await WatchedRun.open(path);
      assertEquals(run.isRunning, true);
      claim[Symbol.dispose]();
      await Deno.remove(path, { recursive: true });
      assertEquals([await run.refresh(), run.isRunning, run.checkpoint], [true, false, ""]);
      assertStringIncludes((await sectionsOf({ run, work: html`` })).head, "Its folder is not there any more.");
      assertEquals(await run.refresh(), false);
    }),
});
