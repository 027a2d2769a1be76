/**
 * What reports say of a classifier: how sure it is, how early, what it confuses, its worst mistakes.
 *
 * @module
 */
import {
  type Classification,
  type ClassScore,
  type Confusion,
  type EarlyRecognition,
  topConfusions,
} from "../evaluation/classification_tally.ts";
import type { SheetDrawing } from "../../pipelines/images/contact_sheet.ts";
import { counted, grouped, listWords, percent } from "../../pipelines/base/text.ts";
import { visibleName } from "../cli/terminal.ts";
import { cut, metricTitle } from "../cli/text.ts";
import type { AbilityReporter, TextStyle, Tile } from "./ability_report.ts";
import { earlyRecognitionCurve } from "./charts.ts";
import { confusionChart, MOST_NAMED } from "./confusion_chart.ts";
import { drawingPicture, strokeKey } from "./drawing_picture.ts";
import { type Html, html, NOTHING } from "./html.ts";

/** How many classes are listed at once where there are too many for one table. */
const WEAKEST = 20;
/** Above so many classes the terminal lists only the best and the worst. */
const MOST_LISTED = 24;
const LISTED = 8;
const MOST_CONFUSIONS = 5;

/**
 * Reports on a classifier.
 *
 * @throws {RangeError} When there are pictures, but not as many as mistakes.
 */
export const reportClassification: AbilityReporter = (evaluation, { classification: pictures }) => {
  const { unit, metrics, classification } = evaluation;
  if (classification === undefined) return undefined;
  const { classes, baseline, mistakes } = classification;
  if (pictures !== undefined && pictures.length !== mistakes.length) {
    throw new RangeError(`Cannot render: ${pictures.length} pictures for ${mistakes.length} mistakes`);
  }
  // A loss with other terms beside the likelihood of the class names that.
  const hasOthers = "nll" in metrics;
  return {
    subject: counted(classes.length, "class", "classes"),
    metrics: {
      [hasOthers ? "nll" : "loss"]: { isNats: true, guessing: Math.log(classes.length) },
      accuracy: { guessing: baseline },
    },
    tiles: tilesOf(classification, `${hasOthers ? "Class loss" : "Loss"}, nats a ${unit}`),
    details: async () =>
      html`
        ${await early(classification, unit)}
        ${confusionSection(classification, unit)}
        ${classSection(classification, unit)}
        ${pictures ? mistakeGallery(classification, pictures) : NOTHING}
      `,
    blocks: (style) => blocksOf(classification, unit, style),
  };
};

function tilesOf({ top1, top3, nll, baseline, classes }: Classification, lossName: string): readonly Tile[] {
  return [
    { name: "Top-1 accuracy", value: percent(top1), note: `${(top1 / baseline).toFixed(1)} times guessing` },
    { name: "Top-3 accuracy", value: percent(top3), note: `${gain(top3 - top1)} over top-1` },
    {
      name: lossName,
      value: nll.toFixed(3),
      note: `${Math.log(classes.length).toFixed(3)} for guessing evenly`,
    },
    { name: "Guessing", value: percent(baseline), note: "always the largest class" },
  ];
}

async function early(classification: Classification, unit: string): Promise<Html> {
  const { top1, earlyRecognition } = classification;
  const svg = await earlyRecognitionCurve(classification);
  if (svg === undefined) return NOTHING;
  const enough = earlyRecognition.find(({ accuracy }) => accuracy >= 0.9 * top1);
  const strokes = enough?.strokes === 1 ? "One stroke is" : `${enough?.strokes} strokes are`;
  const finding = enough === undefined
    ? `None of these reaches nine tenths of the accuracy on whole ${unit}s, ${percent(top1)}.`
    : `${strokes} enough for nine tenths of the accuracy on whole ${unit}s, ${percent(top1)}.`;
  const rows = earlyRecognition.map(({ strokes, accuracy, complete, unfinished }) =>
    html`
      <tr>
        <td class="number">${strokes}</td>
        <td class="number">${percent(accuracy)}</td>
        <td class="number">${percent(unfinished.accuracy)}</td>
        <td class="number">${grouped(unfinished.examples)}</td>
        <td class="number">${percent(complete)}</td>
      </tr>
    `
  );
  return html`
    <section>
      <h2>Early recognition</h2>
      <p class="note">
        The same ${unit}s, cut off after their first strokes. ${finding} ${completeness(
          earlyRecognition,
          unit,
        )} ${partsInWords(classification, unit)}
      </p>
      <div class="pair">
        <figure>${svg}</figure>
        <table>
          <tr>
            <th class="number">Strokes</th>
            <th class="number">All</th>
            <th class="number">Not complete</th>
            <th class="number">of</th>
            <th class="number">Complete</th>
          </tr>
          ${rows}
        </table>
      </div>
    </section>
  `;
}

/** How much of the curve is of drawings that are whole already. */
function completeness(early: readonly EarlyRecognition[], unit: string): string {
  const middle = early[Math.floor((early.length - 1) / 2)];
  const { strokes, complete, accuracy, unfinished } = middle;
  const after = strokes === 1 ? "one stroke" : `${strokes} strokes`;
  const rest = unfinished.accuracy === null
    ? ""
    : `; of the others ${percent(unfinished.accuracy)} are recognised, of all ${percent(accuracy)}`;
  return `A ${unit} that has no further strokes is complete: after ${after} ${percent(complete)} are${rest}.`;
}

/** What is recognised of parts of the drawings, a sentence. */
function partsInWords({ partRecognition = [] }: Classification, unit: string): string {
  if (partRecognition.length === 0) return "";
  const parts = partRecognition.map(({ share, accuracy }) => `of ${percent(share, 0)} ${percent(accuracy)}`);
  return `Of each ${unit}'s own strokes a part, rounded up: ${listWords(parts)}.`;
}

/** A difference of shares in percentage points, with its sign. */
function gain(difference: number): string {
  return `${difference < 0 ? "\u2212" : "+"}${(100 * Math.abs(difference)).toFixed(1)} points`;
}

function confusionSection(classification: Classification, unit: string): Html {
  const many = classification.classes.length > MOST_NAMED;
  const pairs = topConfusions(classification, many ? 20 : 8);
  return html`
    <section class="long">
      <h2>Confusion</h2>
      <p class="note">
        True classes down, predicted across; the stronger the colour, the larger the share of the row (square root scale,
        so that rare mistakes show).
        <span class="key"><i class="dot right-fill"></i>recognised <i class="dot wrong-fill"></i>mistaken</span>
      </p>
      <div class="scroll">${confusionChart(classification)}</div>
      ${pairs.length === 0 ? NOTHING : confusionTable(pairs, unit)}
    </section>
  `;
}

function confusionTable(pairs: readonly Confusion[], unit: string): Html {
  const rows = pairs.map(({ label, predicted, count, share }) =>
    html`
      <tr>
        <td>${label}</td>
        <td>${predicted}</td>
        <td class="number">${grouped(count)}</td>
        <td class="number">${percent(share)}</td>
      </tr>
    `
  );
  return html`
    <h3 style="margin-top:16px">Most often confused</h3>
    <table>
      <tr>
        <th>True</th>
        <th>Predicted</th>
        <th class="number">${metricTitle(unit)}s</th>
        <th class="number">Of the class</th>
      </tr>
      ${rows}
    </table>
  `;
}

function classSection({ perClass }: Classification, unit: string): Html {
  const sorted = byRecall(perClass);
  const isShort = sorted.length <= MOST_NAMED;
  return html`
    <section class="long">
      <h2>Classes</h2>
      <p class="note">
        Precision: of the ${unit}s given this class, the share that are of it. Recall: of its ${unit}s, the share given
        it. ${isShort ? "Best recall first." : ""}
      </p>
      ${isShort ? scoreTable(sorted, unit) : foldedTable(sorted, unit)}
    </section>
  `;
}

/** The weakest, and all of them folded away. */
function foldedTable(sorted: readonly ClassScore[], unit: string): Html {
  const weakest = sorted.filter(({ recall }) => recall !== null).slice(-WEAKEST).reverse();
  return html`
    <h3>The ${weakest.length} weakest</h3>
    ${scoreTable(weakest, unit)}
    <details>
      <summary>All ${grouped(sorted.length)}, best recall first</summary>
      ${scoreTable(sorted, unit)}
    </details>
  `;
}

function scoreTable(scores: readonly ClassScore[], unit: string): Html {
  const rows = scores.map(({ name, precision, recall, support }) =>
    html`
      <tr>
        <td>${name}</td>
        <td class="number">${percent(precision)}</td>
        <td class="number">${percent(recall)}</td>
        <td class="wide"><span class="bar" style="width:${(100 * (recall ?? 0)).toFixed(1)}%"></span></td>
        <td class="number">${grouped(support)}</td>
      </tr>
    `
  );
  return html`
    <table>
      <tr>
        <th>Class</th>
        <th class="number">Precision</th>
        <th class="number">Recall</th>
        <th></th>
        <th class="number">${metricTitle(unit)}s</th>
      </tr>
      ${rows}
    </table>
  `;
}

function mistakeGallery({ mistakes }: Classification, pictures: readonly SheetDrawing[]): Html {
  if (mistakes.length === 0) return NOTHING;
  const items = mistakes.map(({ example, label, predicted, probability, trueProbability }, i) => {
    return html`
      <li>${drawingPicture(pictures[i], example)}
        ${label} → <span class="wrong-name">${predicted}</span><br>
        <span class="muted">${percent(probability)}, true ${small(trueProbability)}</span>
      </li>
    `;
  });
  return html`
    <section class="long">
      <h2>Worst mistakes</h2>
      <p class="note">
        True → predicted, and the probabilities given to the predicted and to the true class.
        ${pictures.every(({ grey, colour }) => grey || colour) ? NOTHING : strokeKey()}
      </p>
      <ul class="mistakes">${items}</ul>
    </section>
  `;
}

/** A small probability without pretending that it is 0. */
function small(share: number): string {
  return share >= 0.001 ? percent(share) : share === 0 ? "0" : share.toExponential(0).replace("e-", "e\u2212");
}

/** Blocks of lines on a classifier. */
function blocksOf(
  classification: Classification,
  unit: string,
  style: TextStyle,
): readonly (readonly string[])[] {
  return [
    headline(classification, style),
    classTable(classification, `${unit}s`, style),
    earlyCurve(classification, style),
    confusionList(classification, `${unit}s`, style),
  ];
}

function headline({ top1, top3, nll, baseline }: Classification, { bold, dim, width }: TextStyle): string[] {
  const numbers = [`top-1 ${percent(top1)}`, `top-3 ${percent(top3)}`, `nll ${nll.toFixed(3)} nats`];
  const guessing = `guessing ${percent(baseline)}`;
  const [shares, rest] = [bold(numbers.slice(0, 2).join("   ")), `${numbers[2]}   ${dim(guessing)}`];
  return [...numbers, guessing].join("   ").length <= width ? [`${shares}   ${rest}`] : [shares, rest];
}

function classTable({ perClass }: Classification, units: string, { bold, dim, good, bad, width }: TextStyle): string[] {
  const sorted = byRecall(perClass);
  const short = sorted.length > MOST_LISTED;
  const listed = short ? [...sorted.slice(0, LISTED), ...sorted.slice(-LISTED)] : sorted;
  const shown = listed.map((score) => ({ ...score, name: visibleName(score.name) }));
  const nameWidth = Math.min(Math.max(5, ...shown.map(({ name }) => [...name].length)), width - 31);
  const row = ({ name, precision, recall, support }: ClassScore): string => {
    const cells = [percent(precision), percent(recall), grouped(support)];
    const paint = recall === null ? dim : recall >= 0.9 ? good : recall < 0.5 ? bad : (text: string) => text;
    return `${cut(name, nameWidth).padEnd(nameWidth)}${cells[0].padStart(11)}${paint(cells[1].padStart(9))}${
      cells[2].padStart(10)
    }`;
  };
  const rows = shown.map(row);
  if (short) rows.splice(LISTED, 0, dim(`… ${grouped(sorted.length - 2 * LISTED)} more`));
  const head = `${"class".padEnd(nameWidth)}${"precision".padStart(11)}${"recall".padStart(9)}${units.padStart(10)}`;
  return [bold(head), ...rows];
}

function earlyCurve(
  { earlyRecognition, partRecognition = [] }: Classification,
  { bold, dim, good, width }: TextStyle,
): string[] {
  if (earlyRecognition.length === 0) return [];
  const isWide = width >= 72;
  const room = Math.min(40, width - (isWide ? 60 : 31)); // what stands beside the bars takes the rest
  const bars = earlyRecognition.map(({ strokes, accuracy, unfinished }) => {
    const eighths = Math.round(8 * room * accuracy);
    const bar = "█".repeat(eighths >> 3) + ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"][eighths & 7];
    const rest = isWide ? ` of the ${grouped(unfinished.examples)} not complete` : "";
    const apart = unfinished.accuracy === null ? "" : dim(`  (${percent(unfinished.accuracy)}${rest})`);
    const shown = `${String(strokes).padStart(2)} ${strokes === 1 ? "stroke " : "strokes"}`;
    return `${shown} ${good(bar)} ${percent(accuracy)}${apart}`;
  });
  const title = "recognised after the first";
  const parts = partRecognition.map(({ share, accuracy }, i) =>
    `${percent(share, 0)}${i === 0 ? " of the strokes" : ""} ${percent(accuracy)}`
  );
  const last = parts.length === 0 ? [] : [dim(cut(parts.join(", "), width))];
  return [bold(isWide ? title : "recognised early (if not complete)"), ...bars, ...last];
}

function confusionList(classification: Classification, units: string, { bold, dim, width }: TextStyle): string[] {
  const pairs = topConfusions(classification, MOST_CONFUSIONS);
  if (pairs.length === 0) return [];
  const lines = pairs.map(({ label, predicted, count, share }) => {
    const numbers = `${grouped(count).padStart(6)} ${dim(percent(share).padStart(7))}  `;
    const room = width - 16;
    const pair = `${visibleName(label)} -> ${visibleName(predicted)}`;
    return numbers + cut(pair, room);
  });
  const title = "most often confused";
  return [bold(width < 54 ? title : `${title}: ${units}, share of the true class`), ...lines];
}

/**
 * The classes with the best recall first; those without examples last.
 *
 * @example
 * ```ts
 * import { byRecall } from "./classification_report.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const score = { precision: null, support: 1 };
 * const sorted = byRecall([{ name: "a", recall: null, ...score }, { name: "b", recall: 0.5, ...score }]);
 * assertEquals(sorted.map(({ name }) => name), ["b", "a"]);
 * ```
 */
export function byRecall(perClass: readonly ClassScore[]): ClassScore[] {
  return perClass.toSorted((a, b) => (b.recall ?? -1) - (a.recall ?? -1));
}
