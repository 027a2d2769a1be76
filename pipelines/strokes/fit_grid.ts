/**
 * Drawings of any coordinates moved into the grid of 256 x 256. Browser safe.
 *
 * @module
 */
import { boundsOf, type Drawing } from "./stroke.ts";

const GRID_MAXIMUM = 255;

/**
 * Moves a drawing into 0..255 where it is not, and makes it smaller where it has no room there.
 *
 * @param drawing Any coordinates.
 * @returns The very drawing where all coordinates are whole and 0..255; else one that is aligned to the top left, scaled
 * by 255 / its larger side where that is above 255, and rounded.
 *
 * @example
 * ```ts
 * import { fitGrid } from "@strokewise/strokewise/pipelines";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(fitGrid([[[-5, 5], [300, 302]]]), [[[0, 10], [0, 2]]]);
 * assertEquals(fitGrid([[[-255, 255], [0, 2]]]), [[[0, 255], [0, 1]]]);
 * ```
 */
export function fitGrid(drawing: Drawing): Drawing {
  if (drawing.every(([xs, ys]) => isOnGrid(xs) && isOnGrid(ys))) return drawing;
  const { minX, minY, maxX, maxY } = boundsOf(drawing);
  const scale = Math.min(1, GRID_MAXIMUM / Math.max(maxX - minX, maxY - minY));
  return drawing.map(([xs, ys]) => [
    Array.from(xs, (x) => Math.round((x - minX) * scale)),
    Array.from(ys, (y) => Math.round((y - minY) * scale)),
  ]);
}

/**
 * Lets a drawing fill the grid as Quick, Draw!'s do: aligned to the top left, its larger side 255, whole numbers.
 *
 * @param drawing Any finite coordinates.
 * @returns As many strokes; points that come to lie on the one before are left out.
 *
 * @example
 * ```ts
 * import { fillGrid } from "@strokewise/strokewise/pipelines";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(fillGrid([[[5, 15, 15.01], [1, 5, 5]], [[9], [3]]]), [[[0, 255], [0, 102]], [[102], [51]]]);
 * ```
 */
export function fillGrid(drawing: Drawing): [number[], number[]][] {
  if (drawing.length === 0) return [];
  const { minX, minY, maxX, maxY } = boundsOf(drawing);
  const range = Math.max(maxX - minX, maxY - minY) || 1;
  const place = (v: number, minimum: number) => Math.round((v - minimum) * GRID_MAXIMUM / range);
  return drawing.map(([xs, ys]) => {
    const [outX, outY]: [number[], number[]] = [[], []];
    for (let i = 0; i < xs.length; i++) {
      const [x, y] = [place(xs[i], minX), place(ys[i], minY)];
      if (i > 0 && x === outX[outX.length - 1] && y === outY[outY.length - 1]) continue;
      outX.push(x);
      outY.push(y);
    }
    return [outX, outY];
  });
}

function isOnGrid(axis: ArrayLike<number>): boolean {
  for (let i = 0; i < axis.length; i++) if (axis[i] !== (axis[i] & GRID_MAXIMUM)) return false;
  return true;
}
