/**
 * The report's charts, as SVG to be put into a page: drawn by ECharts, coloured by the page's CSS variables so that
 * they follow light and dark.
 *
 * @module
 */
import { InputError } from "../../pipelines/base/errors.ts";
import type { Classification } from "../evaluation/classification_tally.ts";
import { percent } from "../../pipelines/base/text.ts";
import { decimal, escapeHtml, metricTitle } from "../cli/text.ts";
import { evaluationLines, type Metrics } from "../runs/metrics.ts";

/** A point: x, y. */
export type Point = readonly [number, number];

/** Options of ECharts, of which this file names those that it sets: its own types would have it installed everywhere. */
type ChartOption = Readonly<Record<string, unknown>>;

/** A line of a chart. */
type LineSeries = Record<string, unknown> & { markPoint?: ChartOption; markLine?: ChartOption };

/** What is used of ECharts. */
interface Echarts {
  init(dom: null, theme: null, options: ChartOption): {
    setOption(option: ChartOption): void;
    renderToSVGString(): string;
    dispose(): void;
  };
}

const SIZE = { width: 460, height: 280 };
const FONT = "system-ui, sans-serif";
const MOST_POINTS = 400;

/**
 * Smooths a noisy curve: first at most 400 means of neighbours, then an exponential mean whose memory is a fiftieth of
 * the curve, corrected for its start (Kingma and Ba 2014, section 3).
 *
 * @param points In order of x.
 * @returns At most 400 points, `raw` (means of neighbours) and `smooth`.
 *
 * @example
 * ```ts
 * import { smoothed } from "./charts.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(smoothed([[1, 3], [2, 3]]).smooth, [[1, 3], [2, 3]]);
 * ```
 */
export function smoothed(points: readonly Point[]): { raw: Point[]; smooth: Point[] } {
  const bucket = Math.ceil(points.length / MOST_POINTS);
  const raw: Point[] = [];
  for (let i = 0; i < points.length; i += bucket) {
    const near = points.slice(i, i + bucket);
    const mean = (axis: 0 | 1) => near.reduce((sum, point) => sum + point[axis], 0) / near.length;
    raw.push([mean(0), mean(1)]);
  }
  const decay = 1 - 1 / Math.max(1, raw.length / 50);
  let [sum, weight] = [0, 0];
  const smooth = raw.map(([x, y]): Point => {
    sum = decay * sum + (1 - decay) * y;
    weight = decay * weight + (1 - decay);
    return [x, sum / weight];
  });
  return { raw, smooth };
}

/** What a line measured. */
const valuesOf = (line: Metrics) => line.kind === "step" ? line.train : line.valid;

/**
 * The metrics that a run measured on valid, the loss first; the loss alone where it was not evaluated yet.
 *
 * @param metrics The lines of `metrics.jsonl`.
 *
 * @example
 * ```ts
 * import { measuredMetrics } from "./charts.ts";
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
 * A metric over the training steps: the training curve smoothed over its pale raw self, the validation points, those of
 * the best evaluation marked, and a dashed line for guessing. `accuracy` is a share, 0 to 1.
 *
 * @param metrics The lines of `metrics.jsonl`.
 * @param options `metric`: which number to draw; `guessing`: what guessing reaches, where there is such a thing.
 * @returns An `<svg>` element, or undefined where no line has that number.
 *
 * @example
 * ```ts
 * import { learningCurve } from "./charts.ts";
 * import { assertStringIncludes } from "@std/assert";
 *
 * const rest = { epoch: 1, clock: { seconds: 2 }, steps: 1, rates: { learningRate: 0.1, examplesPerSecond: 9 } };
 * const lines = [2, 1].map((loss, i) => ({ kind: "step" as const, step: i + 1, ...rest, train: { loss } }));
 * const svg = await learningCurve(lines, { metric: "loss", guessing: Math.log(10) });
 * assertStringIncludes(svg ?? "", "<svg");
 * ```
 */
export async function learningCurve(
  metrics: readonly Metrics[],
  { metric, guessing }: { metric: string; guessing?: number | undefined },
): Promise<string | undefined> {
  const measured = metrics.filter((line) => Number.isFinite(valuesOf(line)[metric]));
  const point = (line: Metrics): Point => [line.step, valuesOf(line)[metric]];
  const points = (kind: Metrics["kind"]) => measured.filter((line) => line.kind === kind).map(point);
  const [train, valid] = [points("step"), points("evaluation")];
  if (train.length + valid.length === 0) return undefined;
  const { raw, smooth } = smoothed(train);
  const best = measured.findLast((line) => line.kind === "evaluation" && line.best === true);
  const isShare = metric === "accuracy";
  const series: LineSeries[] = [
    { ...line("train, each line", "var(--train)", raw), lineStyle: { color: "var(--train)", width: 1, opacity: 0.3 } },
    line("train", "var(--train)", smooth),
    { ...line("valid", "var(--valid)", valid), showSymbol: valid.length <= 30, symbolSize: 5 },
  ];
  if (best) {
    // The validation curve mostly runs on the worse side of the training curve; the label goes to the free side.
    const position = isShare ? "bottom" : "top";
    const [step, value] = point(best);
    const isNearEnd = step > 0.85 * metrics.reduce((last, line) => Math.max(last, line.step), 0);
    const align = isNearEnd ? "right" : "center"; // or the chart's edge cuts it
    series[2].markPoint = bestMark(point(best), { text: isShare ? percent(value) : decimal(value), position, align });
  }
  if (guessing !== undefined) series[2].markLine = guessingLine(guessing);
  const isNegative = [...raw, ...valid].some(([, value]) => value < 0);
  return await draw({
    label: `${metricTitle(metric)} over the training steps`,
    option: {
      legend: {
        data: [...(train.length ? ["train"] : []), ...(valid.length ? ["valid"] : [])],
        ...{
          top: 0,
          left: 44,
          itemWidth: 18,
          itemHeight: 4,
          itemGap: 18,
          icon: "roundRect",
          textStyle: text("var(--text)"),
        },
      },
      xAxis: { ...axis("step"), type: "value", max: "dataMax", splitLine: { show: false } },
      yAxis: isShare
        ? {
          ...axis(),
          type: "value",
          min: 0,
          max: 1,
          axisLabel: { ...text(), formatter: (value: number) => percent(value, 0) },
        }
        : { ...axis(), type: "value", ...(isNegative ? { scale: true } : { min: 0 }), axisLabel: text() },
      series,
    },
  });
}

/**
 * Accuracy after the first strokes, each point with its number.
 *
 * @param classification Its `earlyRecognition`, and `baseline` for the dashed line.
 * @returns An `<svg>` element, or undefined where nothing was tried.
 *
 * @example
 * ```ts
 * import { earlyRecognitionCurve } from "./charts.ts";
 * import { assertStringIncludes } from "@std/assert";
 *
 * const svg = await earlyRecognitionCurve({ earlyRecognition: [{ strokes: 1, accuracy: 0.5 }], baseline: 0.1 });
 * assertStringIncludes(svg ?? "", "50.0 %");
 * ```
 */
export async function earlyRecognitionCurve(
  { earlyRecognition, baseline }: Pick<Classification, "earlyRecognition" | "baseline">,
): Promise<string | undefined> {
  if (earlyRecognition.length === 0) return undefined;
  const curve = line("accuracy", "var(--accent)", earlyRecognition.map(({ accuracy }) => accuracy));
  return await draw({
    label: "Accuracy after the first strokes",
    option: {
      xAxis: {
        ...axis("strokes shown"),
        type: "category",
        data: earlyRecognition.map(({ strokes }) => String(strokes)),
      },
      yAxis: {
        ...axis(),
        type: "value",
        min: 0,
        max: 1,
        axisLabel: { ...text(), formatter: (value: number) => percent(value, 0) },
      },
      series: [{
        ...curve,
        ...{ showSymbol: true, symbolSize: 7, areaStyle: { color: "var(--accent)", opacity: 0.1 } },
        label: {
          ...onPaper,
          ...{ show: true, position: "top", formatter: ({ value }: { value?: unknown }) => percent(Number(value)) },
        },
        markLine: guessingLine(baseline),
      }],
    },
  });
}

/**
 * The divergence of each step's latent from the prior, as bars.
 *
 * @param klPerStep Nats, [T], 1 or more of them.
 * @returns An `<svg>` element.
 *
 * @example
 * ```ts
 * import { klChart } from "./charts.ts";
 * import { assertStringIncludes } from "@std/assert";
 *
 * assertStringIncludes(await klChart([5.25, 1]), ">5.3</text>");
 * ```
 */
export async function klChart(klPerStep: readonly number[]): Promise<string> {
  const formatter = ({ value }: { value?: unknown }) => Number(value).toFixed(1);
  return await draw({
    label: "KL by step",
    option: {
      xAxis: { ...axis("step"), type: "category", data: klPerStep.map((_, t) => String(t + 1)) },
      yAxis: { ...axis(), type: "value", min: 0, axisLabel: text() },
      series: [{
        ...{ type: "bar", silent: true, data: [...klPerStep], barCategoryGap: "25%" },
        itemStyle: { color: "var(--accent)", borderRadius: [2, 2, 0, 0] },
        label: { ...text("var(--text)"), show: klPerStep.length <= 20, position: "top", formatter },
      }],
    },
  });
}

function text(color = "var(--muted)"): { color: string; fontFamily: string; fontSize: number } {
  return { color, fontFamily: FONT, fontSize: 12 };
}

/** Text with a rim of the card's own colour, to stand upon a line. */
const onPaper = { ...text("var(--text)"), textBorderColor: "var(--card)", textBorderWidth: 3 };

function axis(name = "") {
  return {
    ...{ name, nameLocation: "middle" as const, nameTextStyle: text(), axisLabel: text() },
    nameGap: 28,
    axisLine: { show: true, lineStyle: { color: "var(--grid)" } },
    axisTick: { show: false },
    splitLine: { lineStyle: { color: "var(--grid)" } },
  };
}

function line(name: string, color: string, data: readonly (Point | number)[]): LineSeries {
  return {
    ...{ type: "line", name, showSymbol: false, symbol: "circle", silent: true, emphasis: { disabled: true } },
    data,
    lineStyle: { color, width: 2 },
    itemStyle: { color },
  };
}

function bestMark(
  [x, y]: Point,
  { text: value, position, align }: { text: string; position: "top" | "bottom"; align: "center" | "right" },
): ChartOption {
  return {
    ...{ symbol: "circle", symbolSize: 10, silent: true, data: [{ name: "best", coord: [x, y] }] },
    itemStyle: { color: "var(--card)", borderColor: "var(--valid)", borderWidth: 2.5 },
    label: { ...onPaper, show: true, position, align, distance: 8, formatter: `best ${value}` },
  };
}

function guessingLine(value: number): ChartOption {
  return {
    ...{ symbol: "none", silent: true, data: [{ yAxis: value }] },
    lineStyle: { color: "var(--muted)", type: "dashed", width: 1 },
    label: { ...text(), position: "insideEndTop", formatter: "guessing" },
  };
}

/**
 * Runs ECharts. Its one-file build needs no permission (the many-file one asks for `NODE_ENV`) but takes a tenth of a
 * second to load, so only a report pays for it.
 */
async function draw({ option, label }: { option: ChartOption; label: string }): Promise<string> {
  const { init } = await importEcharts();
  const chart = init(null, null, { renderer: "svg", ssr: true, ...SIZE });
  try {
    chart.setOption({ animation: false, grid: { left: 46, right: 14, top: 34, bottom: 48 }, ...option });
    const svg: string = chart.renderToSVGString();
    return tidy(svg, label);
  } finally {
    chart.dispose(); // its clock would keep the process alive
  }
}

async function importEcharts(): Promise<Echarts> {
  const name: string = "echarts/dist/echarts.esm.min.mjs"; // a literal would have it installed where no report is made
  try {
    return await import(name);
  } catch (cause) {
    throw new InputError("a report's charts need npm:echarts, which is not here: deno add npm:echarts", { cause });
  }
}

/**
 * Leaves out what only a live chart needs (hover styles, marks for its scripts), and names ids after the chart: they come
 * from a counter of the process, and a page holds several charts.
 */
function tidy(svg: string, label: string): string {
  return svg.replaceAll(/<style[^]*?<\/style>\s*|\n| (?:class|pointer-events|ecmeta_\w+)="[^"]*"/g, "")
    .replaceAll(/\bzr\d+-/g, `${label.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-")}-`)
    .replace(
      /^<svg [^>]*?(viewBox="[^"]*")[^>]*>/,
      (_, viewBox) =>
        `<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="${escapeHtml(label)}" ${viewBox}>`,
    );
}
