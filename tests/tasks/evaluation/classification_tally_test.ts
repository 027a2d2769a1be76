import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import {
  type ClassificationTally,
  tallyClassification,
  topConfusions,
} from "../../../tasks/evaluation/classification_tally.ts";

const CLASSES = ["cat", "dog", "eel", "fly"];

/** Six drawings; the predictions are cat cat dog dog dog eel, the labels cat dog dog cat eel eel. */
const PROBS = [
  [0.7, 0.1, 0.1, 0.1],
  [0.4, 0.3, 0.2, 0.1],
  [0.1, 0.6, 0.2, 0.1],
  [0.02, 0.9, 0.05, 0.03],
  [0.3, 0.4, 0.2, 0.1],
  [0.25, 0.2, 0.5, 0.05],
];
const LABELS = [0, 1, 1, 0, 2, 2];

const logs = (probs: number[][]) => Float32Array.from(probs.flat(), (p) => Math.log(p));
const contexts = (ids: number[]) =>
  ids.map((id) => ({ example: `test ${id}`, picture: { map: new Uint8Array(4).fill(id), grey: true } }));

function addAll(tally: ClassificationTally, from = 0, to = PROBS.length): void {
  const ids = LABELS.map((_, i) => i + 1).slice(from, to);
  tally.add(logs(PROBS.slice(from, to)), Uint16Array.from(LABELS.slice(from, to)), contexts(ids));
}

Deno.test("six drawings counted by hand", () => {
  const tally = tallyClassification(CLASSES);
  addAll(tally);
  const { classification } = tally.finish();
  assertEquals(classification.confusion, [[1, 1, 0, 0], [1, 1, 0, 0], [0, 1, 1, 0], [0, 0, 0, 0]]);
  assertEquals(classification.perClass, [
    { name: "cat", precision: 1 / 2, recall: 1 / 2, support: 2 },
    { name: "dog", precision: 1 / 3, recall: 1 / 2, support: 2 },
    { name: "eel", precision: 1, recall: 1 / 2, support: 2 },
    { name: "fly", precision: null, recall: null, support: 0 },
  ]);
  assertEquals(classification.top1, 3 / 6);
  assertEquals(classification.right, "JQ=="); // the first, the third and the sixth: 1 + 4 + 32
  assertEquals(classification.top3, 5 / 6); // cat comes last in the fourth row
  assertEquals(classification.baseline, 2 / 6);
  const nll = -Math.log(0.7 * 0.3 * 0.6 * 0.02 * 0.2 * 0.5) / 6;
  assertAlmostEquals(classification.nll, nll, 1e-6);
});

Deno.test("batches of any size add up to the same", () => {
  const [one, many] = [tallyClassification(CLASSES), tallyClassification(CLASSES)];
  addAll(one);
  for (const [from, to] of [[0, 1], [1, 4], [4, 6]]) addAll(many, from, to);
  assertEquals(many.finish(), one.finish());
});

Deno.test("of equal probabilities the lower label comes first", () => {
  const quarter = [0.25, 0.25, 0.25, 0.25];
  const tally = tallyClassification(CLASSES);
  tally.add(logs([quarter, quarter, quarter, quarter]), Uint16Array.of(0, 1, 2, 3), contexts([1, 2, 3, 4]));
  const { classification } = tally.finish();
  assertEquals(classification.top1, 1 / 4);
  assertEquals(classification.top3, 3 / 4);
  assertEquals(classification.confusion.map((row) => row[0]), [1, 1, 1, 1]);
});

Deno.test("the worst mistakes are kept, worst first, with their pictures, and no more than asked for", () => {
  for (const order of [[0, 1, 2, 3, 4, 5], [5, 4, 3, 2, 1, 0]]) {
    const tally = tallyClassification(CLASSES, { worst: 2 });
    for (const i of order) tally.add(logs([PROBS[i]]), Uint16Array.of(LABELS[i]), contexts([i + 1]));
    const { classification: { mistakes }, pictures } = tally.finish();
    assertEquals(mistakes.map(({ example, label, predicted }) => [example, label, predicted]), [
      ["test 4", "cat", "dog"],
      ["test 5", "eel", "dog"],
    ]);
    assertAlmostEquals(mistakes[0].probability, 0.9, 1e-6);
    assertAlmostEquals(mistakes[0].trueProbability, 0.02, 1e-6);
    assertEquals(pictures.map(({ map, grey }) => [map[0], grey]), [[4, true], [5, true]]);
  }
});

Deno.test("a map that the caller uses again is kept as it was", () => {
  const tally = tallyClassification(["cat", "dog"]);
  const map = new Uint8Array(4).fill(3);
  tally.add(logs([[0.1, 0.9]]), Uint16Array.of(0), [{ example: "test 2", picture: { map } }]);
  map.fill(0);
  assertEquals([...tally.finish().pictures[0].map], [3, 3, 3, 3]);
});

Deno.test("early recognition: the share right after each number of strokes that was tried, complete drawings apart", () => {
  const tally = tallyClassification(CLASSES, { strokes: 3 });
  addAll(tally);
  // The third and the fourth are right; the second and the third have no further stroke.
  tally.addEarly(1, logs(PROBS), { labels: Uint16Array.of(1, 1, 1, 1, 0, 0), counts: [2, 1, 1, 3, 2, 5] });
  tally.addEarly(3, logs(PROBS.slice(0, 3)), { labels: Uint16Array.of(0, 0, 1), counts: Uint8Array.of(3, 1, 2) });
  tally.addEarly(3, logs(PROBS.slice(3)), { labels: Uint16Array.of(0, 0, 0), counts: [0, 3, 3] });
  assertEquals(tally.finish().classification.earlyRecognition, [
    { strokes: 1, accuracy: 2 / 6, complete: 1 - 4 / 6, unfinished: { examples: 4, accuracy: 1 / 4 } },
    { strokes: 3, accuracy: 3 / 6, complete: 1, unfinished: { examples: 0, accuracy: null } },
  ]);
  const none = { labels: new Uint16Array(), counts: [] };
  for (const strokes of [0, 4, 1.5]) {
    assertThrows(() => tally.addEarly(strokes, logs([]), none), RangeError, "expected 1 to 3");
  }
  const short = { labels: [0, 0], counts: [1] };
  assertThrows(() => tally.addEarly(1, logs(PROBS.slice(0, 2)), short), RangeError, "1 counts of strokes for 2 labels");
});

Deno.test("parts of drawings: each is counted after the stroke that its own share ends with", () => {
  const tally = tallyClassification(["cat", "dog"], { strokes: 5 });
  const labels = Uint16Array.of(0, 0, 0, 0);
  const counts = [1, 2, 4, 5];
  tally.add(logs(Array(4).fill([1, 0])), labels, contexts([1, 2, 3, 4]));
  // Right after so many strokes, by example: a quarter, a half and three quarters of 1, 2, 4 and 5 strokes are 1 1 1 2,
  // 1 1 2 3 and 1 2 3 4 strokes.
  const right = [[1, 1, 1, 1, 1], [0, 1, 1, 1, 1], [1, 0, 1, 1, 1], [0, 0, 1, 0, 1]];
  for (let strokes = 1; strokes <= 5; strokes++) {
    tally.addEarly(strokes, logs(right.map((after) => after[strokes - 1] === 1 ? [1, 0] : [0, 1])), { labels, counts });
  }
  assertEquals(tally.finish().classification.partRecognition, [
    { share: 0.25, accuracy: 2 / 4 },
    { share: 0.5, accuracy: 2 / 4 },
    { share: 0.75, accuracy: 3 / 4 },
  ]);
  const whole = tallyClassification(["cat", "dog"]);
  whole.add(logs([[1, 0]]), Uint16Array.of(0), contexts([1]));
  assertEquals(whole.finish().classification.partRecognition, undefined);
});

Deno.test("a probability of 0 leaves the mean finite, and the verdict goes through JSON unharmed", () => {
  const tally = tallyClassification(["cat", "dog"]);
  tally.add(logs([[0, 1]]), Uint16Array.of(0), contexts([1]));
  const { classification } = tally.finish();
  assertAlmostEquals(classification.nll, 149 * Math.LN2, 1e-9);
  assertEquals(JSON.parse(JSON.stringify(classification)), classification);
});

Deno.test("what cannot be counted is refused", () => {
  const tally = tallyClassification(["cat", "dog"]);
  const cases: [Float32Array, Uint16Array, number[], string][] = [
    [Float32Array.of(NaN, 0), Uint16Array.of(0), [77], "test 77: a log-probability is not a number"],
    [Float32Array.of(0, 0), Uint16Array.of(2), [77], "label 2 of 2 classes"],
    [Float32Array.of(0, 0, 0), Uint16Array.of(0), [77], "3 log-probabilities for 1 labels and 2 classes"],
    [Float32Array.of(0, 0), Uint16Array.of(0), [], "0 contexts for 1 labels"],
  ];
  for (const [logProbs, labels, ids, message] of cases) {
    assertThrows(() => tally.add(logProbs, labels, contexts(ids)), RangeError, message);
  }
  assertThrows(() => tally.finish(), RangeError, "no examples");
});

Deno.test("confusions are listed by count, then by label", () => {
  const confusion = [[5, 2, 0], [3, 0, 2], [0, 0, 1]];
  assertEquals(topConfusions({ classes: ["cat", "dog", "eel"], confusion }, 2), [
    { label: "dog", predicted: "cat", count: 3, share: 3 / 5 },
    { label: "cat", predicted: "dog", count: 2, share: 2 / 7 },
  ]);
});
