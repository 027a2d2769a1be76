/**
 * The table of generated digits for the terminal, as Markdown and as a page that stands alone.
 *
 * @module
 */
import { counted, grouped, percent } from "../../../../pipelines/base/text.ts";
import { html, htmlPage, pngUrl } from "../../../report/html.ts";
import { REPORT_STYLE } from "../../../report/report_style.ts";
import type { Measured } from "../../measured_table.ts";
import { type Part, partToHtml, partToMarkdown, partToText } from "../../table_part.ts";
import {
  ARM_NAMES,
  ARMS,
  AUGMENT_TABLE_OPTIONS,
  type Cell,
  type CellSettings,
  COMPARISONS,
  GENERATOR_SHARE,
  WHOLE_BUDGET,
} from "./augment_options.ts";
import { type Spread, spreadOf } from "../../spread.ts";
import { type Difference, differenceOf, verdictOf } from "./spread.ts";

/** All that was measured. */
export interface AugmentResults {
  /** The whole ones. */
  readonly cells: readonly Cell[];
  readonly settings: Omit<CellSettings, "data">;
  /** What was asked for. */
  readonly planned: { readonly sizes: readonly number[]; readonly draws: number; readonly seeds: number };
  /** PNG: a row a class, real digits, redrawn ones and generated ones. */
  readonly sheets: readonly { readonly perClass: number; readonly png: Uint8Array }[];
}

const TITLE = "Generated digits for a classifier";
const NONE = "-";

/** The measured numbers in words and figures. */
export function augmentTable(results: AugmentResults): Measured {
  const { cells, settings, planned, sheets } = results;
  const isFinished = settings.budget >= WHOLE_BUDGET;
  const sizes = [
    ...new Set([...AUGMENT_TABLE_OPTIONS.perClass.value, ...planned.sizes, ...cells.map(({ perClass }) => perClass)]),
  ].sort((a, b) => a - b);
  const rows = sizes.map((perClass): Row => ({ perClass, cells: cells.filter((cell) => cell.perClass === perClass) }));
  const parts: Part[] = [accuracies(rows, results, isFinished), differences(rows, isFinished), madeOf(rows)];
  const verdicts = verdictsOf(rows, isFinished);
  const notes = notesOf(settings);
  const text = [
    TITLE,
    ...parts.flatMap(partToText),
    ...["", "Verdict", ...verdicts, "", "Notes", ...notes.map((note) => `- ${note}`)],
  ].join("\n");
  const markdown = [
    ...[`# ${TITLE}`, "", "## Verdict", "", ...verdicts.map((verdict) => `- ${verdict}`)],
    ...parts.flatMap(partToMarkdown),
    ...["", "## Notes", "", ...notes.map((note) => `- ${note}`), ""],
  ].join("\n");
  const body = html`
    <h1>${TITLE}</h1>
    <section class="long">
      <h2>Verdict</h2>
      <ul>${verdicts.map((verdict) => html`<li>${verdict}</li>`)}</ul>
    </section>
    ${parts.map(partToHtml)}
    ${sheets.map(({ perClass, png }) =>
      html`
        <section
          class="long"><h2>${grouped(
            perClass,
          )} a class</h2><p class="note">From left to right: real digits of a small set, real ones redrawn from their strokes, and generated ones.</p><img class="canvas" style="width:100%" src="${pngUrl(
            png,
          )}" alt="real, redrawn and generated digits"></section>
      `
    )}
    <section class="long">
      <h2>Notes</h2>
      <ul>${notes.map((note) => html`<li>${note}</li>`)}</ul>
    </section>
  `;
  return { text, markdown, page: htmlPage(TITLE, REPORT_STYLE, body) };
}

interface Row {
  readonly perClass: number;
  readonly cells: readonly Cell[];
}

function accuracies(rows: readonly Row[], { settings, planned }: AugmentResults, isFinished: boolean): Part {
  const wanted = planned.draws * planned.seeds;
  const show = (spread: Spread | undefined) => {
    if (spread === undefined) return NONE;
    const { mean, deviation } = spread;
    const said = `${percent(mean, 2)}${deviation === null ? "" : ` ± ${points(deviation)}`}`;
    return isFinished ? said : `(${said})`;
  };
  const caution = isFinished
    ? `${grouped(settings.budget)} updates of each classifier.`
    : `UNFINISHED: ${grouped(settings.budget)} of ${
      grouped(WHOLE_BUDGET)
    } updates of each classifier. Numbers stand in ` +
      "parentheses and are to be compared with nothing, not with each other either.";
  return {
    title: "Test digits named rightly",
    notes: [
      `${caution} Means, and behind them the standard deviation over cells, each a small set that was drawn and trained ` +
      "on with a seed.",
    ],
    rows: [
      ["a class", "cells", ...ARM_NAMES.map((name) => ARMS[name].title)],
      ...rows.map(({ perClass, cells }) => [
        grouped(perClass),
        cells.length === 0 ? "not run" : cells.length < wanted ? `${cells.length} of ${wanted}` : `${cells.length}`,
        ...ARM_NAMES.map((name) =>
          show(spreadOf(cells.flatMap(({ accuracy }) => typeof accuracy[name] === "number" ? [accuracy[name]] : [])))
        ),
      ]),
    ],
  };
}

/** Of shares, in points. */
function points(share: number | null): string {
  return share === null ? NONE : (100 * share).toFixed(2);
}

function signed(share: number): string {
  return `${share < 0 ? "-" : "+"}${(100 * Math.abs(share)).toFixed(2)}`;
}

function titleOf([arm, base]: (typeof COMPARISONS)[number]): string {
  return `${ARMS[arm].title} - ${ARMS[base].title}`;
}

function differences(rows: readonly Row[], isFinished: boolean): Part {
  const compared = rows.flatMap(({ perClass, cells }) =>
    COMPARISONS.flatMap((pair): string[][] => {
      const difference = differenceOf(cells, ...pair);
      if (difference === undefined) return [];
      const { draws, seeds, half } = difference;
      const numbers = [signed(draws.mean), points(draws.deviation), points(seeds), points(half)];
      const shown = isFinished ? numbers : numbers.map((said) => said === NONE ? said : `(${said})`);
      return [[
        titleOf(pair),
        grouped(perClass),
        `${draws.count}`,
        ...shown,
        isFinished ? verdictOf(difference) : NONE,
      ]];
    })
  );
  return {
    title: "Differences",
    notes: [
      "Percentage points, subtracted cell by cell. Spreads are standard deviations: of the draws' means, and of the seeds " +
      "of one draw. Half the 95 % interval is by Student's t over the draws, which differ more than seeds do.",
    ],
    rows: [
      ["", "a class", "draws", "mean", "spread of draws", "of seeds", "half interval", "verdict"],
      ...(compared.length === 0 ? [["not run", NONE, NONE, NONE, NONE, NONE, NONE, NONE]] : compared),
    ],
  };
}

function madeOf(rows: readonly Row[]): Part {
  const mean = (cells: readonly Cell[], of: (cell: Cell) => number) => spreadOf(cells.map(of))?.mean;
  const show = (value: number | undefined, in_: (value: number) => string) => value === undefined ? NONE : in_(value);
  return {
    title: "What was generated",
    notes: [
      "Means over cells. Pen, blur and where the middle of the ink is are fitted to the small set alone; the blur is 0 where " +
      "the pen's edges are as soft as the digits'. Shared ink: of a small set's digits and those that were redrawn.",
    ],
    rows: [
      ["a class", "digits", "kept", "pen, pixels", "blur, pixels", "shared ink"],
      ...rows.map(({ perClass, cells }) => [
        grouped(perClass),
        show(mean(cells, ({ drawn }) => drawn), (value) => grouped(Math.round(value))),
        show(mean(cells, ({ drawn, kept }) => kept / drawn), percent),
        show(mean(cells, ({ penWidth }) => penWidth), (value) => value.toFixed(2)),
        show(mean(cells, ({ blur = 0 }) => blur), (value) => value.toFixed(2)),
        show(mean(cells, ({ sharedInk }) => sharedInk), (value) => value.toFixed(3)),
      ]),
    ],
  };
}

/** What the numbers say, a sentence a size. */
function verdictsOf(rows: readonly Row[], isFinished: boolean): string[] {
  if (!isFinished) return ["None: the classifiers were trained for too few updates."];
  return rows.map(({ perClass, cells }) => {
    const about = `${grouped(perClass)} a class:`;
    if (cells.length === 0) return `${about} not run.`;
    const say = (difference: Difference | undefined) => {
      if (difference === undefined) return "nothing was kept to compare";
      const { draws, half } = difference;
      const size = `${signed(draws.mean)} points${half === null ? "" : ` ± ${points(half)}`}`;
      return `${verdictOf(difference)}, ${size}`;
    };
    const beside = (i: number) => say(differenceOf(cells, ...COMPARISONS[i]));
    return `${about} with generated digits beside real ones: ${beside(0)}; the same where all are warped: ${
      beside(1)
    }; ` +
      `generated digits instead of warping: ${beside(2)} (${
        counted(new Set(cells.map(({ draw }) => draw)).size, "draw")
      }).`;
  });
}

function notesOf({ generated, temperature, filter, budget }: AugmentResults["settings"]): string[] {
  return [
    "All arms train the same CNN from the same weights for the same number of updates; what counts is the one after the " +
    "last update. Nothing is stopped, chosen or filtered by test digits, nor by valid ones, which are not used.",
    "Warped: turned, stretched, slanted, shifted and elastically bent, anew whenever a digit is shown, generated ones too.",
    `The generator is a Sketch-RNN of the small set's strokes alone, ${
      grouped(GENERATOR_SHARE * budget)
    } updates, ${generated} digits for each real one at temperature ${temperature}. It is told the class: one model of all ` +
    "classes learns from ten times as many drawings how a pen goes as ten models would, and the label of what it draws is " +
    "known. It has no encoder: digits are drawn from their class alone, and a latent's prior need not be matched.",
    filter
      ? "Generated digits that a classifier of the same small set's real digits names otherwise were left out."
      : "No generated digit was left out.",
    "Generated and redrawn digits are rendered like MNIST's: the ink fills 20 x 20 pixels, and is moved by whole pixels so " +
    "that its centre of mass comes nearest to the small set's mean one. A real digit's pen is the one by which its strokes, redrawn, have as much ink as the original; each generated " +
    "digit has the pen of one of the small set's.",
    "The strokes are those of the vectorizer, whose constants (gap, fold, epsilon) were tuned with a look at pictures of " +
    "MNIST's test digits, though never at a classifier's accuracy on them.",
  ];
}
