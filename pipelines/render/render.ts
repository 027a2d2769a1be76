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
import { type BitmapOptions, type FrameOptions, placeBitmap, placeFrames, type Placement } from "./render_options.ts";
import { type Filler, SoftFiller } from "./soft_fill.ts";
import { StrokeOutline, toFixed8 } from "./stroke_outline.ts";
import type { Drawing, Polyline } from "../strokes/stroke.ts";

/** What draws: this module, or cairo as `loadCairo` gives it. */
export interface Renderer {
  /** Draws a picture of a whole drawing: uint8 [side, side]. */
  renderBitmap(drawing: Drawing, options?: BitmapOptions): Uint8Array<ArrayBuffer>;
  /** Draws a picture of the first stroke, of the first two, and so on: uint8 [T, size, size]. */
  renderFrames(drawing: Drawing, options?: FrameOptions): Uint8Array<ArrayBuffer>;
}

/**
 * Draws a drawing as Google drew its 28 x 28 bitmaps: white on black, round caps and joins, the bounding box's right and
 * lower free space halved, each stroke composited over those before it. With the default options the result is the row of
 * Google's `.npy` file, all 784 pixels.
 *
 * @param drawing Coordinates 0 to 255, aligned to the top left as Google's are.
 * @param options See {@linkcode BitmapOptions}.
 * @returns uint8 [side, side], 0 black to 255 white; `options.out` where that was given.
 * @throws {RangeError} When an option or a coordinate is out of its range, or `out` has not side * side elements.
 *
 * @example A diagonal on four by four pixels
 * ```ts
 * import { renderBitmap } from "@strokewise/strokewise/pipelines";
 * import { assertEquals } from "@std/assert";
 *
 * const picture = renderBitmap([[[0, 255], [0, 255]]], { side: 4, lineDiameter: 64 });
 * assertEquals([...picture], [
 *   [134, 34, 0, 0],
 *   [31, 193, 35, 0],
 *   [0, 31, 193, 35],
 *   [0, 0, 34, 134],
 * ].flat());
 * ```
 */
export function renderBitmap(drawing: Drawing, options: BitmapOptions = {}): Uint8Array<ArrayBuffer> {
  const { side, placement, out } = placeBitmap(drawing, options);
  const { outline, filler } = bitmapTools = toolsFor(bitmapTools, { side, radius: placement.radius, antialias: true });
  for (const stroke of drawing) {
    traceStroke(stroke, placement, outline);
    outline.finish(filler);
    filler.fill(out);
  }
  return out;
}

/**
 * Draws the first stroke of a drawing, the first two, and so on: the cumulative frames of the stroke-index map in grey.
 * The grid's 0 to 255 fill the frame but for half the pen's width on each side, so nothing is cut off.
 *
 * @param drawing Coordinates 0 to 255.
 * @param options See {@linkcode FrameOptions}; `overflow: "drop"` is the caller's to act upon and draws like `truncate`.
 * @returns uint8 [T, size, size], 0 black to 255 white; frames after the last stroke are black. `options.out` where that
 * was given.
 * @throws {RangeError} When an option or a coordinate is out of its range, or `out` has not T * size * size elements.
 *
 * @example
 * ```ts
 * import { renderFrames } from "@strokewise/strokewise/pipelines";
 * import { assertEquals } from "@std/assert";
 *
 * const drawing = [[[0, 255], [0, 0]], [[0, 255], [255, 255]]] as const; // two lines across, above and below
 * const frames = renderFrames(drawing, { size: 3, maxStrokes: 2 });
 * assertEquals([...frames.subarray(0, 9)], [223, 255, 223, 0, 0, 0, 0, 0, 0]);
 * assertEquals([...frames.subarray(9, 18)], [223, 255, 223, 0, 0, 0, 223, 255, 223]);
 * ```
 */
export function renderFrames(drawing: Drawing, options: FrameOptions = {}): Uint8Array<ArrayBuffer> {
  const { size, antialias, maxStrokes, merge, placement, out } = placeFrames(drawing, options);
  const { outline, filler } = frameTools = toolsFor(frameTools, { side: size, radius: placement.radius, antialias });
  const cells = size * size;
  const strokes = merge ? drawing.length : Math.min(drawing.length, maxStrokes);
  for (let stroke = 0; stroke < strokes; stroke++) {
    const at = Math.min(stroke, maxStrokes - 1) * cells;
    if (stroke > 0 && stroke < maxStrokes) out.copyWithin(at, at - cells, at);
    traceStroke(drawing[stroke], placement, outline);
    outline.finish(filler);
    filler.fill(out.subarray(at, at + cells));
  }
  return out;
}

/** Hands the points of a stroke to the pen. */
function traceStroke([xs, ys]: Polyline, { scale, offsetX, offsetY, shift }: Placement, outline: StrokeOutline): void {
  for (let i = 0; i < xs.length; i++) {
    outline.lineTo(toFixed8(scale * (xs[i] + offsetX) + shift), toFixed8(scale * (ys[i] + offsetY) + shift));
  }
}

/** A pen and a filler, kept for the next picture of the same kind. */
interface Tools {
  readonly side: number;
  readonly radius: number;
  readonly antialias: boolean;
  readonly outline: StrokeOutline;
  readonly filler: Filler;
}

let bitmapTools: Tools | undefined;
let frameTools: Tools | undefined;

function toolsFor(kept: Tools | undefined, wanted: Omit<Tools, "outline" | "filler">): Tools {
  const { side, radius, antialias } = wanted;
  if (kept?.side === side && kept.radius === radius && kept.antialias === antialias) return kept;
  const filler = antialias ? new SoftFiller(side) : new HardFiller(side);
  return { ...wanted, outline: new StrokeOutline(radius), filler };
}
