/**
 * The curves of several runs over each other.
 *
 * @module
 */
import { metricTitle } from "../../cli/text.ts";
import { evaluationLines, type Metrics, stepLines } from "../../runs/metrics.ts";
import { axis, drawChart, line, type LineSeries, type Point, shareAxis, text } from "../chart.ts";
import { type Html, html } from "../html.ts";
import { inOrder, meansOf, measuredMetrics, smoothed } from "../learning_curve.ts";
import type { ComparedRun } from "./compared_run.ts";

/** Colours of runs, on light and on dark, of one brightness each and told apart by the colour-blind as far as eight can be. */
const COLOURS = [
  ...[["#1f6fb4", "#5cabee"], ["#d65a16", "#f59150"], ["#1c8a5a", "#4fc28c"], ["#9146a8", "#c98be0"]],
  ...[["#a07800", "#dcb53c"], ["#c2366a", "#f27ba6"], ["#3f7f8c", "#74c0cf"], ["#7a5a3c", "#c4a484"]],
] as const;
/** Behind the last colour they begin again, with other lines. */
const LINES = ["solid", "dashed", "dotted"] as const;

/** CSS variables of the colours. */
export const RUN_COLOURS: string = [
  `:root { ${COLOURS.map(([light], i) => `--run-${i}: ${light};`).join(" ")} }`,
  `@media screen and (prefers-color-scheme: dark) { :root { ${
    COLOURS.map(([, dark], i) => `--run-${i}: ${dark};`).join(" ")
  } } }`,
].join("\n");

const colourOf = (i: number): string => `var(--run-${i % COLOURS.length})`;
const lineOf = (i: number) => LINES[Math.floor(i / COLOURS.length) % LINES.length];

/** Whose line is which. */
export function runKey(names: readonly string[]): Html {
  const items = names.map((name, i) =>
    html`<span class="key"><i style="border-top:3px ${lineOf(i)} ${colourOf(i)}"></i>${name}</span>`
  );
  return html`<p class="runs">${items}</p>`;
}

/** How the curves are to be read. */
export const CURVES_NOTE =
  "Strong: the whole valid split, the best evaluation ringed. Pale: means over training steps. Steps of other batch sizes " +
  "see other numbers of examples; time is that spent training, on whatever else the machine did meanwhile.";

/** A metric that two runs or more have measured: on train and on valid over the steps, on valid over the time. */
export interface MetricCurves {
  readonly metric: string;
  readonly title: string;
  readonly overSteps: Html;
  /** Missing where nothing was measured on valid. */
  readonly overTime: Html | undefined;
}

/** A run whose curves are drawn; those of one name look alike. */
export type CurvedRun = Pick<ComparedRun, "name" | "metrics"> & {
  readonly summary: Pick<ComparedRun["summary"], "seconds">;
};

/** The curves of all metrics that two runs or more have measured, or the only one, the loss first. */
export async function runCurves(runs: readonly CurvedRun[]): Promise<MetricCurves[]> {
  const measured = runs.map(({ metrics }) => metrics.length === 0 ? [] : measuredMetrics(metrics));
  const shared = [...new Set(measured.flat())].filter((metric) =>
    measured.filter((own) => own.includes(metric)).length >= Math.min(2, runs.length)
  );
  const looks = [...new Set(runs.map(({ name }) => name))];
  const found: MetricCurves[] = [];
  for (const metric of shared) {
    const title = metricTitle(metric);
    const series = runs.flatMap(({ name, metrics }) => overSteps(metrics, { metric, name, i: looks.indexOf(name) }));
    if (series.length === 0) continue;
    found.push({
      ...{ metric, title },
      overSteps: await chart(metric, series, { label: `${title} over the training steps`, x: "step", isWhole: true }),
      overTime: await overTime(runs, metric, { title, looks }),
    });
  }
  return found;
}

interface Shown {
  readonly metric: string;
  readonly name: string;
  readonly i: number;
}

/** A run's pale curve of training and its strong one on valid, the best evaluation ringed. */
function overSteps(metrics: readonly Metrics[], { metric, name, i }: Shown): LineSeries[] {
  const { smooth } = smoothed(meansOf(stepLines(metrics), metric));
  const evaluations = inOrder(evaluationLines(metrics)).filter(({ valid }) => Number.isFinite(valid[metric]));
  const valid = evaluations.map(({ step, valid }): Point => [step, valid[metric]]);
  const best = evaluations.findLast(({ best }) => best);
  const strong = validLine(valid, { name, i });
  if (best) strong.markPoint = ring([best.step, best.valid[metric]], i);
  return [
    ...smooth.length === 0 ? [] : [{
      ...line(`${name}, train`, colourOf(i), smooth),
      lineStyle: { color: colourOf(i), width: 1.2, opacity: 0.5, type: lineOf(i) },
    }],
    ...valid.length === 0 ? [] : [strong],
  ];
}

async function overTime(
  runs: readonly CurvedRun[],
  metric: string,
  { title, looks }: { readonly title: string; readonly looks: readonly string[] },
): Promise<Html | undefined> {
  const longest = Math.max(...runs.map(({ summary }) => summary.seconds ?? 0));
  const [unit, seconds] = longest > 7200 ? ["hours", 3600] : longest > 120 ? ["minutes", 60] : ["seconds", 1];
  const series = runs.flatMap(({ name, metrics }) => {
    const points = inOrder(evaluationLines(metrics)).filter(({ valid }) => Number.isFinite(valid[metric]))
      .map(({ valid, clock }): Point => [clock.seconds / seconds, valid[metric]]);
    return points.length === 0 ? [] : [validLine(points, { name, i: looks.indexOf(name) })];
  });
  if (series.length === 0) return undefined;
  return await chart(metric, series, { label: `${title} over the time of training`, x: `${unit} of training` });
}

function validLine(points: readonly Point[], { name, i }: Omit<Shown, "metric">): LineSeries {
  return {
    ...line(name, colourOf(i), points),
    lineStyle: { color: colourOf(i), width: 2, type: lineOf(i) },
    ...{ showSymbol: points.length <= 30, symbolSize: 5 },
  };
}

function ring([x, y]: Point, i: number): Readonly<Record<string, unknown>> {
  return {
    ...{ symbol: "circle", symbolSize: 10, silent: true, data: [{ coord: [x, y] }], label: { show: false } },
    itemStyle: { color: "var(--card)", borderColor: colourOf(i), borderWidth: 2.5 },
  };
}

async function chart(
  metric: string,
  series: readonly LineSeries[],
  { label, x, isWhole = false }: { readonly label: string; readonly x: string; readonly isWhole?: boolean },
): Promise<Html> {
  const points = series.flatMap(({ data }) => data as readonly Point[]);
  const isNegative = points.some(([, y]) => y < 0);
  const isShare = metric === "accuracy";
  return await drawChart({
    label,
    option: {
      // A last number of many digits would be written out in full.
      xAxis: {
        ...{ ...axis(x), type: "value", splitLine: { show: false } },
        ...(isWhole ? { max: Math.max(...points.map(([x]) => x)) } : {}),
      },
      yAxis: isShare
        ? shareAxis()
        : { ...axis(), type: "value", ...(isNegative ? { scale: true } : { min: 0 }), axisLabel: text() },
      series,
    },
  });
}

/** Accuracy after the first strokes of all runs that two or more have; undefined where there are not as many. */
export async function earlyCurves(runs: readonly ComparedRun[]): Promise<Html | undefined> {
  const early = runs.map(({ evaluation }) => evaluation?.classification?.earlyRecognition ?? []);
  if (early.filter(({ length }) => length > 0).length < 2) return undefined;
  const series = runs.flatMap(({ name }, i) =>
    early[i].length === 0
      ? []
      : [validLine(early[i].map(({ strokes, accuracy }): Point => [strokes, accuracy]), { name, i })]
  );
  const most = Math.max(...early.flat().map(({ strokes }) => strokes));
  return await drawChart({
    label: "Accuracy after the first strokes",
    option: {
      xAxis: {
        ...axis("strokes shown"),
        type: "value",
        min: 1,
        max: Math.max(2, most),
        interval: 1,
        splitLine: { show: false },
      },
      yAxis: shareAxis(),
      series,
    },
  });
}
