/**
 * The report: an evaluation and the training behind it on one page that stands alone, with no script and nothing to load.
 *
 * @module
 */
import { paintDrawing, type SheetDrawing, strokeColour } from "../pipelines/contact_sheet.ts";
import { encodePng } from "../pipelines/png.ts";
import { earlyRecognitionCurve, learningCurve, measuredMetrics } from "./charts.ts";
import { confusionChart, MOST_NAMED, toBase64 } from "./confusion_chart.ts";
import { type Classification, type ClassScore, type Evaluation, topConfusions } from "./evaluation.ts";
import { drawingSections, drawingTiles } from "./drawing_report.ts";
import type { DrawingPictures } from "./evaluate_drawer.ts";
import { byRecall } from "./evaluation_text.ts";
import { REPORT_STYLE } from "./report_style.ts";
import { decimal, escapeHtml, grouped, metricTitle, percent } from "./report_text.ts";
import type { Metrics } from "./run_directory.ts";

/** How many classes are listed at once where there are too many for one table. */
const WEAKEST = 20;

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
 * import { createEvaluator } from "./evaluation.ts";
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

/** What only a classifier's report holds. */
async function answers(
  { unit, metrics: { top1 } }: Evaluation,
  classification: Classification,
  pictures: readonly SheetDrawing[],
): Promise<string> {
  return [
    await early(classification, { unit, top1 }),
    confusion(classification, unit),
    classTable(classification, unit),
    mistakeGallery(classification, pictures),
  ].join("\n");
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

async function early(
  classification: Classification,
  { unit, top1 }: { readonly unit: string; readonly top1: number },
): Promise<string> {
  const svg = await earlyRecognitionCurve(classification);
  if (svg === undefined) return "";
  const enough = classification.earlyRecognition.find(({ accuracy }) => accuracy >= 0.9 * top1);
  const finding = enough === undefined
    ? `None of these reaches nine tenths of the accuracy on whole ${unit}s, ${percent(top1)}.`
    : `${
      enough.strokes === 1 ? "One stroke is" : `${enough.strokes} strokes are`
    } enough for nine tenths of the accuracy on ` +
      `whole ${unit}s, ${percent(top1)}.`;
  const rows = classification.earlyRecognition.map(({ strokes, accuracy }, i, all) =>
    `<tr><td class="number">${strokes}</td><td class="number">${percent(accuracy)}</td>` +
    `<td class="number">${i === 0 ? "" : gain(accuracy - all[i - 1].accuracy)}</td></tr>`
  ).join("");
  return `<section><h2>Early recognition</h2><p class="note">The same ${unit}s, cut off after their first strokes. ${finding}</p>` +
    `<div class="pair"><figure>${svg}</figure><table><tr><th class="number">Strokes</th><th class="number">Accuracy</th><th class="number">Gain</th></tr>` +
    `${rows}</table></div></section>`;
}

/** A difference of shares in percentage points, with its sign. */
function gain(difference: number): string {
  return `${difference < 0 ? "\u2212" : "+"}${(100 * Math.abs(difference)).toFixed(1)} points`;
}

function confusion(classification: Classification, unit: string): string {
  const many = classification.classes.length > MOST_NAMED;
  const pairs = topConfusions(classification, many ? 20 : 8);
  const rows = pairs.map(({ label, predicted, count, share }) =>
    `<tr><td>${escapeHtml(label)}</td><td>${escapeHtml(predicted)}</td><td class="number">${grouped(count)}</td>` +
    `<td class="number">${percent(share)}</td></tr>`
  ).join("");
  const table = pairs.length === 0 ? "" : `<h3 style="margin-top:16px">Most often confused</h3>` +
    `<table><tr><th>True</th><th>Predicted</th><th class="number">${
      metricTitle(unit)
    }s</th><th class="number">Of the class</th></tr>${rows}</table>`;
  const key =
    `<span class="key"><i class="dot right-fill"></i>recognised <i class="dot wrong-fill"></i>mistaken</span>`;
  return `<section class="long"><h2>Confusion</h2><p class="note">True classes down, predicted across; the stronger the colour, the larger ` +
    `the share of the row (square root scale, so that rare mistakes show). ${key}</p>` +
    `<div class="scroll">${confusionChart(classification)}</div>${table}</section>`;
}

function classTable({ perClass }: Classification, unit: string): string {
  const sorted = byRecall(perClass);
  const intro =
    `<h2>Classes</h2><p class="note">Precision: of the ${unit}s given this class, the share that are of it. ` +
    `Recall: of its ${unit}s, the share given it.`;
  if (sorted.length <= MOST_NAMED) {
    return `<section class="long">${intro} Best recall first.</p>${scoreTable(sorted, unit)}</section>`;
  }
  const weakest = sorted.filter(({ recall }) => recall !== null).slice(-WEAKEST).reverse();
  return `<section class="long">${intro}</p><h3>The ${weakest.length} weakest</h3>${scoreTable(weakest, unit)}` +
    `<details><summary>All ${grouped(sorted.length)}, best recall first</summary>${
      scoreTable(sorted, unit)
    }</details></section>`;
}

function scoreTable(scores: readonly ClassScore[], unit: string): string {
  const rows = scores.map(({ name, precision, recall, support }) =>
    `<tr><td>${escapeHtml(name)}</td><td class="number">${percent(precision)}</td><td class="number">${
      percent(recall)
    }</td>` +
    `<td class="wide">${bar(recall ?? 0)}</td><td class="number">${grouped(support)}</td></tr>`
  ).join("");
  return `<table><tr><th>Class</th><th class="number">Precision</th><th class="number">Recall</th><th></th>` +
    `<th class="number">${metricTitle(unit)}s</th></tr>${rows}</table>`;
}

function bar(share: number): string {
  return `<span class="bar" style="width:${(100 * share).toFixed(1)}%"></span>`;
}

function mistakeGallery({ mistakes }: Classification, pictures: readonly SheetDrawing[]): string {
  if (mistakes.length === 0) return "";
  const items = mistakes.map(({ example, label, predicted, probability, trueProbability }, i) => {
    const { map, grey = false } = pictures[i];
    const png = encodePng(paintDrawing(map, { size: Math.sqrt(map.length), scale: 1, grey }));
    return `<li><img src="data:image/png;base64,${toBase64(png)}" width="128" height="128" ` +
      `alt="${escapeHtml(example)}" title="${escapeHtml(example)}">` +
      `${escapeHtml(label)} → <span class="wrong-name">${escapeHtml(predicted)}</span><br>` +
      `<span class="muted">${percent(probability)}, true ${small(trueProbability)}</span></li>`;
  }).join("");
  const stops = [0, 0.25, 0.5, 0.75, 1].map((moment) => `rgb(${strokeColour(moment)})`).join(",");
  const key = pictures.every(({ grey }) => grey)
    ? ""
    : ` <span class="key">first stroke<i style="background:linear-gradient(90deg,${stops})"></i>last</span>`;
  return `<section class="long"><h2>Worst mistakes</h2><p class="note">True → predicted, and the probabilities given to the predicted and to ` +
    `the true class.${key}</p>` +
    `<ul class="mistakes">${items}</ul></section>`;
}

/** A small probability without pretending that it is 0. */
function small(share: number): string {
  return share >= 0.001 ? percent(share) : share === 0 ? "0" : share.toExponential(0).replace("e-", "e\u2212");
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
