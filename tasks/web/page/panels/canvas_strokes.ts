/**
 * Strokes that come onto the canvas from elsewhere. Browser safe.
 *
 * @module
 */
import { boundsOf, type Drawing } from "../../../../pipelines/strokes/stroke.ts";
import type { DrawnStroke } from "../store.ts";

/** The part of the canvas that stays free at each of its edges where strokes have to be moved. */
const MARGIN = 0.1;
/** Milliseconds between the strokes of a hand and those that others draw behind them. */
const PAUSE = 200;

/** When strokes behind these begin, on their own clock, in milliseconds. */
export function timeAfter(strokes: readonly DrawnStroke[]): number {
  const last = strokes.at(-1)?.times.at(-1);
  return last === undefined ? 0 : last + PAUSE;
}

/** Strokes all of which are on the canvas: moved, and made smaller where they have no room, if some are not. */
export function insideCanvas(strokes: readonly DrawnStroke[]): readonly DrawnStroke[] {
  if (strokes.every(({ xs, ys }) => [...xs, ...ys].every((share) => share >= 0 && share <= 1))) return strokes;
  const { minX, minY, maxX, maxY } = boundsOf(strokes.map(({ xs, ys }) => [xs, ys] as const));
  const scale = Math.min(1, (1 - 2 * MARGIN) / Math.max(maxX - minX, maxY - minY));
  const move = (values: readonly number[], [least, most]: readonly [number, number]) => {
    const half = scale * (most - least) / 2;
    const middle = Math.min(Math.max((least + most) / 2, MARGIN + half), 1 - MARGIN - half);
    return values.map((value) => middle + scale * (value - (least + most) / 2));
  };
  return strokes.map((stroke) => ({
    ...stroke,
    xs: move(stroke.xs, [minX, maxX]),
    ys: move(stroke.ys, [minY, maxY]),
  }));
}

/** Whether none of a drawing's strokes goes anywhere: nothing that could be gone on with. */
export function isOnlyDots(drawing: Drawing): boolean {
  return drawing.every(([xs, ys]) => Array.from(xs).every((x, i) => x === xs[0] && ys[i] === ys[0]));
}
