/**
 * Drawings as symmetric as they nearly are. Browser safe.
 *
 * @module
 */
import type { Drawing } from "../stroke.ts";
import { evened, isotropic } from "./evened.ts";
import {
  type ApartFromItself,
  apartFromItself,
  mirrorOf,
  type Symmetry,
  SYMMETRY_TOLERANCE,
  turnsBefore,
} from "./symmetry.ts";

/** A shape, and what it looks the same after. */
export interface Variant {
  readonly shape: Drawing;
  readonly symmetry: Symmetry;
  /** How much better than a circle it has to fit: of two that fit alike the more regular one is meant. */
  readonly worse: number;
}

/** How many there are of each symmetry. */
const EACH = 2;
/** How far a drawing may be from itself, turned or mirrored, for it to be made symmetric, as a share of its size. */
const NEARLY = 0.035;
/** And as a share of how far it is at most: what is almost round is almost the same after any turn. */
const CLEARLY = 0.6;
/** What a shape has to fit better by that looks the same so many times a turn, where that is more than in a mirror alone. */
const WORSE = { [Infinity]: 1, 8: 1.04, 7: 1.06, 6: 1.06, 5: 1.1, 4: 1.12, 3: 1.2, 2: 1.6, 1: 1.6 } as const;
/** And one that never does. */
const WITHOUT = 1.8;
/** An axis of symmetry that is no further from upright or level, in degrees, is meant to be so. */
export const ASLANT = 12;

/** A drawing compared with itself. */
interface Compared {
  readonly shape: Drawing;
  readonly apart: ApartFromItself;
  readonly mirror: ReturnType<typeof mirrorOf>;
}

/** The first drawings as they are; and of all those that are nearest to a symmetry as symmetric as they nearly are. */
export function variantsOf(drawings: readonly Drawing[]): Variant[] {
  const found = drawings.slice(0, EACH).map((shape): Variant => ({ shape, symmetry: { turn: 360 }, worse: WITHOUT }));
  const plain = drawings.map(compared);
  const round = drawings.map(isotropic).map(compared); // as whatever looks the same three times a turn
  for (const [order, worse] of Object.entries(WORSE)) {
    const turn = 360 / Number(order);
    const near = nearest(turn < 180 ? round : plain, turn);
    let left = EACH;
    for (const { shape, mirror } of near) {
      const isMirrored = mirror.apart <= NEARLY && (turn < 180 || isUpright(mirror.turn));
      if (turn === 360 && !isMirrored) continue;
      const symmetry = isMirrored ? { turn, mirror: mirror.turn } : { turn };
      const even = evened(shape, symmetry);
      if (!hasSymmetry(even, symmetry)) continue;
      found.push({ shape: even, symmetry, worse });
      if (--left === 0) break;
    }
  }
  return found;
}

function compared(shape: Drawing): Compared {
  const apart = apartFromItself(shape);
  return { shape, apart, mirror: mirrorOf(apart) };
}

/** Those that are nearly the same after a turn, or where it is none in a mirror, the nearest first. */
function nearest(all: readonly Compared[], turn: number): Compared[] {
  return all.map((one) => ({ one, apart: turn < 360 ? furthestOf(one.apart, turn) : one.mirror.apart }))
    .filter(({ one, apart }) =>
      apart <= NEARLY && (turn === 0 || turn >= 180 || apart <= CLEARLY * furthestOf(one.apart, 0))
    )
    .sort((a, b) => a.apart - b.apart).map(({ one }) => one);
}

/** How far a shape is from itself after a turn, however often, at most. */
function furthestOf(apart: ApartFromItself, turn: number): number {
  return Math.max(0, ...turnsBefore(turn).map((angle) => apart(angle)));
}

/** Whether an axis is nearly upright or level: the turn that goes with a mirror is twice its slant. */
function isUpright(turn: number): boolean {
  return Math.abs(turn - 180 * Math.round(turn / 180)) <= 2 * ASLANT;
}

function hasSymmetry(shape: Drawing, { turn, mirror }: Symmetry): boolean {
  const apart = apartFromItself(shape);
  return furthestOf(apart, turn) <= SYMMETRY_TOLERANCE &&
    (mirror === undefined || apart(mirror, true) <= SYMMETRY_TOLERANCE);
}
