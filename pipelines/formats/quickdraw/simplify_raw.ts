/**
 * How Google simplified raw Quick, Draw! drawings. Browser safe.
 *
 * Google published four steps: align to the top left with the minimum 0; scale by one factor to the maximum 255; resample
 * at 1 pixel; Ramer-Douglas-Peucker with epsilon 2.0. What follows is not written anywhere, and was found by comparing
 * 8,002 raw drawings with their simplified twins, all of which come out equal to the last point:
 *
 * - the scale: (v - minimum) * 255 / the larger range, in this order;
 * - resampling puts points at 0, 1, 2, … along a stroke as a * (1 - share) + b * share, and always ends on its last
 *   point, so a stroke that never moves has two;
 * - the distance is that to the infinite line, its length as `numpy.linalg.norm` rounds it, the first of equals wins;
 * - at the end, coordinates are rounded half to even.
 *
 * @module
 */
import { Reject } from "../../base/errors.ts";
import { ramerDouglasPeucker, resample } from "../../strokes/simplify.ts";
import { boundsOf, type Polyline } from "../../strokes/stroke.ts";

/** One raw stroke: the x and the y of its points in screen pixels, and their times in milliseconds; equally many. */
export type RawStroke = readonly [xs: readonly number[], ys: readonly number[], times: readonly number[]];

const GRID_MAXIMUM = 255;
const SPACING = 1;
/** How far a simplified line may be from the drawn one, in grid units, as Google had it. */
export const GOOGLE_EPSILON = 2;
/** The option that asks for another. */
export const EPSILON_OPTION = {
  value: GOOGLE_EPSILON,
  help: "how far a simplified line may be from the drawn one, 0 to 255 cells of the 256 grid; Google's is 2",
  min: 0,
  max: 255,
} as const;
/** What packed strokes have room for. */
const MAX_POINTS = 0xffff;
/** Grid units; the longest of the 8,002 drawings has 35,928. */
const MAX_LENGTH = 2 ** 17;

/**
 * Simplifies a raw drawing as Google did.
 *
 * @param drawing Strokes in any unit, times and all; the times are not used.
 * @param epsilon How far a simplified line may be from the drawn one, in units of the 256 grid, 0 or more; Google's is 2.
 * @returns As many strokes, each `[xs, ys]`, whole numbers 0..255, aligned to the top left.
 * @throws {RangeError} When the drawing has no point, or epsilon is negative.
 * @throws {Reject} When the strokes are longer than 131,072 grid units in all, or one keeps more than 65,535 points.
 *
 * @example
 * ```ts
 * import { simplifyRaw } from "@strokewise/strokewise/formats";
 * import { assertEquals } from "@std/assert";
 *
 * const bend = [[100, 200, 300], [40, 41, 100], [0, 16, 33]] as const;
 * const dot = [[300], [100], [500]] as const;
 * assertEquals(simplifyRaw([bend, dot]), [[[0, 128, 255], [0, 2, 76]], [[255, 255], [76, 76]]]);
 * ```
 */
export function simplifyRaw(
  drawing: readonly (Polyline | RawStroke)[],
  epsilon: number = GOOGLE_EPSILON,
): [number[], number[]][] {
  const { minX, minY, maxX, maxY } = boundsOf(drawing.map(([xs, ys]) => [xs, ys]));
  const range = Math.max(maxX - minX, maxY - minY) || 1; // a drawing that is one point stays at 0, 0
  const scaled = drawing.map(([xs, ys]): [number[], number[]] => [
    Array.from(xs, (x) => (x - minX) * GRID_MAXIMUM / range),
    Array.from(ys, (y) => (y - minY) * GRID_MAXIMUM / range),
  ]);
  const length = scaled.reduce((sum, stroke) => sum + lengthOf(stroke), 0);
  if (length > MAX_LENGTH) {
    throw new Reject("too long", `the strokes are ${Math.round(length)} grid units long, at most ${MAX_LENGTH}`);
  }
  return scaled.map((stroke, i) => {
    const even = resample(stroke, SPACING);
    const [xs, ys] = even[0].length > 1 ? ramerDouglasPeucker(even, epsilon) : twice(even);
    if (xs.length > MAX_POINTS) {
      throw new Reject("too long", `stroke ${i + 1} keeps ${xs.length} points, at most ${MAX_POINTS} are read`);
    }
    return [xs.map(roundHalfToEven), ys.map(roundHalfToEven)];
  });
}

function lengthOf([xs, ys]: Polyline): number {
  let length = 0;
  for (let i = 1; i < xs.length; i++) length += Math.hypot(xs[i] - xs[i - 1], ys[i] - ys[i - 1]);
  return length;
}

/** A stroke that does not move: its start and its end. */
function twice([[x], [y]]: [number[], number[]]): [number[], number[]] {
  return [[x, x], [y, y]];
}

function roundHalfToEven(value: number): number {
  const floor = Math.floor(value);
  if (value - floor !== 0.5) return Math.round(value);
  return floor % 2 === 0 ? floor : floor + 1;
}
