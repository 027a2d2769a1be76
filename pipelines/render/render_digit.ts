/**
 * Drawings to grey pictures as MNIST's digits are: 28 x 28, white on black, no larger than 20 x 20, the middle of their ink in
 * the middle (http://yann.lecun.com/exdb/mnist/). Browser safe.
 *
 * @module
 */
import { boundsOf, type Drawing } from "../strokes/stroke.ts";
import { renderFrames } from "./render.ts";

const SIDE = 28;
const BOX = 20;
/** MNIST's digits as strokes, drawn with it, have as much ink as they have themselves: 31 of 255 a pixel of the first 1,500 of its test digits. */
const PEN = 2.5;

/** How {@linkcode renderDigit} draws. */
export interface DigitOptions {
  /** The pen's width in pixels, above 0 and below 20; 2.5 when left out, as broad as that of MNIST's digits. */
  readonly lineWidth?: number;
}

/**
 * Draws a drawing as a digit of MNIST.
 *
 * @param drawing One point or more, in any unit.
 * @returns uint8 [28, 28], 0 paper and 255 ink.
 * @throws {RangeError} When the drawing has no point, or a coordinate or the pen's width is not in its range.
 *
 * @example A stroke down is 20 pixels long, wherever it was
 * ```ts
 * import { renderDigit } from "@strokewise/strokewise/pipelines";
 * import { assertEquals } from "@std/assert";
 *
 * const picture = renderDigit([[[90, 90], [-5, 300]]]); // [28, 28]
 * const rows = Array.from({ length: 28 }, (_, row) => picture.subarray(28 * row, 28 * (row + 1)).some((ink) => ink > 0));
 * assertEquals(rows.filter(Boolean).length, 20);
 * ```
 */
export function renderDigit(drawing: Drawing, { lineWidth = PEN }: DigitOptions = {}): Uint8Array<ArrayBuffer> {
  const { minX, minY, maxX, maxY } = boundsOf(drawing);
  const scale = (BOX - lineWidth) / (Math.max(maxX - minX, maxY - minY) || 1);
  const middle = SIDE / 2;
  const draw = (toX: number, toY: number) => {
    // What renderFrames puts on the pixels lineWidth / 2 to SIDE - lineWidth / 2 is 0 to 255.
    const onFrame = (pixels: number) => Math.min(Math.max(255 * (pixels - lineWidth / 2) / (SIDE - lineWidth), 0), 255);
    const placed = drawing.map(([xs, ys]): [number[], number[]] => [
      Array.from(xs, (x) => onFrame(toX + scale * (x - (minX + maxX) / 2))),
      Array.from(ys, (y) => onFrame(toY + scale * (y - (minY + maxY) / 2))),
    ]);
    return renderFrames(placed, { size: SIDE, lineWidth, maxStrokes: 1, overflow: "merge" });
  };
  const [x, y] = middleOf(draw(middle, middle));
  // Whole pixels, as a picture can be moved.
  const [right, down] = [middle - x, middle - y].map((by) => Math.max(-MOST_MOVE, Math.min(MOST_MOVE, Math.round(by))));
  return draw(middle + right, middle + down);
}

/** What is free around the box. */
const MOST_MOVE = (SIDE - BOX) / 2;

/** The middle of a picture's ink, in pixels from its top left. */
function middleOf(picture: Uint8Array): [x: number, y: number] {
  let [ink, x, y] = [0, 0, 0];
  picture.forEach((value, at) => {
    ink += value;
    x += value * (at % SIDE + 0.5);
    y += value * (Math.floor(at / SIDE) + 0.5);
  });
  return ink === 0 ? [SIDE / 2, SIDE / 2] : [x / ink, y / ink];
}
