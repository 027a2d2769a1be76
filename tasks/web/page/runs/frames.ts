/**
 * What a run sees after each stroke, as pixels. Browser safe.
 *
 * @module
 */
import type { Naming } from "../../engine/engine.ts";

/** Red, green, blue, 0..255. */
type Channels = readonly [red: number, green: number, blue: number];

/**
 * The frame after a stroke: the newest stroke in a colour of its own. Of a run that sees grey pictures, the picture: how grey a
 * cell is decides how opaque it becomes.
 *
 * @param stroke 1-based.
 * @returns RGBA, uint8 [side, side, 4], transparent where blank.
 */
export function framePixels(
  { raster, grey }: Pick<Naming, "raster" | "grey">,
  stroke: number,
  { ink, wet }: { readonly ink: Channels; readonly wet: Channels },
): Uint8ClampedArray<ArrayBuffer> {
  const pixels = new Uint8ClampedArray(4 * raster.length); // [side, side, 4]
  for (let cell = 0; cell < raster.length; cell++) {
    const value = raster[cell];
    if (value === 0 || !grey && value > stroke) continue;
    pixels.set(!grey && value === stroke ? wet : ink, 4 * cell);
    pixels[4 * cell + 3] = grey ? value : 255;
  }
  return pixels;
}
