/** Drawings that have nothing but dots, and lines that are dots beside their size. */
import { assertEquals } from "@std/assert";
import { fitPrototype, prototypeShape } from "../../../../pipelines/strokes/prototypes/fit.ts";
import { prototypeOf } from "../../../../pipelines/strokes/prototypes/prototype.ts";
import { symmetryOf } from "../../../../pipelines/strokes/prototypes/symmetry.ts";
import type { Drawing } from "../../../../pipelines/strokes/stroke.ts";
import { Prng } from "../../../../pipelines/base/prng.ts";

const SQUARE: Drawing = [[[0, 100, 99, 0, 0], [0, 0, 100, 98, 0]]];
const DOTS: Drawing = [[[0], [0]], [[255], [255]], [[100, 101], [0, 0]]];
const LOOPS: Drawing = [[[0, 2, 2, 0], [0, 0, 2, 0]], [[250, 252, 252, 250], [0, 0, 2, 0]]];

Deno.test("prototypes: what is no more than specks has no shape, and spoils none", () => {
  for (const specks of [DOTS, LOOPS]) {
    assertEquals(prototypeOf([specks]), undefined);
    assertEquals(fitPrototype(prototypeShape(SQUARE), specks), undefined);
    assertEquals(symmetryOf(prototypeOf([SQUARE, specks, SQUARE])!).turn, 90);
  }
});

Deno.test("prototypes: of any drawing there is a shape or none, and nothing is thrown", () => {
  const prng = new Prng(1);
  const square = prototypeShape(SQUARE);
  for (let n = 0; n < 60; n++) {
    const drawing = Array.from({ length: 1 + prng.integer(3) }, (): [number[], number[]] => {
      const [x, y, length] = [prng.integer(250), prng.integer(250), 1 + prng.integer(4)];
      const near = (at: number) => Array.from({ length }, () => at + prng.integer(3));
      return [near(x), near(y)];
    });
    prototypeOf([drawing]);
    fitPrototype(square, drawing);
  }
});
