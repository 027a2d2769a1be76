/**
 * A chart as SVG to be put into a page: drawn by ECharts, coloured by the page's CSS variables so that it follows light and
 * dark.
 *
 * @module
 */
import { InputError } from "../../pipelines/base/errors.ts";
import { percent } from "../../pipelines/base/text.ts";
import { escapeHtml } from "../cli/text.ts";
import { type Html, trusted } from "./html.ts";

/** A point: x, y. */
export type Point = readonly [number, number];

/** Options of ECharts, of which this folder names those that it sets: its own types would have it installed everywhere. */
type ChartOption = Readonly<Record<string, unknown>>;

/** A line of a chart. */
export type LineSeries = Record<string, unknown> & { markPoint?: ChartOption; markLine?: ChartOption };

/** What is used of ECharts. */
interface Echarts {
  init(dom: null, theme: null, options: ChartOption): {
    setOption(option: ChartOption): void;
    renderToSVGString(): string;
    dispose(): void;
  };
}

/** Where a chart's lines are, in a picture of this size. */
export const GRID = { left: 50, right: 14, top: 34, bottom: 48 };
const SIZE = { width: 440, height: 280 };
const FONT = "system-ui, sans-serif";

/** How a text of a chart looks. */
export function text(color = "var(--muted)"): { color: string; fontFamily: string; fontSize: number } {
  return { color, fontFamily: FONT, fontSize: 13 };
}

/** Text with a rim of the card's own colour, to stand upon a line. */
export const onPaper = { ...text("var(--text)"), textBorderColor: "var(--card)", textBorderWidth: 3 };

/** An axis and its name. */
export function axis(name = "") {
  return {
    ...{ name, nameLocation: "middle" as const, nameTextStyle: text(), axisLabel: text() },
    nameGap: 28,
    axisLine: { show: true, lineStyle: { color: "var(--grid)" } },
    axisTick: { show: false },
    splitLine: { lineStyle: { color: "var(--grid)" } },
  };
}

/** The scale of shares, 0 to 1. */
export function shareAxis() {
  const formatter = (value: number) => percent(value, 0);
  return { ...axis(), type: "value", min: 0, max: 1, axisLabel: { ...text(), formatter } };
}

/** The names of lines, above the chart. */
export function legend(names: readonly string[]): ChartOption {
  return {
    ...{ data: names, top: 0, left: 48, itemWidth: 18, itemHeight: 4, itemGap: 18, icon: "roundRect" },
    textStyle: text("var(--text)"),
  };
}

/** A line through points, or through values of categories; null where there is none. */
export function line(name: string, color: string, data: readonly (Point | number | null)[]): LineSeries {
  return {
    ...{ type: "line", name, showSymbol: false, symbol: "circle", silent: true, emphasis: { disabled: true } },
    data,
    lineStyle: { color, width: 2 },
    itemStyle: { color },
  };
}

/** A dashed line at what guessing reaches. */
export function guessingLine(value: number): ChartOption {
  return {
    ...{ symbol: "none", silent: true, data: [{ yAxis: value }] },
    lineStyle: { color: "var(--muted)", type: "dashed", width: 1 },
    label: { ...text(), position: "insideEndTop", formatter: "guessing" },
  };
}

/**
 * Draws a chart; `label` says what it is to those who do not see it. ECharts' one-file build needs no permission (the many-file one asks for `NODE_ENV`) but takes a tenth of a
 * second to load, so only a report pays for it.
 */
export async function drawChart({ option, label }: { option: ChartOption; label: string }): Promise<Html> {
  const { init } = await importEcharts();
  const chart = init(null, null, { renderer: "svg", ssr: true, ...SIZE });
  try {
    chart.setOption({ animation: false, grid: GRID, ...option });
    return trusted(tidy(chart.renderToSVGString(), label)); // ECharts escapes its texts, tidy the label
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
    .replaceAll(
      /\bzr\d+-/g,
      `${label.replaceAll(/[^A-Za-z0-9]/g, (letter) => `-${letter.charCodeAt(0).toString(16)}`)}-`,
    )
    .replace(
      /^<svg [^>]*?(viewBox="[^"]*")[^>]*>/,
      (_, viewBox) =>
        `<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="${escapeHtml(label)}" ${viewBox}>`,
    );
}
