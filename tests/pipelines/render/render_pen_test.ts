import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { renderDigit } from "../../../pipelines/render/render_pen.ts";
import { Prng } from "../../../pipelines/base/prng.ts";
import { randomDrawing } from "./random_pictures.ts";

/** Edges and the middle of a picture's ink. */
function measure(picture: Uint8Array) {
  let [ink, x, y] = [0, 0, 0];
  const [columns, rows]: [number[], number[]] = [[], []];
  picture.forEach((value, at) => {
    if (value === 0) return;
    columns.push(at % 28);
    rows.push(Math.floor(at / 28));
    ink += value;
    x += value * (at % 28);
    y += value * Math.floor(at / 28);
  });
  const extent = (cells: number[]) => Math.max(...cells) - Math.min(...cells) + 1;
  return { width: extent(columns), height: extent(rows), x: x / ink, y: y / ink, ink: ink / 255 };
}

Deno.test("a digit fills a box of 20 by its longer side, the middle of its ink in the middle", () => {
  const prng = new Prng(3);
  for (let n = 0; n < 30; n++) {
    const drawing = [...randomDrawing(prng), [[0, 9], [0, 9]]] as const; // is no dot
    const { width, height, x, y } = measure(renderDigit(drawing));
    const longer = Math.max(width, height);
    assert(longer >= 20 && longer <= 21, `${width} x ${height}`); // a box between the pixels touches one more
    assertAlmostEquals(x, 13.5, 0.55);
    assertAlmostEquals(y, 13.5, 0.55);
  }
});

Deno.test("neither where a drawing is nor how large changes the digit", () => {
  const drawing = [[[0, 30, 60], [0, 90, 20]], [[10, 50], [50, 50]]] as const;
  const moved = drawing.map(([xs, ys]): [number[], number[]] => [xs.map((x) => 3 * x - 400), ys.map((y) => 3 * y + 7)]);
  assertEquals(renderDigit(moved), renderDigit(drawing));
});

Deno.test("a broader pen has more ink, and a dot is round", () => {
  const line = [[[0, 100], [0, 0]]] as const;
  const inks = [1.5, 2.5, 4].map((width) => measure(renderDigit(line, { width })).ink);
  [1.5, 2.5, 4].forEach((width, i) =>
    // a bar and two half circles
    assertAlmostEquals(inks[i], (20 - width) * width + Math.PI * (width / 2) ** 2, 1.5)
  );
  const dot = measure(renderDigit([[[5], [5]]]));
  assertEquals(dot.width, dot.height);
  assertThrows(() => renderDigit([]), RangeError, "without points");
});
