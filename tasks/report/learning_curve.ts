/**
 * Learning curves: what was measured while a run was trained.
 *
 * @module
 */
import { counted, percent } from "../../pipelines/base/text.ts";
import { decimal, metricTitle } from "../cli/text.ts";
import { evaluationLines, type Metrics, stepLines, type StepMetrics } from "../runs/metrics.ts";
import {
  axis,
  drawChart,
  guessingLine,
  legend,
  line,
  type LineSeries,
  onPaper,
  type Point,
  shareAxis,
  text,
} from "./chart.ts";
import type { Html } from "./html.ts";

const MOST_POINTS = 400;

/** A mean over consecutive steps. */
export interface StepMean {
  /** The last of the steps. */
  readonly step: number;
  /** How many steps, 1 or more. */
  readonly steps: number;
  readonly value: number;
}

/** A curve of means over steps; each point stands at the middle of its steps. */
export interface SmoothCurve {
  /** At most 400 means, each over about as many steps as the others. */
  readonly raw: readonly Point[];
  /** An exponential mean of them. */
  readonly smooth: readonly Point[];
  /** The fewest and the most steps that a point of `raw` is the mean of. */
  readonly span: readonly [fewest: number, most: number];
  /** The steps that `smooth` remembers; 0 where it is `raw` as it is. */
  readonly memory: number;
}

/**
 * Smooths a noisy curve, each step with the same weight. Neighbours are joined until a point is the mean of as many steps
 * as the longest of the means (those before an evaluation or an interruption may be of few), and of a four hundredth of all;
 * then an exponential mean is taken whose memory is a fiftieth of the steps, where that is more than a point has, corrected
 * for its start (Kingma and Ba 2014, section 3).
 *
 * @param means In order of their steps.
 *
 * @example One step that was good does not stand out among means of ten
 * ```ts
 * import { smoothed } from "./learning_curve.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const means = [{ step: 10, steps: 10, value: 0.5 }, { step: 11, steps: 1, value: 1 }, { step: 20, steps: 9, value: 0.5 }];
 * assertEquals(smoothed(means).raw, [[5.5, 0.5], [15.5, 0.55]]);
 * ```
 */
export function smoothed(means: readonly StepMean[]): SmoothCurve {
  const total = means.reduce((sum, { steps }) => sum + steps, 0);
  const enough = means.reduce((most, { steps }) => Math.max(most, steps), total / MOST_POINTS);
  const buckets: { steps: number; x: number; y: number }[] = []; // x and y are sums over the steps
  let left = total;
  for (const { step, steps, value } of means) {
    const [x, y] = [steps * (step - (steps - 1) / 2), steps * value];
    const last = buckets.at(-1);
    // What is left behind a full point must be enough for another.
    if (last && (last.steps < enough || left < enough)) {
      last.steps += steps;
      last.x += x;
      last.y += y;
    } else {
      buckets.push({ steps, x, y });
    }
    left -= steps;
  }
  const raw = buckets.map(({ steps, x, y }): Point => [x / steps, y / steps]);
  const memory = total / 50 > enough ? total / 50 : 0;
  let [sum, weight] = [0, 0];
  const smooth = buckets.map(({ steps }, i): Point => {
    const kept = memory === 0 ? 0 : (1 - 1 / memory) ** steps;
    sum = kept * sum + (1 - kept) * raw[i][1];
    weight = kept * weight + (1 - kept);
    return [raw[i][0], sum / weight];
  });
  const sizes = buckets.map(({ steps }) => steps);
  const span = sizes.length === 0 ? [0, 0] as const : [Math.min(...sizes), Math.max(...sizes)] as const;
  return { raw, smooth, span, memory };
}

/** Lines in order of their steps; of two of one step, as a file that was pieced together may have, the later counts. */
export function inOrder<L extends Metrics>(lines: readonly L[]): L[] {
  return [...new Map(lines.map((line) => [line.step, line])).values()].sort((a, b) => a.step - b.step);
}

/** The means of a metric over training steps. */
export function meansOf(lines: readonly StepMetrics[], metric: string): StepMean[] {
  return inOrder(lines).filter(({ train }) => Number.isFinite(train[metric])).map(({ step, steps, train }) => (
    { step, steps: steps >= 1 ? steps : 1, value: train[metric] }
  ));
}

/**
 * The metrics that a run measured on valid, the loss first; the loss alone where it was not evaluated yet.
 *
 * @param metrics The lines of `metrics.jsonl`.
 *
 * @example
 * ```ts
 * import { measuredMetrics } from "./learning_curve.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const place = { step: 9, epoch: 1, clock: { seconds: 2 } };
 * const line = { kind: "evaluation", ...place, valid: { kl: 2, loss: 5 }, best: true } as const;
 * assertEquals(measuredMetrics([line]), ["loss", "kl"]);
 * ```
 */
export function measuredMetrics(metrics: readonly Metrics[]): string[] {
  return [...new Set(["loss", ...evaluationLines(metrics).flatMap(({ valid }) => Object.keys(valid))])];
}

/**
 * What the curves of a run show, in sentences.
 *
 * @param metrics The lines of `metrics.jsonl`.
 * @param about `unit`: what an example is called; `batch`: the examples of a step, where that is known.
 *
 * @example
 * ```ts
 * import { curveNote } from "./learning_curve.ts";
 * import { assertStringIncludes } from "@std/assert";
 *
 * const rest = { epoch: 1, clock: { seconds: 2 }, steps: 10, rates: { learningRate: 0.1, examplesPerSecond: 9 } };
 * const lines = [20, 10].map((loss, i) => ({ kind: "step" as const, step: 10 * i + 10, ...rest, train: { loss } }));
 * assertStringIncludes(curveNote(lines, { unit: "digit", batch: 32 }), "means over 10 steps of up to 32 digits each");
 * ```
 */
export function curveNote(metrics: readonly Metrics[], { unit, batch }: { unit: string; batch?: number }): string {
  const { span: [fewest, most], memory } = smoothed(meansOf(stepLines(metrics), "loss"));
  const steps = `${fewest === most ? "" : `${fewest} to `}${counted(most, "step")}`;
  const of = batch === undefined ? "" : ` of up to ${counted(batch, unit)}${most === 1 ? "" : " each"}`;
  const means =
    `means over ${steps}${of}, measured on the ${unit}s that are learnt from, just before each step changes ` +
    "the weights.";
  const train = memory === 0
    ? `Train: ${means}`
    : `Train, pale: ${means} Train, strong: a moving mean of these that remembers ${Math.round(memory)} steps.`;
  const valid =
    "Valid: the whole valid split, by the weights after that step (their running mean, where the run keeps " +
    "one). The ring marks the best evaluation.";
  return [...(most > 0 ? [train] : []), ...(evaluationLines(metrics).length > 0 ? [valid] : [])].join(" ");
}

/**
 * A metric over the training steps: the training curve smoothed over its pale raw self, the validation points, those of
 * the best evaluation marked, and a dashed line for guessing. An accuracy, such as `accuracy` and `realAccuracy`, is a share, 0 to 1.
 *
 * @param metrics The lines of `metrics.jsonl`.
 * @param options `metric`: which number to draw; `guessing`: what guessing reaches, where there is such a thing; `title`: what
 * the number is called, its own name in words when left out.
 * @returns An `<svg>` element, or undefined where no line has that number.
 *
 * @example
 * ```ts
 * import { learningCurve } from "./learning_curve.ts";
 * import { assertStringIncludes } from "@std/assert";
 *
 * const rest = { epoch: 1, clock: { seconds: 2 }, steps: 1, rates: { learningRate: 0.1, examplesPerSecond: 9 } };
 * const lines = [2, 1].map((loss, i) => ({ kind: "step" as const, step: i + 1, ...rest, train: { loss } }));
 * const svg = await learningCurve(lines, { metric: "loss", guessing: Math.log(10) });
 * assertStringIncludes(String(svg), "<svg");
 * ```
 */
export async function learningCurve(
  metrics: readonly Metrics[],
  { metric, guessing, title = metricTitle(metric) }: { metric: string; guessing?: number | undefined; title?: string },
): Promise<Html | undefined> {
  const evaluations = inOrder(evaluationLines(metrics));
  const valid = evaluations.map(({ step, valid }): Point => [step, valid[metric]]).filter(([, y]) =>
    Number.isFinite(y)
  );
  const { raw, smooth } = smoothed(meansOf(stepLines(metrics), metric));
  if (raw.length + valid.length === 0) return undefined;
  const best = evaluations.findLast(({ best }) => best === true);
  const isShare = /accuracy$/i.test(metric);
  const series: LineSeries[] = [
    { ...line("train, pale", "var(--train)", raw), lineStyle: { color: "var(--train)", width: 1, opacity: 0.3 } },
    { ...line("train", "var(--train)", smooth), showSymbol: smooth.length === 1 }, // a line of one point is none
    { ...line("valid", "var(--valid)", valid), showSymbol: valid.length <= 30, symbolSize: 5 },
  ];
  if (best && Number.isFinite(best.valid[metric])) {
    const { step, valid: { [metric]: value } } = best;
    // The validation curve mostly runs on the worse side of the training curve; the label goes to the free side.
    const position = isShare ? "bottom" : "top";
    const isNearEnd = step > 0.85 * metrics.reduce((last, line) => Math.max(last, line.step), 0);
    const align = isNearEnd ? "right" : "center"; // or the chart's edge cuts it
    series[2].markPoint = bestMark([step, value], { text: isShare ? percent(value) : decimal(value), position, align });
  }
  if (guessing !== undefined) series[2].markLine = guessingLine(guessing);
  const isNegative = [...raw, ...valid].some(([, value]) => value < 0);
  return await drawChart({
    label: `${title} over the training steps`,
    option: {
      legend: legend([...(raw.length ? ["train"] : []), ...(valid.length ? ["valid"] : [])]),
      xAxis: {
        ...axis("step"),
        type: "value",
        max: metrics.reduce((last, line) => Math.max(last, line.step), 0),
        splitLine: { show: false },
      },
      yAxis: isShare
        ? shareAxis()
        : { ...axis(), type: "value", ...(isNegative ? { scale: true } : { min: 0 }), axisLabel: text() },
      series,
    },
  });
}

function bestMark(
  [x, y]: Point,
  { text: value, position, align }: { text: string; position: "top" | "bottom"; align: "center" | "right" },
): Readonly<Record<string, unknown>> {
  return {
    ...{ symbol: "circle", symbolSize: 10, silent: true, data: [{ name: "best", coord: [x, y] }] },
    itemStyle: { color: "var(--card)", borderColor: "var(--valid)", borderWidth: 2.5 },
    label: { ...onPaper, show: true, position, align, distance: 8, formatter: `best ${value}` },
  };
}
