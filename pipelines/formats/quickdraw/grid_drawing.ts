/**
 * Drawings in any coordinates, brought to Quick, Draw!'s grid. Browser safe.
 *
 * @module
 */
import { simplifyRaw } from "./simplify_raw.ts";
import { checkStrokes } from "./stroke_lists.ts";
import type { Drawing, Polyline } from "../../strokes/stroke.ts";

/**
 * Which drawings are scaled, aligned and simplified as Google did it: `none`, all are on the grid; `raw`, all, and each has
 * times; `timed`, those with times, the others are on the grid; `all`, with times or without.
 */
export type Fit = "none" | "raw" | "timed" | "all";

/**
 * Checks a drawing, and brings it to the grid where it is one to be fitted.
 *
 * @param drawing A list of strokes as JSON has it, each `[xs, ys]` or `[xs, ys, times]`.
 * @param fit Whether it is one to be fitted.
 * @param epsilon As `simplifyRaw` has it.
 * @returns Whole coordinates, 0..255.
 * @throws {Reject} With one of the reasons: wrong type, points, not lists, raw drawing, no times, empty drawing, unequal
 * arrays, coordinate out of range, coordinate not whole, too long.
 */
export function gridDrawing(drawing: unknown, fit: Fit, epsilon?: number): Drawing {
  const hasTimes = fit === "raw" || fit !== "none" && firstLists(drawing) === 3;
  const isFitted = isToFit(drawing, fit);
  checkStrokes(drawing, hasTimes ? 3 : 2, !isFitted);
  const strokes = drawing as unknown as Polyline[];
  return isFitted ? simplifyRaw(strokes, epsilon) : strokes;
}

/** Whether a drawing is one to be fitted. */
export function isToFit(drawing: unknown, fit: Fit): boolean {
  return fit === "raw" || fit === "all" || fit === "timed" && firstLists(drawing) === 3;
}

/** How many lists the first stroke has. */
function firstLists(drawing: unknown): number | undefined {
  const first: unknown = Array.isArray(drawing) ? drawing[0] : undefined;
  return Array.isArray(first) ? first.length : undefined;
}
