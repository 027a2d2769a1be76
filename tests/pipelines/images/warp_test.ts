/** Warped pictures. Of ramps, bilinear means are exact: two of them show where each pixel came from. */
import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { Prng } from "../../../pipelines/base/prng.ts";
import { Warper, type WarpOptions } from "../../../pipelines/images/warp.ts";

const STILL: WarpOptions = { rotate: 0, scale: 0, shear: 0, shift: 0, elastic: 0, smoothness: 4 };
const SIDE = 28;
const MIDDLE = (SIDE - 1) / 2;

/** Where a pixel came from, by two ramps, to 0.06 pixels. */
function mapOf(options: Partial<WarpOptions>, seed: number): (x: number, y: number) => [number, number] {
  const warper = new Warper(SIDE, { ...STILL, ...options });
  const [ramps, downs] = [(i: number) => i % SIDE, (i: number) => Math.floor(i / SIDE)].map((of) => {
    const ramp = Uint8Array.from({ length: SIDE * SIDE }, (_, i) => 9 * of(i));
    return warper.warp(ramp, new Prng(seed));
  });
  return (x, y) => [ramps[y * SIDE + x] / 9, downs[y * SIDE + x] / 9];
}

/** The matrix of an affine map and what it adds to the middle, by differences over 10 pixels. */
function affineOf(options: Partial<WarpOptions>, seed: number) {
  const at = mapOf(options, seed);
  const [[x0, y0], [x1, y1], [x2, y2]] = [at(9, 9), at(19, 9), at(9, 19)];
  const [xx, yx, xy, yy] = [x1 - x0, y1 - y0, x2 - x0, y2 - y0].map((v) => Math.round(1e6 * v) / 1e7 + 0);
  const off = 9 - MIDDLE;
  return { xx, xy, yx, yy, moveX: x0 - MIDDLE - (xx + xy) * off, moveY: y0 - MIDDLE - (yx + yy) * off };
}

Deno.test("a warp turns, stretches, slants and shifts about the middle, within what is asked for", () => {
  const seen = { angle: 0, factor: 0, slant: 0, move: 0 };
  for (let seed = 0; seed < 40; seed++) {
    const turned = affineOf({ rotate: 20 }, seed);
    assertAlmostEquals(turned.xx * turned.yy - turned.xy * turned.yx, 1, 0.05); // neither stretched nor slanted
    assertAlmostEquals(turned.xx * turned.xy + turned.yx * turned.yy, 0, 0.05);
    assertAlmostEquals(Math.hypot(turned.moveX, turned.moveY), 0, 0.4); // 4.5 pixels by what rounding does to 10
    seen.angle = Math.max(seen.angle, Math.abs(Math.atan2(turned.yx, turned.xx)) * 180 / Math.PI);
    const stretched = affineOf({ scale: 0.2 }, seed);
    assertEquals([stretched.xy, stretched.yx], [0, 0]);
    seen.factor = Math.max(seen.factor, Math.abs(stretched.xx - 1), Math.abs(stretched.yy - 1));
    const slanted = affineOf({ shear: 0.3 }, seed);
    assertEquals([slanted.xx, slanted.yx, slanted.yy], [1, 0, 1]);
    seen.slant = Math.max(seen.slant, Math.abs(slanted.xy));
    const moved = affineOf({ shift: 3 }, seed);
    assertEquals([moved.xx, moved.xy, moved.yx, moved.yy], [1, 0, 0, 1]);
    seen.move = Math.max(seen.move, Math.abs(moved.moveX), Math.abs(moved.moveY));
  }
  // The largest of 40 is nearly what is allowed, and never more.
  for (const [name, most, slack] of [["angle", 20, 0.7], ["factor", 0.2, 0.02], ["slant", 0.3, 0.02]] as const) {
    assertEquals(seen[name] <= most + slack && seen[name] > 0.85 * most, true, `${name}: ${seen[name]}`);
  }
  assertEquals(seen.move <= 3.06 && seen.move > 2.7, true, `move: ${seen.move}`);
});

Deno.test("displacements have the deviation asked for, and neighbours agree as smoothed noise does", () => {
  let [squares, together, sum, count] = [0, 0, 0, 0];
  for (let seed = 0; seed < 60; seed++) {
    const at = mapOf({ elastic: 1.5, smoothness: 2 }, seed);
    for (let y = 6; y < 22; y++) {
      for (let x = 6; x < 21; x++) { // nothing comes from outside
        const [here, right] = [at(x, y)[0] - x, at(x + 1, y)[0] - x - 1];
        squares += here * here;
        together += here * right;
        sum += here;
        count++;
      }
    }
  }
  assertAlmostEquals(sum / count, 0, 0.15);
  assertAlmostEquals(Math.sqrt(squares / count), 1.5, 0.1);
  // White noise through a Gaussian of deviation s: the correlation d pixels further is exp(-d^2 / 4 s^2).
  assertAlmostEquals(together / squares, Math.exp(-1 / 16), 0.02);
});

Deno.test("a seed is a warp; what leaves the picture is gone, and paper comes in; bad sizes are refused", () => {
  const picture = Uint8Array.from({ length: 784 }, (_, i) => (i * 37) % 256);
  const warper = new Warper(SIDE);
  const once = warper.warp(picture, new Prng(5));
  assertEquals(new Warper(SIDE).warp(picture, new Prng(5)), once);
  assertEquals(warper.warp(picture, new Prng(6)).join() === once.join(), false);
  const room = new Uint8Array(784);
  assertEquals(warper.warp(picture, new Prng(5), room) === room && room.join() === once.join(), true);
  const white = new Uint8Array(784).fill(255);
  const away = new Warper(SIDE, { ...STILL, shift: 1e4 }).warp(white, new Prng(1));
  assertEquals(away, new Uint8Array(784));
  assertThrows(() => warper.warp(new Uint8Array(9), new Prng(1)), RangeError, "9 pixels");
  assertThrows(() => new Warper(SIDE, { elastic: -1 }), RangeError, "warp: elastic: expected a number, 0 or more");
});
