import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { decode } from "fast-png";
import type { Evaluation } from "../../../tasks/evaluation/judges.ts";
import { SequenceTally } from "../../../tasks/evaluation/sequence_tally.ts";
import type { PictureRow } from "../../../tasks/evaluation/sequences.ts";
import { formatEvaluation } from "../../../tasks/report/evaluation_text.ts";
import { renderReport } from "../../../tasks/report/report.ts";
import { sumMapPicture } from "../../../tasks/report/sum_map.ts";
import { evaluationLine, stepLine } from "../lines.ts";

const ROW: PictureRow = { count: 2, side: 2, pixels: Uint8Array.of(255, 0, 0, 0, 0, 0, 0, 51) };

function verdict(beam = 1) {
  const tally = new SequenceTally<PictureRow>({ length: 3, mistakes: 9 });
  const add = (query: string, right: string, written: string) =>
    tally.add({ query, right, written, confidence: 0.5 }, () => ROW);
  for (let a = 0; a < 9; a++) add(`${a}+0`, `  ${a}`, `  ${a}`);
  add("1-2", " -1", "<b>");
  const { contexts, maps, ...score } = tally.finish();
  const evaluation: Evaluation = {
    ...{ model: "seq2seq", dataset: "arithmetic", split: "test", unit: "sum", step: 1200, examples: 10 },
    metrics: { loss: 0.25, answers: 0.9, characters: 0.91 },
    sequences: { ...score, beam },
  };
  return { evaluation, pictures: { sequences: { maps, mistakes: contexts } } };
}

function input(change: Partial<ReturnType<typeof verdict>> = {}) {
  return {
    ...{ run: "sums", when: "23 November 2026", options: { seed: 7, model: {}, train: {} } },
    metrics: [stepLine(100, { loss: 0.9, characters: 0.5 }), evaluationLine(100, { loss: 1, characters: 0.6 }, true)],
    ...verdict(),
    ...change,
  };
}

Deno.test("the page says how many answers are right, of which kinds, and shows wrong ones with what was read", async () => {
  const html = await renderReport(input());
  for (
    const words of [
      "<dd>90.0 %</dd>",
      "1 of 10 sums wrong",
      "Always the same answer",
      '<td>minus, negative</td><td class="number">1</td>',
      "&lt;b&gt;",
      "a + b",
      "Right and wrong answers to a - b",
      'alt="what was read"',
      "Characters, those before them right",
    ]
  ) assertStringIncludes(html, words);
  assert(!html.includes("<b>"));
  const [, base64] = /width="4" height="2" src="data:image\/png;base64,([^"]+)"/.exec(html)!;
  const { data, channels } = decode(Uint8Array.fromBase64(base64));
  // Ink on paper, one picture beside the other.
  assertEquals([...data].filter((_, i) => i % channels === 0), [0, 255, 255, 255, 255, 255, 255, 204]);
  // Without pictures, and without mistakes.
  const { maps, mistakes: _mistakes } = verdict().pictures.sequences;
  const plain = await renderReport(input({ pictures: { sequences: { maps } } as never }));
  assert(!plain.includes("as it was read") && plain.includes("Wrong answers"));
});

Deno.test("the terminal says the same, within its width", () => {
  const text = formatEvaluation(verdict(5).evaluation, { colour: false, width: 80 });
  for (
    const words of [
      "seq2seq on arithmetic, test split\n10 sums, step 1,200",
      "answers        90.0 %  of the sums have a wholly right answer, a beam of 5",
      "plus, nothing carried   100.0 % of 9",
      '1-2 = "<b>", not " -1", 50.0 % sure',
      "Loss 0.250",
    ]
  ) assertStringIncludes(text, words);
  assert(!text.includes("Answers 0.9"));
  const narrow = formatEvaluation(verdict().evaluation, { colour: false, width: 40 });
  for (const line of narrow.split("\n")) assert(line.length <= 40, line);
});

Deno.test("the map has a block of pixels a sum, a down and b across", () => {
  const cells = new Uint8Array(100 * 100);
  cells[1] = 1; // 0 and 1
  cells[100] = 2; // 1 and 0
  const { width, height, data } = sumMapPicture({ side: 100, cells });
  assertEquals([width, height], [400, 400]);
  const at = (x: number, y: number) => [...data.subarray(3 * (y * width + x), 3 * (y * width + x) + 3)];
  assertEquals([at(4, 0), at(7, 3)], [[31, 111, 180], [31, 111, 180]]);
  assertEquals([at(0, 4), at(3, 7)], [[214, 90, 22], [214, 90, 22]]);
  assertEquals([at(0, 0), at(8, 0), at(4, 4)], [at(399, 399), at(399, 399), at(399, 399)]);
  assertEquals(sumMapPicture({ side: 1000, cells: new Uint8Array(1000 * 1000) }).width, 1000);
});
