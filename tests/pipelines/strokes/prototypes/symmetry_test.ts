import { assertAlmostEquals, assertEquals, assertExists } from "@std/assert";
import { Prng } from "../../../../pipelines/base/prng.ts";
import { symmetryOf } from "../../../../pipelines/strokes/prototypes/symmetry.ts";
import { anyMove, CONE, F, type Lines, moved, polygon, redrawn } from "./shapes.ts";

Deno.test("symmetry: polygons, circles, lines, letters, wherever and however they are drawn", () => {
  const prng = new Prng(2);
  const hourglass: Lines = [[[0, 100, 0, 100, 0], [0, 0, 100, 100, 0]]];
  const S: Lines = [[[60, 0, 0, 60, 60, 0], [0, 0, 50, 50, 100, 100]]];
  const cases: [Lines, turn: number, isMirrored: boolean][] = [
    ...[3, 4, 5, 6, 7, 8, 9, 10].map((n): [Lines, number, boolean] => [polygon(n), 360 / n, true]),
    [polygon(64), 0, true],
    [[...polygon(48), ...polygon(32, 40)], 0, true], // a donut
    [polygon(2), 180, true],
    [hourglass, 180, true],
    [S, 180, false],
    [CONE, 360, true],
    [F, 360, false],
  ];
  for (const [lines, turn, isMirrored] of cases) {
    for (const drawing of [lines, redrawn(moved(lines, anyMove(prng)), prng)]) {
      const symmetry = symmetryOf(drawing);
      assertAlmostEquals(symmetry.turn, turn, 1e-9);
      assertEquals(symmetry.mirror !== undefined, isMirrored);
    }
  }
});

Deno.test("symmetry: the axis of a mirror", () => {
  for (const angle of [0, 10, 45, 77]) {
    const { mirror } = symmetryOf(moved(CONE, { angle, scale: 1, mirrored: false, to: [5, 5] }));
    assertExists(mirror); // its axis is upright, and turned with it: the mirror turns twice as far
    assertAlmostEquals(((mirror - 2 * angle) % 360 + 540) % 360 - 180, 0, 1);
  }
});

Deno.test("symmetry: measured with a tolerance", () => {
  const stretched = polygon(4).map(([xs, ys]): Lines[number] => [xs.map((x) => 1.1 * x), ys]);
  assertEquals(symmetryOf(stretched).turn, 180);
  assertEquals(symmetryOf(stretched, 0.05).turn, 90);
});
