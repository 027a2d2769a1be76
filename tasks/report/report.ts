/**
 * The report: an evaluation and the training behind it on one page that stands alone, with no script and nothing to load.
 *
 * @module
 */
import type { Evaluation, EvaluationPictures } from "../evaluation/judges.ts";
import { counted, grouped } from "../../pipelines/base/text.ts";
import { decimal } from "../cli/text.ts";
import type { Metrics } from "../runs/metrics.ts";
import { type AbilityReport, metricsLeft, type Tile } from "./ability_report.ts";
import { abilityReports } from "./ability_reports.ts";
import { type Html, html, htmlPage, NOTHING } from "./html.ts";
import { REPORT_STYLE } from "./report_style.ts";
import { tileList } from "./tiles.ts";
import { trainingSection } from "./training_section.ts";

/** What a report shows. */
export interface ReportInput {
  /** The run's name. */
  readonly run: string;
  /** When it was evaluated, as it is to be shown. */
  readonly when?: string;
  /** The run's options; groups within groups are fine. */
  readonly options: Readonly<Record<string, unknown>>;
  /** The examples of a training step at most, where that is known. */
  readonly batch?: number;
  /** The lines of `metrics.jsonl`; may be empty. */
  readonly metrics: readonly Metrics[];
  /** The verdict. */
  readonly evaluation: Evaluation;
  /** What goes with its parts; what is missing is not shown. */
  readonly pictures: EvaluationPictures;
  /** What is to be known with the numbers, such as that other data were judged than those of the training. */
  readonly notes?: readonly string[];
}

/**
 * Renders the report.
 *
 * @param input What to show.
 * @returns A whole HTML document; the same input gives the same text.
 * @throws {RangeError} When there are not as many pictures as mistakes.
 *
 * @example
 * ```ts
 * import { renderReport } from "./report.ts";
 * import { assertStringIncludes } from "@std/assert";
 *
 * const subject = { model: "any", dataset: "quickdraw", split: "test", unit: "drawing", step: 10 } as const;
 * const evaluation = { ...subject, examples: 100, metrics: { loss: 9.1 } };
 * const page = await renderReport({ run: "a < b", options: {}, metrics: [], evaluation, pictures: {} });
 * assertStringIncludes(page, "<h1>a &lt; b</h1>");
 * ```
 */
export async function renderReport(input: ReportInput): Promise<string> {
  const { run, when, evaluation, pictures, notes = [] } = input;
  const { model, dataset, split, unit, examples, step } = evaluation;
  const reports = abilityReports(evaluation, pictures);
  const seen = [counted(examples, unit), ...reports.flatMap(({ subject }) => subject ?? [])].join(" of ");
  const body = html`
    <h1>${run}</h1>
    <p class="muted">
      ${model} on ${dataset}, ${split} split: ${seen}, weights of step ${grouped(step)}
      ${when === undefined ? NOTHING : html`<br>${when}`}
    </p>
    ${notes.map((note) => html`<p class="note">Note: ${note}</p>`)}
    ${[...reports.map(({ tiles = [] }) => tiles), tilesLeft(evaluation, reports)].map(tileList)}
    ${await sections(reports, "pictures")}
    ${await sections(reports, "charts")}
    ${await trainingSection({ ...evaluation, ...input }, Object.assign({}, ...reports.map(({ metrics }) => metrics)))}
    ${await sections(reports, "details")}
    ${optionTable(input)}
  `;
  return htmlPage(`${run} - evaluation`, REPORT_STYLE, body);
}

/** The same kind of sections of every ability. */
async function sections(
  reports: readonly AbilityReport[],
  kind: "pictures" | "charts" | "details",
): Promise<readonly Html[]> {
  const made: Html[] = [];
  for (const report of reports) made.push(await report[kind]?.() ?? NOTHING);
  return made;
}

/** Numbers of the objectives that no ability's report tells. */
function tilesLeft(evaluation: Evaluation, reports: readonly AbilityReport[]): readonly Tile[] {
  const note = `mean over ${counted(evaluation.examples, evaluation.unit)}`;
  return metricsLeft(evaluation, reports).map(({ title, value, meaning }) => ({
    ...{ name: title, value: decimal(value), note: meaning ?? note },
  }));
}

function optionTable({ options }: ReportInput): Html {
  const rows = flatten(options).map(([name, value]) =>
    html`
      <tr>
        <td><code>${name}</code></td>
        <td><code>${value}</code></td>
      </tr>
    `
  );
  if (rows.length === 0) return NOTHING;
  return html`
    <section class="long">
      <details open>
        <summary>Options</summary>
        <table class="options">${rows}</table>
      </details>
    </section>
  `;
}

/** Groups within groups as dotted names. */
function flatten(options: Readonly<Record<string, unknown>>, prefix = ""): [string, string][] {
  return Object.entries(options).flatMap(([name, value]): [string, string][] =>
    typeof value === "object" && value !== null && !Array.isArray(value)
      ? flatten(value as Record<string, unknown>, `${prefix}${name}.`)
      : [[prefix + name, typeof value === "string" ? value : JSON.stringify(value) ?? "undefined"]]
  );
}
