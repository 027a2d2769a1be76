/**
 * `deno task compare`: runs side by side, in a table and on a page.
 *
 * @module
 */
import { InputError } from "../../pipelines/base/errors.ts";
import { checkWritable, folderOf, infoOf, writeAtomic } from "../../pipelines/base/files.ts";
import { main, say } from "../cli/main.ts";
import { UsageError } from "../cli/option_values.ts";
import { parseOptions } from "../cli/options.ts";
import type { TaskSpec } from "../cli/task_spec.ts";
import { terminalWidth } from "../cli/terminal.ts";
import { compareRuns } from "../report/compare/comparison.ts";
import { isComparisonPage, renderComparison } from "../report/compare/comparison_page.ts";
import { formatComparison } from "../report/compare/comparison_text.ts";

export const SPEC = {
  name: "compare",
  summary:
    "Puts runs side by side, in a table here and on a page: the options by which they differ, their curves over " +
    "each other, how good they are, and of classifiers whether that may be chance.",
  examples: [
    "deno task compare runs/cnn-1 runs/cnn-lstm-1",
    "deno task compare runs/cnn-1 runs/cnn-2 runs/cnn-3 --output three.html",
  ],
  rest: "RUN RUN…",
  groups: {
    "": {
      output: { value: "runs/compare.html", help: "the page, which replaces an earlier one" },
    },
  },
} as const satisfies TaskSpec;

/**
 * Never called: a literal, by which Deno fetches what the page's charts load by name along with all other packages, before
 * the work begins.
 */
export const fetchCharts = (): Promise<unknown> => import("echarts/dist/echarts.esm.min.mjs");

/** The command. */
export async function compareCommand(args: readonly string[]): Promise<void> {
  const { values: { output }, rest } = await parseOptions(SPEC, args);
  if (rest.length < 2) throw new UsageError("name two runs or more, such as runs/cnn-1 runs/cnn-lstm-1");
  if (output === "" || output.endsWith("/")) throw new UsageError("--output: expected the name of a file to be made");
  await checkReplaceable(output);
  const comparison = await compareRuns(rest);
  const folder = folderOf(output);
  await Deno.mkdir(folder, { recursive: true });
  await checkWritable(folder);
  const when = `${new Date().toISOString().slice(0, 16).replace("T", " ")} UTC`;
  await writeAtomic(output, await renderComparison(comparison, { folder, when }));
  say(formatComparison(comparison, terminalWidth()));
  say(`\npage  ${output}`);
}

/** Checks that nothing is in the way but an earlier page. */
async function checkReplaceable(output: string): Promise<void> {
  const info = await infoOf(output);
  if (info === undefined) return;
  if (info.isFile && isComparisonPage(await Deno.readTextFile(output))) return;
  throw new InputError(`--output ${output}: already there, and no page of an earlier compare`);
}

if (import.meta.main) await main("compare", compareCommand);
