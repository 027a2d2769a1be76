import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { Prng } from "../../../../../pipelines/base/prng.ts";
import { columnOf, linesOf, pathData, spread } from "../../../../../tasks/web/page/runs/course.ts";

Deno.test("the classes that led at some time have lines, then those that came highest; the one that leads now is first", () => {
  const course = [
    [0.4, 0.3, 0.2, 0.1, 0.0],
    [0.3, 0.35, 0.2, 0.15, 0.0],
    [0.05, 0.1, 0.24, 0.01, 0.6],
  ];
  assertEquals(linesOf(course, 4), [
    { label: 4, values: [0, 0, 0.6] },
    { label: 2, values: [0.2, 0.2, 0.24] },
    { label: 1, values: [0.3, 0.35, 0.1] },
    { label: 0, values: [0.4, 0.3, 0.05] },
  ]);
  assertEquals(linesOf(course, 2).map(({ label }) => label), [4, 0]);
  assertEquals(linesOf(course, 9).length, 5);
  assertEquals(linesOf([], 4), []);
  assertEquals(linesOf([[0.5, 0.5]], 4).map(({ label }) => label), [0, 1]);
});

Deno.test("a line goes through the middles of its columns, with certainty at the top", () => {
  assertEquals(columnOf(0, 1), 0.5);
  assertEquals(pathData([1, 0, 0.25], 4), "M12.50 0.00L37.50 100.00L62.50 75.00");
  assertEquals(pathData([], 4), "");
});

Deno.test("names stand apart, inside, in the order of their lines, and where they want to where there is room", () => {
  assertEquals(spread([0.1, 0.5, 0.9], 0.2, 1), [0.1, 0.5, 0.9]);
  assertEquals(spread([], 0.2, 1), []);
  const [a, b, c] = spread([1, 0.95, 1], 0.2, 1);
  for (const [found, expected] of [[b, 0.6], [a, 0.8], [c, 1]]) assertAlmostEquals(found, expected, 1e-12);
  const prng = new Prng(3);
  for (let i = 0; i < 200; i++) {
    const places = Array.from({ length: 4 }, () => prng.uniform());
    const found = spread(places, 0.17, 1);
    const order = places.map((_, k) => k).sort((x, y) => places[x] - places[y]);
    for (const [rank, k] of order.entries()) {
      assert(found[k] >= -1e-12 && found[k] <= 1 + 1e-12);
      if (rank > 0) assert(found[k] - found[order[rank - 1]] >= 0.17 - 1e-9);
    }
  }
});
