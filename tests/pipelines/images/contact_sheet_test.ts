import { assert, assertEquals, assertThrows } from "@std/assert";
import { drawText, LETTER } from "../../../pipelines/images/bitmap_font.ts";
import { contactSheet, paintDrawing, strokeColour } from "../../../pipelines/images/contact_sheet.ts";
import type { Image } from "../../../pipelines/images/png.ts";

const WHITE = [255, 255, 255];
const GREY = [236, 236, 236];

function pixel({ width, data }: Image, x: number, y: number): number[] {
  return [...data.subarray(3 * (y * width + x), 3 * (y * width + x) + 3)];
}

/** Relative luminance, WCAG 2.2. */
function luminance(colour: readonly number[]): number {
  const [r, g, b] = colour.map((value) => value / 255).map((value) =>
    value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4
  );
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

Deno.test("the ramp only ever gets lighter, and stays dark enough for white paper", () => {
  const steps = Array.from({ length: 41 }, (_, i) => luminance(strokeColour(i / 40)));
  for (let i = 1; i < steps.length; i++) assert(steps[i] > steps[i - 1], `step ${i}`);
  assert(1.05 / (steps[40] + 0.05) > 1.9, "the last colour is too pale"); // contrast with white
  assertEquals(strokeColour(-1), strokeColour(0));
  assertEquals(strokeColour(2), strokeColour(1));
});

Deno.test("strokes are coloured from first to last, whatever their number", () => {
  const three = paintDrawing(Uint8Array.of(1, 2, 3, 0), { size: 2, scale: 1 });
  assertEquals([...three.data], [...strokeColour(0), ...strokeColour(0.5), ...strokeColour(1), ...WHITE]);
  const one = paintDrawing(Uint8Array.of(1, 1, 0, 0), { size: 2, scale: 1 });
  assertEquals(pixel(one, 0, 0), [...strokeColour(0)]);
});

Deno.test("a cell is scale x scale pixels", () => {
  const image = paintDrawing(Uint8Array.of(0, 1, 0, 0), { size: 2, scale: 3 });
  assertEquals([image.width, image.height], [6, 6]);
  for (const [x, y] of [[3, 0], [5, 2]]) assertEquals(pixel(image, x, y), [...strokeColour(0)]);
  for (const [x, y] of [[2, 0], [3, 3]]) assertEquals(pixel(image, x, y), WHITE);
});

Deno.test("drawings stand in rows with gaps of 4, captions below them", () => {
  const map = new Uint8Array(16).fill(1);
  const plain = contactSheet([{ map }, { map }, { map }], { size: 4, columns: 2, scale: 2 });
  assertEquals([plain.width, plain.height], [4 + 2 * 12, 4 + 2 * 12 + LETTER.height + 4]);
  for (const [x, y] of [[4, 4], [16, 4], [4, 16], [11, 23]]) assertEquals(pixel(plain, x, y), [...strokeColour(0)]);
  for (const [x, y] of [[3, 4], [12, 4], [15, 4], [16, 16]]) assertEquals(pixel(plain, x, y), GREY);
  const captioned = contactSheet([{ map, caption: "cat" }], { size: 4, scale: 2 });
  assertEquals(captioned.height, 4 + 8 + LETTER.height + 1 + 4 + LETTER.height + 4);
  assertEquals(pixel(captioned, 4, 15), [60, 60, 60]); // the left side of the C
  assertEquals(pixel(captioned, 11, 15), GREY); // and no A beside it: 8 pixels hold one letter
});

Deno.test("an empty sheet is only the legend", () => {
  const sheet = contactSheet([], { size: 64, columns: 8 });
  assertEquals(sheet.data.length, 3 * sheet.width * sheet.height);
});

Deno.test("bad maps and options are refused", () => {
  assertThrows(() => contactSheet([{ map: new Uint8Array(9) }], { size: 4 }), RangeError, "9 cells, expected 4 x 4");
  assertThrows(() => contactSheet([], { columns: 0 }), RangeError, "columns is 0");
  assertThrows(() => contactSheet([], { scale: 0.5 }), RangeError, "scale is 0.5");
});

Deno.test("text: small letters are capitals, accents go, what the font lacks is a box", () => {
  const text = (line: string) => {
    const image: Image = { width: 24, height: 7, data: new Uint8Array(24 * 7 * 3) };
    drawText(image, line, { x: 0, y: 0, width: 24, colour: [1, 1, 1] });
    return image.data;
  };
  assertEquals(text("cafe"), text("CAF\u00c9"));
  assertEquals(text("\u{1f408}").filter((value) => value).length, 3 * (5 + 5 + 5 + 5));
  assertEquals(text("ABCDE"), text("ABCD"));
  const rows = Array.from(
    { length: 7 },
    (_, y) => Array.from({ length: 5 }, (_, x) => text("E")[3 * (24 * y + x)] ? "#" : ".").join(""),
  );
  assertEquals(rows, ["#####", "#....", "#....", "####.", "#....", "#....", "#####"]);
});

Deno.test("maps may be wider than high: each cell where it belongs, the next one after a gap", () => {
  const map = Uint8Array.of(0, 255, 0, 255, 0, 0); // [2, 3]
  const one = paintDrawing(map, { size: 2, width: 3, scale: 1, grey: true });
  assertEquals([one.width, one.height], [3, 2]);
  assertEquals([0, 1, 2, 3, 4, 5].map((i) => one.data[3 * i]), [255, 0, 255, 0, 255, 255]);
  const sheet = contactSheet([{ map, grey: true }, { map, grey: true }], { size: 2, width: 3, scale: 2, columns: 2 });
  assertEquals(sheet.width, 4 + 6 + 4 + 6 + 4);
  assertEquals(pixel(sheet, 4 + 2, 4), [0, 0, 0]);
  assertEquals(pixel(sheet, 4 + 6 + 4 + 2, 4), [0, 0, 0]);
  assertEquals(pixel(sheet, 4 + 6, 4), GREY);
  assertThrows(() => contactSheet([{ map: new Uint8Array(4) }], { size: 2, width: 3 }), RangeError, "expected 2 x 3");
});
