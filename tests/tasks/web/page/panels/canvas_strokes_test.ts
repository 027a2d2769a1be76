import { assertAlmostEquals, assertEquals, assertStrictEquals } from "@std/assert";
import { insideCanvas, isOnlyDots, timeAfter } from "../../../../../tasks/web/page/panels/canvas_strokes.ts";
import type { DrawnStroke } from "../../../../../tasks/web/page/store.ts";

const stroke = (xs: number[], ys: number[]): DrawnStroke => ({ xs, ys, times: xs.map((_, i) => i), by: "hand" });

Deno.test("strokes behind others begin a pause after them", () => {
  assertEquals([timeAfter([]), timeAfter([stroke([0], [0]), stroke([0, 0, 0], [1, 1, 1])])], [0, 202]);
});

Deno.test("what is on the canvas stays; else all is moved back, and made smaller where it has no room", () => {
  const inside = [stroke([0, 1], [0.2, 0.3])];
  assertStrictEquals(insideCanvas(inside), inside);
  const [moved] = insideCanvas([stroke([1, 1.25], [0.5, 0.5])]);
  [0.65, 0.9].forEach((x, i) => assertAlmostEquals(moved.xs[i], x, 1e-12)); // the margin is a tenth
  assertEquals(moved.ys, [0.5, 0.5]);
  const large = insideCanvas([stroke([-1, 1], [0, 0]), stroke([0], [2])]);
  [0.1, 0.9].forEach((x, i) => assertAlmostEquals(large[0].xs[i], x, 1e-12)); // 2 wide, of which 0.8 is shown
  assertAlmostEquals(large[1].xs[0], 0.5, 1e-12);
  assertAlmostEquals(large[1].ys[0] - large[0].ys[0], 0.8, 1e-12);
  assertEquals([large[0].times, large[0].by], [[0, 1], "hand"]);
});

Deno.test("dots alone are nothing to go on with", () => {
  assertEquals(isOnlyDots([]), true);
  assertEquals(isOnlyDots([[[0, 0], [0, 0]], [[255], [9]]]), true);
  assertEquals(isOnlyDots([[[0, 0], [0, 0]], [[5, 5], [9, 10]]]), false);
  assertEquals(isOnlyDots([[Uint8Array.of(5, 6), Uint8Array.of(9, 9)]]), false);
});
