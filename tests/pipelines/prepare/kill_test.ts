/** `prepare` survives kill -9; `deno task faults` kills it twenty times. */
import { assert } from "@std/assert";
import { inTemporaryFolder } from "../../helpers.ts";
import { CAN_RUN } from "../../tasks/command.ts";
import { killRuns } from "./kill.ts";

Deno.test({
  name: "prepare: killed at random moments of reading and of writing, it goes on to the same output",
  ignore: !CAN_RUN,
  fn: () =>
    inTemporaryFolder(async (folder) => {
      const counts = await killRuns(folder, { seed: 5, kills: 3, drawings: 20_000 });
      assert(counts["too late"] < 3, JSON.stringify(counts));
    }),
});
