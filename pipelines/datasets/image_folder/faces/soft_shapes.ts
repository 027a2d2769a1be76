/**
 * Shapes with soft edges: how far a point is outside of each, in the units of the plane; negative inside. Browser safe.
 *
 * @module
 */

/** How far a point is outside of a shape. */
export type Shape = (x: number, y: number) => number;

/** An ellipse; the distance is exact to first order, which is what an edge one pixel wide needs. */
export function ellipse(cx: number, cy: number, { rx, ry }: { readonly rx: number; readonly ry: number }): Shape {
  return (x, y) => {
    const u = (x - cx) / rx, v = (y - cy) / ry;
    const r = Math.sqrt(u * u + v * v); // Math.hypot takes ten times as long
    if (r === 0) return -Math.min(rx, ry);
    const a = u / rx, b = v / ry;
    return (r - 1) * r / Math.sqrt(a * a + b * b);
  };
}

/** A point of the plane. */
export type Point = readonly [number, number];

/** A line through points with round ends, `width` wide. */
export function line(points: readonly Point[], width: number): Shape {
  const ends = Float64Array.from(points.flat()); // x, y, …: pairs cost three times as much
  return (x, y) => {
    let nearest = Infinity;
    for (let i = 2; i < ends.length; i += 2) {
      const fromX = x - ends[i - 2], fromY = y - ends[i - 1];
      const dx = ends[i] - ends[i - 2], dy = ends[i + 1] - ends[i - 1];
      const share = Math.max(0, Math.min(1, (fromX * dx + fromY * dy) / (dx * dx + dy * dy || 1)));
      const awayX = fromX - share * dx, awayY = fromY - share * dy;
      nearest = Math.min(nearest, awayX * awayX + awayY * awayY);
    }
    return Math.sqrt(nearest) - width / 2;
  };
}

/** A parabola's arc from one point to another, `sag` below the middle of the straight line, as points. */
export function arc([ax, ay]: Point, [bx, by]: Point, sag: number): Point[] {
  const steps = 8;
  return Array.from({ length: steps + 1 }, (_, i): Point => {
    const share = i / steps;
    return [ax + (bx - ax) * share, ay + (by - ay) * share + 4 * sag * share * (1 - share)];
  });
}

/** What is in all of some shapes. */
export const both = (...shapes: readonly Shape[]): Shape => (x, y) => {
  let most = -Infinity;
  for (const shape of shapes) most = Math.max(most, shape(x, y));
  return most;
};

/** What is in any of some shapes. */
export const any = (...shapes: readonly Shape[]): Shape => (x, y) => {
  let least = Infinity;
  for (const shape of shapes) least = Math.min(least, shape(x, y));
  return least;
};

/** The edge of a shape, `width` wide. */
export const edge = (shape: Shape, width: number): Shape => (x, y) => Math.abs(shape(x, y)) - width / 2;

/** What is above a line of which the height is given, y downwards. */
export const above = (height: (x: number) => number): Shape => (x, y) => y - height(x);

/** What is below it. */
export const below = (height: (x: number) => number): Shape => (x, y) => height(x) - y;
