import { assertEquals, assertThrows } from "@std/assert";
import { parseQuickDrawLine } from "../../../pipelines/formats/quickdraw/quickdraw_line.ts";
import { expandFrames, RASTER_DEFAULTS, rasterize } from "../../../pipelines/strokes/rasterize.ts";
import { findSources, openSource, readLines } from "../../../pipelines/sources/source.ts";
import { Prng } from "../../../pipelines/base/prng.ts";
import { plainFrames, REAL_DATA } from "../../helpers.ts";

Deno.test("rasterize marks the pixels of a known line", () => {
  const { map } = rasterize([[[0, 5], [0, 2]]], { ...RASTER_DEFAULTS, size: 256 });
  const marked = [...map.keys()].filter((cell) => map[cell] > 0).map((cell) => [cell % 256, Math.floor(cell / 256)]);
  assertEquals(marked, [[0, 0], [1, 0], [2, 1], [3, 1], [4, 2], [5, 2]]);
});

Deno.test("rasterize draws a single point", () => {
  const { map, count } = rasterize([[[255], [255]]], RASTER_DEFAULTS);
  assertEquals(map.indexOf(1), 64 * 64 - 1);
  assertEquals(count, 1);
});

Deno.test("rasterize treats strokes after the last frame as asked", () => {
  const drawing = [[[0, 255], [0, 0]], [[0, 255], [128, 128]], [[0, 255], [255, 255]]] as const;
  const options = { size: 2, maxStrokes: 2 };
  assertEquals([...rasterize(drawing, { ...options, overflow: "truncate" }).map], [1, 1, 2, 2]);
  const row3 = [[[0, 255], [0, 0]], [[0, 10], [0, 0]], [[0, 255], [255, 255]]] as const;
  assertEquals([...rasterize(row3, { ...options, overflow: "truncate" }).map], [1, 1, 0, 0]);
  assertEquals([...rasterize(row3, { ...options, overflow: "merge" }).map], [1, 1, 2, 2]);
  assertEquals(rasterize(row3, { ...options, overflow: "merge" }).count, 2);
});

Deno.test("rasterize refuses a size that is no grid", () => {
  assertThrows(() => rasterize([[[0], [0]]], { ...RASTER_DEFAULTS, size: 257 }), RangeError, "257 cells");
});

Deno.test("rasterize refuses a point that is no pixel, to which no line would end", () => {
  for (const x of [10.5, NaN, Infinity, 1e300, -1, 256, 2 ** 32]) {
    for (const point of [[x, 0], [0, x]]) {
      const words = `stroke 2 goes to (${point.join(", ")}), expected whole coordinates, 0 to 255`;
      assertThrows(() => rasterize([[[1], [1]], [[0, point[0]], [0, point[1]]]]), RangeError, words);
      assertThrows(() => rasterize([[[1], [1]], [[point[0], 0], [point[1], 0]]]), RangeError, words);
    }
  }
  assertThrows(() => rasterize([[[0, 1], [0]]]), RangeError, "stroke 1 goes to (1, ), expected");
});

for (const size of [64, 32, 28, 256]) {
  Deno.test(`the map expands to the frames of the plain two steps, random drawings, ${size} cells`, () => {
    const prng = new Prng(1, size);
    for (let n = 0; n < (size === 64 ? 100 : 20); n++) {
      const drawing = Array.from({ length: 1 + prng.integer(10) }, () => {
        const points = 1 + prng.integer(6);
        const axis = () => Array.from({ length: points }, () => prng.integer(256));
        return [axis(), axis()] as const;
      });
      const { map, count } = rasterize(drawing, { size, maxStrokes: 8, overflow: "truncate" });
      const frames = expandFrames(map, count, new Uint8Array(8 * size * size));
      assertEquals(frames, plainFrames(drawing, { size, frames: 8 }));
    }
  });
}

Deno.test({
  name: "the map expands to the frames of the plain two steps, 4,000 real drawings",
  ignore: REAL_DATA === undefined,
  async fn() {
    const paths = ["cat", "eye", "monkey", "airplane"].map((name) => `${REAL_DATA}quickdraw/${name}.ndjson.gz`);
    for (const source of await findSources(paths, [".ndjson"])) {
      let left = 1000;
      for await (const lines of readLines(openSource(source))) {
        for (const { text } of lines) {
          if (left-- <= 0) break;
          const { drawing } = parseQuickDrawLine(text);
          const { map, count } = rasterize(drawing);
          const frames = expandFrames(map, count, new Uint8Array(8 * 64 * 64));
          const plain = plainFrames(drawing, { size: 64, frames: 8 });
          if (!frames.every((cell, i) => cell === plain[i])) throw new Error(`frames differ: ${text}`);
        }
      }
    }
  },
});
