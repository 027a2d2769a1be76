/**
 * Drawings as the grey pictures that they were traced from, or as MNIST's digits are made: one round pen, all strokes at
 * once, the middle of the ink in the middle of the picture. Browser safe.
 *
 * @module
 */
import { boundsOf, type Drawing } from "../strokes/stroke.ts";
import { SoftFiller } from "./soft_fill.ts";
import { StrokeOutline, toFixed8 } from "./stroke_outline.ts";

/** How {@linkcode renderPen} draws; lengths are in pixels. */
export interface PenOptions {
  /** The picture's side, 1 to 512; 28 when left out. */
  readonly side?: number;
  /** The pen's width, 0.1 to 64; 2.6 when left out, which is what suits MNIST's training digits best. */
  readonly width?: number;
  /** uint8 [side, side], to be overwritten; made when left out. */
  readonly out?: Uint8Array<ArrayBuffer>;
}

/** How {@linkcode renderDigit} draws; lengths are in pixels. */
export interface DigitOptions extends PenOptions {
  /** The side of the square that the ink fills in one direction; 20 when left out, as in MNIST. */
  readonly box?: number;
}

/** The pen that suits MNIST's training digits best, in pixels. */
export const MNIST_PEN = 2.6;
const MNIST_SIDE = 28;
const MNIST_BOX = 20;
const MAX_SIDE = 512;
const MAX_PEN = 64;

/** A pen, and a canvas that is larger than the picture, so that a line may go beyond it. */
interface Tools {
  readonly side: number;
  readonly width: number;
  readonly margin: number;
  readonly outline: StrokeOutline;
  readonly filler: SoftFiller;
  readonly canvas: Uint8Array<ArrayBuffer>;
}

let kept: Tools | undefined;

function toolsFor(side: number, width: number): Tools {
  if (kept?.side === side && kept.width === width) return kept;
  if (!(Number.isInteger(side) && side >= 1 && side <= MAX_SIDE)) {
    throw new RangeError(`cannot render: side is ${side}, expected a whole number, 1 to ${MAX_SIDE}`);
  }
  if (!(width >= 0.1 && width <= MAX_PEN)) {
    throw new RangeError(`cannot render: width is ${width}, expected 0.1 to ${MAX_PEN}`);
  }
  const margin = Math.ceil(width / 2) + 1;
  const whole = side + 2 * margin;
  const canvas = new Uint8Array(whole * whole);
  kept = { side, width, margin, outline: new StrokeOutline(width / 2), filler: new SoftFiller(whole), canvas };
  return kept;
}

/**
 * Draws strokes with a round pen where they are: what a picture was traced to, back onto its pixels.
 *
 * @param drawing In pixels, (0, 0) being the upper left corner of the picture; what is outside of it is not seen.
 * @param options See {@linkcode PenOptions}.
 * @returns uint8 [side, side], 0 paper to 255 ink; `options.out` where that was given.
 * @throws {RangeError} When an option is out of its range, or `out` has not side * side elements.
 *
 * @example
 * ```ts
 * import { renderPen } from "@strokewise/strokewise/pipelines";
 * import { assertEquals } from "@std/assert";
 *
 * const picture = renderPen([[[-9, 9], [1.5, 1.5]]], { side: 3, width: 1 });
 * assertEquals([...picture], [0, 0, 0, 255, 255, 255, 0, 0, 0]);
 * ```
 */
export function renderPen(
  drawing: Drawing,
  { side = MNIST_SIDE, width = MNIST_PEN, out = new Uint8Array(side * side) }: PenOptions = {},
): Uint8Array<ArrayBuffer> {
  const { margin, outline, filler, canvas } = toolsFor(side, width);
  if (out.length !== side * side) {
    throw new RangeError(`cannot render into ${out.length} bytes: expected ${side * side}`);
  }
  const whole = side + 2 * margin;
  const most = whole - width / 2 - 0.1; // beyond it nothing is seen of the pen
  const least = width / 2 + 0.1;
  const place = (pixels: number) => toFixed8(Math.min(Math.max(pixels + margin, least), most));
  for (const [xs, ys] of drawing) {
    for (let i = 0; i < xs.length; i++) outline.lineTo(place(xs[i]), place(ys[i]));
    outline.finish(filler);
  }
  canvas.fill(0);
  filler.fill(canvas);
  for (let y = 0; y < side; y++) {
    const from = (y + margin) * whole + margin;
    out.set(canvas.subarray(from, from + side), y * side);
  }
  return out;
}

/**
 * Draws a digit as MNIST's are made (http://yann.lecun.com/exdb/mnist/): its ink fills a square of 20 x 20 in one
 * direction, and lies in one of 28 x 28, moved by whole pixels, so that its centre of mass is in pixel (14, 14), as in all
 * of MNIST.
 *
 * @param drawing Coordinates in any unit, y down.
 * @param options See {@linkcode DigitOptions}.
 * @returns uint8 [side, side], 0 paper to 255 ink; `options.out` where that was given.
 * @throws {RangeError} When an option is out of its range, or the drawing has no point.
 *
 * @example
 * ```ts
 * import { renderDigit } from "@strokewise/strokewise/pipelines";
 * import { assertEquals } from "@std/assert";
 *
 * const one = renderDigit([[[7, 7], [0, 900]]], { width: 2 });
 * const inked = Array.from(one.keys()).filter((i) => one[i] > 127);
 * assertEquals([Math.min(...inked.map((i) => i % 28)), Math.max(...inked.map((i) => i % 28))], [13, 14]);
 * assertEquals([Math.floor(inked[0] / 28), Math.floor(inked.at(-1)! / 28)], [4, 23]);
 * ```
 */
export function renderDigit(
  drawing: Drawing,
  { out, ...options }: DigitOptions = {},
): Uint8Array<ArrayBuffer> {
  const { side = MNIST_SIDE, width = MNIST_PEN } = options;
  return renderPen(placeDigit(drawing, options), { side, width, ...(out ? { out } : {}) });
}

/**
 * Puts a drawing where {@linkcode renderDigit} draws it.
 *
 * @param drawing Coordinates in any unit, y down.
 * @returns The same strokes in pixels.
 * @throws {RangeError} As {@linkcode renderDigit}.
 *
 * @example
 * ```ts
 * import { placeDigit } from "@strokewise/strokewise/pipelines";
 * import { assertEquals } from "@std/assert";
 *
 * const [[xs, ys]] = placeDigit([[[7, 7], [0, 900]]], { width: 2 });
 * assertEquals([[...xs], [...ys]], [[14, 14], [5, 23]]);
 * ```
 */
export function placeDigit(
  drawing: Drawing,
  { side = MNIST_SIDE, width = MNIST_PEN, box = MNIST_BOX }: Omit<DigitOptions, "out"> = {},
): [Float64Array, Float64Array][] {
  if (!(box > width && box <= side)) {
    throw new RangeError(`cannot render: box is ${box}, expected more than the pen's ${width} and at most ${side}`);
  }
  const { minX, minY, maxX, maxY } = boundsOf(drawing);
  const scale = (box - width) / (Math.max(maxX - minX, maxY - minY) || 1);
  const middle = side / 2;
  const [offsetX, offsetY] = [middle - scale * (minX + maxX) / 2, middle - scale * (minY + maxY) / 2];
  const placed = drawing.map(([xs, ys]): [Float64Array, Float64Array] => [
    Float64Array.from(xs, (x) => scale * x + offsetX),
    Float64Array.from(ys, (y) => scale * y + offsetY),
  ]);
  const picture = renderPen(placed, { side, width });
  let [mass, massX, massY] = [0, 0, 0];
  for (let y = 0, i = 0; y < side; y++) {
    for (let x = 0; x < side; x++, i++) {
      mass += picture[i];
      massX += picture[i] * (x + 0.5);
      massY += picture[i] * (y + 0.5);
    }
  }
  const [moveX, moveY] = [massX, massY].map((moment) => Math.ceil(middle - moment / mass - 1e-6));
  for (const [xs, ys] of placed) {
    xs.forEach((x, i) => xs[i] = x + moveX);
    ys.forEach((y, i) => ys[i] = y + moveY);
  }
  return placed;
}
