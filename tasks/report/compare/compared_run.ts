/**
 * One of the runs that are compared: all that its folder says.
 *
 * @module
 */
import { abilityReports } from "../ability_reports.ts";
import { InputError } from "../../../pipelines/base/errors.ts";
import { exists } from "../../../pipelines/base/files.ts";
import type { Split } from "../../../pipelines/base/split.ts";
import type { OptionValue } from "../../../pipelines/base/option_table.ts";
import type { Evaluation } from "../../evaluation/judges.ts";
import { judgedFolder, judgedSplit } from "../../evaluation/judged_aside.ts";
import { readEvaluation } from "../../evaluation/read_evaluation.ts";
import type { Metrics } from "../../runs/metrics.ts";
import type { Provenance } from "../../runs/provenance.ts";
import { checkpointPath, loadRunCheckpoint, readMetrics, readOptions } from "../../runs/run_directory.ts";
import { type RunSummary, summarizeRun } from "../../runs/run_summary.ts";
import { flatOptions } from "../../training/open_run.ts";

/** A run that is compared. */
export interface ComparedRun {
  /** What it is called beside the others: the end of its folder's path, by which it differs from them. */
  readonly name: string;
  /** How it stands. */
  readonly summary: RunSummary;
  /** Under what it was made; what is not known is missing. */
  readonly about: Partial<Provenance>;
  /** Its model as `options.json` names it: one of a user's own by its module; undefined where that file is missing. */
  readonly model: string | undefined;
  /** Its options under the names of the flags. */
  readonly options: Readonly<Record<string, OptionValue>>;
  /** The lines of its `metrics.jsonl`. */
  readonly metrics: readonly Metrics[];
  /** What it was judged as; undefined where it was not, or before evaluations had a hash. */
  readonly evaluation: Evaluation | undefined;
  /** Its report; undefined where it has none. */
  readonly report: string | undefined;
}

/** What `options.json` says beside options, and what is told of a run in other words. */
const BESIDE = ["about", "run", "model", "data", "backend"];

/**
 * Reads a run.
 *
 * @param name What it is called.
 * @param split Of which split's evaluation is told; of test's, or else valid's, when left out.
 * @throws {InputError} When there is no such run, or one of its files is damaged.
 */
export async function readComparedRun(folder: string, name: string, split?: Split): Promise<ComparedRun> {
  const { path } = await checkpointPath(folder, "last");
  const summary = await summarizeRun(folder);
  if (summary.state === "damaged") throw new InputError(`run ${folder}: ${summary.reason}`);
  const { settings, backend } =
    (await loadRunCheckpoint(await exists(path) ? path : `${folder}/best.safetensors`)).state;
  const written = await readOptions(folder);
  const options = Object.entries(written ?? flatOptions(settings, backend)).filter(([name]) => !BESIDE.includes(name));
  const judged = judgedFolder(folder, split ?? await judgedSplit(folder) ?? "test");
  const [figures, report] = [`${judged}/metrics.json`, `${judged}/report.html`];
  return {
    name,
    summary,
    about: written?.about as Partial<Provenance> | undefined ?? { backend },
    model: written?.model as string | undefined,
    options: Object.fromEntries(options),
    metrics: await readMetrics(folder),
    evaluation: await exists(figures) ? reportable(await readEvaluation(figures), figures) : undefined,
    report: await exists(report) ? report : undefined,
  };
}

/**
 * An evaluation of which a report can be made.
 *
 * @throws {InputError} When none can: its parts are not what `evaluate` writes.
 */
function reportable(evaluation: Evaluation | undefined, path: string): Evaluation | undefined {
  try {
    if (evaluation) abilityReports(evaluation);
    return evaluation;
  } catch (error) {
    if (!(error instanceof TypeError || error instanceof RangeError)) throw error;
    throw new InputError(`${path}: not what evaluate writes (${error.message}); judge the run again`);
  }
}

/**
 * Names for folders: their paths without the folders that all have in common.
 *
 * @example
 * ```ts
 * import { shortNames } from "./compared_run.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(shortNames(["runs/cnn-1", "runs/table/row"]), ["cnn-1", "table/row"]);
 * assertEquals(shortNames(["a/run", "ab/run"]), ["a/run", "ab/run"]);
 * ```
 */
export function shortNames(folders: readonly string[]): string[] {
  const parts = folders.map((folder) => folder.split("/"));
  const shortest = Math.min(...parts.map(({ length }) => length));
  let common = 0;
  while (common < shortest - 1 && parts.every((path) => path[common] === parts[0][common])) common++;
  return parts.map((path) => path.slice(common).join("/"));
}
