/**
 * Similarities of the plane: mirrored or not, scaled, turned and moved. Browser safe.
 *
 * @module
 */
import type { Drawing } from "../stroke.ts";

/** What becomes of (x, y): (±x, y) times `cos` and `sin` as complex numbers are multiplied, then moved. y points down. */
export interface Similarity {
  /** The scale times the cosine of the angle. */
  readonly cos: number;
  /** The scale times the sine of the angle, which is clockwise above 0. */
  readonly sin: number;
  readonly moveX: number;
  readonly moveY: number;
  /** Whether left and right change places, before all else. */
  readonly mirrored: boolean;
}

/** Places, [N] each. */
export interface Places {
  /** To the right. */
  readonly x: Float64Array;
  /** Down. */
  readonly y: Float64Array;
}

/** How much larger a similarity makes things. */
export function scaleOf({ cos, sin }: Similarity): number {
  return Math.hypot(cos, sin);
}

/** Scales and turns about one place, and moves it to another; the angle is in degrees, clockwise. */
export function turnAbout(
  [fromX, fromY]: readonly [number, number],
  [toX, toY]: readonly [number, number],
  { angle, scale = 1, mirrored = false }: {
    readonly angle: number;
    readonly scale?: number;
    readonly mirrored?: boolean;
  },
): Similarity {
  const cos = scale * Math.cos(angle * Math.PI / 180);
  const sin = scale * Math.sin(angle * Math.PI / 180);
  const x = mirrored ? -fromX : fromX;
  return { cos, sin, moveX: toX - cos * x + sin * fromY, moveY: toY - sin * x - cos * fromY, mirrored };
}

/** Puts places where a similarity says. */
export function moveTo({ cos, sin, moveX, moveY, mirrored }: Similarity, from: Places, to: Places): void {
  const sign = mirrored ? -1 : 1;
  for (let i = 0; i < from.x.length; i++) {
    const x = sign * from.x[i], y = from.y[i];
    to.x[i] = cos * x - sin * y + moveX;
    to.y[i] = sin * x + cos * y + moveY;
  }
}

/** A drawing after a similarity; its coordinates are no longer whole. */
export function movedDrawing(similarity: Similarity, drawing: Drawing): [number[], number[]][] {
  return drawing.map(([xs, ys]) => {
    const from = { x: Float64Array.from(xs), y: Float64Array.from(ys) };
    const to = { x: new Float64Array(xs.length), y: new Float64Array(xs.length) };
    moveTo(similarity, from, to);
    return [[...to.x], [...to.y]];
  });
}

/** The similarity that undoes another. */
export function inverse({ cos, sin, moveX, moveY, mirrored }: Similarity): Similarity {
  const square = cos * cos + sin * sin;
  const backX = (cos * moveX + sin * moveY) / square;
  const backY = (cos * moveY - sin * moveX) / square;
  // Mirroring comes last here, and is to come first: what turned one way turns the other, and x changes its sign.
  return mirrored
    ? { cos: cos / square, sin: sin / square, moveX: backX, moveY: -backY, mirrored }
    : { cos: cos / square, sin: -sin / square, moveX: -backX, moveY: -backY, mirrored };
}

/** One similarity after another. */
export function after(then: Similarity, first: Similarity): Similarity {
  const sin = then.mirrored ? -first.sin : first.sin;
  const x = then.mirrored ? -first.moveX : first.moveX;
  return {
    cos: then.cos * first.cos - then.sin * sin,
    sin: then.sin * first.cos + then.cos * sin,
    moveX: then.cos * x - then.sin * first.moveY + then.moveX,
    moveY: then.sin * x + then.cos * first.moveY + then.moveY,
    mirrored: then.mirrored !== first.mirrored,
  };
}

/**
 * The similarity that brings places closest to others: the least sum of weighted squares in closed form (Umeyama 1991, eq.
 * 40 to 42; in the plane a product of complex numbers takes the place of the singular values).
 *
 * @param mirrored Whether the first places are mirrored before.
 * @returns Undefined where the first places are all one.
 */
export function closestSimilarity(
  from: Places,
  to: Places,
  { weights, mirrored }: { readonly weights: Float64Array; readonly mirrored: boolean },
): Similarity | undefined {
  const sign = mirrored ? -1 : 1;
  let weight = 0, fromX = 0, fromY = 0, toX = 0, toY = 0;
  for (let i = 0; i < weights.length; i++) {
    const w = weights[i];
    weight += w;
    fromX += w * sign * from.x[i];
    fromY += w * from.y[i];
    toX += w * to.x[i];
    toY += w * to.y[i];
  }
  [fromX, fromY, toX, toY] = [fromX / weight, fromY / weight, toX / weight, toY / weight];
  let dot = 0, cross = 0, spread = 0;
  for (let i = 0; i < weights.length; i++) {
    const w = weights[i];
    const x = sign * from.x[i] - fromX, y = from.y[i] - fromY;
    const u = to.x[i] - toX, v = to.y[i] - toY;
    dot += w * (x * u + y * v);
    cross += w * (x * v - y * u);
    spread += w * (x * x + y * y);
  }
  if (!(spread > 0)) return undefined;
  const cos = dot / spread, sin = cross / spread;
  return { cos, sin, moveX: toX - cos * fromX + sin * fromY, moveY: toY - sin * fromX - cos * fromY, mirrored };
}
