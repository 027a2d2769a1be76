/** Pictures to squares: what numpy, skimage's block_reduce and OpenCV (INTER_AREA, INTER_LINEAR) make of the same ones. */
import { assertEquals, assertThrows } from "@std/assert";
import { InputError, Reject } from "../../../pipelines/base/errors.ts";
import { parseColour } from "../../../pipelines/images/colour.ts";
import type { Picture } from "../../../pipelines/images/png_header.ts";
import { type SquareOptions, squarePicture } from "../../../pipelines/images/square_picture.ts";

/** A picture by a formula, so that another program can make it too. */
function picture(width: number, height: number, channels: Picture["channels"]): Picture {
  const data = Uint8Array.from({ length: width * height * channels }, (_, i) => {
    const [c, x, y] = [i % channels, Math.floor(i / channels) % width, Math.floor(i / channels / width)];
    return (37 * x * x + 91 * y + 53 * c * x + 17 * x * y) % 256;
  });
  return { width, height, channels, data };
}

const PLAIN: SquareOptions = { size: 2, fit: "crop", reduce: "area", background: [255, 255, 255], grey: false };
const squared = (
  source: Picture,
  options: Partial<SquareOptions>,
) => [...squarePicture(source, { ...PLAIN, ...options })];

/** The squares of 4 x 4 pictures with alpha over the colour 10, 20, 30. */
const OVER = { background: [10, 20, 30], reduce: "block" } as const;

Deno.test("blocks are skimage's block_reduce with numpy.mean, rounded half up; a wide picture is cut in the middle", () => {
  const whole = [112, 128, 127, 146, 118, 153, 114, 130, 129, 116, 136, 123];
  assertEquals(squared(picture(8, 8, 3), { reduce: "block" }), whole);
  assertEquals(squared(picture(8, 8, 3), { reduce: "area" }), whole, "and so is the area where blocks are whole");
  const cut = [87, 166, 182, 154, 147, 141, 133, 104, 140, 128, 143, 159, 135, 64, 122, 182, 153, 125];
  assertEquals(squared(picture(9, 6, 3), { reduce: "block", size: 3 }), [
    ...cut,
    ...[105, 120, 136, 116, 109, 103, 103, 74, 110],
  ]);
});

Deno.test("areas are OpenCV's INTER_AREA, larger pictures its INTER_LINEAR", () => {
  const area = [90, 112, 129, 132, 155, 136, 147, 108, 132, 127, 102, 119, 132, 108, 137, 142, 135, 143, 117, 139, 109];
  assertEquals(squared(picture(7, 7, 3), { size: 3 }), [...area, 86, 140, 137, 137, 130, 107]);
  assertEquals(squared(picture(3, 3, 1), { size: 5, grey: true }), [
    ...[0, 15, 37, 104, 148],
    ...[36, 54, 80, 89, 96],
    ...[91, 113, 145, 68, 17],
    ...[146, 171, 210, 139, 92],
    ...[182, 210, 253, 186, 142],
  ]);
});

Deno.test("what is to be whole is fitted in, with the background above and below", () => {
  const wide = squared(picture(10, 4, 1), { size: 5, fit: "contain", background: [200, 200, 200], grey: true });
  const paper = [200, 200, 200, 200, 200];
  assertEquals(wide, [...paper, 68, 115, 138, 137, 112, 139, 126, 153, 156, 135, ...paper, ...paper]);
  const options = { size: 4, fit: "contain", reduce: "block", background: [0, 0, 0] } as const;
  const blocks = [68, 115, 138, 137, 139, 126, 153, 156];
  assertEquals(squared(picture(8, 4, 1), { ...options, grey: true }), [0, 0, 0, 0, ...blocks, 0, 0, 0, 0]);
  assertEquals(
    squared(picture(8, 4, 1), { ...options, background: [1, 2, 3] }).slice(9, 15),
    [1, 2, 3, 68, 68, 68],
    "a grey picture in colours beside a coloured background",
  );
});

Deno.test("what is transparent shows the background before it is averaged; grey is the luma of the means", () => {
  assertEquals(squared(picture(4, 4, 4), OVER), [29, 48, 68, 79, 103, 64, 79, 55, 69, 92, 99, 72]);
  assertEquals(squared(picture(4, 4, 4), { ...OVER, grey: true }), [45, 92, 63, 94]); // of 44.57 91.79 63.47 93.70
  assertEquals(squared(picture(4, 4, 2), OVER), [46, 52, 58, 86, 89, 91, 67, 73, 79, 78, 83, 88]);
  const clear = { width: 1, height: 1, channels: 4, data: Uint8Array.of(9, 9, 9, 0) } as const;
  assertEquals(squared(clear, { size: 1, background: [10, 20, 30] }), [10, 20, 30]);
});

Deno.test("a mean between two numbers is rounded up, as often as it is one", () => {
  for (let value = 0; value < 255; value++) {
    const data = Uint8Array.of(value, value + 1, value + 1, value);
    assertEquals(squared({ width: 2, height: 2, channels: 1, data }, { size: 1, grey: true }), [value + 1]);
  }
});

Deno.test("with blocks other sizes are refused in words", () => {
  for (const [width, height, options] of [[9, 9, {}], [1, 1, {}], [8, 3, { fit: "contain" as const }]] as const) {
    assertThrows(
      () => squared(picture(width, height, 3), { reduce: "block", ...options }),
      Reject,
      `other size: ${width} x ${height} pixels are no whole blocks for 2 x 2; --reduce area takes any size`,
    );
  }
});

Deno.test("colours are names or hexadecimal", () => {
  assertEquals([parseColour("grey"), parseColour("#fff"), parseColour("00FF7f")], [
    [128, 128, 128],
    [255, 255, 255],
    [0, 255, 127],
  ]);
  for (const text of ["", "red", "#12", "#1234567", "constructor", "#ggg"]) {
    assertThrows(
      () => parseColour(text),
      InputError,
      `${JSON.stringify(text)} is no colour, expected white, black, grey`,
    );
  }
});
