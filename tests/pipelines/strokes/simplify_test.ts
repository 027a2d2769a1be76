import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { Prng } from "../../../pipelines/base/prng.ts";
import { ramerDouglasPeucker, resample } from "../../../pipelines/strokes/simplify.ts";

/** A random walk of whole coordinates. */
function walk(prng: Prng, length: number): [number[], number[]] {
  const [xs, ys] = [[100], [100]];
  for (let i = 1; i < length; i++) {
    xs.push(xs[i - 1] + prng.integer(13) - 6);
    ys.push(ys[i - 1] + prng.integer(13) - 6);
  }
  return [xs, ys];
}

Deno.test("resample: a corner is passed at the right length", () => {
  assertEquals(resample([[0, 3, 3], [0, 0, 3]], 2), [[0, 2, 3, 3], [0, 0, 1, 3]]);
});

Deno.test("resample: an end point on the grid comes once, repeated points add nothing", () => {
  assertEquals(resample([[0, 4], [0, 0]], 2), [[0, 2, 4], [0, 0, 0]]);
  assertEquals(resample([[1, 1, 1, 3, 3], [5, 5, 5, 5, 5]], 1), [[1, 2, 3], [5, 5, 5]]);
  assertEquals(resample([[7], [8]], 1), [[7], [8]]);
  assertEquals(resample([[7, 7], [8, 8]], 1), [[7], [8]]);
});

Deno.test("resample: every step has the spacing along the line, except the last", () => {
  const prng = new Prng(1);
  for (let round = 0; round < 50; round++) {
    const line = walk(prng, 30);
    const [xs, ys] = resample(line, 0.5);
    for (let i = 1; i < xs.length; i++) assert(Math.hypot(xs[i] - xs[i - 1], ys[i] - ys[i - 1]) <= 0.5 + 1e-9);
    assertEquals([xs.at(-1), ys.at(-1)], [line[0].at(-1), line[1].at(-1)]);
    const length = line[0].reduce(
      (sum, x, i) => i === 0 ? 0 : sum + Math.hypot(x - line[0][i - 1], line[1][i] - line[1][i - 1]),
      0,
    );
    assertAlmostEquals(xs.length - 1, length / 0.5, 1.001);
  }
});

Deno.test("ramerDouglasPeucker: points near the line go, corners stay", () => {
  assertEquals(ramerDouglasPeucker([[0, 5, 10, 10], [0, 1, 0, 9]], 2), [[0, 10, 10], [0, 0, 9]]);
  assertEquals(ramerDouglasPeucker([[0, 5, 10], [0, 2, 0]], 2), [[0, 10], [0, 0]]); // exactly epsilon is near
  assertEquals(ramerDouglasPeucker([[0, 5, 10], [0, 2.001, 0]], 2), [[0, 5, 10], [0, 2.001, 0]]);
  assertEquals(ramerDouglasPeucker([[4], [5]], 2), [[4], [5]]);
});

Deno.test("ramerDouglasPeucker: the distance is that to the infinite line", () => {
  // (30, 0) lies on the line through both ends, though far outside the segment.
  assertEquals(ramerDouglasPeucker([[0, 30, 10], [0, 0, 0]], 2), [[0, 10], [0, 0]]);
});

Deno.test("ramerDouglasPeucker: a closed stroke keeps its shape", () => {
  assertEquals(ramerDouglasPeucker([[0, 9, 9, 0], [0, 0, 9, 0]], 2), [[0, 9, 9, 0], [0, 0, 9, 0]]);
});

Deno.test("ramerDouglasPeucker: what is left out is near, with epsilon 0 only what is on the line goes", () => {
  const prng = new Prng(2);
  for (let round = 0; round < 50; round++) {
    const [xs, ys] = walk(prng, 60);
    const [keptX, keptY] = ramerDouglasPeucker([xs, ys], 3);
    let at = 0; // index of the kept point at or before i
    for (let i = 0; i < xs.length; i++) {
      if (xs[i] === keptX[at + 1] && ys[i] === keptY[at + 1]) at++;
      const [dx, dy] = [keptX[at + 1] - keptX[at], keptY[at + 1] - keptY[at]];
      const length = Math.hypot(dx, dy);
      if (!(length > 0)) continue;
      assert(Math.abs(dx * (ys[i] - keptY[at]) - dy * (xs[i] - keptX[at])) / length <= 3 + 1e-9);
    }
    assertEquals(at, keptX.length - 1);
  }
  assertEquals(ramerDouglasPeucker([[0, 1, 2, 3], [0, 1, 2, 4]], 0), [[0, 2, 3], [0, 2, 4]]);
});

Deno.test("a spacing or an epsilon that makes no sense is refused", () => {
  assertThrows(() => resample([[0, 1], [0, 1]], 0), RangeError, "above 0");
  assertThrows(() => resample([[0, 1], [0, 1]], NaN), RangeError, "above 0");
  // Of these it never came to an end, or lost the end point.
  const words = "cannot resample: from point 2 to the next it is";
  for (const x of [Infinity, -Infinity, NaN, 1e155]) {
    assertThrows(() => resample([[0, 1, x, 5], [0, 0, 0, 0]], 1), RangeError, words);
  }
  assertThrows(() => ramerDouglasPeucker([[0, 1], [0, 1]], -1), RangeError, "0 or more");
});
