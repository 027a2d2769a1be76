/** Thinning against flood fills: as many pieces and as many holes as before, and lines of one cell. */
import { assert, assertEquals } from "@std/assert";
import { Prng } from "../../../../pipelines/base/prng.ts";
import { CELL, InkMap } from "../../../../pipelines/strokes/vectorize/ink_map.ts";
import { Thinning } from "../../../../pipelines/strokes/vectorize/thinning.ts";

/** How many pieces the cells of a value fall into; ink hangs together by corners too, paper by sides alone. */
function piecesOf(grid: Uint8Array, stride: number, value: number): number {
  const sides = [1, -1, stride, -stride];
  const around = value === 1 ? [...sides, stride + 1, stride - 1, -stride + 1, -stride - 1] : sides;
  const seen = new Uint8Array(grid.length);
  let pieces = 0;
  for (let start = 0; start < grid.length; start++) {
    if (grid[start] !== value || seen[start]) continue;
    pieces++;
    const queue = [start];
    seen[start] = 1;
    for (let cell = queue.pop(); cell !== undefined; cell = queue.pop()) {
      for (const step of around) {
        const near = cell + step;
        if (near < 0 || near >= grid.length || Math.abs(near % stride - cell % stride) > 1) continue;
        if (grid[near] === value && !seen[near]) queue.push(near), seen[near] = 1;
      }
    }
  }
  return pieces;
}

/** A picture of some discs, so that there are thick and thin places, pieces and holes. */
function blobs(prng: Prng, side: number): Uint8Array {
  const discs = Array.from(
    { length: 12 },
    () => [prng.uniform() * side, prng.uniform() * side, 1 + prng.uniform() * 4],
  );
  return Uint8Array.from({ length: side * side }, (_, i) => {
    const [x, y] = [i % side, Math.floor(i / side)];
    return discs.some(([cx, cy, r]) => Math.hypot(x - cx, y - cy) < r) ? 255 : 0;
  });
}

Deno.test("thinning keeps pieces and holes, and leaves no cell that a line does without", () => {
  const prng = new Prng(11);
  for (const upscale of [1, 2, 3]) {
    const map = new InkMap(24, 24, { upscale, threshold: 0.5 });
    const thinning = new Thinning(map);
    for (let round = 0; round < 40; round++) {
      assert(map.fill(blobs(prng, 24)));
      const before = [1, 0].map((value) => piecesOf(map.ink, map.stride, value));
      thinning.thin();
      const { skeleton } = thinning;
      assertEquals([1, 0].map((value) => piecesOf(skeleton, map.stride, value)), before);
      assert(skeleton.every((cell, i) => cell <= map.ink[i]), "it lies in the ink");
      for (let i = 0; i < skeleton.length - map.stride - 1; i++) {
        const square = skeleton[i] + skeleton[i + 1] + skeleton[i + map.stride] + skeleton[i + map.stride + 1];
        assert(square < 4, "a square of four cells is no line");
      }
      assertEquals(thinning.count, skeleton.reduce((sum, cell) => sum + cell, 0));
    }
  }
});

Deno.test("the distance from the paper is within a tenth of the true one", () => {
  const map = new InkMap(40, 40, { upscale: 1, threshold: 0.5 });
  const picture = Uint8Array.from(
    { length: 1600 },
    (_, i) => Math.hypot(i % 40 - 20, Math.floor(i / 40) - 20) < 15 ? 9 : 0,
  );
  map.fill(picture);
  for (let cell = 0; cell < map.ink.length; cell++) {
    if (map.ink[cell] === 0) continue;
    const [x, y] = [cell % map.stride, Math.floor(cell / map.stride)];
    let nearest = Infinity;
    for (let other = 0; other < map.ink.length; other++) {
      if (map.ink[other] === 0) {
        nearest = Math.min(nearest, Math.hypot(other % map.stride - x, Math.floor(other / map.stride) - y));
      }
    }
    assert(Math.abs(map.distance[cell] / CELL - nearest) <= 0.1 * nearest, `${map.distance[cell]} and ${nearest}`);
  }
});
