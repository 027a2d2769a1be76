/**
 * Drawings as what shapes are compared by: places along their lines, the straight pieces themselves, and how far places are
 * from such pieces. Browser safe.
 *
 * @module
 */
import { ramerDouglasPeucker, resample } from "../simplify.ts";
import type { Drawing } from "../stroke.ts";
import type { Places } from "./similarity.ts";

/** A drawing as places at even distances along its lines, [N], and as pieces, in its own units. */
export interface Outline extends Places {
  /** Straight pieces of the lines, [pieces, 4]: from x, y to x, y. A dot is a piece without length. */
  readonly pieces: Float64Array;
}

/** Of longer lines no spread can be told: it is made of fourth powers. */
const LONGEST = 1e70;

/** The length of all lines of a drawing, in its own units. */
export function lengthOf(drawing: Drawing): number {
  let length = 0;
  for (const [xs, ys] of drawing) {
    for (let i = 1; i < xs.length; i++) length += Math.hypot(xs[i] - xs[i - 1], ys[i] - ys[i - 1]);
  }
  return length;
}

/** Whether lines of a length have an outline: NaN and Infinity are those of coordinates that are not finite. */
export function hasSize(length: number): boolean {
  return length > 0 && length <= LONGEST;
}

/**
 * Makes the outline of a drawing.
 *
 * @param drawing One point or more.
 * @param count About how many places there are along all lines.
 * @param epsilon How far the pieces may be from the drawn line, in the drawing's units.
 * @throws {RangeError} When a coordinate is not finite, or the lines are longer than 1e70.
 */
export function outlineOf(drawing: Drawing, count: number, epsilon: number): Outline {
  const strokes = drawing.filter(([xs]) => xs.length > 0);
  const length = lengthOf(strokes);
  if (length !== 0 && !hasSize(length)) {
    throw new RangeError(`cannot outline a drawing whose lines are ${length} long: expected 0 to ${LONGEST}`);
  }
  const spacing = length / count;
  const [x, y, pieces]: number[][] = [[], [], []];
  for (const stroke of strokes) {
    const [xs, ys] = spacing > 0 ? resample(stroke, spacing) : [[stroke[0][0]], [stroke[1][0]]];
    x.push(...xs);
    y.push(...ys);
    const [px, py] = ramerDouglasPeucker(stroke, epsilon, { toSegment: true });
    for (let i = Math.min(1, px.length - 1); i < px.length; i++) {
      const from = Math.max(0, i - 1);
      pieces.push(px[from], py[from], px[i], py[i]);
    }
  }
  return { x: Float64Array.from(x), y: Float64Array.from(y), pieces: Float64Array.from(pieces) };
}

/** Finds for each place the nearest one on any of the pieces, and the square of its distance, [N]. */
export function findNearest({ x, y }: Places, pieces: Float64Array, found: Places & { square: Float64Array }): void {
  for (let i = 0; i < x.length; i++) {
    const [px, py] = [x[i], y[i]];
    let [best, bestX, bestY] = [Infinity, 0, 0];
    for (let at = 0; at < pieces.length; at += 4) {
      const fromX = pieces[at], fromY = pieces[at + 1];
      const dx = pieces[at + 2] - fromX, dy = pieces[at + 3] - fromY;
      const length = dx * dx + dy * dy;
      const along = (px - fromX) * dx + (py - fromY) * dy;
      const share = along <= 0 || length === 0 ? 0 : along >= length ? 1 : along / length;
      const nearX = fromX + share * dx, nearY = fromY + share * dy;
      const square = (px - nearX) * (px - nearX) + (py - nearY) * (py - nearY);
      if (square < best) {
        best = square;
        bestX = nearX;
        bestY = nearY;
      }
    }
    found.x[i] = bestX;
    found.y[i] = bestY;
    found.square[i] = best;
  }
}

/** The mean of all places on an outline's lines. */
export function middleOf({ pieces }: Pick<Outline, "pieces">): [x: number, y: number] {
  let [sumX, sumY, sum] = [0, 0, 0];
  for (let i = 0; i < pieces.length; i += 4) {
    const [fromX, fromY, toX, toY] = pieces.subarray(i, i + 4);
    const length = Math.hypot(toX - fromX, toY - fromY);
    sumX += length * (fromX + toX) / 2;
    sumY += length * (fromY + toY) / 2;
    sum += length;
  }
  return [sumX / sum, sumY / sum];
}

/** How the places of an outline's lines are spread about its middle: their variances and covariance. */
export function spreadOf(
  { pieces }: Pick<Outline, "pieces">,
  [middleX, middleY]: readonly [number, number],
): { readonly xx: number; readonly xy: number; readonly yy: number } {
  let [xx, xy, yy, sum] = [0, 0, 0, 0];
  for (let i = 0; i < pieces.length; i += 4) {
    const [a, b] = [pieces[i] - middleX, pieces[i + 1] - middleY];
    const [c, d] = [pieces[i + 2] - middleX, pieces[i + 3] - middleY];
    const length = Math.hypot(c - a, d - b);
    // Simpson's rule, exact for squares.
    const [u, v] = [(a + c) / 2, (b + d) / 2];
    xx += length * (a * a + 4 * u * u + c * c) / 6;
    xy += length * (a * b + 4 * u * v + c * d) / 6;
    yy += length * (b * b + 4 * v * v + d * d) / 6;
    sum += length;
  }
  return { xx: xx / sum, xy: xy / sum, yy: yy / sum };
}
