/**
 * Drawings without a hand's slips. Browser safe.
 *
 * @module
 */
import { ramerDouglasPeucker } from "../simplify.ts";
import { boundsOf, type Drawing, type Polyline } from "../stroke.ts";
import { lengthOf } from "./outline.ts";

/** Gaps up to so much of a drawing's larger side are closed, and of the stroke's length. */
const [GAP, GAP_OF_LENGTH] = [0.15, 0.25];
/** Strokes that are no longer than so much of its larger side are left out where there are others. */
export const SHORT = 0.02;
/** How far a straight line may be from the one drawn, as a share of the stroke's larger side. */
const TREMBLE = 1 / 80;
/** A line that is nowhere further from few corners, as a share of its larger side, is meant to be straight between them. */
const CORNERED = 1 / 50;
const FEW_CORNERS = 10;
/** How far any other may be from its points, as a share of its larger side. */
const FINENESS = 1 / 340;

/** A drawing without its slips: no short strokes, no small gaps, lines that tremble straight. */
export function tidied(drawing: Drawing): Drawing {
  const side = sideOf(drawing);
  const kept = drawing.filter((stroke) => lengthOf([stroke]) > SHORT * side);
  return (kept.length === 0 ? drawing : kept).map((stroke) => {
    const closed = closedStroke(stroke, GAP * side);
    return ramerDouglasPeucker(closed, TREMBLE * sideOf([closed]), { toSegment: true });
  });
}

/** A line with few corners as straight lines between them; any other with as many points as it needs. */
export function straightened(stroke: Polyline): [number[], number[]] {
  const side = sideOf([stroke]);
  const corners = ramerDouglasPeucker(stroke, CORNERED * side, { toSegment: true });
  return corners[0].length <= FEW_CORNERS ? corners : ramerDouglasPeucker(stroke, FINENESS * side, { toSegment: true });
}

/** A stroke whose ends nearly meet, with the gap shared out along it. */
function closedStroke(stroke: Polyline, most: number): Polyline {
  const [xs, ys] = stroke;
  const last = xs.length - 1;
  const [gapX, gapY] = [xs[last] - xs[0], ys[last] - ys[0]];
  if (Math.hypot(gapX, gapY) > Math.min(most, GAP_OF_LENGTH * lengthOf([stroke]))) return stroke;
  const share = (i: number) => i / last - 0.5;
  return [Array.from(xs, (x, i) => x - share(i) * gapX), Array.from(ys, (y, i) => y - share(i) * gapY)];
}

function sideOf(drawing: Drawing): number {
  const { minX, minY, maxX, maxY } = boundsOf(drawing);
  return Math.max(maxX - minX, maxY - minY);
}
