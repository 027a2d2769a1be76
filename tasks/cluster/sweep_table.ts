/**
 * What a sweep came to: a line a row, means over seeds, and curves; for the terminal, as Markdown and as a page.
 *
 * @module
 */
import { exists } from "../../pipelines/base/files.ts";
import type { Split } from "../../pipelines/base/split.ts";
import { grouped } from "../../pipelines/base/text.ts";
import { readShardIndex } from "../../pipelines/shards/shard_reader.ts";
import { kebab } from "../cli/option_values.ts";
import { formatTable } from "../cli/table.ts";
import { type Html, html, htmlPage } from "../report/html.ts";
import { REPORT_STYLE } from "../report/report_style.ts";
import { bestText, tilesOf } from "../report/compare/comparison.ts";
import { type ComparedRun, readComparedRun } from "../report/compare/compared_run.ts";
import { RUN_COLOURS, runCurves, runKey } from "../report/compare/run_curves.ts";
import { isPlain } from "../evaluation/judged_by.ts";
import type { Evaluation } from "../evaluation/judges.ts";
import { dataIdentity, isDataThere } from "../runs/run_data.ts";
import type { FlatOptions, GridRow } from "./grid.ts";

/** What a row trains on what. */
export interface RowSubject {
  /** The model's name, as in a run's summary. */
  readonly model: string;
  /** The model and the augmentation as `options.json` names them: those of a user's own by their modules. */
  readonly specs: Readonly<Record<"model" | "augmentation", string>>;
  /** The folder of shards. */
  readonly data: string;
}

/** A sweep. */
export interface Sweep {
  readonly rows: readonly GridRow[];
  /** The options that vary, by dotted name. */
  readonly varied: readonly string[];
  /** The options of each row by dotted name. */
  readonly flat: readonly FlatOptions["flat"][];
  /** Of each row. */
  readonly subjects: readonly RowSubject[];
  /** The folder of the rows' runs. */
  readonly folder: string;
  /** The split that rows are judged on. */
  readonly split: Split;
  /** The run of the classifier that reads what rows draw; empty where none does. */
  readonly classifier: string;
  /** What tells its weights from others; empty where none reads. */
  readonly reader: string;
  /** The metric by which all rows tell their best, and which way; undefined where they differ. */
  readonly best: { readonly metric: string; readonly better: "higher" | "lower" } | undefined;
  /** Which of the options that vary decide what that metric measures. */
  readonly measures: readonly string[];
}

/** A sweep, and what there is of its rows: undefined where one is not done. */
export interface SweepResults extends Sweep {
  readonly runs: readonly (ComparedRun | undefined)[];
}

/** Stands where there is nothing. */
const NONE = "-";
/** As many curves as can be told apart. */
const MOST_CURVES = 8;

/**
 * Reads what there is of a sweep's rows.
 *
 * @throws {InputError} When a run is damaged.
 */
export async function readSweep(sweep: Sweep): Promise<SweepResults> {
  const runs: (ComparedRun | undefined)[] = [];
  const identities = new Map<string, string | undefined>();
  for (const [i, { name }] of sweep.rows.entries()) {
    const folder = `${sweep.folder}/${name}`;
    const { model, specs, data } = sweep.subjects[i];
    if (!identities.has(data)) identities.set(data, await identityIn(data));
    const asked = { ...sweep, model, identity: identities.get(data) };
    const run = await exists(`${folder}/last.safetensors`)
      ? await readComparedRun(folder, name, sweep.split)
      : undefined;
    const isSame = run?.model === undefined || run.model === specs.model;
    runs.push(run && isSame && isDone(run, { ...sweep.flat[i], ...specs }, asked) ? run : undefined);
  }
  return { ...sweep, runs };
}

/** Tells data from others; undefined where it is not there, as beside rows that were made elsewhere. */
async function identityIn(data: string): Promise<string | undefined> {
  return await isDataThere(data) ? dataIdentity(await readShardIndex(data)) : undefined;
}

/** Whether a run has come to its end, was judged there, and has the options that are asked for. */
function isDone(
  { summary, evaluation, options }: ComparedRun,
  flat: FlatOptions["flat"],
  sweep: Pick<Sweep, "split" | "reader"> & Pick<RowSubject, "model"> & { readonly identity: string | undefined },
): boolean {
  const step = summary.best?.step ?? summary.step;
  return (summary.state === "finished" || summary.state === "stopped early") &&
    summary.model === sweep.model && (sweep.identity === undefined || summary.identity === sweep.identity) &&
    evaluation !== undefined && isJudgedSo(evaluation, { ...sweep, step }) &&
    Object.entries(options).every(([name, value]) =>
      name === "workers" || !Object.hasOwn(flat, name) || String(flat[name]) === String(value)
    );
}

/** Whether weights of a step were judged as a sweep asks for, and by nothing else. */
export function isJudgedSo(
  evaluation: Evaluation,
  { split, reader, step }: Pick<Sweep, "split" | "reader"> & { readonly step: number | null },
): boolean {
  return evaluation.split === split && evaluation.step === step && (evaluation.classifier ?? "") === reader &&
    isPlain(evaluation);
}

/** A table's cells, the heads first. */
type Cells = readonly (readonly string[])[];

function lines({ rows, varied, runs, best, measures }: SweepResults): Cells {
  const tiles = runs.map((run) => run?.evaluation === undefined ? [] : tilesOf(run.evaluation));
  const figures = [...new Set(tiles.flat().map(({ name }) => name))];
  const winner = winnerOf({ runs, best, measures });
  const heads = ["row", ...varied.map(kebab), "steps", "best on valid", "at step", ...figures];
  return [
    heads,
    ...rows.map(({ name, varied: own }, i) => {
      const { summary } = runs[i] ?? {};
      const options = varied.map((option) => Object.hasOwn(own, option) ? String(own[option]) : NONE);
      const count = (value: number | null = null) => value === null ? NONE : grouped(value);
      return [
        ...[name, ...options, count(summary?.step)],
        summary?.best ? `${bestText(summary.best)}${i === winner ? " *" : ""}` : NONE,
        count(summary?.best?.step),
        ...figures.map((figure) => tiles[i].find((tile) => tile.name === figure)?.value ?? NONE),
      ];
    }),
  ];
}

/** The number of the row that is best on valid; undefined where that cannot be told. */
function winnerOf(results: Pick<SweepResults, "runs" | "best" | "measures">): number | undefined {
  return ranked(results)[0];
}

/** The numbers of the rows that are done, from the best to the worst, as far as that can be told. */
function ranked({ runs, best, measures }: Pick<SweepResults, "runs" | "best" | "measures">): number[] {
  if (best === undefined || measures.length > 0) return [];
  const done = runs.flatMap((run, i) => run?.summary.best ? [{ i, value: run.summary.best.value }] : []);
  const way = best.better === "lower" ? 1 : -1;
  return done.sort((a, b) => way * (a.value - b.value) || a.i - b.i).map(({ i }) => i);
}

/** Means over the seeds of rows that are alike otherwise; undefined where the seed does not vary alone or in part. */
function means({ rows, varied, runs, best }: SweepResults): Cells | undefined {
  if (!varied.includes("seed") || best === undefined) return undefined;
  const others = varied.filter((name) => name !== "seed");
  const groups = Map.groupBy(rows.keys(), (i) => others.map((name) => String(rows[i].varied[name] ?? NONE)).join("\0"));
  const cells = [...groups.values()].map((members) => {
    const values = members.flatMap((i) => runs[i]?.summary.best?.value ?? []);
    const named = others.map((name) => String(rows[members[0]].varied[name] ?? NONE));
    const shown = (value: number) => bestText({ metric: best.metric, value, step: 0 }).slice(best.metric.length + 1);
    if (values.length === 0) return [...named, "0", NONE, NONE, NONE, NONE];
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    // The sample's deviation, with n - 1 below.
    const spread = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1));
    return [
      ...[...named, String(values.length), shown(mean), values.length > 1 ? shown(spread) : NONE],
      ...[shown(Math.min(...values)), shown(Math.max(...values))],
    ];
  });
  return [[...others.map(kebab), "seeds", `mean ${best.metric}`, "deviation", "least", "most"], ...cells];
}

/** What must be known with the numbers; a sentence each. */
function notes(results: SweepResults): string[] {
  const { rows, runs, best, measures, split, varied } = results;
  const missing = rows.filter((_, i) => runs[i] === undefined).map(({ name }) => name);
  const winner = winnerOf(results);
  return [
    ...(best && measures.length === 0
      ? [`Rows are told apart by ${best.metric} on valid, of which the ${best.better} is the better.`]
      : []),
    ...(best && measures.length > 0
      ? [
        `What ${best.metric} measures depends on ${
          measures.map(kebab).join(", ")
        }: it does not tell which row is better.`,
      ]
      : []),
    ...(winner === undefined || missing.length > 0 ? [] : [`The best is ${rows[winner].name} (*).`]),
    `Figures behind that are of the ${split} split, by the best weights of each row.`,
    ...(split === "valid"
      ? [
        "Whoever is chosen by valid is better there than elsewhere: judge it on test.",
      ]
      : []),
    ...(varied.includes("seed") ? [] : ["Each is of one seed: --seed 0,1,2 shows how much is chance."]),
    ...(missing.length > 0
      ? [`${missing.length} of ${rows.length} rows are still to come: ${missing.join(", ")}.`]
      : []),
  ];
}

/** The names of the rows that are not done. */
export function missingRows({ rows, runs }: SweepResults): string[] {
  return rows.filter((_, i) => runs[i] === undefined).map(({ name }) => name);
}

/** A sweep for the terminal. */
export function sweepText(results: SweepResults): string {
  const spread = means(results);
  return [
    formatTable(lines(results), 1),
    ...(spread ? [formatTable(spread, 0)] : []),
    notes(results).join("\n"),
  ].join("\n\n");
}

/** A sweep as Markdown, without anything of the time and place: the same rows give the same text. */
export function sweepMarkdown(results: SweepResults): string {
  const spread = means(results);
  return [
    "# Sweep",
    ...["", ...notes(results), "", ...markdownTable(lines(results), 1)],
    ...(spread ? ["", "## Over the seeds", "", ...markdownTable(spread, 0)] : []),
    "",
  ].join("\n");
}

function markdownTable([head, ...rows]: Cells, left: number): string[] {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  return [line(head), line(head.map((_, i) => i < left ? "---" : "---:")), ...rows.map(line)];
}

/** A sweep as a page that stands alone, the same for the same rows. */
export async function sweepPage(results: SweepResults): Promise<string> {
  const { rows, runs } = results;
  const spread = means(results);
  const inOrder = ranked(results), done = [...rows.keys()].filter((i) => runs[i] !== undefined);
  const chosen = (inOrder.length > 0 ? inOrder : done).slice(0, MOST_CURVES).sort((a, b) => a - b);
  const shown = chosen.map((i) => ({ ...runs[i]!, name: rows[i].name }));
  const curves = shown.length < 2 ? [] : await runCurves(shown);
  const body = html`
    <h1>Sweep of ${rows.length} rows</h1>
    ${notes(results).map((note) => html`<p class="note">${note}</p>`)}
    ${section("Rows", lines(results), 1)}
    ${spread ? section("Over the seeds", spread, 0) : html``}
    ${curves.length === 0 ? html`` : html`
      <section class="long">
        <h2>Curves${shown.length < rows.length
          ? ` of the ${shown.length} ${inOrder.length > 0 ? "best" : "first"}`
          : ""}</h2>
        ${runKey(shown.map(({ name }) => name))}
        <div class="pair">${curves.map(({ title, overSteps }) =>
          html`<figure><h3>${title}, over the steps</h3>${overSteps}</figure>`
        )}</div>
      </section>
    `}
  `;
  return htmlPage("Sweep", REPORT_STYLE + STYLE + RUN_COLOURS, body);
}

const STYLE = `main { max-width: 1240px; }
p.runs { display: flex; flex-wrap: wrap; gap: 4px 18px; } p.runs i { width: 26px; height: 0; border-radius: 0; }
`;

function section(title: string, [head, ...rows]: Cells, left: number): Html {
  const cell = (text: string, i: number) => i < left ? html`<td>${text}</td>` : html`<td class="number">${text}</td>`;
  return html`
    <section class="long">
      <h2>${title}</h2>
      <div class="scroll">
        <table><tr>${head.map((text, i) =>
          i < left ? html`<th>${text}</th>` : html`<th class="number">${text}</th>`
        )}</tr>${rows.map((cells) => html`<tr>${cells.map(cell)}</tr>`)}</table>
      </div>
    </section>
  `;
}
