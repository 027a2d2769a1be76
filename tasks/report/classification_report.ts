/**
 * What the report page shows of a classifier: how sure it is, how early, what it confuses, its worst mistakes.
 *
 * @module
 */
import { type Classification, type ClassScore, type Evaluation, topConfusions } from "../evaluation/classification.ts";
import { paintDrawing, type SheetDrawing, strokeColour } from "../../pipelines/images/contact_sheet.ts";
import { earlyRecognitionCurve } from "./charts.ts";
import { escapeHtml, grouped, metricTitle, percent } from "../cli/text.ts";
import { confusionChart, MOST_NAMED } from "./confusion_chart.ts";
import { byRecall } from "./evaluation_text.ts";
import { encodePng } from "../../pipelines/images/png.ts";

/** How many classes are listed at once where there are too many for one table. */
const WEAKEST = 20;

/** What only a classifier's report holds. */
export async function answers(
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
export function gain(difference: number): string {
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
    return `<li><img src="data:image/png;base64,${png.toBase64()}" width="128" height="128" ` +
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
