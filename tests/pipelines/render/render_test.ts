import { assert, assertEquals, assertThrows } from "@std/assert";
import { Prng } from "../../../pipelines/base/prng.ts";
import { renderBitmap, renderFrames } from "../../../pipelines/render/render.ts";
import type { Drawing } from "../../../pipelines/strokes/stroke.ts";
import { REAL_DATA } from "../../helpers.ts";
import { randomBitmapOptions, randomDrawing, randomFrameOptions } from "./random_pictures.ts";
import { CATEGORIES, readPairs } from "./real_bitmaps.ts";

/** Whole pixels of ink. */
function inkOf(picture: Uint8Array): number {
  return picture.reduce((sum, value) => sum + value, 0) / 255;
}

/** Asserts a ratio near 1. */
function assertNear(found: number, expected: number, tolerance: number): void {
  assert(Math.abs(found / expected - 1) < tolerance, `${found} is not within ${tolerance} of ${expected}`);
}

for (const category of CATEGORIES) {
  Deno.test({
    name: `renderBitmap gives all 784 pixels of Google's bitmaps, ${category[2]} of ${category[0]}`,
    ignore: REAL_DATA === undefined,
    async fn() {
      for (const [i, { drawing, bitmap }] of (await readPairs(category)).entries()) {
        const picture = renderBitmap(drawing);
        if (!picture.every((value, k) => value === bitmap[k])) assertEquals(picture, bitmap, `row ${i}`);
      }
    },
  });
}

Deno.test("a line has the ink of its length times its width and a disc, however it lies", () => {
  const [size, lineWidth] = [256, 20];
  const scale = (size - lineWidth) / 255;
  for (const [x, y, length] of [[100, 0, 100], [0, 100, 100], [60, 80, 100], [80, 60, 100], [96, 28, 100]]) {
    const drawing: Drawing = [[[50, 50 + x], [50, 50 + y]]];
    const soft = renderFrames(drawing, { size, lineWidth, maxStrokes: 1 });
    const hard = renderFrames(drawing, { size, lineWidth, maxStrokes: 1, antialias: false });
    const expected = length * scale * lineWidth + Math.PI * (lineWidth / 2) ** 2;
    // The pen is a polygon inside its circle, within a tenth of a pixel.
    assertNear(inkOf(soft), expected, 0.005);
    assertNear(inkOf(hard), expected, 0.01);
  }
});

Deno.test("a point is a disc, as is a line from a point to itself", () => {
  const options = { size: 64, lineWidth: 30, maxStrokes: 1 };
  const disc = renderFrames([[[127.5], [127.5]]], options);
  assertNear(inkOf(disc), Math.PI * 15 ** 2, 0.01);
  assertEquals(renderFrames([[[127.5, 127.5, 127.5], [127.5, 127.5, 127.5]]], options), disc);
  for (let y = 0; y < 64; y++) {
    for (let x = 0; x < 64; x++) {
      const distance = Math.hypot(x + 0.5 - 32, y + 0.5 - 32);
      if (distance < 14) assertEquals(disc[64 * y + x], 255);
      if (distance > 16) assertEquals(disc[64 * y + x], 0);
    }
  }
});

Deno.test("a drawing turned by half a turn, or drawn backwards, gives the picture turned, or the same", () => {
  const prng = new Prng(3);
  let [pixels, unequal] = [0, 0];
  const sample = 17; // of 255: an edge that lies on one of the 15 sampled rows of a pixel may count or not
  for (let n = 0; n < 100; n++) {
    const drawing = randomDrawing(prng).slice(0, 1);
    const turned = drawing.map(([xs, ys]) => [Array.from(xs, (x) => 255 - x), Array.from(ys, (y) => 255 - y)] as const);
    const backwards = drawing.map(([xs, ys]) => [Array.from(xs).reverse(), Array.from(ys).reverse()] as const);
    const options = { size: 32, lineWidth: 2, maxStrokes: 1 };
    const picture = renderFrames(drawing, options);
    for (const other of [renderFrames(turned, options).reverse(), renderFrames(backwards, options)]) {
      for (const [i, value] of other.entries()) {
        assert(Math.abs(value - picture[i]) <= 2 * sample);
        if (Math.abs(value - picture[i]) > 3) unequal++;
        pixels++;
      }
    }
  }
  assert(unequal / pixels < 0.01, `${unequal} of ${pixels} pixels differ by more than 3`);
});

Deno.test("points along a line do not matter", () => {
  // 255 / 255 of a pixel a grid unit: the points stay exactly on the line.
  const options = { size: 256, lineWidth: 1, maxStrokes: 1 };
  const line = renderFrames([[[10, 110], [20, 220]]], options);
  assertEquals(renderFrames([[[10, 60, 60, 110, 110], [20, 120, 120, 220, 220]]], options), line);
});

Deno.test("a frame shows at least what the one before it shows, and the last one all strokes", () => {
  const prng = new Prng(4);
  for (let n = 0; n < 100; n++) {
    const drawing = randomDrawing(prng);
    const options = { size: 32, lineWidth: 1.5 };
    const frames = renderFrames(drawing, { ...options, maxStrokes: 6 });
    for (let i = 1024; i < 1024 * drawing.length; i++) assert(frames[i] >= frames[i - 1024]);
    assertEquals(frames.subarray(1024 * drawing.length).every((value) => value === 0), true);
    const last = frames.subarray(1024 * (drawing.length - 1), 1024 * drawing.length);
    assertEquals(renderFrames(drawing, { ...options, maxStrokes: 1, overflow: "merge" }), last.slice());
    assertEquals(renderFrames(drawing, { ...options, maxStrokes: 1 }), frames.slice(0, 1024));
  }
});

Deno.test("hard edges leave only black and white", () => {
  const frames = renderFrames([[[0, 200], [30, 90]], [[0, 255], [255, 0]]], { antialias: false, lineWidth: 2.5 });
  assertEquals([...new Set(frames)].toSorted((a, b) => a - b), [0, 255]);
});

Deno.test("a drawing without points is black", () => {
  for (const drawing of [[], [[[], []]]] as Drawing[]) {
    assertEquals(renderBitmap(drawing), new Uint8Array(784));
    assertEquals(renderFrames(drawing, { size: 4, maxStrokes: 2 }), new Uint8Array(32));
  }
});

Deno.test("an array given for the result is overwritten and returned", () => {
  const out = new Uint8Array(784).fill(9);
  assertEquals(renderBitmap([[[0, 255], [0, 255]]], { out }), renderBitmap([[[0, 255], [0, 255]]]));
  assert(renderBitmap([], { out }) === out);
  assertThrows(() => renderBitmap([], { out: new Uint8Array(783) }), RangeError, "into 783 bytes: expected 784");
});

Deno.test("a corner of the grid stays inside the picture, with any pen", () => {
  const corners: Drawing = [[[0, 255, 255, 0, 0, 255, 0, 255], [0, 0, 255, 255, 0, 255, 255, 0]]];
  for (const lineWidth of [0.3, 1, 2.7, 31, 63, 63.9]) {
    const frame = renderFrames(corners, { size: 64, lineWidth, maxStrokes: 1 });
    // Nothing wraps around, and the pen just reaches all four bounds.
    for (const pixel of [32, 32 * 64, 32 * 64 + 63, 63 * 64 + 32]) assert(frame[pixel] > 0, `${lineWidth}: ${pixel}`);
  }
});

Deno.test("what is out of its range is refused by name", () => {
  const line: Drawing = [[[0, 255], [0, 255]]];
  for (const side of [0, 1.5, 513, NaN]) {
    assertThrows(() => renderBitmap(line, { side }), RangeError, `side is ${side}`);
  }
  for (const lineDiameter of [0, -1, NaN, Infinity]) {
    assertThrows(() => renderBitmap(line, { lineDiameter }), RangeError, `lineDiameter is ${lineDiameter}`);
  }
  for (const padding of [-1, NaN, Infinity]) {
    assertThrows(() => renderBitmap(line, { padding }), RangeError, `padding is ${padding}`);
  }
  for (const size of [0, 513]) assertThrows(() => renderFrames(line, { size }), RangeError, `size is ${size}`);
  for (const lineWidth of [0, 64, NaN]) {
    assertThrows(() => renderFrames(line, { lineWidth }), RangeError, `lineWidth is ${lineWidth}`);
  }
  for (const maxStrokes of [0, 256, 2.5]) {
    assertThrows(() => renderFrames(line, { maxStrokes }), RangeError, `maxStrokes is ${maxStrokes}`);
  }
  assertThrows(() => renderFrames(line, { lineWidth: 0.05 }), RangeError, "the line is 0.05 pixels wide");
  for (const [x, y] of [[-1, 0], [256, 0], [0, NaN], [0, Infinity]]) {
    assertThrows(() => renderBitmap([[[x], [y]]]), RangeError, `the point (${x}, ${y})`);
  }
  assertThrows(() => renderFrames([[[1, 2], [3]]]), RangeError, "the point (2, undefined)");
});

Deno.test("a picture does not depend on those drawn before it", () => {
  const pictures = () => {
    const prng = new Prng(5);
    return Array.from({ length: 60 }, () => {
      const drawing = randomDrawing(prng);
      return [renderBitmap(drawing, randomBitmapOptions(prng)), renderFrames(drawing, randomFrameOptions(prng))];
    });
  };
  const first = pictures();
  assertThrows(() => renderBitmap([[[1, 2, 300], [3, 4, 5]]]), RangeError);
  assertEquals(pictures(), first);
});
