/**
 * The part of a page that shows how a run was trained: a learning curve for each number that was measured.
 *
 * @module
 */
import { counted, grouped } from "../../pipelines/base/text.ts";
import { evaluationLines, type Metrics } from "../runs/metrics.ts";
import type { Evaluation } from "../evaluation/judges.ts";
import { type AbilityReport, titleOf } from "./ability_report.ts";
import { type Html, html, NOTHING } from "./html.ts";
import { curveNote, learningCurve, measuredMetrics } from "./learning_curve.ts";

/** What was measured, and in which words it is told. */
export interface TrainingCurves extends Partial<Pick<Evaluation, "objectives" | "meanings">> {
  /** The lines of `metrics.jsonl`; may be empty. */
  readonly metrics: readonly Metrics[];
  /** The examples of a training step at most, where that is known. */
  readonly batch?: number | undefined;
  /** What an example is called, such as `drawing`. */
  readonly unit: string;
}

/**
 * Learning curves; nothing where nothing was measured.
 *
 * @param readings How metrics are to be read, where that is known.
 */
export async function trainingSection(
  { metrics, batch, unit, meanings = {}, ...words }: TrainingCurves,
  readings: AbilityReport["metrics"] = {},
): Promise<Html> {
  const figures: Html[] = [];
  // Some are of training alone.
  for (const metric of new Set([...measuredMetrics(metrics), ...[readings, meanings].flatMap(Object.keys)])) {
    const { guessing, isNats = false, hasCurve = true, title: name = titleOf(metric, words) } = readings[metric] ?? {};
    if (!hasCurve) continue;
    const svg = await learningCurve(metrics, { metric, guessing, title: name });
    if (svg === undefined) continue;
    const title = name + (isNats ? `, nats a ${unit}` : "");
    const meaning = metric in meanings ? html`<p class="note">${meanings[metric]}</p>` : NOTHING;
    figures.push(html`<figure><h3>${title}</h3>${meaning}${svg}</figure>`);
  }
  if (figures.length === 0) return NOTHING;
  return html`
    <section>
      <h2>Training</h2>
      ${worryNotes(metrics).map((note) => html`<p class="note">Note: ${note}</p>`)}
      <p class="note">${curveNote(metrics, { unit, ...(batch === undefined ? {} : { batch }) })}</p>
      <div class="pair">${figures}</div>
    </section>
  `;
}

/** What was amiss while it was trained, each with the evaluations that it was found in. */
function worryNotes(metrics: readonly Metrics[]): string[] {
  const evaluations = evaluationLines(metrics);
  const worries = new Set(evaluations.flatMap(({ worries = [] }) => worries));
  return [...worries].map((worry) => {
    const steps = evaluations.filter(({ worries = [] }) => worries.includes(worry)).map(({ step }) => step);
    const last = steps.length > 1 ? ` to ${grouped(steps[steps.length - 1])}` : "";
    return `step ${grouped(steps[0])}${last}, ${steps.length} of ${
      counted(evaluations.length, "evaluation")
    }: ${worry}`;
  });
}
