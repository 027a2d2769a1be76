/**
 * Runs side by side: what they are, the options by which they differ, how good they are, and what may not be compared.
 *
 * @module
 */
import { overTime } from "../../runs/provenance.ts";
import { refuseTwice } from "../../runs/run_directory.ts";
import { withoutOptions } from "../../../pipelines/sources/address.ts";
import { InputError } from "../../../pipelines/base/errors.ts";
import { trimSlashes } from "../../../pipelines/base/files.ts";
import { counted, grouped, percent } from "../../../pipelines/base/text.ts";
import { humanTime } from "../../cli/progress.ts";
import { decimal } from "../../cli/text.ts";
import { judgedSplit } from "../../evaluation/judged_aside.ts";
import type { Metrics } from "../../runs/metrics.ts";
import type { BestValue } from "../../runs/run_summary.ts";
import { metricsLeft, type Tile } from "../ability_report.ts";
import { abilityReports } from "../ability_reports.ts";
import { type ComparedRun, readComparedRun, shortNames } from "./compared_run.ts";
import { type ComparedPair, comparePairs } from "./pairs.ts";
import { cautionsOn, isComparable, isSameData } from "./cautions.ts";

/** A line of the table: what is told of each run, in their order. */
export interface ComparedRow {
  /** What is told. */
  readonly name: string;
  /** One a run; "-" where there is nothing. */
  readonly cells: readonly string[];
}

/** Runs side by side. */
export interface Comparison {
  /** The runs, in the order in which they were named. */
  readonly runs: readonly ComparedRun[];
  /** What they are and how they went; what is the same of all is in `same`. */
  readonly facts: readonly ComparedRow[];
  /** What is the same of all runs. */
  readonly same: readonly (readonly [name: string, value: string])[];
  /** The options by which they differ, of those that one of them has. */
  readonly options: readonly ComparedRow[];
  /** How good those are that were judged; in parentheses what is of other examples than the first one's. */
  readonly figures: readonly ComparedRow[];
  /** Classifiers that named the same examples, two and two. */
  readonly pairs: readonly ComparedPair[];
  /** What is to be known with the numbers. */
  readonly notes: readonly string[];
}

/** Stands where there is nothing. */
const NONE = "-";

/**
 * Puts runs side by side.
 *
 * @param folders Those of two runs or more.
 * @throws {InputError} When there are fewer, one is no run's or named twice, or a file is damaged.
 *
 * @example
 * ```ts
 * import { cnn, prepare, quickdraw, startBackend, train } from "@strokewise/strokewise";
 * import { compareRuns, formatComparison } from "@strokewise/strokewise/tasks";
 * import { assertEquals, assertStringIncludes } from "@std/assert";
 *
 * const folder = await Deno.makeTempDir();
 * const data = `${folder}/data`;
 * await prepare({ dataset: quickdraw, options: { classes: ["circle", "line"], size: 16 }, perClass: 20, output: data });
 * await startBackend("wasm");
 * for (const denseUnits of [8, 4]) {
 *   const run = `${folder}/${denseUnits}`;
 *   await Deno.mkdir(run);
 *   const settings = { data, folder: run, model: cnn, modelOptions: { denseUnits }, loop: { steps: 2 } };
 *   for await (const _line of train(settings));
 * }
 *
 * const comparison = await compareRuns([`${folder}/8`, `${folder}/4`]);
 * assertEquals(comparison.options, [{ name: "model.denseUnits", cells: ["8", "4"] }]);
 * assertStringIncludes(formatComparison(comparison), "model.denseUnits");
 * await Deno.remove(folder, { recursive: true });
 * ```
 */
export async function compareRuns(folders: readonly string[]): Promise<Comparison> {
  const paths = folders.map((folder) => trimSlashes(folder).replace(/^(\.\/+)+(?=.)/, ""));
  await refuseTwice(paths);
  if (paths.length < 2) throw new InputError(`expected two runs or more, found ${paths.length}`);
  const names = shortNames(paths);
  const runs: ComparedRun[] = [];
  const split = await judgedSplit(...paths);
  for (const [i, path] of paths.entries()) runs.push(await readComparedRun(path, names[i], split));
  const rows = factsOf(runs);
  const isSame = ({ cells }: ComparedRow) => new Set(cells).size === 1;
  return {
    runs,
    facts: rows.filter((row) => !isSame(row)),
    same: rows.filter(isSame).map(({ name, cells }) => [name, cells[0]] as const).filter(([, value]) => value !== NONE),
    options: optionsOf(runs).filter((row) => !isSame(row)),
    figures: figuresOf(runs),
    pairs: comparePairs(runs),
    notes: cautionsOn(runs),
  };
}

function factsOf(runs: readonly ComparedRun[]): ComparedRow[] {
  const row = (name: string, tell: (run: ComparedRun) => string | null | undefined): ComparedRow => ({
    name,
    cells: runs.map((run) => tell(run) ?? NONE),
  });
  const ofFirst = (run: ComparedRun, text: string) => isSameData(runs[0], run) ? text : `(${text})`;
  const count = (value: number | null) => value === null ? null : grouped(value);
  return [
    row("model", ({ summary }) => summary.model),
    row("parameters", ({ summary }) => count(summary.parameters)),
    row(
      "trained on",
      ({ summary: { data, dataset, classes } }) =>
        data &&
        `${withoutOptions(data)}${
          dataset === null ? "" : `: ${dataset}, ${counted(classes ?? 0, "class", "classes")}`
        }`,
    ),
    row("state", ({ summary }) => summary.state),
    row(
      "steps",
      ({ summary: { step, steps } }) =>
        `${count(step) ?? NONE}${steps === null || steps === step ? "" : ` of ${grouped(steps)}`}`,
    ),
    row("best on valid", (run) => run.summary.best && ofFirst(run, bestText(run.summary.best))),
    row("at step", ({ summary: { best } }) => best && grouped(best.step)),
    row("time", ({ summary: { seconds } }) => seconds === null ? null : humanTime(seconds)),
    row("time a step", ({ metrics }) => {
      const seconds = stepSeconds(metrics);
      return seconds === undefined ? null : `${decimal(1000 * seconds)} ms`;
    }),
    row("began, UTC", ({ summary: { began } }) => began?.slice(0, 16).replace("T", " ")),
    row("version", ({ about }) => overTime(about, ({ version }) => version)),
    row("commit", ({ about }) => overTime(about, ({ commit }) => commit?.slice(0, 12))),
    row(
      "backend",
      ({ about }) => overTime(about, ({ backend, device }) => device === undefined ? backend : `${backend}: ${device}`),
    ),
    row("processor", ({ about }) => overTime(about, ({ processor }) => processor)),
  ];
}

/** What a step takes, without the evaluations between; undefined where none was taken. */
function stepSeconds(metrics: readonly Metrics[]): number | undefined {
  let [seconds, steps, before] = [0, 0, 0];
  for (const line of metrics) {
    if (line.kind === "step") [seconds, steps] = [seconds + line.clock.seconds - before, steps + line.steps];
    before = line.clock.seconds;
  }
  return steps === 0 ? undefined : seconds / steps;
}

/** The best evaluation on valid in words. */
export function bestText({ metric, value }: BestValue): string {
  return `${metric} ${metric === "accuracy" ? percent(value) : decimal(value)}`;
}

function optionsOf(runs: readonly ComparedRun[]): ComparedRow[] {
  const names = new Set(runs.flatMap(({ options }) => Object.keys(options)));
  const shown = (value: unknown) => value === "" ? "none" : String(value);
  return [...names].map((name) => ({
    name,
    cells: runs.map(({ options }) => Object.hasOwn(options, name) ? shown(options[name]) : NONE),
  }));
}

/** The numbers on top of each run's report, by their names. */
function figuresOf(runs: readonly ComparedRun[]): ComparedRow[] {
  const first = runs.find(({ evaluation }) => evaluation !== undefined);
  if (first === undefined) return [];
  const tiles = runs.map(({ evaluation }) => evaluation === undefined ? [] : tilesOf(evaluation));
  const names = new Set(tiles.flatMap((own) => own.map(({ name }) => name)));
  const row = (name: string, tell: (run: ComparedRun, i: number) => string | undefined): ComparedRow => ({
    name,
    cells: runs.map((run, i) => tell(run, i) ?? NONE),
  });
  return [
    row("judged on", ({ evaluation: of }) => of && `${of.split}, ${counted(of.examples, of.unit)} of ${of.dataset}`),
    row(
      "weights",
      ({ evaluation: of }) => of && `${of.checkpoint ? `${of.checkpoint}, ` : ""}step ${grouped(of.step)}`,
    ),
    ...[...names].map((name) =>
      row(name, (run, i) => {
        const value = tiles[i].find((tile) => tile.name === name)?.value;
        return value === undefined || isComparable(first, run) ? value : `(${value})`;
      })
    ),
  ];
}

/** The numbers on top of a report, and the metrics that no ability tells of. */
export function tilesOf(evaluation: NonNullable<ComparedRun["evaluation"]>): Pick<Tile, "name" | "value">[] {
  const reports = abilityReports(evaluation);
  const left = metricsLeft(evaluation, reports).map(({ title, value }) => ({ name: title, value: decimal(value) }));
  return [...reports.flatMap(({ tiles = [] }) => tiles), ...left];
}
