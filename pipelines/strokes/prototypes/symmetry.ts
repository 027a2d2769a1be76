/**
 * How symmetric a shape is, measured: after which turn it looks the same, and whether in a mirror too. Browser safe.
 *
 * @module
 */
import type { Drawing } from "../stroke.ts";
import { Alignment } from "./alignment.ts";
import { lengthOf, middleOf, type Outline, outlineOf, spreadOf } from "./outline.ts";
import { turnAbout } from "./similarity.ts";

/** What a shape looks the same after. */
export interface Symmetry {
  /** The smallest turn in degrees, a divisor of 360; 360 where there is none, 0 where any turn will do. */
  readonly turn: number;
  /**
   * The turn after which it looks as it does in an upright mirror, in degrees, where there is one: its axis of symmetry is so
   * far from upright, twice over.
   */
  readonly mirror?: number;
}

/** How far a shape may be from itself, turned, as a share of its size: the mean of the distances both ways. */
export const SYMMETRY_TOLERANCE = 0.012;
/** More corners than these a circle has. */
const MOST = 24;
/** Turns at which a circle is looked at, and the slant of a mirror, in degrees. */
const STEP = 5;
const PLACES = 96;
const FINENESS = 1 / 400;

/** How far a shape is from itself, turned by so many degrees about its middle and before that, perhaps, mirrored: a share of its size. */
export type ApartFromItself = (angle: number, mirrored?: boolean) => number;

/** Compares a shape with itself. */
export function apartFromItself(drawing: Drawing): ApartFromItself {
  const outline = outlineOf(drawing, PLACES, FINENESS * lengthOf(drawing) / 4);
  const middle = middleOf(outline);
  const itself = new Alignment(outline, outline);
  const size = sizeOf(outline, middle);
  return (angle, mirrored = false) => {
    const { drawingToShape, shapeToDrawing } = itself.measure(turnAbout(middle, middle, { angle, mirrored }), 1);
    return (drawingToShape + shapeToDrawing) / 2 / size;
  };
}

/** The size of a shape, whatever its angle: a circle's is its diameter, a line's two fifths of its length. */
function sizeOf(outline: Outline, middle: readonly [number, number]): number {
  const { xx, xy, yy } = spreadOf(outline, middle);
  return Math.SQRT2 * Math.sqrt(xx + yy + 2 * Math.sqrt(Math.max(0, xx * yy - xy * xy))); // twice the sum of the half axes
}

/** The angles after which a shape looks the same that does so after a turn, up to half of the whole: back is as far as forth. */
export function turnsBefore(turn: number): number[] {
  const step = turn === 0 ? STEP : turn;
  return Array.from({ length: Math.floor(180 / step) }, (_, i) => (i + 1) * step);
}

/** The smallest turn after which a shape looks the same: degrees, 0 for any turn, 360 for none. */
function turnOf(apart: ApartFromItself, tolerance: number): number {
  const furthest = Math.max(...turnsBefore(0).map((angle) => apart(angle)));
  if (furthest <= tolerance) return 0;
  const near = Math.min(tolerance, furthest / 2); // of what is almost round every turn would be near
  for (let order = MOST; order > 1; order--) {
    if (turnsBefore(360 / order).every((angle) => apart(angle) <= near)) return 360 / order;
  }
  return 360;
}

/** The turn of the best upright mirror: of a few, and then of their neighbours. */
export function mirrorOf(apart: ApartFromItself): { readonly turn: number; readonly apart: number } {
  let best = { turn: 0, apart: Infinity };
  const look = (turn: number) => {
    const distance = apart(turn, true);
    if (distance < best.apart) best = { turn, apart: distance };
  };
  for (let turn = 0; turn < 360; turn += STEP) look(turn);
  for (let step = STEP / 2; step > 0.1; step /= 2) {
    const { turn } = best;
    look(turn - step);
    look(turn + step);
  }
  return best;
}

/**
 * Measures the symmetry of a shape about its middle, the mean of all places on its lines.
 *
 * @param drawing Of any units, two different points or more.
 * @param tolerance The mean distance from itself, turned or mirrored, up to which it looks the same, as a share of its
 * size.
 * @throws {RangeError} When a coordinate is not finite, or the lines are longer than 1e70.
 *
 * @example
 * ```ts
 * import { symmetryOf } from "@strokewise/strokewise/pipelines";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(symmetryOf([[[0, 9, 9, 0, 0], [0, 0, 9, 9, 0]]]).turn, 90);
 * assertEquals(symmetryOf([[[0, 9], [0, 0]], [[5, 5], [0, 3]]]), { turn: 360 });
 * ```
 */
export function symmetryOf(drawing: Drawing, tolerance: number = SYMMETRY_TOLERANCE): Symmetry {
  const apart = apartFromItself(drawing);
  const turn = turnOf(apart, tolerance);
  const mirror = mirrorOf(apart);
  return mirror.apart <= tolerance ? { turn, mirror: mirror.turn } : { turn };
}
