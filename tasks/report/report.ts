/**
 * The report: an evaluation and the training behind it on one page that stands alone, with no script and nothing to load.
 *
 * @module
 */
import type { SheetDrawing } from "../../pipelines/images/contact_sheet.ts";
import { learningCurve, measuredMetrics } from "./charts.ts";
import type { Evaluation } from "../evaluation/classification.ts";
import { drawingSections, drawingTiles } from "./generation_report.ts";
import type { DrawingPictures } from "../evaluation/generation.ts";
import { REPORT_STYLE } from "./report_style.ts";
import { decimal, escapeHtml, grouped, metricTitle, percent } from "../cli/text.ts";
import { answers, gain } from "./classification_report.ts";
import type { Metrics } from "../runs/metrics.ts";

/** What a report shows. */
export interface ReportInput {
  /** The run's name. */
  readonly run: string;
  /** When it was evaluated, as it is to be shown. */
  readonly when?: string;
  /** The run's options; groups within groups are fine. */
  readonly options: Readonly<Record<string, unknown>>;
  /** The lines of `metrics.jsonl`; may be empty. */
  readonly metrics: readonly Metrics[];
  /** The verdict. */
  readonly evaluation: Evaluation;
  /** The pictures of a classifier's mistakes, in their order; without captions. */
  readonly pictures: readonly SheetDrawing[];
  /** What a model that draws draws. */
  readonly drawings?: DrawingPictures;
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
 * import { createEvaluator } from "../evaluation/classification.ts";
 * import { renderReport } from "./report.ts";
 * import { assertStringIncludes } from "@std/assert";
 *
 * const evaluator = createEvaluator(["cat", "dog"]);
 * const picture = { map: new Uint8Array(4096) };
 * evaluator.add(Float32Array.of(-0.1, -2.4), Uint16Array.of(0), [{ example: "test 0", picture }]);
 * const subject = { model: "any", dataset: "quickdraw", split: "test", unit: "drawing", step: 10 } as const;
 * const html = await renderReport({ run: "first", options: {}, metrics: [], ...evaluator.finish(subject) });
 * assertStringIncludes(html, "<h1>first</h1>");
 * ```
 */
export async function renderReport(input: ReportInput): Promise<string> {
  const { run, when, evaluation, pictures, drawings } = input;
  const { model, dataset, split, unit, examples, step, classification, drawing } = evaluation;
  const mistakes = classification?.mistakes ?? [];
  if (pictures.length !== mistakes.length) {
    throw new RangeError(`Cannot render: ${pictures.length} pictures for ${mistakes.length} mistakes`);
  }
  const ofClasses = classification === undefined ? "" : ` of ${grouped(classification.classes.length)} classes`;
  const subject = `${model} on ${dataset}, ${split} split: ${grouped(examples)} ${unit}s${ofClasses}, ` +
    `weights of step ${grouped(step)}`;
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escapeHtml(run)} - evaluation</title>
<style>${REPORT_STYLE}</style>
</head>
<body><main>
<h1>${escapeHtml(run)}</h1>
<p class="muted">${escapeHtml(subject)}${when === undefined ? "" : `<br>${escapeHtml(when)}`}</p>
${drawing === undefined ? tiles(evaluation) : drawingTiles(evaluation, drawing)}
${drawing === undefined || drawings === undefined ? "" : await drawingSections(evaluation, drawing, drawings)}
${await learning(input)}
${classification === undefined ? "" : await answers(evaluation, classification, pictures)}
${optionTable(input)}
</main></body>
</html>
`;
}

function tiles({ unit, examples, metrics, classification }: Evaluation): string {
  const tile = (name: string, value: string, note: string) =>
    `<div><dt>${escapeHtml(name)}</dt><dd>${value}</dd><dd>${note}</dd></div>`;
  if (classification === undefined) {
    const note = `mean over ${grouped(examples)} ${unit}s`;
    const all = Object.entries(metrics).map(([name, value]) => tile(metricTitle(name), decimal(value), note));
    return `<dl class="tiles">${all.join("")}</dl>`;
  }
  const { top1, top3, nll } = metrics;
  const { baseline, classes } = classification;
  return `<dl class="tiles">${
    [
      tile("Top-1 accuracy", percent(top1), `${(top1 / baseline).toFixed(1)} times guessing`),
      tile("Top-3 accuracy", percent(top3), `${gain(top3 - top1)} over top-1`),
      tile(`Loss, nats a ${unit}`, nll.toFixed(3), `${Math.log(classes.length).toFixed(3)} for guessing evenly`),
      tile("Guessing", percent(baseline), "always the largest class"),
    ].join("")
  }</dl>`;
}

async function learning({ metrics, evaluation: { unit, classification, drawing } }: ReportInput): Promise<string> {
  const guessing: Readonly<Record<string, number>> = classification === undefined
    ? {}
    : { loss: Math.log(classification.classes.length), accuracy: classification.baseline };
  const figure = async (metric: string) => {
    const svg = await learningCurve(metrics, { metric, guessing: guessing[metric] });
    const isNats = drawing ? metric !== "accuracy" : metric === "loss" && classification !== undefined;
    const title = metricTitle(metric) + (isNats ? `, nats a ${unit}` : "");
    return svg === undefined ? "" : `<figure><h3>${escapeHtml(title)}</h3>${svg}</figure>`;
  };
  const figures = (await Promise.all(measuredMetrics(metrics).map(figure))).join("");
  if (figures === "") return "";
  return `<section><h2>Training</h2><p class="note">Train is a moving mean over the pale line; valid is the whole split. ` +
    `The ring marks the best evaluation.</p><div class="pair">${figures}</div></section>`;
}

function optionTable({ options }: ReportInput): string {
  const rows = flatten(options).map(([name, value]) =>
    `<tr><td><code>${escapeHtml(name)}</code></td><td><code>${escapeHtml(value)}</code></td></tr>`
  ).join("");
  return rows === ""
    ? ""
    : `<section class="long"><details open><summary>Options</summary><table>${rows}</table></details></section>`;
}

/** Groups within groups as dotted names. */
function flatten(options: Readonly<Record<string, unknown>>, prefix = ""): [string, string][] {
  return Object.entries(options).flatMap(([name, value]): [string, string][] =>
    typeof value === "object" && value !== null && !Array.isArray(value)
      ? flatten(value as Record<string, unknown>, `${prefix}${name}.`)
      : [[prefix + name, typeof value === "string" ? value : JSON.stringify(value) ?? "undefined"]]
  );
}
