/** Rows with several seeds: their runs, means and spreads, curves; and a plan of them. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { startBackend } from "../../../models/backends/backend.ts";
import { collect } from "../../../tasks/reproduce/collect.ts";
import { formatPlan, planTable } from "../../../tasks/reproduce/plan.ts";
import { reproduce, writeTable } from "../../../tasks/reproduce/reproduce.ts";
import { formatTables, listTable } from "../../../tasks/reproduce/table_list.ts";
import { formatReproduction } from "../../../tasks/reproduce/table_text.ts";
import { FAST, inTemporaryFolder, may } from "../../helpers.ts";
import { namesIn } from "../prepared.ts";
import { metricsOf, traces } from "../runs.ts";
import { BUDGET, TABLE, watch } from "./tiny_table.ts";

const ONE = { ...TABLE, rows: [TABLE.rows[0]] };

Deno.test({
  name: "reproduce: a row with two seeds has two runs; the table shows mean and deviation, the plan what is left",
  ignore: FAST || !may("read", "write"),
  fn: () =>
    inTemporaryFolder(async (folder) => {
      const run = `${folder}/run`;
      const settings = { table: ONE, budget: BUDGET, sources: [], folder: run, backend: await startBackend("wasm") };
      const place = { table: ONE.name, folder: run, flags: ["--budget", `${BUDGET}`, "--seeds", "2"] };
      const two = { ...settings, seeds: 2 };
      const command = (name: string) =>
        `deno task reproduce draw-mnist --budget ${BUDGET} --seeds 2 --run ${run} --rows ${name}`;
      const end = `deno task reproduce draw-mnist --budget ${BUDGET} --seeds 2 --run ${run} --collect`;
      const before = formatPlan(await planTable(two), place).split("\n");
      assertEquals(before[0], "# before the first row its classifier is trained, once");
      assert(before[1].startsWith(`${command("t1-seed-0")}  # 3 steps, `), before[1]);
      assert(before[3].startsWith("# 0 of 2 rows done; 6 steps left, "), before[3]);
      assertEquals(before.at(-1), end);
      assertEquals(await namesIn(folder), []); // nothing was made

      // A table of one seed grows by another.
      await reproduce(settings, watch().watcher);
      const half = formatPlan(await planTable(two), place).split("\n");
      assertEquals(half[0], `# done: ${command("t1-seed-0")}`);
      const [{ clock: { seconds } }] = (await metricsOf(`${run}/t1`)).slice(-1);
      const left = Math.round(seconds);
      assertEquals(half[1], `${command("t1-seed-1")}  # 3 steps, 0:${String(left).padStart(2, "0")}`);
      assertStringIncludes(half[2], "# 1 of 2 rows done; 3 steps left");
      const said = watch();
      const { results } = await reproduce({ ...two, rows: ["t1"] }, said.watcher);
      assertEquals(said.said.slice(1), [
        "row 1 of 2: DRAW (T = 1), one step, seed 0",
        `finished before: ${run}/t1`,
        "row 2 of 2: DRAW (T = 1), one step, seed 1",
      ]);
      const [first, second] = results.get("t1")!;
      assertEquals([first.seed, second.seed], [0, 1]);
      assert(first.evaluation.likelihood!.bound !== second.evaluation.likelihood!.bound);
      assert(JSON.stringify(await traces(`${run}/t1`)) !== JSON.stringify(await traces(`${run}/t1-seed-1`)));

      // By hand: the mean, and the root of the squared distances from it over n - 1 = 1.
      const [a, b] = [first, second].map(({ evaluation }) => evaluation.likelihood!.bound);
      const [mean, deviation] = [(a + b) / 2, Math.sqrt((a - (a + b) / 2) ** 2 + (b - (a + b) / 2) ** 2)];
      const found = await collect(two);
      const text = formatReproduction(found);
      assertStringIncludes(text, `(${mean.toFixed(2)} ± ${deviation.toFixed(2)})`);
      assertStringIncludes(text, "2 of 2");
      assertStringIncludes(text, "± the sample standard deviation (divided by n - 1)");
      const page = await Deno.readTextFile(`${run}/table.html`);
      for (const name of ["t1", "t1-seed-1"]) assertStringIncludes(page, `<a href="${name}/report.html">`);
      assertEquals(page.match(/<span class="key"><i [^>]*><\/i>DRAW \(T = 1\), one step<\/span>/g)?.length, 1);
      assertEquals(page.match(/stroke="var\(--run-1\)"/g), null); // both seeds have the first colour
      assert(page.match(/stroke="var\(--run-0\)"/g)!.length >= 2);
      const markdown = await Deno.readTextFile(`${run}/table.md`);
      assertStringIncludes(markdown, "| [DRAW (T = 1), one step](t1-seed-1/report.html) | 1 | 3 |");

      // A third one is missing, and that is told.
      const three = { ...settings, seeds: 3 };
      const more = await collect(three);
      assertEquals(more.missing.map(({ name }) => name), ["t1-seed-2"]);
      await writeTable(run, more);
      assertStringIncludes(await Deno.readTextFile(`${run}/table.md`), "1 of 3 runs is still to come.");
      const listed = formatTables([await listTable(ONE, run)]);
      assertStringIncludes(listed, "t1-seed-1");
      assert(/\nt1 +10,000 .* finished +3 of 3\n/.test(listed), listed);
      assertStringIncludes(listed, `in ${run}: 2 runs finished`);
      assertStringIncludes(formatTables([await listTable(ONE, `${folder}/none`)]), "nothing finished yet");
    }),
});
