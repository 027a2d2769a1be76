/// <reference lib="dom" />
/**
 * The drawing as a PNG picture.
 *
 * @module
 */
import { pngOf } from "../parts/save.ts";
import { drawInk, lineWidth, pathOf } from "../sheet/ink.ts";
import type { DrawnStroke } from "../store.ts";

/** The whole canvas, black on white, as smooth as it looks on the page. */
export function pictureOf(strokes: readonly DrawnStroke[], side: number): Promise<Blob> {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = side;
  const context = canvas.getContext("2d")!;
  context.fillStyle = "#fff";
  context.fillRect(0, 0, side, side);
  for (const stroke of strokes) drawInk(context, pathOf(stroke, side), { colour: "#000", width: lineWidth(side) });
  return pngOf(canvas);
}
