/// <reference lib="dom" />
/**
 * From strokes on the canvas to the grid that the runs see, and back.
 *
 * @module
 */
import { Reject } from "../../../../pipelines/base/errors.ts";
import { simplifyRaw } from "../../../../pipelines/formats/quickdraw/simplify_raw.ts";
import { boundsOf, type Drawing } from "../../../../pipelines/strokes/stroke.ts";
import type { DrawnStroke, Placement } from "../store.ts";

/** Strokes as the runs see them. */
export interface Sight {
  /** Whole numbers 0..255, aligned to the top left; empty where there is nothing to be seen. */
  readonly drawing: Drawing;
  /** Where the drawing lies on the canvas; missing where it is empty. */
  readonly placement?: Placement;
  /** Why there is no drawing, where there are strokes. */
  readonly refusal?: string;
}

const GRID_MAXIMUM = 255;

/**
 * Simplifies strokes as Quick, Draw!'s are.
 *
 * @param strokes In any number; dots that all lie in one place have no size, and are no drawing.
 */
export function see(strokes: readonly DrawnStroke[]): Sight {
  if (strokes.length === 0) return { drawing: [] };
  const lines = strokes.map(({ xs, ys }) => [xs, ys] as const);
  const { minX, minY, maxX, maxY } = boundsOf(lines);
  const range = Math.max(maxX - minX, maxY - minY);
  if (range === 0) return { drawing: [], refusal: "A dot alone has no shape: the runs wait for a line." };
  try {
    return { drawing: simplifyRaw(lines), placement: { scale: range / GRID_MAXIMUM, left: minX, top: minY } };
  } catch (error) {
    if (!(error instanceof Reject)) throw error;
    return {
      drawing: [],
      refusal: "This is more ink than a drawing may have. Undo a stroke, and the runs look again.",
    };
  }
}

/**
 * Puts strokes in grid units onto the canvas.
 *
 * @param drawing In the units of the grid that `placement` places.
 * @param by Who drew it.
 * @param start When it begins, on the page's clock, in milliseconds; points follow each other by 16 of them.
 */
export function putOnCanvas(
  drawing: Drawing,
  { placement, by, start = 0 }: { placement: Placement; by: DrawnStroke["by"]; start?: number },
): DrawnStroke[] {
  const { scale, left, top } = placement;
  let ticks = 0;
  return drawing.map(([xs, ys]) => ({
    xs: Array.from(xs, (x) => left + x * scale),
    ys: Array.from(ys, (y) => top + y * scale),
    times: Array.from(xs, () => start + 16 * ticks++),
    by,
  }));
}

/**
 * Where a drawing lies that fills the canvas but for a margin, in its middle.
 *
 * @param drawing Any units, one point or more.
 * @param margin A share of the canvas's side, on each side.
 */
export function centred(drawing: Drawing, margin = 0.15): Placement {
  const { minX, minY, maxX, maxY } = boundsOf(drawing);
  const scale = (1 - 2 * margin) / (Math.max(maxX - minX, maxY - minY) || 1);
  return { scale, left: 0.5 - (minX + maxX) / 2 * scale, top: 0.5 - (minY + maxY) / 2 * scale };
}
