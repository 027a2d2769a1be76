import { assertEquals } from "@std/assert";
import { inkPixels, pixelsAt, windowAt } from "../../../../../tasks/web/page/panels/samples_pixels.tsx";
import { imageOf } from "./fakes.ts";

Deno.test("grey cells become an ink's pixels, the brighter the denser", () => {
  const pixels = inkPixels(Uint8Array.of(0, 128, 255), [10, 20, 30]);
  assertEquals([...pixels], [10, 20, 30, 0, 10, 20, 30, 128, 10, 20, 30, 255]);
});

Deno.test("cells in colour keep their colours, whatever the ink, step by step", () => {
  const canvases = Uint8Array.from({ length: 24 }, (_, i) => 10 * i);
  const image = { ...imageOf([0, 0]), side: 2, channels: 3, canvases };
  const ink = [1, 2, 3] as const;
  assertEquals([...pixelsAt(image, 0, ink)], [0, 10, 20, 255, 30, 40, 50, 255, 60, 70, 80, 255, 90, 100, 110, 255]);
  assertEquals([...pixelsAt(image, 1, ink).subarray(0, 4)], [120, 130, 140, 255]);
  const grey = { ...image, channels: 1, canvases: canvases.subarray(0, 8) };
  assertEquals([...pixelsAt(grey, 1, ink)], [1, 2, 3, 40, 1, 2, 3, 50, 1, 2, 3, 60, 1, 2, 3, 70]);
});

Deno.test("a step's window has the middle of cell 0 at half a cell, and ends where the canvas ends", () => {
  const writes = Float32Array.of(0, 0, 1, 1, 2, 1.5, 2, 1, 1, 1, 100, 1, -9, 1, 4, 1); // column, row, side, deviation
  const image = { ...imageOf([0, 0, 0, 0]), side: 4, writes };
  assertEquals(windowAt(image, 0), { x: 0, y: 0, width: 1, height: 1 }); // the very cell
  assertEquals(windowAt(image, 1), { x: 1.5, y: 1, width: 2, height: 2 });
  assertEquals(windowAt(image, 2), { x: 0, y: 0, width: 4, height: 4 });
  assertEquals(windowAt(image, 3), undefined); // beside the canvas
  assertEquals(windowAt(imageOf([0]), 0), undefined);
});
