/**
 * An evaluation for the terminal.
 *
 * @module
 */
import type { DrawingScore } from "../evaluation/likelihood.ts";
import { type Classification, type ClassScore, type Evaluation, topConfusions } from "../evaluation/classification.ts";
import { decimal, grouped, metricTitle, percent } from "../cli/text.ts";

/** Above so many classes only the best and the worst are listed. */
const MOST_LISTED = 24;
const LISTED = 8;
const MOST_CONFUSIONS = 5;

/** How {@linkcode formatEvaluation} writes. */
export interface FormatOptions {
  /** Whether to use ANSI colours. */
  readonly colour: boolean;
  /** Columns of the terminal; lines keep within them from 40 on. */
  readonly width: number;
}

/**
 * An evaluation as text: the numbers, of a model that draws with what they mean, and, of a classifier, a table of the classes, accuracy after the first strokes, and
 * what was confused most.
 *
 * @param evaluation The verdict.
 * @param options Colour and width.
 * @returns Lines, without a line break at the end.
 *
 * @example
 * ```ts
 * import { createEvaluator } from "../evaluation/classification.ts";
 * import { formatEvaluation } from "./evaluation_text.ts";
 * import { assertStringIncludes } from "@std/assert";
 *
 * const evaluator = createEvaluator(["cat", "dog"]);
 * const picture = { map: new Uint8Array(4096) };
 * evaluator.add(Float32Array.of(-0.1, -2.4), Uint16Array.of(0), [{ example: "test 0", picture }]);
 * const subject = { model: "any", dataset: "quickdraw", split: "test", unit: "drawing", step: 10 } as const;
 * const { evaluation } = evaluator.finish(subject);
 * assertStringIncludes(formatEvaluation(evaluation, { colour: false, width: 80 }), "top-1 100.0 %");
 * ```
 */
export function formatEvaluation(evaluation: Evaluation, { colour, width }: FormatOptions): string {
  const paint = (code: number) => (text: string) => colour ? `\x1b[${code}m${text}\x1b[0m` : text;
  const style: Style = { bold: paint(1), dim: paint(2), good: paint(36), bad: paint(33), width: Math.max(40, width) };
  const { classification, drawing, unit } = evaluation;
  return [
    ...headline(evaluation, style),
    ...(drawing === undefined ? [] : drawingLines(evaluation, drawing, style)),
    ...(classification === undefined ? [] : [
      ...classTable(classification, `${unit}s`, style),
      ...earlyCurve(classification, style),
      ...confusionList(classification, `${unit}s`, style),
    ]),
  ].join("\n");
}

type Paint = (text: string) => string;
type Style = { bold: Paint; dim: Paint; good: Paint; bad: Paint; width: number };

function headline(evaluation: Evaluation, { bold, dim, width }: Style): string[] {
  const { model, dataset, split, unit, examples, step, metrics, classification, drawing } = evaluation;
  const classes = classification === undefined ? [] : [`${grouped(classification.classes.length)} classes`];
  const subject = [`${grouped(examples)} ${unit}s`, ...classes, `step ${grouped(step)}`].join(", ");
  const title = [bold(cut(`${model} on ${dataset}, ${split} split`, width)), dim(cut(subject, width)), ""];
  if (drawing !== undefined) return title;
  if (classification === undefined) {
    return [
      ...title,
      ...Object.entries(metrics).map(([name, value]) => cut(`${metricTitle(name)} ${decimal(value)}`, width)),
    ];
  }
  const { top1, top3, nll } = metrics;
  const numbers = [`top-1 ${percent(top1)}`, `top-3 ${percent(top3)}`, `nll ${nll.toFixed(3)} nats`];
  const guessing = `guessing ${percent(classification.baseline)}`;
  const wide = [...numbers, guessing].join("   ").length <= width;
  const rest = `${numbers[2]}   ${dim(guessing)}`;
  return [...title, bold(numbers.slice(0, 2).join("   ")) + (wide ? "   " : "\n") + rest];
}

/** A name, a number and what it means, a line each. */
function drawingLines({ metrics, unit }: Evaluation, drawing: DrawingScore, { bold, dim, width }: Style): string[] {
  const { klPerStep, importance, nearest } = drawing;
  const { loss, reconstruction, kl, accuracy } = metrics;
  const steps = klPerStep.length === 1 ? "one step" : `${klPerStep.length} steps ${sparkline(klPerStep)}`;
  const rows: [name: string, value: string, meaning: string][] = [
    ["bound", decimal(loss), `nats a ${unit}, lower is better: -ln p is at most this`],
    ["reconstruction", decimal(reconstruction), "of it: drawing again what was seen"],
    ["KL", decimal(kl), `of it: what the latents hold, ${steps}`],
    ...(importance.samples > 1
      ? [["weighted bound", decimal(importance.bound), `tighter, by ${importance.samples} latents a ${unit}`]]
      : []) as typeof rows,
    ...(accuracy === undefined
      ? []
      : [["accuracy", percent(accuracy), "of the classifier on its filter maps"]]) as typeof rows,
    ...(nearest === undefined ? [] : [
      ["nearest", decimal(nearest.mean), `nats, sample to nearest training ${unit}; lower is closer`],
      [
        "",
        "",
        `${grouped(nearest.samples)} samples, sd ${decimal(nearest.standardDeviation)}, ` +
        `at most ${decimal(nearest.maximum)}`,
      ],
    ]) as typeof rows,
  ];
  const wide = Math.max(...rows.map(([, value]) => value.length));
  return rows.map(([name, value, meaning], i) => {
    const start = `${name.padEnd(15)}${value.padStart(wide)}`;
    return (i === 0 ? bold(start) : start) + dim(`  ${cut(meaning, width - start.length - 2)}`);
  });
}

/** Values above 0 as blocks of one to eight eighths. */
function sparkline(values: readonly number[]): string {
  const most = Math.max(...values);
  return values.map((value) => "▁▂▃▄▅▆▇█"[most > 0 ? Math.min(7, Math.floor(8 * value / most)) : 0]).join("");
}

function classTable({ perClass }: Classification, units: string, { bold, dim, good, bad, width }: Style): string[] {
  const sorted = byRecall(perClass);
  const short = sorted.length > MOST_LISTED;
  const shown = short ? [...sorted.slice(0, LISTED), ...sorted.slice(-LISTED)] : sorted;
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
  return ["", bold(head), ...rows];
}

function earlyCurve({ earlyRecognition }: Classification, { bold, good, width }: Style): string[] {
  if (earlyRecognition.length === 0) return [];
  const room = Math.min(40, width - 20);
  const bars = earlyRecognition.map(({ strokes, accuracy }) => {
    const eighths = Math.round(8 * room * accuracy);
    const bar = "█".repeat(eighths >> 3) + ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"][eighths & 7];
    return `${String(strokes).padStart(2)} ${strokes === 1 ? "stroke " : "strokes"} ${good(bar)} ${percent(accuracy)}`;
  });
  return ["", bold("recognised after the first"), ...bars];
}

function confusionList(classification: Classification, units: string, { bold, dim, width }: Style): string[] {
  const pairs = topConfusions(classification, MOST_CONFUSIONS);
  if (pairs.length === 0) return [];
  const lines = pairs.map(({ label, predicted, count, share }) => {
    const numbers = `${grouped(count).padStart(6)} ${dim(percent(share).padStart(7))}  `;
    const room = width - 16;
    const pair = `${label} -> ${predicted}`;
    return numbers + cut(pair, room);
  });
  const title = "most often confused";
  return ["", bold(width < 54 ? title : `${title}: ${units}, share of the true class`), ...lines];
}

/**
 * The classes with the best recall first; those without examples last.
 *
 * @example
 * ```ts
 * import { byRecall } from "./evaluation_text.ts";
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

function cut(text: string, room: number): string {
  const letters = [...text];
  return letters.length <= room ? text : `${letters.slice(0, room - 1).join("")}…`;
}
