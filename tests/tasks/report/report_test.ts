import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { decode } from "fast-png";
import { type Classification, tallyClassification } from "../../../tasks/evaluation/classification_tally.ts";
import type { Evaluation } from "../../../tasks/evaluation/judges.ts";
import { byRecall } from "../../../tasks/report/classification_report.ts";
import { formatEvaluation } from "../../../tasks/report/evaluation_text.ts";
import { visible } from "../../../tasks/cli/terminal.ts";
import { renderReport, type ReportInput } from "../../../tasks/report/report.ts";
import { evaluationLine, stepLine } from "../lines.ts";
import { percent } from "../../../pipelines/base/text.ts";
import { escapeHtml } from "../../../tasks/cli/text.ts";

const EVIL = `<script>alert("x")</script>`;

/** Ten drawings of three classes, of which one has a nasty name and one no drawings. */
function verdict(classes = ["cat", EVIL, "eel"]) {
  const tally = tallyClassification(classes);
  for (let i = 0; i < 10; i++) {
    const label = i % 2;
    const probs = classes.map((_, k) => k === (i < 7 ? label : 1 - label) ? 0.8 : 0.2 / (classes.length - 1));
    const map = new Uint8Array(64 * 64);
    map.set([1, 2, 3], 70 * i);
    const labels = Uint16Array.of(label);
    tally.add(Float32Array.from(probs, Math.log), labels, [{ example: `key_id ${9000 + i}`, picture: { map } }]);
    for (let strokes = 1; strokes <= 3; strokes++) {
      const seen = i < 2 * strokes + 1 ? label : 1 - label;
      const logProbs = Float32Array.from(classes, (_, k) => k === seen ? -0.1 : -3);
      tally.addEarly(strokes, logProbs, { labels, counts: [1 + i % 3] });
    }
  }
  const { classification, pictures } = tally.finish();
  const evaluation: Evaluation & { readonly classification: Classification } = {
    ...{ model: "stroke_classifier", dataset: "quickdraw", split: "test", unit: "drawing", step: 1200, examples: 10 },
    metrics: { loss: 0.84, accuracy: 0.7 },
    classification,
  };
  return { evaluation, pictures: { classification: pictures } };
}

function input(change: Partial<ReportInput> = {}): ReportInput {
  return {
    run: "first <try>",
    when: "23 November 2026",
    options: { seed: 7, model: { filters: [8, 16], note: EVIL }, train: { steps: 1200 } },
    metrics: [stepLine(100, { loss: 0.9 }), evaluationLine(100, { loss: 1 }, true)],
    ...verdict(),
    ...change,
  };
}

Deno.test("the report holds the numbers", async () => {
  const html = await renderReport(input());
  for (
    const words of [
      "<h1>first &lt;try&gt;</h1>",
      "stroke_classifier on quickdraw, test split: 10 drawings of 3 classes, weights of step 1,200",
      "23 November 2026",
      "<dd>70.0 %</dd>", // top-1: seven of ten
      "<dd>100.0 %</dd>", // top-3 of three classes
      "<dd>50.0 %</dd>", // guessing
      "1.4 times guessing",
      "cat taken for &lt;script&gt;", // and its count:
      ": 1 of 5 (20.0 %)",
      "best 1.00",
      "<code>model.filters</code></td><td><code>[8,16]</code>",
      "<code>train.steps</code></td><td><code>1200</code>",
      'title="key_id 9009"',
      "80.0 %, true 10.0 %",
    ]
  ) assertStringIncludes(html, words);
});

Deno.test("the early curve and its table agree with the evaluation", async () => {
  const html = await renderReport(input());
  // Of ten drawings, of 1, 2, 3, 1, 2, 3 … strokes: complete 4, 7, 10; right are the first 3, 5, 7, of which 1, 3 and the
  // whole ones of 1 stroke, and so on, are left out of the rest.
  const { earlyRecognition } = verdict().evaluation.classification;
  assertEquals(earlyRecognition, [
    { strokes: 1, accuracy: 0.3, complete: 0.4, unfinished: { examples: 6, accuracy: 2 / 6 } },
    { strokes: 2, accuracy: 0.5, complete: 0.7, unfinished: { examples: 3, accuracy: 1 / 3 } },
    { strokes: 3, accuracy: 0.7, complete: 1, unfinished: { examples: 0, accuracy: null } },
  ]);
  for (const { strokes, accuracy, complete, unfinished } of earlyRecognition) {
    const rest = [percent(unfinished.accuracy), `${unfinished.examples}`];
    const row = [String(strokes), percent(accuracy), ...rest, percent(complete)].map((cell) =>
      `<td class="number">${cell}</td>`
    ).join("");
    assertStringIncludes(html, row);
    assertStringIncludes(html, `>${percent(accuracy)}</text>`);
    if (unfinished.accuracy !== null) assertStringIncludes(html, `>${percent(unfinished.accuracy)}</text>`);
  }
  assertStringIncludes(html, "after 2 strokes 70.0 % are; of the others 33.3 % are recognised, of all 50.0 %.");
  assertStringIncludes(html, "3 strokes are enough for nine tenths");
});

Deno.test("what is to be known with the numbers stands above them, escaped", async () => {
  const html = await renderReport(input({ notes: ["data other: 2 of the 3 classes", EVIL] }));
  const at = html.indexOf("Note: data other: 2 of the 3 classes");
  assert(at > 0 && at < html.indexOf("Top-1 accuracy"));
  assertStringIncludes(html, `Note: ${escapeHtml(EVIL)}`);
  assert(!(await renderReport(input())).includes("Note: "));
});

Deno.test("names from outside are escaped everywhere", async () => {
  const html = await renderReport(input({ run: EVIL }));
  assert(!html.includes("<script"));
  assert(!html.includes('alert("x")'));
  assertStringIncludes(html, escapeHtml(EVIL));
});

/** A page in which everything that can have a name has this one. */
async function pageOf(evil: string): Promise<string> {
  const { evaluation, pictures } = verdict(["cat", evil, "eel"]);
  const { classification } = evaluation;
  const png = Uint8Array.of(1, 2, 3);
  const steps = { pairs: png, steps: png, shownSteps: [1], totalSteps: 1, windows: ["read" as const] };
  return await renderReport({
    run: evil,
    when: evil,
    options: { [evil]: evil, group: { [evil]: [evil, { [evil]: evil }] } },
    metrics: [
      stepLine(1, { loss: 3, [evil]: 4 }),
      evaluationLine(1, { loss: 3, [evil]: 4, [`${evil}.loss`]: 5 }, true),
    ],
    evaluation: {
      ...{ ...evaluation, model: evil, dataset: evil, split: evil as "test", unit: evil },
      metrics: { loss: 1, [evil]: 2, [`${evil}.loss`]: 3 },
      classification: {
        ...classification,
        mistakes: classification.mistakes.map((mistake) => ({
          ...{ ...mistake, example: evil, label: evil, predicted: evil },
        })),
      },
      likelihood: { bound: 3, reconstruction: 2, kl: 1, klPerStep: [1], importance: { samples: 2, bound: 3 } },
      generation: {
        nearest: { samples: 2, mean: 1, standardDeviation: 1, maximum: 2, meanImage: 3 },
        classes: {
          ...{ classifier: { model: evil, step: 1 }, classes: 2 },
          samples: { images: 2, score: 1, confidence: 1, spread: 1 },
          real: { images: 2, score: 1, confidence: 1, spread: 1 },
        },
        ...judgedPictures(evil),
      },
      strokes: strokesScore(evil),
    },
    pictures: {
      ...pictures,
      generation: { samples: png, interpolation: png, sweep: png, nearest: png, reconstructions: steps },
      strokes: strokePictures(evil),
    },
  });
}

function judgedPictures(evil: string): Partial<NonNullable<Evaluation["generation"]>> {
  const likeness = { mse: 0.1, psnr: 10, ssim: 0.5 };
  const cloud = { frechet: 9, kernel: { mean: 0.1, standardDeviation: 0.01 }, precision: 0.5, recall: 0.4 };
  const distances = { samples: 0.1, real: 0.2, nearer: 0.3 };
  return {
    latents: evil,
    reconstruction: { pictures: 2, drawn: likeness, mean: likeness, other: likeness },
    copies: { samples: 2, real: 2, pixels: distances, features: distances },
    features: { pictures: 2, features: 3, samples: cloud, real: cloud, train: cloud },
    students: { learnt: 2, named: 2, steps: 1, samples: 0.1, real: 0.2, teacher: 0.9, guessing: 0.1 },
  };
}

function strokesScore(evil: string): NonNullable<Evaluation["strokes"]> {
  const reading = {
    ...{ images: 2, score: 1, confidence: 1, spread: 1, right: 0.5 },
    ...{ rightByClass: { [evil]: 1, "1 other": 0 }, readAs: { [evil]: 2 } },
  };
  return {
    ...{ bound: 3, reconstruction: 2, kl: 0, perPoint: 1, boundInUnits: 4 },
    losses: { mostPoints: 9, offsets: 1, pen: 1, penUnmasked: 2, kl: 0 },
    latents: { size: 2, active: 0, kl: [1, 0], planeShares: [1, 0] },
    data: { drawings: 2, strokes: 1, points: 2 },
    samples: { drawings: 2, strokes: 1, points: 2, temperature: 0.4, ended: 1 },
    named: { by: "runs", drawings: 2, top1: 0.5, nll: 1, classes: [evil, "other"], confusion: [[1, 0], [1, 0]] },
    read: { classifier: evil, classes: 2, samples: reading, real: reading },
  };
}

function strokePictures(evil: string) {
  const cell = { drawn: [[[0, 1], [0, 1]]], caption: evil } as const;
  return {
    ...{ temperatures: [cell], columns: 1, temperature: 1, reconstructions: [cell] },
    plane: { places: Float64Array.of(0, 0, 1, 1), labels: [0, 1], classes: [evil, "other"] },
  };
}

/** The tags of a page, with the names of their attributes. */
function tagsOf(html: string): string[] {
  return [...html.matchAll(/<(\/?[a-z0-9]+)((?:\s+[\w:-]+="[^"]*")*)\s*\/?>/gi)].map(([, name, attributes]) =>
    name + attributes.replaceAll(/="[^"]*"/g, "")
  );
}

Deno.test("hostile text in every field comes out inert", async () => {
  const evil = `</title></style><script>alert('x')</script>" onload="y" & '$&`;
  const html = await pageOf(evil);
  const others = [`"><img src=x onerror="alert(1)">`, "]]><svg onload=alert(1)>", "\u2028\ud800\0<b", "${evil}`{a}"];
  for (const other of [evil, ...others]) assertEquals(tagsOf(await pageOf(other)), tagsOf(await pageOf("harmless")));
  // Tags, with quoted attributes alone; what is left is text.
  const tag = /<\/?([a-z0-9]+|!DOCTYPE)((?:\s+[\w:-]+(?:="[^"<>]*")?)*)\s*\/?>/gi;
  const page = html.replace(/<style>[^<]*<\/style>/, "");
  assertEquals(page.replaceAll(tag, "").match(/[<>]/g), null);
  const attributes = [...page.matchAll(tag)].flatMap(([, , text]) =>
    text.replaceAll(/="[^"]*"/g, "").match(/\S+/g) ?? []
  );
  assertEquals(attributes.filter((name) => name.startsWith("on")), []);
  assertEquals([...page.matchAll(tag)].filter(([, name]) => /^(script|iframe|link|object|form)$/i.test(name)), []);
  // The `&` of the text is one, and the text is whole.
  assertStringIncludes(html, `<h1>${escapeHtml(evil)}</h1>`);
  assertStringIncludes(html, `Content-Security-Policy" content="default-src &#39;none&#39;`);
  assertEquals(html.match(/&(?!(?:amp|lt|gt|quot|#39);)/g), null);
});

Deno.test("the page stands alone: nothing to load, no script", async () => {
  const html = await renderReport(input());
  const outside = (html.match(/https?:\/\/[^"' )<]*/g) ?? []).filter((url) => url !== "http://www.w3.org/2000/svg");
  assertEquals(outside, []);
  assertEquals(html.match(/<link|<script|@import|src="(?!data:)|<iframe|url\((?!#)/g), null);
  for (const css of ["prefers-color-scheme: dark", "max-width: 720px", "@media print"]) assertStringIncludes(html, css);
});

Deno.test("every mistake is drawn once, and every tag is closed", async () => {
  const html = await renderReport(input());
  assertEquals(html.match(/<li><img src="data:image\/png;base64,iVBOR/g)?.length, 3);
  for (
    const tag of [
      "section",
      "div",
      "table",
      "tr",
      "td",
      "figure",
      "svg",
      "g",
      "p",
      "ul",
      "li",
      "span",
      "details",
      "code",
      "dl",
    ]
  ) {
    const count = (pattern: string) => html.match(new RegExp(pattern, "g"))?.length ?? 0;
    assertEquals(count(`<${tag}[ >]`), count(`</${tag}>`), tag);
  }
});

Deno.test("the same input gives the same page", async () => {
  assertEquals(await renderReport(input()), await renderReport(input()));
});

Deno.test("without metrics, mistakes and options those parts are left out", async () => {
  const { evaluation } = verdict();
  const classification = { ...evaluation.classification, mistakes: [], earlyRecognition: [] };
  const perfect = { ...evaluation, classification };
  const html = await renderReport(
    input({ metrics: [], options: {}, evaluation: perfect, pictures: { classification: [] } }),
  );
  for (const heading of ["Training", "Early recognition", "Worst mistakes", "Options"]) {
    assert(!html.includes(`>${heading}<`), heading);
  }
  assertStringIncludes(html, "<h2>Confusion</h2>");
});

Deno.test("grey pictures are drawn in grey, without the legend of strokes; words follow the unit", async () => {
  const { evaluation, pictures } = verdict();
  const map = Uint8Array.of(0, 1, 128, 255);
  const grey = { classification: pictures.classification.map(() => ({ map, grey: true })) };
  const html = await renderReport(input({ evaluation: { ...evaluation, unit: "digit" }, pictures: grey }));
  const { width, data } = decode(Uint8Array.fromBase64(/<li><img src="data:image\/png;base64,([^"]*)"/.exec(html)![1]));
  assertEquals([width, [...data]], [2, [255, 254, 127, 0].flatMap((value) => [value, value, value])]);
  assert(!html.includes("first stroke<i"));
  assertEquals(html.match(/drawing/g), null);
  for (const words of ["10 digits of 3 classes", "nats a digit", '<th class="number">Digits</th>', "its digits"]) {
    assertStringIncludes(html, words);
  }
});

Deno.test("a model that is no classifier has its numbers and curves", async () => {
  const { classification: _, ...evaluation } = verdict().evaluation;
  const general: Evaluation = { ...evaluation, unit: "digit", metrics: { loss: 93.214, reconstruction: 70.5 } };
  const metrics: ReportInput["metrics"] = [
    evaluationLine(100, { loss: 120, reconstruction: 90 }, true),
  ];
  const html = await renderReport(input({ evaluation: general, metrics, pictures: {} }));
  const heading = /<h[23]>([^<]*)<\/h[23]>/g;
  assertEquals([...html.matchAll(heading)].map(([, words]) => words), ["Training", "Loss", "Reconstruction"]);
  for (
    const words of ["10 digits, weights", "<dd>93.21</dd><dd>mean over 10 digits</dd>", "best 120.00", "best 90.00"]
  ) {
    assertStringIncludes(html, words);
  }
  assertEquals(formatEvaluation(general, { colour: false, width: 60 }).split("\n"), [
    "stroke_classifier on quickdraw, test split",
    "10 digits, step 1,200",
    "",
    "Loss 93.21",
    "Reconstruction 70.50",
  ]);
});

Deno.test("of two objectives the first is named too; what the model says of a metric stands with it", async () => {
  const { classification: _, ...evaluation } = verdict().evaluation;
  const critics: Evaluation = {
    ...{ ...evaluation, unit: "digit", objectives: ["critic", "writer"] },
    metrics: { loss: 1.5, realAccuracy: 0.75, "writer.loss": 2 },
    meanings: { "writer.loss": "0 when it is < believed", slack: "what a step alone measures" },
  };
  const rest = { epoch: 1, clock: { seconds: 2 }, steps: 100, rates: { learningRate: 0.1, examplesPerSecond: 9 } };
  const metrics: ReportInput["metrics"] = [
    { kind: "step", step: 100, ...rest, train: { loss: 1, slack: 3, gradientNorm: 1 } },
    evaluationLine(100, { loss: 1.5, realAccuracy: 0.75, "writer.loss": 2 }, true),
  ];
  const html = await renderReport(input({ evaluation: critics, metrics, pictures: {} }));
  const titles = ["Critic loss", "Critic real accuracy", "Writer loss", "Critic slack"];
  assertEquals([...html.matchAll(/<h3>([^<]*)<\/h3>/g)].map(([, words]) => words), titles);
  for (
    const words of [
      ...["<dt>Critic loss</dt>", "<dd>mean over 10 digits</dd>", "<dt>Writer loss</dt>"],
      ...["<dd>0 when it is &lt; believed</dd>", '<p class="note">what a step alone measures</p>'],
      'aria-label="Critic real accuracy over the training steps"',
    ]
  ) assertStringIncludes(html.replace(/\s*\n\s*/g, ""), words);
  assertEquals(formatEvaluation(critics, { colour: false, width: 40 }).split("\n").slice(3), [
    ...["Critic loss 1.50", "Critic real accuracy 0.750"],
    "Writer loss 2.00  0 when it is < believ…",
  ]);
});

Deno.test("hundreds of classes: the weakest first, the rest folded away", async () => {
  const given = verdict(Array.from({ length: 345 }, (_, i) => `class ${i}`));
  const html = await renderReport(input(given));
  assertStringIncludes(html, "All 345, best recall first");
  assertStringIncludes(html, "Confusion matrix of 345 classes");
  assert(html.length < 300_000, `${html.length} letters`);
});

Deno.test("pictures that are not the mistakes' are refused", async () => {
  await assertRejects(
    () => renderReport(input({ pictures: { classification: [] } })),
    RangeError,
    "0 pictures for 3 mistakes",
  );
});

Deno.test("the terminal's version, letter by letter", () => {
  const { evaluation } = verdict(["cat", "dog", "eel"]);
  assertEquals(formatEvaluation(evaluation, { colour: false, width: 64 }).split("\n"), [
    "stroke_classifier on quickdraw, test split",
    "10 drawings, 3 classes, step 1,200",
    "",
    "top-1 70.0 %   top-3 100.0 %   nll 0.847 nats   guessing 50.0 %",
    "",
    "class  precision   recall  drawings",
    "cat       66.7 %   80.0 %         5",
    "dog       75.0 %   60.0 %         5",
    "eel            -        -         0",
    "",
    "recognised early (if not complete)",
    " 1 stroke  █████████▉ 30.0 %  (33.3 %)",
    " 2 strokes ████████████████▌ 50.0 %  (33.3 %)",
    " 3 strokes ███████████████████████▏ 70.0 %",
    "25 % of the strokes 30.0 %, 50 % 30.0 %, 75 % 50.0 %",
    "",
    "most often confused: drawings, share of the true class",
    "     2  40.0 %  dog -> cat",
    "     1  20.0 %  cat -> dog",
  ]);
});

Deno.test("lines keep within the terminal, colours only where wanted", () => {
  const { evaluation } = verdict(Array.from({ length: 100 }, (_, i) => `a class with a rather long name, number ${i}`));
  for (const width of [40, 57, 80, 200]) {
    const plain = formatEvaluation(evaluation, { colour: false, width });
    for (const line of plain.split("\n")) assert([...line].length <= width, `${width}: ${line}`);
    assert(!plain.includes("\x1b"));
    assertStringIncludes(plain, "… 84 more");
    const coloured = visible(formatEvaluation(evaluation, { colour: true, width }));
    // deno-lint-ignore no-control-regex
    assertEquals(coloured.replaceAll(/\x1b\[\d+m/g, ""), plain);
    assert(coloured.includes("\x1b[1m"));
  }
});

Deno.test("a class name keeps within its line and its column, whatever letters it has", () => {
  const text = formatEvaluation(verdict(["cat", "a\nreport  x", "\x1b[31mb"]).evaluation, { colour: false, width: 80 });
  const lines = text.split("\n");
  assert(!lines.some((line) => line.startsWith("report")), text);
  const names = ["cat", String.raw`a\nreport  x`, String.raw`\x1b[31mb`];
  const rows = names.map((name) => lines.find((line) => line.startsWith(name))?.length);
  assertEquals(rows, [rows[0], rows[0], rows[0]]);
  assertStringIncludes(text, String.raw`cat -> a\nreport  x`);
});

Deno.test("classes are sorted by recall, those without drawings last", () => {
  assertEquals(byRecall(verdict(["cat", "dog", "eel"]).evaluation.classification.perClass).map(({ name }) => name), [
    "cat",
    "dog",
    "eel",
  ]);
});

Deno.test("letters that XML forbids do not get through", () => {
  assertEquals(escapeHtml("a\0b\x1bc\n"), "a\ufffdb\ufffdc\n");
});
