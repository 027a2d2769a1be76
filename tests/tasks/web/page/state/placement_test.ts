import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { Prng } from "../../../../../pipelines/base/prng.ts";
import { simplifyRaw } from "../../../../../pipelines/formats/quickdraw/simplify_raw.ts";
import { rasterize } from "../../../../../pipelines/strokes/rasterize.ts";
import { centred, putOnCanvas, see } from "../../../../../tasks/web/page/state/placement.ts";
import type { DrawnStroke } from "../../../../../tasks/web/page/store.ts";

const stroke = (...points: (readonly [x: number, y: number])[]): DrawnStroke => ({
  xs: points.map(([x]) => x),
  ys: points.map(([, y]) => y),
  times: points.map((_, i) => 10 * i),
  by: "hand",
});

/** Strokes that wander over the canvas, a dot among them. */
function wandering(prng: Prng): DrawnStroke[] {
  const strokes = Array.from({ length: 1 + Math.floor(5 * prng.uniform()) }, () => {
    let [x, y] = [prng.uniform(), prng.uniform()];
    return stroke(...Array.from({ length: 2 + Math.floor(80 * prng.uniform()) }, () => {
      x = Math.min(1, Math.max(0, x + 0.08 * (prng.uniform() - 0.5)));
      y = Math.min(1, Math.max(0, y + 0.08 * (prng.uniform() - 0.5)));
      return [x, y] as const;
    }));
  });
  return [...strokes, stroke([prng.uniform(), prng.uniform()])];
}

Deno.test("what the runs see is the strokes as Google simplified them", () => {
  const prng = new Prng(1);
  for (let i = 0; i < 30; i++) {
    const strokes = wandering(prng);
    assertEquals(see(strokes).drawing, simplifyRaw(strokes.map(({ xs, ys, times }) => [xs, ys, times] as const)));
  }
});

Deno.test("a square that is drawn anywhere, of any size, is seen as the whole grid", () => {
  for (const [left, top, side] of [[0, 0, 1], [0.2, 0.5, 0.25], [0.7, 0.1, 0.01]]) {
    const [right, bottom] = [left + side, top + side];
    const square = stroke([left, top], [right, top], [right, bottom], [left, bottom], [left, top]);
    const { drawing, placement } = see([square]);
    assertEquals(drawing, [[[0, 255, 255, 0, 0], [0, 0, 255, 255, 0]]]);
    assertAlmostEquals(placement!.left, left, 1e-12);
    assertAlmostEquals(placement!.top, top, 1e-12);
    assertAlmostEquals(placement!.scale, side / 255, 1e-12);
    const { map } = rasterize(drawing);
    assertEquals([map[0], map[63], map[63 * 64], map[64 * 64 - 1], map[32 * 64 + 32]], [1, 1, 1, 1, 0]);
  }
});

Deno.test("what is seen lies on the canvas where it was drawn, to half a grid unit", () => {
  const prng = new Prng(2);
  for (let i = 0; i < 30; i++) {
    const strokes = wandering(prng);
    const { drawing, placement } = see(strokes);
    const back = putOnCanvas(drawing, { placement: placement!, by: "model" });
    assertEquals(back.length, strokes.length);
    const half = placement!.scale / 2 + 1e-12;
    for (const [s, { xs, ys, by }] of back.entries()) {
      assertEquals(by, "model");
      // The ends of a stroke are always kept, and rounded to whole units.
      for (const [mine, theirs] of [[xs, strokes[s].xs], [ys, strokes[s].ys]]) {
        assert(Math.abs(mine[0] - theirs[0]) <= half);
        assert(Math.abs(mine.at(-1)! - theirs.at(-1)!) <= half);
      }
    }
    // And once more, there is nothing to be moved: the strokes that came back are seen at the same place.
    const again = see(back);
    assert(Math.abs(again.placement!.left - placement!.left) <= half);
    assert(Math.abs(again.placement!.top - placement!.top) <= half);
  }
});

Deno.test("points that are put on the canvas follow each other in time, from stroke to stroke", () => {
  const placement = { scale: 0.001, left: 0.1, top: 0.2 };
  const strokes = putOnCanvas([[[0, 100], [0, 50]], [[255], [255]]], { placement, by: "prototype", start: 1000 });
  assertEquals(strokes.map(({ times }) => times), [[1000, 1016], [1032]]);
  assertEquals(strokes[0].xs, [0.1, 0.2]);
  assertAlmostEquals(strokes[1].ys[0], 0.455, 1e-12);
});

Deno.test("dots: alone they are no drawing, beside a line they are two equal points", () => {
  assertEquals(see([]), { drawing: [] });
  for (const dots of [[stroke([0.3, 0.4])], [stroke([0.3, 0.4], [0.3, 0.4]), stroke([0.3, 0.4])]]) {
    const { drawing, placement, refusal } = see(dots);
    assertEquals([drawing, placement], [[], undefined]);
    assert(refusal?.includes("dot"));
  }
  assertEquals(see([stroke([0, 0], [1, 0]), stroke([1, 1])]).drawing, [[[0, 255], [0, 0]], [[255, 255], [255, 255]]]);
});

Deno.test("more ink than a drawing may have is refused with a reason, and not thrown", () => {
  const scribble = stroke(...Array.from({ length: 1000 }, (_, i) => [i % 2, 0.5] as const));
  const { drawing, refusal } = see([scribble]);
  assertEquals(drawing, []);
  assert(refusal?.includes("ink"));
});

Deno.test("a drawing in the middle of the canvas keeps its proportions and its margin", () => {
  const placement = centred([[[0, 200], [100, 200]]], 0.1);
  const [{ xs, ys }] = putOnCanvas([[[0, 200], [100, 200]]], { placement, by: "prototype" });
  for (const [found, expected] of [[xs[0], 0.1], [xs[1], 0.9], [ys[0], 0.3], [ys[1], 0.7]]) {
    assertAlmostEquals(found, expected, 1e-12);
  }
});
