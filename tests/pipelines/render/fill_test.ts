import { assert, assertEquals } from "@std/assert";
import { ActiveEdges } from "../../../pipelines/render/active_edges.ts";
import { HardFiller } from "../../../pipelines/render/hard_fill.ts";
import { Prng } from "../../../pipelines/base/prng.ts";
import { type Filler, SoftFiller } from "../../../pipelines/render/soft_fill.ts";

/** Fills rings of corners, in pixels. */
function fill(filler: Filler, side: number, ...rings: (readonly [x: number, y: number])[][]): number[] {
  for (const ring of rings) {
    ring.forEach(([x, y], i) => {
      const [nextX, nextY] = ring[(i + 1) % ring.length];
      filler.addEdge(256 * x, 256 * y, 256 * nextX, 256 * nextY);
    });
  }
  const image = new Uint8Array(side * side);
  filler.fill(image);
  return [...image];
}

const square = (from: number, to: number) => [[from, from], [to, from], [to, to], [from, to]] as [number, number][];

Deno.test("whole pixels are filled whole, whichever way round, and only those", () => {
  const expected = [0, 0, 0, 0, 0, 255, 255, 0, 0, 255, 255, 0, 0, 0, 0, 0];
  for (const ring of [square(1, 3), square(1, 3).toReversed()]) {
    assertEquals(fill(new SoftFiller(4), 4, ring), expected);
    assertEquals(fill(new HardFiller(4), 4, ring), expected);
  }
});

Deno.test("a part of a pixel counts by its area", () => {
  assertEquals(fill(new SoftFiller(1), 1, [[0, 0], [0.5, 0], [0.5, 1], [0, 1]]), [128]); // 127.5
  assertEquals(fill(new SoftFiller(1), 1, [[0, 0], [1, 0], [1, 0.2], [0, 0.2]]), [51]);
  const corner = fill(new SoftFiller(2), 2, [[0, 0], [2, 0], [0, 2]]);
  corner.forEach((value, i) => assert(Math.abs(value - [255, 127.5, 127.5, 0][i]) < 1));
});

Deno.test("where rings overlap counts once, a ring the other way round is a hole", () => {
  const one = fill(new SoftFiller(8), 8, square(1, 7));
  assertEquals(fill(new SoftFiller(8), 8, square(1, 7), square(2, 5)), one);
  const hole = fill(new SoftFiller(8), 8, square(1, 7), square(2, 6).toReversed());
  assertEquals(hole.filter((value) => value === 255).length, 36 - 16);
  assertEquals(fill(new HardFiller(8), 8, square(1, 7), square(2, 6).toReversed()), hole);
});

Deno.test("random triangles have their area, soft and hard", () => {
  const prng = new Prng(8);
  const [soft, hard] = [new SoftFiller(100), new HardFiller(100)];
  for (let n = 0; n < 300; n++) {
    const [a, b, c] = Array.from({ length: 3 }, () => [prng.integer(25601) / 256, prng.integer(25601) / 256] as const);
    const area = Math.abs((b[0] - a[0]) * (c[1] - a[1]) - (c[0] - a[0]) * (b[1] - a[1])) / 2;
    const around = Math.hypot(b[0] - a[0], b[1] - a[1]) + Math.hypot(c[0] - b[0], c[1] - b[1]) +
      Math.hypot(a[0] - c[0], a[1] - c[1]);
    // By perimeter: edges are sampled at 15 rows a pixel, or at one.
    for (const [filler, tolerance] of [[soft, 1 / 15], [hard, 0.5]] as const) {
      const found = fill(filler, 100, [a, b, c]).reduce((sum, value) => sum + value, 0) / 255;
      assert(Math.abs(found - area) <= tolerance * (around + 1), `${found} is not about ${area}: ${[a, b, c]}`);
    }
  }
});

Deno.test("more edges than there is room for at first", () => {
  const teeth = Array.from({ length: 900 }, (_, i): [number, number] => [60 * i / 899, i % 2 ? 10 : 2]);
  for (const filler of [new SoftFiller(64), new HardFiller(64)]) {
    const image = fill(filler, 64, [...teeth, [60, 20], [0, 20]]);
    assertEquals(image.slice(64 * 15, 64 * 16).filter((value) => value === 255).length, 60);
    assertEquals(image.slice(64 * 30).some((value) => value > 0), false);
  }
});

Deno.test("filling composites white over what is there", () => {
  const filler = new SoftFiller(1);
  const half = [[0, 0], [128, 0], [128, 256], [0, 256], [0, 0]];
  const image = Uint8Array.of(100);
  half.slice(1).forEach(([x, y], i) => filler.addEdge(half[i][0], half[i][1], x, y));
  filler.fill(image);
  assertEquals(image[0], 128 + Math.round(100 * 127 / 255));
});

Deno.test("edges are merged in order, those at one place as documented", () => {
  const active = new ActiveEdges();
  const x = Int32Array.of(5, 3, 5, 1, 5, 9);
  for (const edge of [5, 0, 1]) active.push(edge);
  active.merge(x);
  assertEquals([...active.edges.subarray(0, active.count)], [1, 0, 5]);
  // 4 and 2 are at 0's place: the first run has the turn when they meet, since 1 came from it before 3 came.
  for (const edge of [4, 2, 3]) active.push(edge);
  active.merge(x);
  const merged = [...active.edges.subarray(0, active.count)];
  assertEquals(merged.map((edge) => x[edge]), [1, 3, 5, 5, 5, 9]);
  assertEquals(merged, [3, 1, 0, 4, 2, 5]);
});
