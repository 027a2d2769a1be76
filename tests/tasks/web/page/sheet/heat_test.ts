import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { channelsOf, type Colours } from "../../../../../tasks/web/page/sheet/colours.ts";
import {
  HALO,
  heatPixels,
  strongestOf,
  sumFrames,
  withHalo,
  withMargin,
} from "../../../../../tasks/web/page/sheet/heat.ts";

const COLOURS = { for: "rgb(200, 100, 0)", against: "rgb(0, 100, 200)" } as Colours;

Deno.test("frames add up cell by cell", () => {
  assertEquals([...sumFrames(Float32Array.of(1, 2, 3, 4, 10, 20, 30, 40, -1, 0, 0, 1), 2)], [10, 22, 33, 45]);
});

Deno.test("what speaks for and what speaks against have a colour each, stronger for more, and nothing has none", () => {
  const cells = Float32Array.of(0, 4, -4, 1, -1);
  assertEquals(strongestOf(cells), 4);
  const pixels = heatPixels(cells, 4, COLOURS);
  const at = (cell: number) => [...pixels.subarray(4 * cell, 4 * cell + 4)];
  assertEquals(at(0), [0, 0, 0, 0]);
  assertEquals([at(1).slice(0, 3), at(2).slice(0, 3)], [[200, 100, 0], [0, 100, 200]]);
  assertEquals(at(1)[3], at(2)[3]);
  assert(at(3)[3] < at(1)[3] && at(3)[3] === at(4)[3]);
  assertEquals([...heatPixels(Float32Array.of(0, 0), strongestOf(Float32Array.of(0, 0)), COLOURS)], Array(8).fill(0));
});

Deno.test("colours as a browser writes them", () => {
  assertEquals(channelsOf("rgb(23, 32, 58)"), [23, 32, 58]);
  assertEquals(channelsOf("rgba(23, 32, 58, 0.5)"), [23, 32, 58]);
});

Deno.test("a halo is the same all around, keeps the sum, and a margin takes what would fall off the edge", () => {
  const side = 3 + 2 * HALO;
  const cells = withMargin(Float32Array.of(0, 0, 0, 0, 0, 0, 0, 0, 2), 3, HALO); // the last cell of 3 x 3
  assertEquals([cells.length, cells[(2 + HALO) * side + 2 + HALO]], [side * side, 2]);
  const halo = withHalo(cells, side);
  const at = (right: number, down: number) => halo[(2 + HALO + down) * side + 2 + HALO + right];
  assertAlmostEquals(halo.reduce((sum, value) => sum + value), 2, 1e-6);
  for (const [right, down] of [[1, 0], [0, 2], [-2, 1]]) {
    assertAlmostEquals(at(right, down), at(-right, -down), 1e-7);
    assertAlmostEquals(at(right, down), at(down, right), 1e-7);
    assertAlmostEquals(at(right, down) / at(0, 0), Math.exp(-0.5 * (right ** 2 + down ** 2) / 1.5 ** 2), 1e-6);
  }
});
