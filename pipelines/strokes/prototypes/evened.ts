/**
 * Shapes made as symmetric as they nearly are. Browser safe.
 *
 * @module
 */
import { boundsOf, type Drawing, type Polyline } from "../stroke.ts";
import { type LikeIt, meanShape } from "./mean_shape.ts";
import { lengthOf, middleOf, outlineOf, spreadOf } from "./outline.ts";
import { turnAbout } from "./similarity.ts";
import type { Symmetry } from "./symmetry.ts";

/** How far apart two lines may be that belong together, as a share of its larger side. */
const TOLERANCE = 0.1;
const SPACING = 1 / 128;
const ROUNDS = 2;

/**
 * Evens out a shape by itself, turned and mirrored.
 *
 * @param symmetry What it is to look the same after.
 */
export function evened(shape: Drawing, symmetry: Symmetry): Drawing {
  if (symmetry.turn === 0) return circlesOf(shape);
  let even = shape;
  for (let round = 0; round < ROUNDS; round++) even = evenedOnce(even, symmetry);
  return even;
}

function evenedOnce(shape: Drawing, { turn, mirror }: Symmetry): Drawing {
  const { minX, minY, maxX, maxY } = boundsOf(shape);
  const side = Math.max(maxX - minX, maxY - minY);
  const outline = outlineOf(shape, 1, side / 1000);
  const middle = middleOf(outline);
  const count = Math.round(360 / turn);
  const copies = Array.from({ length: count }, (_, i) => 360 * i / count).flatMap((angle): LikeIt[] => [
    { pieces: outline.pieces, similarity: turnAbout(middle, middle, { angle }) },
    ...mirror === undefined
      ? []
      : [{ pieces: outline.pieces, similarity: turnAbout(middle, middle, { angle: angle + mirror, mirrored: true }) }],
  ]);
  return meanShape(shape, copies, { spacing: SPACING * side, tolerance: TOLERANCE * side });
}

/** A circle's points. */
const CIRCLE = 64;
/** How far a stroke may be from round, and two circles from each other that are one, as shares of the radius. */
const [ROUND, ONE] = [0.2, 0.1];
/** How often a round stroke turns round, bends back and forth included. */
const ROUNDABOUT = 1.6;

/** The circles that a shape is made of which looks the same after any turn; the shape itself where a stroke is not round. */
function circlesOf(shape: Drawing): Drawing {
  const [middleX, middleY] = middleOf(outlineOf(shape, 1, 0));
  const circles: { radius: number; length: number }[] = [];
  for (const stroke of shape) {
    const length = lengthOf([stroke]);
    const outline = outlineOf([stroke], CIRCLE, 0);
    const own = middleOf(outline); // it may be a little off the common one
    const radii = Array.from(outline.x, (x, i) => Math.hypot(x - own[0], outline.y[i] - own[1]));
    const radius = radii.reduce((sum, value) => sum + value, 0) / radii.length;
    if (radii.some((value) => Math.abs(value - radius) > ROUND * radius) || bendsOf(stroke) > ROUNDABOUT) return shape;
    const same = circles.find((circle) => Math.abs(circle.radius - radius) < ONE * radius);
    if (same === undefined) circles.push({ radius, length });
    else {
      same.radius = (same.radius * same.length + radius * length) / (same.length + length);
      same.length += length;
    }
  }
  const angles = Array.from({ length: CIRCLE + 1 }, (_, i) => 2 * Math.PI * i / CIRCLE);
  return circles.map(({ radius }) => [
    angles.map((angle) => middleX + radius * Math.sin(angle)),
    angles.map((angle) => middleY - radius * Math.cos(angle)),
  ]);
}

/** How often a stroke turns round, whichever way it bends. */
function bendsOf([xs, ys]: Polyline): number {
  let sum = 0;
  for (let i = 2; i < xs.length; i++) {
    const [ax, ay, bx, by] = [xs[i - 1] - xs[i - 2], ys[i - 1] - ys[i - 2], xs[i] - xs[i - 1], ys[i] - ys[i - 1]];
    sum += Math.abs(Math.atan2(ax * by - ay * bx, ax * bx + ay * by));
  }
  return sum / (2 * Math.PI);
}

/** A shape stretched so that its places are spread alike in all directions, as whatever looks the same three times a turn. */
export function isotropic(shape: Drawing): Drawing {
  const outline = outlineOf(shape, 1, 0);
  const [mx, my] = middleOf(outline);
  const { xx, xy, yy } = spreadOf(outline, [mx, my]);
  const determinant = xx * yy - xy * xy;
  if (!(determinant > 1e-6 * (xx + yy) ** 2)) return shape; // a line
  // The inverse square root of [xx xy; xy yy], times a constant.
  const root = Math.sqrt(determinant);
  const norm = Math.sqrt(xx + yy + 2 * root);
  const [a, b, d] = [(yy + root) / norm, -xy / norm, (xx + root) / norm];
  const scale = 1 / Math.sqrt(root);
  return shape.map(([xs, ys]) => [
    Array.from(xs, (x, i) => scale * (a * (x - mx) + b * (ys[i] - my))),
    Array.from(ys, (y, i) => scale * (b * (xs[i] - mx) + d * (y - my))),
  ]);
}
