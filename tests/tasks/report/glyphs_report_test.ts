import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { decode } from "fast-png";
import type { GlyphsScore } from "../../../tasks/evaluation/glyphs.ts";
import type { Evaluation } from "../../../tasks/evaluation/judges.ts";
import { formatEvaluation } from "../../../tasks/report/evaluation_text.ts";
import { renderReport } from "../../../tasks/report/report.ts";
import { evaluationLine, stepLine } from "../lines.ts";

const SCORE: GlyphsScore = {
  answers: 2000,
  temperature: 0.7,
  written: { answers: 0.999, characters: 0.9995 },
  read: {
    classifier: { model: "cnn", step: 1720 },
    drawn: { answers: 0.981, characters: 0.994 },
    meant: { answers: 0.982, characters: 0.995 },
    real: { answers: 0.964, characters: 0.989 },
  },
  likeness: {
    ...{ pictures: 300, among: 100 },
    nearest: { drawn: 0.61, real: 0.65, mean: 0.47 },
    own: { drawn: 0.27, real: 0.28, mean: 0.35 },
  },
  variety: [{ character: "0", drawn: 6, real: 8 }, { character: " ", drawn: 0, real: 0 }],
  shown: [
    { query: "21-1", right: " 20", written: " 20", read: "<b>" },
    { query: "1+1", right: "  2", written: "  2", read: "  2" },
  ],
};

function input(glyphs: GlyphsScore) {
  const evaluation: Evaluation = {
    ...{ model: "text-to-image", dataset: "arithmetic", split: "test", unit: "sum", step: 1800, examples: 40_000 },
    metrics: { loss: 80, kl: 12, bernoulli: 60, ssim: 0.8 },
    glyphs,
  };
  const shown = glyphs.shown.map((_, i) => ({ count: 2, side: 1, pixels: Uint8Array.of(255, 10 * i) }));
  return {
    ...{ run: "drawn", when: "26 November 2026", options: { seed: 7, model: {}, train: {} } },
    metrics: [stepLine(100, { loss: 99, kl: 9 }), evaluationLine(100, { loss: 98, kl: 9 }, true)],
    ...{ evaluation, pictures: { glyphs: { shown } } },
  };
}

Deno.test("the page says what is read in the pictures, beside real ones, and shows them", async () => {
  const html = await renderReport(input(SCORE));
  for (
    const words of [
      "<dd>98.1 %</dd>",
      "of real pictures 96.4 %",
      "another real one has 0.65, the mean picture 0.47",
      "<dd>75.0 %</dd>", // 6 of 8
      "Latents are 0.7 times as far from the middle as was learnt.",
      "First those that are read wrongly",
      "&lt;b&gt;",
      "<td>space</td>",
      'alt="what was drawn"',
    ]
  ) assertStringIncludes(html, words);
  assert(!html.includes("<b>"));
  const [, base64] = /src="data:image\/png;base64,([^"]+)" alt="what was drawn"/.exec(html)!;
  const { data, width, channels } = decode(Uint8Array.fromBase64(base64));
  assertEquals([width, ...[...data].filter((_, i) => i % channels === 0)], [2, 0, 255]);
  // Without a classifier.
  const { read: _read, ...others } = SCORE;
  const shown = SCORE.shown.map(({ read: _one, ...one }) => one);
  const plain = await renderReport(input({ ...others, temperature: 1, shown }));
  assert(!plain.includes("Answers read in the pictures") && !plain.includes("read wrongly"));
  assert(!plain.includes("Latents are"));
});

Deno.test("the terminal says the same, within its width", () => {
  const text = formatEvaluation(input(SCORE).evaluation, { colour: false, width: 90 });
  for (
    const words of [
      "98.1 %  of the answers are read rightly in their pictures, by cnn",
      "96.4 %  are read rightly in real pictures of them",
      "99.9 %  of the answers that were to be drawn are right",
      "21-1 = <b> read in the pictures of 20",
      "75.0 %  of the distance of two real pictures",
    ]
  ) assertStringIncludes(text, words);
  assert(!text.includes("1+1 ="));
  for (const line of text.split("\n")) assert([...line].length <= 90, line);
});
