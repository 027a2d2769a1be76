/**
 * The charts of a report beside its learning curves.
 *
 * @module
 */
import { percent } from "../../pipelines/base/text.ts";
import type { Classification } from "../evaluation/classification_tally.ts";
import { axis, drawChart, GRID, guessingLine, legend, line, onPaper, shareAxis, text } from "./chart.ts";
import type { Html } from "./html.ts";

const [ALL, UNFINISHED] = ["all", "not complete by then"];

/**
 * Accuracy after the first strokes, of all drawings and of those that are not complete by then, each point with its number.
 *
 * @param classification Its `earlyRecognition`, and `baseline` for the dashed line.
 * @returns An `<svg>` element, or undefined where nothing was tried.
 *
 * @example
 * ```ts
 * import { earlyRecognitionCurve } from "./charts.ts";
 * import { assertStringIncludes } from "@std/assert";
 *
 * const earlyRecognition = [{ strokes: 1, accuracy: 0.5, complete: 0.2, unfinished: { examples: 8, accuracy: 0.4 } }];
 * const svg = await earlyRecognitionCurve({ earlyRecognition, baseline: 0.1 });
 * assertStringIncludes(String(svg), "50.0 %");
 * ```
 */
export async function earlyRecognitionCurve(
  { earlyRecognition, baseline }: Pick<Classification, "earlyRecognition" | "baseline">,
): Promise<Html | undefined> {
  if (earlyRecognition.length === 0) return undefined;
  const all = earlyRecognition.map(({ accuracy }) => accuracy);
  const unfinished = earlyRecognition.map(({ unfinished }) => unfinished.accuracy);
  const formatter = ({ value }: { value?: unknown }) => percent(Number(value));
  // The number of the higher point goes above it, that of the lower one below, so that they do not meet.
  const numbered = (values: readonly (number | null)[], others: readonly (number | null)[]) => ({
    ...{ showSymbol: true, symbolSize: 7, label: { ...onPaper, show: true, formatter } },
    data: values.map((value, i) => {
      const isLower = value !== null && value < (others[i] ?? 0);
      return { value, label: { position: isLower ? "bottom" : "top" } };
    }),
  });
  return await drawChart({
    label: "Accuracy after the first strokes",
    option: {
      legend: legend(unfinished.every((accuracy) => accuracy === null) ? [ALL] : [ALL, UNFINISHED]),
      grid: { ...GRID, top: 54 }, // room for numbers above 100 %
      xAxis: {
        ...axis("strokes shown"),
        type: "category",
        data: earlyRecognition.map(({ strokes }) => String(strokes)),
      },
      yAxis: shareAxis(),
      series: [{
        ...line(ALL, "var(--accent)", []),
        ...numbered(all, unfinished),
        markLine: guessingLine(baseline),
      }, { ...line(UNFINISHED, "var(--valid)", []), ...numbered(unfinished, all) }],
    },
  });
}

/**
 * The divergence of latents from the prior, as bars.
 *
 * @param klPerStep Nats, [T], 1 or more of them.
 * @param what What there is a bar of; a step when left out.
 * @returns An `<svg>` element.
 *
 * @example
 * ```ts
 * import { klChart } from "./charts.ts";
 * import { assertStringIncludes } from "@std/assert";
 *
 * assertStringIncludes(String(await klChart([5.25, 1])), ">5.3</text>");
 * ```
 */
export async function klChart(klPerStep: readonly number[], what = "step"): Promise<Html> {
  const digits = Math.max(...klPerStep) < 1 ? 3 : 1;
  const formatter = ({ value }: { value?: unknown }) => Number(value).toFixed(digits);
  return await drawChart({
    label: `KL by ${what}`,
    option: {
      xAxis: { ...axis(what), type: "category", data: klPerStep.map((_, t) => String(t + 1)) },
      yAxis: { ...axis(), type: "value", min: 0, axisLabel: text() },
      series: [{
        ...{ type: "bar", silent: true, data: [...klPerStep], barCategoryGap: "25%" },
        itemStyle: { color: "var(--accent)", borderRadius: [2, 2, 0, 0] },
        label: {
          ...text("var(--text)"),
          show: klPerStep.length <= (digits === 1 ? 20 : 10),
          position: "top",
          formatter,
        },
      }],
    },
  });
}
