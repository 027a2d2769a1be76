import { assert, assertAlmostEquals, assertEquals, assertLess, assertThrows } from "@std/assert";
import { Prng } from "../../../../pipelines/base/prng.ts";
import { fitPrototype, prototypeShape } from "../../../../pipelines/strokes/prototypes/fit.ts";
import { prototypeOf } from "../../../../pipelines/strokes/prototypes/prototype.ts";
import { symmetryOf } from "../../../../pipelines/strokes/prototypes/symmetry.ts";
import { angleApart, anyMove, CONE, F, type Lines, moved, polygon, redrawn } from "./shapes.ts";

const SHAPES: Record<string, Lines> = {
  circle: polygon(64),
  triangle: polygon(3),
  square: polygon(4),
  hexagon: polygon(6),
  cone: CONE,
  F,
};

for (const [name, lines] of Object.entries(SHAPES)) {
  Deno.test(`fit, ${name}: place, size and angle as it was moved, whatever strokes it was drawn in`, () => {
    const prng = new Prng(1, name.length);
    const shape = prototypeShape(lines);
    const { turn, mirror } = shape.symmetry;
    for (let i = 0; i < 12; i++) {
      const move = anyMove(prng, { mayMirror: true });
      const fit = fitPrototype(shape, redrawn(moved(lines, move), prng))!;
      assertAlmostEquals(fit.scale, move.scale, 0.02 * move.scale);
      assertAlmostEquals(fit.width, move.scale * shape.width, 0.02 * move.scale * shape.width);
      assertLess(fit.residual, 0.004);
      assertEquals([fit.drawn, fit.explained], [1, 1]);
      assertEquals(fit.mirrored, mirror === undefined && move.mirrored);
      assert(Math.abs(fit.angle) <= turn / 2 + 1e-9, `${fit.angle}`);
      // What looks the same in a mirror was turned, not mirrored: its own mirror says by how much more.
      const angle = move.mirrored && mirror !== undefined ? move.angle - mirror : move.angle;
      assertLess(angleApart(fit.angle, angle, turn), 0.7);
      // The fitted drawing is where the drawing is.
      const [x, y] = [fit.drawing[0][0][0], fit.drawing[0][1][0]];
      const places = moved(lines, move).flatMap(([xs, ys]) => xs.map((px, k) => Math.hypot(px - x, ys[k] - y)));
      if (turn !== 0) assertLess(Math.min(...places), 0.03 * move.scale * shape.width);
    }
  });
}

Deno.test("fit: the angle is clockwise, y pointing down; where the shape's (0, 0) comes to lie", () => {
  const arrow: Lines = [[[0, 100], [0, 0]], [[70, 100, 70], [-20, 0, 20]]]; // points to the right
  const down: Lines = [[[5, 5], [7, 107]], [[-15, 5, 25], [77, 107, 77]]];
  const fit = fitPrototype(prototypeShape(arrow), down)!;
  assertAlmostEquals(fit.angle, 90, 0.5);
  assertAlmostEquals(fit.move[0], 5, 1);
  assertAlmostEquals(fit.move[1], 7, 1);
});

Deno.test("fit: a trembling hand, a stroke too many, a part that is not drawn yet", () => {
  const prng = new Prng(7);
  for (const [name, lines] of Object.entries(SHAPES)) {
    const shape = prototypeShape(lines);
    const { turn } = shape.symmetry;
    for (let i = 0; i < 6; i++) {
      const move = anyMove(prng);
      const clean = moved(lines, move);
      const size = move.scale * Math.max(shape.width, shape.height);
      const shaken = clean.map(([xs, ys]): Lines[number] => [
        xs.map((x) => x + 0.02 * size * prng.normal()),
        ys.map((y) => y + 0.02 * size * prng.normal()),
      ]);
      const [x, y] = [clean[0][0][0] + 0.5 * size, clean[0][1][0] - 0.6 * size];
      const stray: Lines = [...clean, [[x, x + 0.3 * size], [y, y + 0.1 * size]]];
      const limits = [[shaken, 0.12, 8], [stray, 0.03, 3.5]] as const;
      for (const [drawing, ofScale, ofAngle] of limits) {
        const fit = fitPrototype(shape, drawing, { mirror: false })!;
        assertAlmostEquals(fit.scale / move.scale, 1, ofScale, name);
        assertLess(angleApart(fit.angle, move.angle, turn), ofAngle, name);
      }
    }
  }
  // Three sides of a square, and two thirds of a circle.
  const begun = fitPrototype(prototypeShape(polygon(4)), [[[0, 50, 50, 0], [0, 0, 50, 50]]])!;
  assertAlmostEquals(begun.width * Math.SQRT1_2, 50, 1); // the polygon stands on a corner
  assertAlmostEquals(Math.abs(begun.angle), 45, 1);
  assertAlmostEquals(begun.drawn, 0.75, 0.05);
  assertEquals(begun.explained, 1);
  const [[xs, ys]] = polygon(64, 30);
  const arc = fitPrototype(prototypeShape(polygon(64)), [[xs.slice(0, 43), ys.slice(0, 43)]])!;
  assertAlmostEquals(arc.scale, 0.3, 0.01);
});

Deno.test("fit: dots have no place to be fitted to; a shape without a line is refused", () => {
  const shape = prototypeShape(polygon(4));
  assertEquals(fitPrototype(shape, [[[7], [8]]]), undefined);
  assertEquals(fitPrototype(shape, [[[7, 7], [8, 8]], [[1], [2]]]), undefined);
  assertEquals(fitPrototype(shape, []), undefined);
  assertThrows(() => prototypeShape([[[3, 3], [4, 4]]]), RangeError, "two different points");
  assertThrows(() => prototypeShape([]), RangeError, "two different points");
  const line = fitPrototype(prototypeShape([[[0, 10], [0, 0]]]), [[[0, 30], [0, 40]]])!;
  assertAlmostEquals(line.width, 50, 0.5);
  assertEquals(line.height, 0);
  assertAlmostEquals(line.angle, 53.13, 0.2);
});

Deno.test("coordinates of which no length can be told are refused at once; a drawing with them has no place", () => {
  const shape = prototypeShape(polygon(4));
  for (const x of [NaN, Infinity, 1e73, 1e155, 1e300]) {
    const lines: Lines = [[[x, -x, 0], [0, 1, 2]]];
    const words = "cannot outline a drawing whose lines are";
    assertThrows(() => prototypeShape(lines), RangeError, words);
    assertThrows(() => prototypeShape(lines, { turn: 360 }), RangeError, words);
    assertThrows(() => symmetryOf(lines), RangeError, words);
    assertEquals(fitPrototype(shape, lines), undefined);
    assertEquals(prototypeOf([lines]), undefined);
  }
  const large = polygon(4, 1e69);
  assertEquals(prototypeShape(large).symmetry.turn, 90);
  assertLess(fitPrototype(shape, large)!.residual, 0.004);
  for (const within of [-1, NaN]) {
    const fit = () => fitPrototype(shape, polygon(4), { within });
    assertThrows(fit, RangeError, `cannot fit a shape within ${within} degrees: expected 0 or more`);
  }
});

Deno.test("fit: of those that are as good the one that is turned least, and not mirrored", () => {
  // A straight line could be the stem of an F that stands, lies on its head, or is mirrored.
  const fit = fitPrototype(prototypeShape(F), [[[20, 20], [30, 130]]])!;
  assertEquals(fit.mirrored, false);
  assertAlmostEquals(fit.angle, 0, 10);
});
