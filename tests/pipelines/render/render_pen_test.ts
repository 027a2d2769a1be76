/** The pen's pictures against areas, mirrors and moves. */
import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { placeDigit, renderDigit, renderPen } from "../../../pipelines/render/render_pen.ts";
import { REAL_DATA } from "../../helpers.ts";
import { Prng } from "../../../pipelines/base/prng.ts";
import { randomDrawing } from "./random_pictures.ts";
import type { Drawing } from "../../../pipelines/strokes/stroke.ts";

const inkOf = (picture: Uint8Array) => picture.reduce((sum, value) => sum + value / 255, 0);

Deno.test("renderPen: ink has the area of the line: a dot is a disc, a line has two half ones at its ends", () => {
  for (const width of [2, 5, 9]) {
    assertAlmostEquals(inkOf(renderPen([[[14], [14]]], { width })), Math.PI * width * width / 4, 0.05 * width * width);
    const line = inkOf(renderPen([[[8, 20], [14, 14]]], { width }));
    assertAlmostEquals(line, 12 * width + Math.PI * width * width / 4, 0.05 * width * width);
  }
});

Deno.test("renderPen: strokes that lie on each other are no darker, and what is outside is cut off", () => {
  const bar: Drawing[number] = [[4, 24], [9.3, 9.3]];
  assertEquals(renderPen([bar, bar]), renderPen([bar]));
  const [from, beyond] = [renderPen([[[14, 28], [14, 14]]]), renderPen([[[14, 400], [14, 14]]])];
  assertEquals(from, beyond);
  assertEquals(inkOf(renderPen([[[-90, -50], [-9, 99]]])), 0);
});

Deno.test("renderDigit: the ink fills 20 pixels, its middle is in the middle, whatever the drawing's unit", () => {
  const drawing: Drawing = [[[0, 300, 100], [0, 0, 900]], [[40, 260], [450, 450]]];
  const picture = renderDigit(drawing);
  const scaled = drawing.map(([xs, ys]): Drawing[number] => [
    Array.from(xs, (x) => x / 64 - 7),
    Array.from(ys, (y) => y / 64 + 3),
  ]);
  assertEquals(renderDigit(scaled), picture);
  const rows = Array.from({ length: 28 }, (_, y) => Math.max(...picture.subarray(28 * y, 28 * y + 28)) > 127);
  assertEquals(rows.filter(Boolean).length, 20);
  let [mass, x, y] = [0, 0, 0];
  picture.forEach((value, i) => {
    mass += value;
    x += value * (i % 28 + 0.5);
    y += value * (Math.floor(i / 28) + 0.5);
  });
  for (const middle of [x / mass, y / mass]) assert(middle >= 14 - 1e-6 && middle < 15, `${middle}`);
  assertEquals(renderPen(placeDigit(drawing)), picture);
});

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
    assertAlmostEquals(x, 14, 0.5 + 1e-6); // indices
    assertAlmostEquals(y, 14, 0.5 + 1e-6);
  }
});

Deno.test({
  name: "renderDigit: the middle of the ink is where MNIST's is",
  ignore: REAL_DATA === undefined,
  fn: async () => {
    const file = await Deno.open(`${REAL_DATA}mnist/t10k-images-idx3-ubyte.gz`);
    const bytes = await new Response(file.readable.pipeThrough(new DecompressionStream("gzip"))).bytes();
    for (let i = 0; i < 10_000; i++) {
      const { x, y } = measure(bytes.subarray(16 + 784 * i, 16 + 784 * (i + 1)));
      for (const middle of [x, y]) assert(Math.abs(middle - 14) <= 0.5 + 0.05, `digit ${i}: ${middle}`);
    }
  },
});

Deno.test("renderPen: options that cannot be are refused", () => {
  assertThrows(() => renderPen([], { side: 0 }), RangeError, "side is 0");
  assertThrows(() => renderPen([], { width: 0 }), RangeError, "width is 0");
  assertThrows(() => renderPen([], { out: new Uint8Array(3) }), RangeError, "3 bytes: expected 784");
  assertThrows(() => renderDigit([[[1], [1]]], { box: 30 }), RangeError, "box is 30");
  assertThrows(() => renderDigit([]), RangeError, "without points");
});
