import { assert, assertAlmostEquals, assertEquals, assertStringIncludes } from "@std/assert";
import {
  earlyRecognitionCurve,
  learningCurve,
  measuredMetrics,
  type Point,
  smoothed,
} from "../../../tasks/report/charts.ts";
import { confusionChart } from "../../../tasks/report/confusion_chart.ts";
import type { Metrics } from "../../../tasks/runs/metrics.ts";
import { evaluationLine, stepLine } from "../lines.ts";
import { decode } from "fast-png";

const METRICS: Metrics[] = [
  stepLine(10, { loss: 2.3, accuracy: 0.1 }),
  stepLine(20, { loss: 1.2, accuracy: 0.5 }),
  evaluationLine(20, { loss: 1.4, accuracy: 0.45 }, true),
  stepLine(30, { loss: 0.9, accuracy: 0.7 }),
  evaluationLine(30, { loss: 1.5, accuracy: 0.43 }),
];

const chart = (...given: Parameters<typeof confusionChart>) => String(confusionChart(...given));

/** The texts of an SVG, in order. */
function texts(svg: string): string[] {
  return [...svg.matchAll(/<text[^>]*>([^<]*)<\/text>/g)].map(([, text]) => text);
}

Deno.test("a learning curve names its lines, its best evaluation and guessing", async () => {
  const loss = await learningCurve(METRICS, { metric: "loss", guessing: Math.log(10) });
  for (const text of ["train", "valid", "best 1.40", "guessing", "step"]) {
    assert(texts(loss!).includes(text), `${text} is not among ${texts(loss!)}`);
  }
  const accuracy = await learningCurve(METRICS, { metric: "accuracy", guessing: 0.1 });
  for (const text of ["best 45.0 %", "0 %", "100 %"]) assert(texts(accuracy!).includes(text), text);
});

Deno.test("the best mark is the last one", async () => {
  const metrics: Metrics[] = [...METRICS, evaluationLine(40, { loss: 1.1 }, true)];
  const svg = await learningCurve(metrics, { metric: "loss", guessing: 2 });
  assertEquals(texts(svg!).filter((text) => text.startsWith("best")), ["best 1.10"]);
});

Deno.test("the best mark's label ends at its point where that is near the right edge", async () => {
  const anchor = async (best: number) => {
    const metrics = [10, 20, 100].map((step): Metrics => (evaluationLine(step, { loss: 1 }, step === best)));
    const svg = await learningCurve(metrics, { metric: "loss" });
    return /text-anchor="(\w+)"[^>]*>best/.exec(svg!)?.[1];
  };
  assertEquals([await anchor(20), await anchor(100)], ["middle", "end"]);
});

Deno.test("any metric has its curve, on a scale of its own and without guessing", async () => {
  const metrics: Metrics[] = [
    stepLine(10, { loss: -1, kl: 900, gradientNorm: 2 }),
    evaluationLine(10, { kl: 1234.5, loss: -1.25 }, true),
  ];
  assertEquals(measuredMetrics(metrics), ["loss", "kl"]);
  assertEquals(measuredMetrics(metrics.slice(0, 1)), ["loss"]);
  const [loss, kl] = await Promise.all(["loss", "kl"].map((metric) => learningCurve(metrics, { metric })));
  assert(texts(loss!).includes("best -1.25") && texts(kl!).includes("best 1,235"));
  assert(!texts(loss!).includes("guessing"));
  const below = texts(loss!).map(Number).filter((value) => value < 0);
  assert(Math.min(...below) <= -1.25 && Math.max(...below) <= -1, `${below}`); // not from 0 on
  assert(!texts(kl!).some((text) => Number(text) < 0) && texts(kl!).includes("1,200"), `${texts(kl!)}`);
  assertStringIncludes(kl!, 'aria-label="KL over the training steps"');
});

Deno.test("a chart is one svg in the page's colours, the same every time, and asks for nothing", async () => {
  const draw = () => learningCurve(METRICS, { metric: "loss", guessing: 2 });
  const svg = await draw();
  assertEquals(svg, await draw());
  assert(svg!.startsWith("<svg ") && svg!.endsWith("</svg>"));
  assertStringIncludes(svg!, "var(--valid)");
  assertEquals(svg!.match(/https?:[^"]*|url\((?!#)|<script|href/g), ["http://www.w3.org/2000/svg"]);
});

Deno.test("what was not measured is not drawn", async () => {
  assertEquals(await learningCurve([], { metric: "loss", guessing: 2 }), undefined);
  assertEquals(
    await learningCurve([stepLine(1, { loss: 3 })], { metric: "accuracy", guessing: 0 }),
    undefined,
  );
  const svg = await learningCurve(METRICS.filter(({ kind }) => kind === "step"), { metric: "loss", guessing: 2 });
  assert(!texts(svg!).includes("valid"));
  assertEquals(await earlyRecognitionCurve({ earlyRecognition: [], baseline: 0.1 }), undefined);
});

Deno.test("every point of the early curve carries its number", async () => {
  const earlyRecognition = [0.125, 0.5, 0.875].map((accuracy, i) => ({ strokes: i + 1, accuracy }));
  const svg = await earlyRecognitionCurve({ earlyRecognition, baseline: 0.1 });
  for (const text of ["1", "2", "3", "12.5 %", "50.0 %", "87.5 %", "guessing"]) {
    assert(texts(svg!).includes(text), text);
  }
});

Deno.test("smoothing keeps a constant, follows a step, and shortens what is long", () => {
  const constant = Array.from({ length: 1000 }, (_, i): Point => [i, 2]);
  const { raw, smooth } = smoothed(constant);
  assertEquals(raw.length, 334); // means of three
  assertEquals(raw[0], [1, 2]);
  for (const [, y] of smooth) assertAlmostEquals(y, 2, 1e-12);
  const step = smoothed(Array.from({ length: 400 }, (_, i): Point => [i, i < 200 ? 0 : 1])).smooth;
  assertEquals(step[199][1], 0);
  assertAlmostEquals(step[207][1], 1 - (7 / 8) ** 8, 1e-9); // a memory of 400 / 50 points
  assertEquals(smoothed([]), { raw: [], smooth: [] });
});

Deno.test("the confusion matrix shows every count, its shade by its share of the row", () => {
  const svg = chart({ classes: ["cat", "dog"], confusion: [[16, 9], [0, 50]] });
  assertEquals(texts(svg), ["predicted", "true", "cat", "cat", "16", "9", "dog", "dog", "50"]);
  assertStringIncludes(svg, "<title>cat taken for dog: 9 of 25 (36.0 %)</title>");
  assertStringIncludes(svg, "<title>dog recognised: 50 of 50 (100.0 %)</title>");
  assertEquals(
    [...svg.matchAll(/class="(right|wrong)"[^>]*fill-opacity="([\d.]+)"/g)].map(([, kind, shade]) =>
      `${kind} ${shade}`
    ),
    [
      "right 0.80",
      "wrong 0.60",
      "right 1.00",
    ],
  );
});

Deno.test("names are escaped and cut, in the matrix too", () => {
  const svg = chart({ classes: ["<b>&", "a name far too long for its place"], confusion: [[1, 1], [0, 0]] });
  assertStringIncludes(svg, "&lt;b&gt;&amp;");
  assertStringIncludes(svg, ">a name far too lo…<");
  assertStringIncludes(svg, "taken for a name far too long for its place");
  assert(!svg.includes("<b>"));
});

Deno.test("above 20 classes there are no counts, above 40 no names but a picture", () => {
  const matrix = (size: number) => ({
    classes: Array.from({ length: size }, (_, i) => `c${i}`),
    confusion: Array.from(
      { length: size },
      (_, i) => Array.from({ length: size }, (_, j) => i === j ? 7 : i === 0 && j === 1 ? 7 : 0),
    ),
  });
  assert(texts(chart(matrix(20))).includes("7"));
  assert(!texts(chart(matrix(21))).includes("7"));
  assert(texts(chart(matrix(40))).includes("c39"));
  const picture = chart(matrix(345));
  assert(!picture.includes("c39"));
  const { width, data } = decode(Uint8Array.fromBase64(/base64,([^"]*)"/.exec(picture)![1]));
  assertEquals(width, 2 * 345);
  const pixel = (x: number, y: number) => [...data.subarray(3 * (y * width + x), 3 * (y * width + x) + 3)];
  assertEquals(pixel(689, 689), [31, 111, 180]); // all right: the full blue
  assertEquals(pixel(4, 0), [255, 255, 255]);
  assertEquals(
    pixel(2, 0),
    [255, 255, 255].map((white, i) => Math.round(white + Math.SQRT1_2 * ([214, 90, 22][i] - white))),
  );
});
