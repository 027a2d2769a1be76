/** Drawn signs: where their ink is, and how much, by the area of a line with round ends. */
import { assert, assertEquals, assertThrows } from "@std/assert";
import { Prng } from "../../../../pipelines/base/prng.ts";
import { drawSign } from "../../../../pipelines/datasets/arithmetic/sign_glyphs.ts";

/** Rows and columns with ink of more than a quarter: the first and last of each. */
function boundsOf(picture: Uint8Array): { rows: [number, number]; columns: [number, number] } {
  const inked = Array.from(picture.keys()).filter((i) => picture[i] > 64);
  const range = (values: number[]): [number, number] => [Math.min(...values), Math.max(...values)];
  return { rows: range(inked.map((i) => Math.floor(i / 28))), columns: range(inked.map((i) => i % 28)) };
}

const inkOf = (picture: Uint8Array) => picture.reduce((sum, value) => sum + value, 0) / 255;

Deno.test("signs: lines of two pixels from 4 to 7 pixels to 20 to 23, through the middle, no two alike", () => {
  const prng = new Prng(5);
  const seen = new Set<string>();
  const [starts, ends] = [new Set<number>(), new Set<number>()];
  for (let i = 0; i < 200; i++) {
    const minus = drawSign("-", prng);
    seen.add(minus.toBase64());
    const { rows, columns } = boundsOf(minus);
    assert(rows[0] >= 11 && rows[1] <= 16, `rows ${rows}`);
    starts.add(columns[0]);
    ends.add(columns[1]);
    const area = inkOf(minus); // 2 L + pi, L 13 to 19 across
    assert(area > 2 * 13 + Math.PI - 1 && area < 2 * Math.hypot(19, 3) + Math.PI + 1, `ink ${area}`);
  }
  assertEquals([...starts].sort((a, b) => a - b), [3, 4, 5, 6]); // a pixel before the end: the pen is two wide
  assertEquals([...ends].sort((a, b) => a - b), [21, 22, 23, 24]);
  assert(seen.size > 120, `${seen.size} different`); // of 4^4
});

Deno.test("signs: a plus is a minus and an upright, a cross has both diagonals, soft at their edges", () => {
  const prng = new Prng(6);
  for (let i = 0; i < 50; i++) {
    const [plus, times] = [drawSign("+", prng), drawSign("*", prng)];
    for (const picture of [plus, times]) {
      const { rows, columns } = boundsOf(picture);
      for (const [first, last] of [rows, columns]) assert(first >= 3 && first <= 7 && last >= 19 && last <= 24);
      const crossing = Math.max(...picture.subarray(28 * 10, 28 * 18));
      assertEquals(crossing, 255);
      assert(picture.some((value) => value > 0 && value < 255));
    }
    assert(inkOf(plus) > 2 * 26 && inkOf(plus) < 2 * 39 + 2 * Math.PI, `ink ${inkOf(plus)}`);
    const corner = (y: number, x: number) =>
      inkOf(times.filter((_, i) => Math.floor(i / 28 / 14) === y && Math.floor(i % 28 / 14) === x));
    for (const [y, x] of [[0, 0], [0, 1], [1, 0], [1, 1]]) assert(corner(y, x) > 8, `${corner(y, x)} in ${y}, ${x}`);
    assertEquals(inkOf(plus.filter((_, i) => i % 28 < 10 && i < 28 * 10)), 0); // no ink in a plus's corners
  }
});

Deno.test("signs: the same stream draws the same", () => {
  assertEquals(drawSign("+", new Prng(1)), drawSign("+", new Prng(1)));
  assertThrows(() => assertEquals(drawSign("+", new Prng(1)), drawSign("+", new Prng(2))));
});
