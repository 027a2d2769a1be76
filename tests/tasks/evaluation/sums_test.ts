import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { kindsOf, parseSum } from "../../../tasks/evaluation/sums.ts";
import { SequenceTally } from "../../../tasks/evaluation/sequence_tally.ts";

Deno.test("a text is a sum or none", () => {
  assertEquals(parseSum("151+ 21"), { a: 151, sign: "+", b: 21 });
  assertEquals(parseSum("  0-199"), { a: 0, sign: "-", b: 199 });
  assertEquals(parseSum(" 12* 3 "), { a: 12, sign: "*", b: 3 });
  for (const text of ["", "12", "1+", "+1", "1+2+3", "a+b", "1.5+2"]) assertEquals(parseSum(text), undefined, text);
});

Deno.test("kinds of sums, every sum of two numbers up to 199 by the schoolbook's columns", () => {
  const cases: [query: string, answer: string, kinds: string[]][] = [
    ["151+ 21", " 172", ["plus", "plus, nothing carried", "3 digits"]],
    [" 95+  5", " 100", ["plus", "plus, carried", "3 digits"]],
    [" 90+ 90", " 180", ["plus", "plus, carried", "3 digits"]],
    ["  0+  0", "   0", ["plus", "plus, nothing carried", "1 digit"]],
    [" 21-151", "-130", ["minus", "minus, nothing borrowed", "minus, negative", "3 digits"]],
    ["100-  1", "  99", ["minus", "minus, borrowed", "minus, 0 or more", "2 digits"]],
    ["  7-  7", "   0", ["minus", "minus, nothing borrowed", "minus, 0 or more", "1 digit"]],
    [" 12* 12", " 144", ["times", "3 digits"]],
  ];
  for (const [query, answer, kinds] of cases) assertEquals(kindsOf(parseSum(query)!, answer), kinds, query);
  // Nothing is carried if and only if the digits of a + b add up to those of a and b; of differences likewise.
  const digitSum = (value: number) => [...String(value)].reduce((sum, digit) => sum + Number(digit), 0);
  for (let a = 0; a < 200; a += 3) {
    for (let b = 0; b < 200; b++) {
      const plain = digitSum(a + b) === digitSum(a) + digitSum(b);
      assertEquals(kindsOf({ a, sign: "+", b }, "1")[1], plain ? "plus, nothing carried" : "plus, carried");
      const borrowless = digitSum(Math.max(a, b)) === digitSum(Math.min(a, b)) + digitSum(Math.abs(a - b));
      assertEquals(kindsOf({ a, sign: "-", b }, "1")[1], borrowless ? "minus, nothing borrowed" : "minus, borrowed");
    }
  }
});

/** Answers to four sums, two of them wrong. */
function tallied(mistakes: number) {
  const tally = new SequenceTally<string>({ length: 4, mistakes });
  const add = (query: string, right: string, written: string, confidence: number) =>
    tally.add({ query, right, written, confidence }, () => query);
  add("  1+  2", "   3", "   3", 0.9);
  add("  2+  2", "   4", "   5", 0.2);
  add("  1-  2", "  -1", "  -1", 0.8);
  add("  0- 12", " -12", "  12", 0.6);
  return tally.finish();
}

Deno.test("answers and characters that are right, by place and kind, beside constant answers", () => {
  const { maps, contexts, ...score } = tallied(5);
  assertEquals(score.examples, 4);
  assertEquals(score.answers, 2 / 4);
  assertAlmostEquals(score.characters, (4 + 3 + 4 + 3) / 16, 1e-12);
  assertEquals(score.places, [1, 3 / 4, 1, 3 / 4]);
  assertEquals(score.baselines.alike, { character: " ", characters: (3 + 3 + 2 + 1) / 16 });
  // At each place the commonest: a space 4 of 4, a space 3 of 4, a space 2 of 4, and of four different the first.
  assertEquals(score.baselines.constant, { answer: "   1", characters: (4 + 3 + 2 + 1) / 16 });
  const byKind = Object.fromEntries(score.kinds.map(({ kind, answers, examples }) => [kind, [answers, examples]]));
  assertEquals(byKind, {
    "minus": [1 / 2, 2],
    "minus, negative": [1 / 2, 2],
    "minus, nothing borrowed": [1 / 2, 2],
    "plus": [1 / 2, 2],
    "plus, nothing carried": [1 / 2, 2],
    "1 digit": [2 / 3, 3],
    "2 digits": [0, 1],
  });
  assertEquals(contexts, ["  0- 12", "  2+  2"]); // the surest first
  assertEquals(score.mistakes.map(({ written }) => written), ["  12", "   5"]);
  assertEquals(tallied(1).contexts, ["  0- 12"]);
  assertEquals(maps.map(({ sign, side }) => [sign, side]), [["+", 13], ["-", 13]]);
  const asked = maps.map(({ side, cells }) =>
    [...cells.entries()].filter(([, cell]) => cell > 0).map(([at, cell]) => [Math.floor(at / side), at % side, cell])
  );
  assertEquals(asked, [[[1, 2, 1], [2, 2, 2]], [[0, 12, 2], [1, 2, 1]]]);
});

Deno.test("queries that are no sums have no kinds; nothing at all is refused", () => {
  const tally = new SequenceTally<undefined>({ length: 2, mistakes: 3 });
  assertThrows(() => tally.finish(), RangeError, "no examples");
  tally.add({ right: "ab", written: "ab", confidence: 1 }, () => undefined);
  tally.add({ query: "why", right: "ab", written: "ba", confidence: 0.5 }, () => undefined);
  const { kinds, maps, answers } = tally.finish();
  assertEquals([kinds, maps, answers], [[], [], 0.5]);
});
