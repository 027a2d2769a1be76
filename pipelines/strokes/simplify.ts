/**
 * Fewer points for the same line: even resampling and Ramer-Douglas-Peucker, the two steps by which Quick Draw made its
 * simplified drawings from raw ones. Browser safe: the web page simplifies with this very file.
 *
 * Resampling puts many points on one straight piece, and where that runs parallel to the line through the ends they are
 * all equally far from it: which one Ramer-Douglas-Peucker takes is then up to the last bit of the arithmetic. So the
 * order of the operations in here is that of the program that made Quick Draw's files, as far as its results tell.
 *
 * @module
 */
import type { Polyline } from "./stroke.ts";

/**
 * Puts points along a polyline at even distances, measured along it, and keeps its end point.
 *
 * @param polyline At least one point.
 * @param spacing The distance between points, above 0, in the polyline's own unit.
 * @returns The points at 0, spacing, 2 spacing, …, and the end point where it is none of these.
 * @throws {RangeError} When the spacing is not above 0, or a coordinate is no number, or too large for one of which lengths
 * can be told.
 *
 * @example
 * ```ts
 * import { resample } from "@strokewise/strokewise/pipelines";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(resample([[0, 5], [0, 0]], 2), [[0, 2, 4, 5], [0, 0, 0, 0]]);
 * ```
 */
export function resample(polyline: Polyline, spacing: number): [number[], number[]] {
  if (!(spacing > 0)) throw new RangeError(`cannot resample at every ${spacing}: expected a distance above 0`);
  const [xs, ys] = polyline;
  const [outX, outY] = [[xs[0]], [ys[0]]];
  let [walked, kept] = [0, 0]; // the length walked; the number of the last point put down
  for (let i = 1; i < xs.length; i++) {
    const [dx, dy] = [xs[i] - xs[i - 1], ys[i] - ys[i - 1]];
    const length = Math.sqrt(dx * dx + dy * dy);
    if (!(length < Infinity)) throw new RangeError(`cannot resample: from point ${i} to the next it is ${length} long`);
    while ((kept + 1) * spacing <= walked + length) {
      const share = (++kept * spacing - walked) / length;
      outX.push(xs[i - 1] * (1 - share) + xs[i] * share);
      outY.push(ys[i - 1] * (1 - share) + ys[i] * share);
    }
    walked += length;
  }
  if (walked > kept * spacing) {
    outX.push(xs[xs.length - 1]);
    outY.push(ys[ys.length - 1]);
  }
  return [outX, outY];
}

/**
 * Leaves out the points that are no further than epsilon from the line through their neighbours left standing (Ramer
 * 1972; Douglas and Peucker 1973). The distance is that to the infinite line, as in Quick Draw's own data; between equal
 * ends it is that to the point.
 *
 * @param polyline At least one point.
 * @param epsilon The distance, 0 or more, in the polyline's own unit; Quick Draw's is 2.
 * @param options `toSegment`: the distance is that to the piece between the neighbours, so that a line that turns back on
 * itself keeps its ends; false when left out.
 * @returns Some of the points, the first and the last among them.
 * @throws {RangeError} When epsilon is negative.
 *
 * @example
 * ```ts
 * import { ramerDouglasPeucker } from "@strokewise/strokewise/pipelines";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(ramerDouglasPeucker([[0, 1, 2, 9], [0, 1, 0, 0]], 2), [[0, 9], [0, 0]]);
 * assertEquals(ramerDouglasPeucker([[0, 9, 5], [0, 0, 0]], 2, { toSegment: true }), [[0, 9, 5], [0, 0, 0]]);
 * ```
 */
export function ramerDouglasPeucker(
  polyline: Polyline,
  epsilon: number,
  { toSegment = false }: { readonly toSegment?: boolean } = {},
): [number[], number[]] {
  if (!(epsilon >= 0)) throw new RangeError(`cannot simplify to within ${epsilon}: expected a distance, 0 or more`);
  const [xs, ys] = polyline;
  const keep = new Uint8Array(xs.length);
  keep[0] = keep[xs.length - 1] = 1;
  const spans: [first: number, last: number][] = [[0, xs.length - 1]]; // a stack of its own: long strokes go deep
  for (let span = spans.pop(); span !== undefined; span = spans.pop()) {
    const [first, last] = span;
    const [dx, dy] = [xs[last] - xs[first], ys[last] - ys[first]];
    const length = norm(dx, dy);
    let [furthest, distance] = [first, epsilon];
    for (let i = first + 1; i < last; i++) {
      const [x, y] = [xs[i] - xs[first], ys[i] - ys[first]];
      const along = toSegment ? dx * x + dy * y : 0;
      const d = length === 0 || along < 0
        ? norm(x, y)
        : along > length * length
        ? norm(x - dx, y - dy)
        : Math.abs(dx * y - dy * x) / length;
      if (d > distance) [furthest, distance] = [i, d];
    }
    if (furthest > first) {
      keep[furthest] = 1;
      spans.push([first, furthest], [furthest, last]);
    }
  }
  const kept = (values: ArrayLike<number>): number[] => Array.from(values).filter((_, i) => keep[i] === 1);
  return [kept(xs), kept(ys)];
}

/** 2^27 + 1, which parts a number into two halves of 26 bits (Dekker 1971). */
const HALVES = 134217729;

/**
 * The length of a vector as numpy.linalg.norm rounds it where the processor multiplies and adds in one step: x x is never
 * rounded on its own. Math.hypot and the plain root differ from it now and then in the last bit.
 */
function norm(x: number, y: number): number {
  const [product, addend] = [x * x, y * y];
  const high = HALVES * x - (HALVES * x - x);
  const low = x - high;
  const lost = low * low - (product - high * high - 2 * high * low); // x x = product + lost, exactly
  const sum = product + addend;
  const part = sum - product;
  return Math.sqrt(sum + (product - (sum - part) + (addend - part) + lost));
}
