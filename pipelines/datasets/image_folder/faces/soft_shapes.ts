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
    const [u, v] = [(x - cx) / rx, (y - cy) / ry];
    const r = Math.sqrt(u * u + v * v); // Math.hypot takes ten times as long
    return r === 0 ? -Math.min(rx, ry) : (r - 1) * r / Math.sqrt((u / rx) ** 2 + (v / ry) ** 2);
  };
}

/** A point of the plane. */
export type Point = readonly [number, number];

/** A line through points with round ends, `width` wide. */
export function line(points: readonly Point[], width: number): Shape {
  return (x, y) => {
    let nearest = Infinity;
    for (let i = 1; i < points.length; i++) {
      const [[ax, ay], [bx, by]] = [points[i - 1], points[i]];
      const [dx, dy] = [bx - ax, by - ay];
      const share = Math.max(0, Math.min(1, ((x - ax) * dx + (y - ay) * dy) / (dx * dx + dy * dy || 1)));
      nearest = Math.min(nearest, (x - ax - share * dx) ** 2 + (y - ay - share * dy) ** 2);
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
