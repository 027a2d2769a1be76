import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { holmCorrected, mcnemarTest, pairedCounts } from "../../../tasks/evaluation/mcnemar.ts";
import { packBits, unpackBits } from "../../../tasks/evaluation/right_bits.ts";

Deno.test("McNemar's exact test is scipy.stats.binomtest(min(b, c), b + c, 0.5).pvalue of scipy 1.17.1", () => {
  const known: [first: number, second: number, p: number][] = [
    ...[[0, 0, 1], [1, 9, 0.021484375], [5, 5, 1], [3, 4, 1], [20, 8, 0.03569813817739487], [0, 1, 1]],
    ...[[0, 6, 0.03125], [121, 59, 4.4344492637551645e-06], [2100, 1900, 0.0016492663751357264]],
  ] as [number, number, number][];
  for (const [first, second, p] of known) {
    assertAlmostEquals(mcnemarTest({ first, second }), p, 1e-9 * p);
    assertAlmostEquals(mcnemarTest({ first: second, second: first }), p, 1e-9 * p);
  }
});

Deno.test("McNemar's test of thousands agrees with whole numbers, and takes what no double holds for 0", () => {
  const [all, few] = [1200n, 300n];
  let [term, sum] = [1n, 1n];
  for (let k = 1n; k <= few; k++) {
    term = term * (all - k + 1n) / k;
    sum += term;
  }
  const scale = 10n ** 100n;
  const exact = Number(2n * sum * scale / 2n ** all) / 1e100;
  const p = mcnemarTest({ first: 900, second: 300 });
  assert(exact > 0 && Math.abs(p / exact - 1) < 1e-9, `${p} and ${exact}`);
  assertEquals(mcnemarTest({ first: 4000, second: 1000 }), 0);
});

Deno.test("answers are paired in their order", () => {
  const [first, second] = ["110010", "101010"].map((text) => [...text].map((letter) => letter === "1"));
  assertEquals(pairedCounts(first, second), { both: 2, first: 1, second: 1, neither: 2 });
  assertThrows(() => pairedCounts(first, second.slice(1)), RangeError, "6 answers with 5");
});

Deno.test("Holm's correction by hand: the least of four times four, and none below the one before it", () => {
  const corrected = holmCorrected([0.01, 0.04, 0.03, 0.005]);
  [0.03, 0.06, 0.06, 0.02].forEach((value, i) => assertAlmostEquals(corrected[i], value, 1e-12));
  assertEquals(holmCorrected([]), []);
  assertEquals(holmCorrected([0.9, 0.8]), [1, 1]);
});

Deno.test("bits are numpy's packbits with bitorder little; other numbers of them are refused", () => {
  const bits = [1, 0, 1, 1, 0, 0, 0, 0, 1, 1, 1].map((bit) => bit === 1);
  assertEquals(packBits(bits), "DQc=");
  assertEquals(unpackBits("DQc=", 11), bits);
  assertEquals([unpackBits("DQc=", 17), unpackBits("DQc=", 8), unpackBits("no base64", 8)], Array(3).fill(undefined));
  assertEquals(unpackBits("", 0), []);
});
