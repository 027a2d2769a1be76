/** The pen's pictures against areas, mirrors and moves. */
import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { placeDigit, renderDigit, renderPen } from "../../../pipelines/render/render_pen.ts";
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
  assert(Math.abs(x / mass - 14) <= 0.5 && Math.abs(y / mass - 14) <= 0.5);
  assertEquals(renderPen(placeDigit(drawing)), picture);
});

Deno.test("renderPen: options that cannot be are refused", () => {
  assertThrows(() => renderPen([], { side: 0 }), RangeError, "side is 0");
  assertThrows(() => renderPen([], { width: 0 }), RangeError, "width is 0");
  assertThrows(() => renderPen([], { out: new Uint8Array(3) }), RangeError, "3 bytes: expected 784");
  assertThrows(() => renderDigit([[[1], [1]]], { box: 30 }), RangeError, "box is 30");
  assertThrows(() => renderDigit([]), RangeError, "without points");
});
