import { assertEquals } from "@std/assert";
import { inkPixels, windowAt } from "../../../../../tasks/web/page/panels/samples_pixels.tsx";
import { imageOf } from "./fakes.ts";

Deno.test("grey cells become an ink's pixels, the brighter the denser", () => {
  const pixels = inkPixels(Uint8Array.of(0, 128, 255), [10, 20, 30]);
  assertEquals([...pixels], [10, 20, 30, 0, 10, 20, 30, 128, 10, 20, 30, 255]);
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
