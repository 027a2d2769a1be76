/**
 * How far two pen paths are apart.
 *
 * N points a path.
 *
 * @module
 */
import { boundsOf, type Drawing } from "../../../../pipelines/strokes/stroke.ts";

/** Points of a path, x and y by turns, [N, 2]. */
export type PenPath = Float64Array<ArrayBuffer>;

/** N: so many points show a digit, loops and all. */
const POINTS = 48;

/**
 * A drawing as one path: points at even distances along the ink, stroke after stroke.
 *
 * @param drawing One point or more.
 * @returns [N, 2], in the drawing's unit.
 */
export function penPathOf(drawing: Drawing): PenPath {
  const strokes = drawing.map(([xs, ys]) => {
    const walked = new Float64Array(xs.length);
    for (let i = 1; i < xs.length; i++) walked[i] = walked[i - 1] + Math.hypot(xs[i] - xs[i - 1], ys[i] - ys[i - 1]);
    return { xs, ys, walked, length: walked[xs.length - 1] };
  });
  const whole = strokes.reduce((sum, { length }) => sum + length, 0);
  const path = new Float64Array(2 * POINTS);
  let [stroke, before, at] = [0, 0, 1];
  for (let n = 0; n < POINTS; n++) {
    const wanted = whole * n / (POINTS - 1);
    while (stroke < strokes.length - 1 && before + strokes[stroke].length < wanted) {
      before += strokes[stroke++].length;
      at = 1;
    }
    const { xs, ys, walked } = strokes[stroke];
    while (at < xs.length - 1 && before + walked[at] < wanted) at++;
    const from = Math.min(at, xs.length - 1) - (xs.length > 1 ? 1 : 0);
    const to = Math.min(from + 1, xs.length - 1);
    const span = walked[to] - walked[from];
    const share = span === 0 ? 0 : Math.min(Math.max((wanted - before - walked[from]) / span, 0), 1);
    path[2 * n] = xs[from] + share * (xs[to] - xs[from]);
    path[2 * n + 1] = ys[from] + share * (ys[to] - ys[from]);
  }
  return path;
}

/** A drawing in a box of 20 x 20 around (0, 0), as large as it fits. */
export function boxed(drawing: Drawing): Drawing {
  const { minX, minY, maxX, maxY } = boundsOf(drawing);
  const scale = 20 / (Math.max(maxX - minX, maxY - minY) || 1);
  return drawing.map(([xs, ys]) => [
    Array.from(xs, (x) => (x - (minX + maxX) / 2) * scale),
    Array.from(ys, (y) => (y - (minY + maxY) / 2) * scale),
  ]);
}

/** A path from its end to its beginning. */
export function reversed(path: PenPath): PenPath {
  return Float64Array.from(path, (_, i) => path[path.length - 2 - 2 * (i >> 1) + (i & 1)]);
}

/**
 * The distance of two paths by dynamic time warping (Sakoe and Chiba 1978): points are matched in order, each with one or
 * more of the other path, so that the sum of their distances is least.
 *
 * @returns That sum over N.
 */
export function pathDistance(a: PenPath, b: PenPath): number {
  const [rows, columns] = [a.length / 2, b.length / 2];
  let above = new Float64Array(columns + 1).fill(Infinity);
  let row = new Float64Array(columns + 1);
  above[0] = 0;
  for (let i = 0; i < rows; i++) {
    row[0] = Infinity;
    for (let k = 0; k < columns; k++) {
      const [dx, dy] = [a[2 * i] - b[2 * k], a[2 * i + 1] - b[2 * k + 1]];
      row[k + 1] = Math.sqrt(dx * dx + dy * dy) + Math.min(above[k + 1], row[k], above[k]);
    }
    [above, row] = [row, above];
  }
  return above[columns] / rows;
}
