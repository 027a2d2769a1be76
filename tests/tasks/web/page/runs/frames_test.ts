import { assertEquals } from "@std/assert";
import { expandFrames } from "../../../../../pipelines/strokes/rasterize.ts";
import { framePixels } from "../../../../../tasks/web/page/runs/frames.ts";

const COLOURS = { ink: [1, 2, 3], wet: [7, 8, 9] } as const;

Deno.test("the pixels that are not blank are those of the run's own frames, the newest stroke in its colour", () => {
  const raster = Uint8Array.of(0, 1, 2, 3, 3, 2, 1, 0, 4);
  const frames = expandFrames(raster, 4, new Uint8Array(4 * raster.length)); // [4, 9]
  for (let stroke = 1; stroke <= 4; stroke++) {
    const pixels = framePixels({ raster, grey: false }, stroke, COLOURS);
    const opaque = Array.from(raster, (_, cell) => pixels[4 * cell + 3] / 255);
    assertEquals(opaque, [...frames.subarray((stroke - 1) * 9, stroke * 9)]);
    const reds = Array.from(raster, (_, cell) => pixels[4 * cell]);
    assertEquals(reds, Array.from(raster, (value) => value === 0 || value > stroke ? 0 : value === stroke ? 7 : 1));
  }
});

Deno.test("a grey picture is the same after each stroke, as opaque as it is grey", () => {
  const raster = Uint8Array.of(0, 30, 255, 128);
  for (const stroke of [1, 5]) {
    const pixels = framePixels({ raster, grey: true }, stroke, COLOURS);
    assertEquals([...pixels], [0, 0, 0, 0, 1, 2, 3, 30, 1, 2, 3, 255, 1, 2, 3, 128]);
  }
});
