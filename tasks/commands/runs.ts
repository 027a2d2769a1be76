/**
 * `deno task runs`: which runs there are, and how each of them stands.
 *
 * @module
 */
import { exists } from "../../pipelines/base/files.ts";
import { grouped, percent } from "../../pipelines/base/text.ts";
import { main, say } from "../cli/main.ts";
import { parseOptions } from "../cli/options.ts";
import { humanTime } from "../cli/progress.ts";
import { fitTable } from "../cli/table.ts";
import type { TaskSpec } from "../cli/task_spec.ts";
import { terminalWidth, visibleName } from "../cli/terminal.ts";
import { decimal, jsonText } from "../cli/text.ts";
import { findRuns } from "../runs/find_runs.ts";
import { type BestValue, type RunSummary, summarizeRun } from "../runs/run_summary.ts";

/** Where runs are when no folder is named. */
const RUNS = "runs";

export const SPEC = {
  name: "runs",
  summary: "Lists runs, the newest first: how each stands, how far it is, how good it was on valid at its best.",
  examples: ["deno task runs", "deno task runs runs/reproduce-draw-mnist", "deno task runs --json"],
  rest: "[FOLDER…]",
  groups: {
    "": {
      json: { value: false, help: "print an array of objects instead, with more of each run" },
    },
  },
} as const satisfies TaskSpec;

/** The command. */
export async function runsCommand(args: readonly string[]): Promise<void> {
  const { values, rest } = await parseOptions(SPEC, args);
  const parents = rest.length > 0 ? rest : await exists(RUNS) ? [RUNS] : [];
  const found: string[] = [];
  for (const parent of parents) found.push(...await findRuns(parent));
  const summaries: RunSummary[] = [];
  for (const folder of new Set(found)) summaries.push(await summarizeRun(folder));
  summaries.sort((a, b) => (b.at ?? "").localeCompare(a.at ?? "") || (a.folder < b.folder ? -1 : 1));
  if (values.json) return say(jsonText(summaries, 2));
  if (summaries.length === 0) return say(`no run in ${rest.join(", ") || RUNS}; deno task train makes one`);
  say(formatRuns(summaries, terminalWidth()));
}

/** Runs as a table; what is wrong with one stands below it. */
export function formatRuns(summaries: readonly RunSummary[], width?: number): string {
  const heads = ["run", "state", "model", "data", "steps", "best on valid", "last, UTC", "time"];
  const rows = summaries.map(({ folder, state, model, data, step, steps, best, at, seconds }) => [
    ...[folder, state, model || "-", data || "-"].map(visibleName),
    `${step === null ? "-" : grouped(step)} of ${steps === null ? "?" : grouped(steps)}`,
    best === null ? "-" : bestText(best),
    at === null ? "-" : visibleName(at.slice(0, 16).replace("T", " ")),
    seconds === null ? "-" : humanTime(seconds),
  ]);
  const table = fitTable([heads, ...rows], { width, left: 4, cuts: [0, 3], drops: [7, 6, 3, 2] });
  const reasons = summaries.flatMap(({ folder, reason }) =>
    reason === null ? [] : [visibleName(`${folder}: ${reason}`)]
  );
  return [table, ...(reasons.length > 0 ? ["", ...reasons] : [])].join("\n");
}

function bestText({ metric, value }: BestValue): string {
  return `${visibleName(metric)} ${metric === "accuracy" ? percent(value) : decimal(value)}`;
}

if (import.meta.main) await main("runs", runsCommand);
