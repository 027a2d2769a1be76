/**
 * How pictures are rendered: the options, and where they put a drawing's points. Browser safe.
 *
 * @module
 */
import type { Overflow } from "../strokes/rasterize.ts";
import type { Drawing } from "../strokes/stroke.ts";

/** How `renderBitmap` draws; lengths are in units of the 256 grid. */
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

/** How `renderFrames` draws. */
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

const LARGEST = 512;
/** The pen's width in pixels up to which cairo draws nothing. */
const TOO_THIN = 0.05;

/**
 * Checks a drawing and the options of `renderBitmap`, and says where the points go.
 *
 * @returns The picture's side, the placement, and `out`, all 0.
 * @throws {RangeError} As `renderBitmap`.
 */
export function placeBitmap(
  drawing: Drawing,
  { side = 28, lineDiameter = 16, padding = 16, out }: BitmapOptions,
): { side: number; placement: Placement; out: Uint8Array<ArrayBuffer> } {
  checkWhole("side", side, LARGEST);
  if (!(lineDiameter > 0 && lineDiameter < Infinity)) refuse("lineDiameter", lineDiameter, "a number above 0");
  if (!(padding >= 0 && padding < Infinity)) refuse("padding", padding, "a number, 0 or more");
  const scale = side / (256 + 2 * padding + lineDiameter);
  checkPen(scale * lineDiameter);
  const { maxX, maxY } = checkPoints(drawing);
  const placement = {
    scale,
    offsetX: (256 - maxX) / 2,
    offsetY: (256 - maxY) / 2,
    shift: scale * (padding + lineDiameter / 2),
    radius: scale * (lineDiameter / 2),
  };
  return { side, placement, out: cleared(out, side * side) };
}

/**
 * Checks a drawing and the options of `renderFrames`, and says where the points go.
 *
 * @returns The options, the placement, and `out`, all 0.
 * @throws {RangeError} As `renderFrames`.
 */
export function placeFrames(
  drawing: Drawing,
  { size = 64, lineWidth = 1, antialias = true, maxStrokes = 8, overflow = "truncate", out }: FrameOptions,
): {
  size: number;
  antialias: boolean;
  maxStrokes: number;
  merge: boolean;
  placement: Placement;
  out: Uint8Array<ArrayBuffer>;
} {
  checkWhole("size", size, LARGEST);
  checkWhole("maxStrokes", maxStrokes, 255);
  if (!(lineWidth > 0 && lineWidth < size)) {
    refuse("lineWidth", lineWidth, `a number above 0 and below the size, ${size}`);
  }
  checkPen(lineWidth);
  checkPoints(drawing);
  const radius = lineWidth / 2;
  const placement = { scale: (size - lineWidth) / 255, offsetX: 0, offsetY: 0, shift: radius, radius };
  const cells = maxStrokes * size * size;
  return { size, antialias, maxStrokes, merge: overflow === "merge", placement, out: cleared(out, cells) };
}

function checkWhole(name: string, value: number, most: number): void {
  if (!(Number.isInteger(value) && value >= 1 && value <= most)) refuse(name, value, `a whole number, 1 to ${most}`);
}

function checkPen(pixels: number): void {
  if (pixels <= TOO_THIN) {
    throw new RangeError(`cannot render: the line is ${pixels} pixels wide, expected more than ${TOO_THIN}`);
  }
}

function refuse(name: string, value: number, expected: string): never {
  throw new RangeError(`cannot render: ${name} is ${value}, expected ${expected}`);
}

/** Checks that all points are on the grid; their right and lower bound, 0 where there is no point. */
function checkPoints(drawing: Drawing): { maxX: number; maxY: number } {
  let [maxX, maxY] = [0, 0];
  for (const [xs, ys] of drawing) {
    for (let i = 0; i < xs.length; i++) {
      const [x, y] = [xs[i], ys[i]];
      if (!(x >= 0 && x <= 255 && y >= 0 && y <= 255)) {
        throw new RangeError(`cannot render the point (${x}, ${y}): expected coordinates of 0 to 255`);
      }
      if (x > maxX) maxX = x;
      if (y > maxY) maxY = y;
    }
  }
  return { maxX, maxY };
}

function cleared(out: Uint8Array<ArrayBuffer> | undefined, length: number): Uint8Array<ArrayBuffer> {
  if (out === undefined) return new Uint8Array(length);
  if (out.length !== length) throw new RangeError(`cannot render into ${out.length} bytes: expected ${length}`);
  return out.fill(0);
}
