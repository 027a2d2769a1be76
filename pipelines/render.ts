/**
 * Drawings to grey pictures with a round pen and soft edges, in plain TypeScript: Google's own 28 x 28 bitmaps, and
 * cumulative frames of any size. Browser safe.
 *
 * The pixels are those of cairo's image backend (1.16), every one: see {@linkcode StrokeOutline} and
 * {@linkcode SoftFiller} for how. `render_cairo.ts` draws the same pictures with cairo itself.
 *
 * @module
 */
import { HardFiller } from "./hard_fill.ts";
import type { Overflow } from "./rasterize.ts";
import { type Filler, SoftFiller } from "./soft_fill.ts";
import { StrokeOutline, toFixed8 } from "./stroke_outline.ts";
import type { Drawing } from "./stroke.ts";

/** How {@linkcode renderBitmap} draws; lengths are in units of the 256 grid. */
export interface BitmapOptions {
  /** The picture's side in pixels, 1 to 512; 28 when left out. */
  readonly side?: number;
  /** The pen's width in grid units, above 0; 16 when left out. */
  readonly lineDiameter?: number;
  /** What is left free around the grid and the pen, in grid units, 0 or more; 16 when left out. */
  readonly padding?: number;
  /** uint8 [side, side], to be overwritten; made when left out. */
  readonly out?: Uint8Array<ArrayBuffer>;
}

/** How {@linkcode renderFrames} draws. */
export interface FrameOptions {
  /** The side of a frame in pixels, 1 to 512; 64 when left out. */
  readonly size?: number;
  /** The pen's width in pixels, above 0 and below `size`; 1 when left out. */
  readonly lineWidth?: number;
  /** Whether edges are soft; true when left out. False leaves only 0 and 255. */
  readonly antialias?: boolean;
  /** T, the number of frames, 1 to 255; 8 when left out. */
  readonly maxStrokes?: number;
  /** Whether strokes after the last frame are drawn into it (`merge`) or left out; left out when left out. */
  readonly overflow?: Overflow;
  /** uint8 [T, size, size], to be overwritten; made when left out. */
  readonly out?: Uint8Array<ArrayBuffer>;
}

/** What draws: this module, or cairo as `loadCairo` gives it. */
export interface Renderer {
  /** Draws a picture of a whole drawing: uint8 [side, side]. */
  renderBitmap(drawing: Drawing, options?: BitmapOptions): Uint8Array<ArrayBuffer>;
  /** Draws a picture of the first stroke, of the first two, and so on: uint8 [T, size, size]. */
  renderFrames(drawing: Drawing, options?: FrameOptions): Uint8Array<ArrayBuffer>;
}

/** Where the points of a drawing go: grid units x to scale * (x + offsetX) + shift, in pixels; and the pen. */
export interface Placement {
  /** Pixels a grid unit. */
  readonly scale: number;
  /** Added to x before scaling, in grid units. */
  readonly offsetX: number;
  /** Added to y before scaling, in grid units. */
  readonly offsetY: number;
  /** Added after scaling, in pixels. */
  readonly shift: number;
  /** Half the pen's width, in pixels. */
  readonly radius: number;
}

/** {@linkcode BitmapOptions} with what was left out. */
export const BITMAP_DEFAULTS = { side: 28, lineDiameter: 16, padding: 16 } as const;

/** {@linkcode FrameOptions} with what was left out. */
export const FRAME_DEFAULTS = { size: 64, lineWidth: 1, antialias: true, maxStrokes: 8, overflow: "truncate" } as const;

/**
 * Draws a drawing as Google drew its 28 x 28 bitmaps: white on black, round caps and joins, the bounding box's right and
 * lower free space halved, each stroke composited over those before it. With the default options the result is the row of
 * Google's `.npy` file, all 784 pixels.
 *
 * @param drawing Coordinates 0 to 255, aligned to the top left as Google's are.
 * @param options See {@linkcode BitmapOptions}.
 * @returns uint8 [side, side], 0 black to 255 white; `options.out` where that was given.
 * @throws {RangeError} When an option or a coordinate is out of its range, the drawing has no point, or `out` has not
 * side * side elements.
 *
 * @example A dot is drawn in the middle
 * ```ts
 * import { renderBitmap } from "@strokewise/strokewise";
 * import { assertEquals } from "@std/assert";
 *
 * const picture = renderBitmap([[[0], [0]]], { side: 3, lineDiameter: 256, padding: 0 });
 * assertEquals([...picture], [1, 115, 1, 115, 255, 115, 1, 115, 1]);
 * ```
 */
export function renderBitmap(drawing: Drawing, options: BitmapOptions = {}): Uint8Array<ArrayBuffer> {
  const { side, placement, out } = placeBitmap(drawing, options);
  const { outline, filler } = tools(side, placement.radius, true);
  for (let stroke = 0; stroke < drawing.length; stroke++) drawStroke(drawing, stroke, placement, outline, filler, out);
  return out;
}
