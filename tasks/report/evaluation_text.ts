/**
 * An evaluation for the terminal.
 *
 * @module
 */
import type { Evaluation } from "../evaluation/judges.ts";
import { counted, grouped } from "../../pipelines/base/text.ts";
import { cut, decimal } from "../cli/text.ts";
import { painted } from "../cli/terminal.ts";
import { type MetricLeft, metricsLeft, type NumberLine, type TextStyle } from "./ability_report.ts";
import { abilityReports } from "./ability_reports.ts";

/** How {@linkcode formatEvaluation} writes. */
export interface FormatOptions {
  /** Whether to use ANSI colours. */
  readonly colour: boolean;
  /** Columns of the terminal; lines keep within them from 40 on. */
  readonly width: number;
}

/**
 * An evaluation as text: the numbers with what they mean, those of the objectives that no ability's report tells, and what
 * else there is to say of each ability.
 *
 * @param evaluation The verdict.
 * @param options Colour and width.
 * @returns Lines, without a line break at the end.
 *
 * @example
 * ```ts
 * import { formatEvaluation } from "./evaluation_text.ts";
 * import { assertStringIncludes } from "@std/assert";
 *
 * const subject = { model: "any", dataset: "quickdraw", split: "test", unit: "drawing", step: 10 } as const;
 * const likelihood = { bound: 9, reconstruction: 7, kl: 2, klPerStep: [2], importance: { samples: 1, bound: 9 } };
 * const evaluation = { ...subject, examples: 100, metrics: { loss: 9.1 }, likelihood };
 * assertStringIncludes(formatEvaluation(evaluation, { colour: false, width: 80 }), "bound          9.00");
 * ```
 */
export function formatEvaluation(evaluation: Evaluation, { colour, width }: FormatOptions): string {
  const paint = (code: number) => (text: string) => colour ? painted(code, text) : text;
  const style: TextStyle = {
    bold: paint(1),
    dim: paint(2),
    good: paint(36),
    bad: paint(33),
    width: Math.max(40, width),
  };
  const reports = abilityReports(evaluation);
  const { model, dataset, split, unit, examples, step } = evaluation;
  const subjects = reports.flatMap(({ subject }) => subject ?? []);
  const subject = [counted(examples, unit), ...subjects, `step ${grouped(step)}`].join(", ");
  const blocks = [
    [
      style.bold(cut(`${model} on ${dataset}, ${split} split`, style.width)),
      style.dim(cut(subject, style.width)),
    ],
    numberLines(reports.flatMap(({ numbers = [] }) => numbers), style),
    metricsLeft(evaluation, reports).map((metric) => metricLine(metric, style)),
    ...reports.flatMap(({ blocks }) => blocks?.(style) ?? []),
  ];
  return blocks.filter((lines) => lines.length > 0).map((lines) => lines.join("\n")).join("\n\n");
}

function metricLine({ title, value, meaning }: MetricLeft, { dim, width }: TextStyle): string {
  const start = cut(`${title} ${decimal(value)}`, width);
  return meaning === undefined ? start : start + dim(cut(`  ${meaning}`, width - start.length));
}

/** A name, a number and what it means, a line each. */
function numberLines(numbers: readonly NumberLine[], { bold, dim, width }: TextStyle): string[] {
  const wide = Math.max(...numbers.map(({ value }) => value.length));
  return numbers.map(({ name, value, meaning }, i) => {
    const start = `${name.padEnd(15)}${value.padStart(wide)}`;
    return (i === 0 ? bold(start) : start) + dim(`  ${cut(meaning, width - start.length - 2)}`);
  });
}
