import { assert, assertAlmostEquals, assertEquals, assertStringIncludes } from "@std/assert";
import { earlyRecognitionCurve, klChart } from "../../../tasks/report/charts.ts";
import { curveNote, learningCurve, measuredMetrics, smoothed } from "../../../tasks/report/learning_curve.ts";
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
function texts(svg: unknown): string[] {
  return [...String(svg).matchAll(/<text[^>]*>([^<]*)<\/text>/g)].map(([, text]) => text);
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
    return /text-anchor="(\w+)"[^>]*>best/.exec(String(svg))?.[1];
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
  assertStringIncludes(String(kl), 'aria-label="KL over the training steps"');
});

Deno.test("a chart is one svg in the page's colours, the same every time, and asks for nothing", async () => {
  const draw = async () => String(await learningCurve(METRICS, { metric: "loss", guessing: 2 }));
  const svg = await draw();
  assertEquals(svg, await draw());
  assert(svg.startsWith("<svg ") && svg.endsWith("</svg>"));
  assertStringIncludes(svg, "var(--valid)");
  assertEquals(svg.match(/https?:[^"]*|url\((?!#)|<script|href/g), ["http://www.w3.org/2000/svg"]);
});

Deno.test("a curve of one point shows it", async () => {
  const dots = async (...steps: number[]) => {
    const svg = await learningCurve(steps.map((step) => stepLine(step, { loss: 3 })), { metric: "loss" });
    return String(svg).match(/<path[^>]* fill="var\(--train\)"/g)?.length ?? 0;
  };
  assertEquals([await dots(1) - await dots(1, 2)], [1]); // the legend's is there in any case
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

Deno.test("every point of the early curve carries its number, that of drawings that are not complete too", async () => {
  const earlyRecognition = [[0.125, 0.05], [0.5, 0.375], [0.875, null]].map(([all, rest], i) => (
    { strokes: i + 1, accuracy: all!, complete: i / 2, unfinished: { examples: 2 - i, accuracy: rest } }
  ));
  const svg = await earlyRecognitionCurve({ earlyRecognition, baseline: 0.1 });
  const found = texts(svg);
  for (
    const text of ["1", "2", "3", "12.5 %", "50.0 %", "87.5 %", "5.0 %", "37.5 %", "not complete by then", "guessing"]
  ) {
    assert(found.includes(text), text);
  }
  assertEquals(found.filter((text) => /^\d+\.\d %$/.test(text)).length, 5);
});

const means = (values: readonly number[], steps = 1) =>
  values.map((value, i) => ({ step: steps * (i + 1), steps, value }));

Deno.test("smoothing keeps a constant, follows a step, and shortens what is long", () => {
  const { raw, smooth, span } = smoothed(means(new Array(1000).fill(2)));
  assertEquals([raw.length, span], [333, [3, 4]]); // means of three; what is left over joins the last
  assertEquals(raw[0], [2, 2]);
  for (const [, y] of smooth) assertAlmostEquals(y, 2, 1e-12);
  const step = smoothed(means(Array.from({ length: 400 }, (_, i) => i < 200 ? 0 : 1)));
  assertEquals([step.smooth[199][1], step.memory], [0, 8]);
  assertAlmostEquals(step.smooth[207][1], 1 - (7 / 8) ** 8, 1e-9); // a memory of 400 / 50 points
  // The same curve told in means of four is the same at their ends, up to where within them the steps fell.
  const fours = smoothed(means(Array.from({ length: 100 }, (_, i) => i < 50 ? 0 : 1), 4));
  assertEquals([fours.memory, fours.raw[0]], [8, [2.5, 0]]);
  assertAlmostEquals(fours.smooth[51][1], 1 - (7 / 8) ** 8, 1e-9);
  assertEquals(smoothed([]), { raw: [], smooth: [], span: [0, 0], memory: 0 });
});

Deno.test("a line of one step counts as one step among means of ten", () => {
  // As a run logs that evaluates every 21 steps: 10, 10, 1; that one batch is all right, all others half.
  const given = Array.from({ length: 60 }, (_, i) => {
    const single = i % 3 === 2;
    return { step: 21 * Math.floor(i / 3) + [10, 20, 21][i % 3], steps: single ? 1 : 10, value: single ? 1 : 0.5 };
  });
  const { raw, smooth, span } = smoothed(given);
  assertEquals([span, raw.length], [[10, 11], 40]);
  assertEquals(Math.max(...raw.map(([, y]) => y)), (1 + 10 * 0.5) / 11);
  assertEquals(raw[0], [5.5, 0.5]);
  // The mean over all steps: 20 of 420 are 1.
  const mean = raw.reduce((sum, [, y]) => sum + y * (y > 0.5 ? 11 : 10), 0) / 420;
  assertAlmostEquals(mean, 0.5 + 0.5 * 20 / 420, 1e-12);
  assert(Math.max(...smooth.map(([, y]) => y)) < 0.55);
});

Deno.test("what the curves show is said in numbers: steps a point, batch, split", async () => {
  const lines = [10, 20, 21].map((step, i) => ({ ...stepLine(step, { loss: 1 }), steps: [10, 10, 1][i] }));
  const note = curveNote([...lines, evaluationLine(21, { loss: 2 }, true)], { unit: "digit", batch: 32 });
  assertStringIncludes(note, "Train: means over 10 to 11 steps of up to 32 digits each");
  const long = Array.from({ length: 101 }, (_, i) => ({ ...stepLine(10 * i + 10, { loss: 1 }), steps: 10 }));
  assertStringIncludes(curveNote(long, { unit: "digit" }), "Train, pale: means over 10 steps, measured");
  assertStringIncludes(
    curveNote(long, { unit: "digit" }),
    "Train, strong: a moving mean of these that remembers 20 steps.",
  );
  assertStringIncludes(note, "Valid: the whole valid split, by the weights after that step");
  assert(!curveNote(lines, { unit: "digit" }).includes("Valid"));
  assertEquals(curveNote([], { unit: "digit" }), "");
  const one = curveNote([stepLine(1, { loss: 1 })], { unit: "digit", batch: 4 });
  assertStringIncludes(one, "means over 1 step of up to 4 digits, ");
  // Of two lines of one step and kind the later counts, and the mark is of the best evaluation or none.
  const twice = [...METRICS, evaluationLine(30, { loss: 0.25 }, true)];
  const svg = await learningCurve(twice, { metric: "loss" });
  assertEquals(texts(svg).filter((text) => text.startsWith("best")), ["best 0.250"]);
  const other = await learningCurve(twice, { metric: "accuracy" });
  assertEquals(texts(other).filter((text) => text.startsWith("best")), []);
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

Deno.test("bars below a nat carry three digits after the point, not 0.0", async () => {
  assertStringIncludes(String(await klChart([0.0347, 0.03])), ">0.035</text>");
  assertStringIncludes(String(await klChart([2, 0.03])), ">0.0</text>");
});
