/**
 * A shape evened out by others like it: each place of its lines goes to the mean of the nearest places of theirs.
 * Browser safe.
 *
 * @module
 */
import { resample } from "../simplify.ts";
import type { Drawing } from "../stroke.ts";
import { findNearest } from "./outline.ts";
import { inverse, moveTo, type Places, scaleOf, type Similarity } from "./similarity.ts";

/** A drawing's pieces, and how the shape comes to lie on it. */
export interface LikeIt {
  /** [pieces, 4]. */
  readonly pieces: Float64Array;
  readonly similarity: Similarity;
}

/**
 * Evens out a shape.
 *
 * @param shape Its strokes stay as many, in their order and direction.
 * @param others What it is evened out by, one or more.
 * @param spacing Between places on its lines, in its own units.
 * @param tolerance How far apart two places may be that belong together, in its own units.
 */
export function meanShape(
  shape: Drawing,
  others: readonly LikeIt[],
  { spacing, tolerance }: { readonly spacing: number; readonly tolerance: number },
): [number[], number[]][] {
  return shape.map((stroke) => {
    const [xs, ys] = resample(stroke, spacing);
    const count = xs.length;
    const places = { x: Float64Array.from(xs), y: Float64Array.from(ys) };
    const sum = { x: new Float64Array(count), y: new Float64Array(count), weight: new Float64Array(count) };
    const room = (): Places => ({ x: new Float64Array(count), y: new Float64Array(count) });
    const [there, back] = [room(), room()];
    const near = { ...room(), square: new Float64Array(count) };
    for (const { pieces, similarity } of others) {
      moveTo(similarity, places, there);
      findNearest(there, pieces, near);
      moveTo(inverse(similarity), near, back);
      const square = (tolerance * scaleOf(similarity)) ** 2;
      for (let i = 0; i < count; i++) {
        const weight = (square / (square + near.square[i])) ** 2;
        sum.x[i] += weight * back.x[i];
        sum.y[i] += weight * back.y[i];
        sum.weight[i] += weight;
      }
    }
    const mean = (of: Float64Array) => Array.from(of, (value, i) => value / sum.weight[i]);
    return [mean(sum.x), mean(sum.y)];
  });
}
