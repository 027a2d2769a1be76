/**
 * The clean shape of a class, from drawings of it. Browser safe.
 *
 * @module
 */
import { fillGrid } from "../fit_grid.ts";
import { boundsOf, type Drawing } from "../stroke.ts";
import { Alignment } from "./alignment.ts";
import { fitPrototype, hasOutline, prototypeShape } from "./fit.ts";
import { middleOf, outlineOf } from "./outline.ts";
import { movedDrawing, turnAbout } from "./similarity.ts";
import type { Symmetry } from "./symmetry.ts";
import { straightened, tidied } from "./tidied.ts";
import { ASLANT, variantsOf } from "./variants.ts";

/** Drawings that are looked at; those in their midst that are tried; those that they are tried on. */
const [SEEN, TRIED, TRIED_ON] = [60, 24, 12];
/** How far a shape is turned at most when it is tried, in degrees. */
const WITHIN = 30;
/** Places on an outline, how far it may be from the line, and how far apart two lines may be that belong together, in grid units. */
const [PLACES, FINENESS, TOLERANCE] = [40, 5, 25];
/** How much simple drawings are preferred, and shapes of few corners: powers of the number of corners. */
const [SIMPLE, FEW] = [0.25, 0.05];

/**
 * Makes the clean shape of a class: drawings that are close to all others are tried as they are, and as symmetric as they
 * nearly are; the one is taken that fits the others best.
 *
 * @param drawings Of one class, of any units, in any order; of very many the first 60 are enough.
 * @returns 0..255, aligned to the top left; undefined where no drawing has a line, only dots and specks. Drawings with a
 * coordinate that is not finite, or with lines longer than 1e70, count as none.
 *
 * @example
 * ```ts
 * import { prototypeOf, symmetryOf } from "@strokewise/strokewise/pipelines";
 * import { assertEquals } from "@std/assert";
 *
 * const squares = [-3, 0, 4].map((slip) => [[[0, 100, 99, slip, 0], [slip, 0, 100, 98, 0]]] as [number[], number[]][]);
 * assertEquals(symmetryOf(prototypeOf(squares)!).turn, 90);
 * ```
 */
export function prototypeOf(drawings: readonly Drawing[]): [number[], number[]][] | undefined {
  const lines = drawings.filter(hasOutline).map(fillGrid).filter(hasOutline).slice(0, SEEN); // a grid has coarse steps
  if (lines.length === 0) return undefined;
  const sorted = byDistance(lines);
  const stride = Math.max(1, Math.floor(sorted.length / TRIED_ON));
  const judges = sorted.filter((_, i) => i % stride === 0).slice(0, TRIED_ON);
  const variants = variantsOf(sorted.slice(0, TRIED).map(tidied));
  const costs = variants.map(({ shape, symmetry, worse }) => worse * costOf(shape, symmetry, judges));
  const least = Math.min(...costs);
  if (least === Infinity) return undefined;
  const { shape, symmetry } = variants[costs.indexOf(least)];
  return fillGrid(fillGrid(upright(shape, symmetry, judges)).map(straightened));
}

/** The drawings, from the one that is closest to all others to the one that is furthest; simple ones sooner. */
function byDistance(drawings: readonly Drawing[]): Drawing[] {
  const outlines = drawings.map((drawing) => outlineOf(drawing, PLACES, FINENESS));
  const middles = drawings.map((drawing): [number, number] => {
    const { minX, minY, maxX, maxY } = boundsOf(drawing);
    return [(minX + maxX) / 2, (minY + maxY) / 2];
  });
  const costs = new Float64Array(drawings.length);
  for (let a = 0; a < outlines.length; a++) {
    for (let b = 0; b < a; b++) {
      const similarity = turnAbout(middles[a], middles[b], { angle: 0 });
      const { cost } = new Alignment(outlines[a], outlines[b]).measure(similarity, TOLERANCE);
      costs[a] += cost;
      costs[b] += cost;
    }
  }
  outlines.forEach(({ pieces }, i) => costs[i] *= (pieces.length / 4 + drawings[i].length) ** SIMPLE);
  const order = Array.from(drawings.keys()).sort((a, b) => costs[a] - costs[b]);
  return order.map((i) => drawings[i]);
}

/**
 * How badly a shape fits drawings: the mean of the distances, and a little more for each corner that it has; infinitely,
 * where it has no line.
 */
function costOf(drawing: Drawing, symmetry: Symmetry, judges: readonly Drawing[]): number {
  const shape = prototypeShape(drawing, symmetry);
  const residuals = judges.map((judge) =>
    fitPrototype(shape, judge, { mirror: false, within: WITHIN })?.residual ?? Infinity
  );
  const corners = drawing.map(straightened).reduce((sum, [xs]) => sum + xs.length, 0);
  return corners ** FEW * residuals.reduce((sum, residual) => sum + residual, 0) / residuals.length;
}

/** A shape turned as the drawings are, and quite upright where it nearly is. */
function upright(drawing: Drawing, { turn, mirror }: Symmetry, judges: readonly Drawing[]): Drawing {
  if (turn === 0) return drawing;
  const shape = prototypeShape(drawing, { turn });
  const angles = judges.map((judge) => fitPrototype(shape, judge, { mirror: false, within: WITHIN })?.angle ?? 0);
  const full = 2 * Math.PI / turn; // what looks the same counts as the same: a mean on the circle
  const [sin, cos] = [Math.sin, Math.cos].map((wave) => angles.reduce((sum, angle) => sum + wave(angle * full), 0));
  let angle = Math.atan2(sin, cos) / full;
  if (mirror !== undefined) {
    const nearest = [0, 90].map((axis) => angle - remainder(angle + mirror / 2 - axis, turn / 2)); // upright, level
    const straight = Math.abs(nearest[0] - angle) <= Math.abs(nearest[1] - angle) ? nearest[0] : nearest[1];
    if (Math.abs(straight - angle) <= ASLANT || turn < 180) angle = straight;
  }
  const middle = middleOf(outlineOf(drawing, 1, 0));
  return movedDrawing(turnAbout(middle, middle, { angle }), drawing);
}

/** What is left of a value beyond the nearest multiple of a step. */
function remainder(value: number, step: number): number {
  return value - step * Math.round(value / step);
}
