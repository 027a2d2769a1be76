/**
 * Drawings as vectors: polylines, stroke-3, bounds. Browser safe.
 *
 * A *drawing* is a list of polylines, one a stroke, each `[xs, ys]` in grid units, y down, 0..255 on Quick Draw's grid.
 * *Stroke-3* (Ha and Eck, arXiv:1704.03477) is one row a point: `dx, dy, penLifted`; the first row is the offset from
 * (0, 0), so absolute coordinates come back exactly.
 *
 * @module
 */

/** One stroke: the x and the y coordinates of its points, equally many. */
export type Polyline = readonly [xs: ArrayLike<number>, ys: ArrayLike<number>];

/** A drawing: its strokes in the order in which they were drawn. */
export type Drawing = readonly Polyline[];

/**
 * Whether a stroke, as somebody gives one, is two lists: a list of points is none.
 *
 * @example
 * ```ts
 * import { isPolyline } from "@strokewise/strokewise/pipelines";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals([[[3, 4], [0, 9]], [3, 4], "a stroke"].map(isPolyline), [true, false, false]);
 * ```
 */
export function isPolyline(stroke: unknown): stroke is Polyline {
  const isList = (axis: unknown) =>
    typeof axis === "object" && axis !== null && "length" in axis && typeof axis.length === "number";
  return Array.isArray(stroke) && stroke.length === 2 && stroke.every(isList);
}

/** The smallest upright rectangle around a drawing. */
export interface Bounds {
  /** The left edge, in grid units. */
  readonly minX: number;
  /** The upper edge, in grid units; y points down. */
  readonly minY: number;
  /** The right edge, in grid units. */
  readonly maxX: number;
  /** The lower edge, in grid units. */
  readonly maxY: number;
}

/**
 * The bounds of a drawing.
 *
 * @param drawing Coordinates in any unit, one point or more.
 * @returns The bounds in the same unit.
 * @throws {RangeError} When the drawing has no point.
 *
 * @example
 * ```ts
 * import { boundsOf } from "@strokewise/strokewise/pipelines";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(boundsOf([[[3, 9], [4, 1]]]), { minX: 3, minY: 1, maxX: 9, maxY: 4 });
 * ```
 */
export function boundsOf(drawing: Drawing): Bounds {
  let [minX, minY, maxX, maxY] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const [xs, ys] of drawing) {
    for (let i = 0; i < xs.length; i++) {
      minX = Math.min(minX, xs[i]);
      maxX = Math.max(maxX, xs[i]);
      minY = Math.min(minY, ys[i]);
      maxY = Math.max(maxY, ys[i]);
    }
  }
  if (minX > maxX) throw new RangeError("cannot find the bounds of a drawing without points");
  return { minX, minY, maxX, maxY };
}

/**
 * The number of points of a drawing.
 *
 * @example
 * ```ts
 * import { countPoints } from "@strokewise/strokewise/pipelines";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(countPoints([[[10, 12], [20, 20]], [[5], [6]]]), 3);
 * ```
 */
export function countPoints(drawing: Drawing): number {
  return drawing.reduce((sum, [xs]) => sum + xs.length, 0);
}

/**
 * Turns a drawing into stroke-3.
 *
 * @param drawing Whole coordinates, no further than 32,767 from one another.
 * @returns int16 [points, 3]: dx, dy, and 1 at the last point of each stroke.
 *
 * @example
 * ```ts
 * import { fromStroke3, toStroke3 } from "@strokewise/strokewise/pipelines";
 * import { assertEquals } from "@std/assert";
 *
 * const rows = toStroke3([[[10, 12], [20, 20]], [[5], [6]]]);
 * assertEquals([...rows], [10, 20, 0, 2, 0, 1, -7, -14, 1]);
 * assertEquals(fromStroke3(rows), [[[10, 12], [20, 20]], [[5], [6]]]);
 * ```
 */
export function toStroke3(drawing: Drawing): Int16Array<ArrayBuffer> {
  const rows = new Int16Array(3 * countPoints(drawing)); // [points, 3]
  let [at, lastX, lastY] = [0, 0, 0];
  for (const [xs, ys] of drawing) {
    for (let i = 0; i < xs.length; i++) {
      rows[at++] = xs[i] - lastX;
      rows[at++] = ys[i] - lastY;
      rows[at++] = i === xs.length - 1 ? 1 : 0;
      [lastX, lastY] = [xs[i], ys[i]];
    }
  }
  return rows;
}

/**
 * Turns stroke-3 back into polylines.
 *
 * @param rows Numbers [points, 3]: dx, dy, pen lifted. A last stroke that is never lifted is kept.
 * @returns The strokes, each `[xs, ys]`, in absolute coordinates.
 * @throws {RangeError} When the length is not a multiple of 3.
 *
 * @example
 * ```ts
 * import { fromStroke3 } from "@strokewise/strokewise/pipelines";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(fromStroke3([10, 20, 0, 2, 0, 1, -7, -14, 1]), [[[10, 12], [20, 20]], [[5], [6]]]);
 * ```
 */
export function fromStroke3(rows: ArrayLike<number>): [number[], number[]][] {
  if (rows.length % 3 !== 0) {
    throw new RangeError(`cannot read stroke-3: ${rows.length} numbers are not rows of 3`);
  }
  const drawing: [number[], number[]][] = [];
  let stroke: [number[], number[]] | undefined;
  let [x, y] = [0, 0];
  for (let i = 0; i < rows.length; i += 3) {
    if (stroke === undefined) drawing.push(stroke = [[], []]);
    stroke[0].push(x += rows[i]);
    stroke[1].push(y += rows[i + 1]);
    if (rows[i + 2] === 1) stroke = undefined;
  }
  return drawing;
}
