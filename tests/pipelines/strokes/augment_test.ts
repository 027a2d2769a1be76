import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { augment, augments, checkAugmentOptions } from "../../../pipelines/strokes/augment.ts";
import { Prng } from "../../../pipelines/base/prng.ts";
import { boundsOf } from "../../../pipelines/strokes/stroke.ts";

const SQUARE = [[[50, 200, 200, 50, 50], [50, 50, 200, 200, 50]]] as const;

Deno.test("what comes out lies on the grid in whole coordinates, with the same strokes and points", () => {
  const prng = new Prng(2);
  for (let n = 0; n < 500; n++) {
    const drawing = [0, 1].map(() =>
      [0, 1].map(() => Array.from({ length: 6 }, () => prng.integer(256))) as [number[], number[]]
    );
    const out = augment(drawing, { flip: 0, rotate: 180, scale: [0.3, 1], shift: 1 }, prng);
    assertEquals(out.map(([xs]) => xs.length), [6, 6]);
    for (const value of out.flat(2)) assert(Number.isInteger(value) && value >= 0 && value <= 255, `${value}`);
  }
});

Deno.test("turning keeps lengths, scaling scales them, both about the middle", () => {
  const side = ([[xs, ys]]: readonly (readonly [ArrayLike<number>, ArrayLike<number>])[]) =>
    Math.hypot(xs[1] - xs[0], ys[1] - ys[0]);
  for (let seed = 0; seed < 20; seed++) {
    const turned = augment(SQUARE, { flip: 0, rotate: 45, scale: [1, 1], shift: 0 }, new Prng(seed));
    assertAlmostEquals(side(turned), 150, 1.5);
    const scaled = augment(SQUARE, { flip: 0, rotate: 0, scale: [0.5, 0.5], shift: 0 }, new Prng(seed));
    assertAlmostEquals(side(scaled), 75, 1.5);
    for (const { minX, minY, maxX, maxY } of [boundsOf(turned), boundsOf(scaled)]) {
      assertAlmostEquals((minX + maxX) / 2, 125, 1);
      assertAlmostEquals((minY + maxY) / 2, 125, 1);
    }
  }
});

Deno.test("angles and shifts cover their ranges evenly", () => {
  const prng = new Prng(4);
  const angles = Array.from({ length: 400 }, () => {
    const [[xs, ys]] = augment(SQUARE, { flip: 0, rotate: 30, scale: [0.5, 0.5], shift: 0 }, prng);
    return Math.atan2(ys[1] - ys[0], xs[1] - xs[0]) * 180 / Math.PI;
  });
  assert(Math.min(...angles) < -27 && Math.max(...angles) > 27 && Math.max(...angles.map(Math.abs)) < 31.5);
  const middles = Array.from({ length: 400 }, () => {
    const { minX, maxX } = boundsOf(augment(SQUARE, { flip: 0, rotate: 0, scale: [0.5, 0.5], shift: 0.2 }, prng));
    return (minX + maxX) / 2 - 125;
  });
  assert(Math.min(...middles) < -48 && Math.max(...middles) > 48 && Math.max(...middles.map(Math.abs)) <= 52);
});

Deno.test("options that change nothing are told apart, and wrong scales refused", () => {
  assertEquals(augments({ flip: 0, rotate: 0, scale: [1, 1], shift: 0 }), false);
  assertEquals(augments({ flip: 0, rotate: 0, scale: [0.9, 1], shift: 0 }), true);
  for (const scale of [[1], [1, 0.7], [0, 1], [0.7, 1.1]]) {
    assertThrows(() => checkAugmentOptions({ scale }), RangeError, "0.7,1");
  }
});
