/**
 * A drawing that was begun, as a model that is to go on with it has to see it: as large as it would be in a whole drawing
 * of the data. Browser safe.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { StrokeDrawer } from "../../../models/stroke_drawer.ts";
import { Prng } from "../../../pipelines/base/prng.ts";
import { strokeBatch } from "../../../pipelines/batches/stroke_batch.ts";
import { GOOGLE_EPSILON } from "../../../pipelines/formats/quickdraw/simplify_raw.ts";
import { ramerDouglasPeucker } from "../../../pipelines/strokes/simplify.ts";
import { countPoints, type Drawing, toStroke3 } from "../../../pipelines/strokes/stroke.ts";

/** What is begun fills the grid as it stands; these are how large it may be in the end, from all of the drawing on. */
const SHARES: readonly number[] = Array.from({ length: 9 }, (_, i) => 2 ** (-i / 4));

/**
 * Makes a drawing smaller, and simplifies it as drawings of that size are.
 *
 * @param share Above 0 to 1.
 * @returns Whole coordinates.
 */
export function shrunk(drawing: Drawing, share: number): [number[], number[]][] {
  return drawing.map(([xs, ys]) => {
    const small = [Array.from(xs, (x) => x * share), Array.from(ys, (y) => y * share)] as const;
    const [fewX, fewY] = ramerDouglasPeucker(small, GOOGLE_EPSILON);
    return [fewX.map(Math.round), fewY.map(Math.round)];
  });
}

/**
 * How large a begun drawing is beside the finished one, the likeliest of a few sizes as the model has it: that at which its
 * offsets, in the begun drawing's own units, have the highest density. Made smaller by s, offsets have a density s^2 times
 * as high, and fewer points tell the same line: so nats a point minus 2 ln s are compared.
 *
 * @param label The class, for a model that is told it.
 * @returns Above 0 to 1.
 */
export async function likeliestShare(drawer: StrokeDrawer, begun: Drawing, label?: number): Promise<number> {
  const drawings = SHARES.map((share) => shrunk(begun, share));
  const told = drawer.classes > 0 ? { labels: drawings.map(() => label ?? 0) } : {};
  const score = drawer.score(strokeBatch(drawings.map((drawing) => ({ rows: toStroke3(drawing) }))), new Prng(0), told);
  const nats = await score.offsets.data<"float32">();
  tf.dispose(score);
  const costs = SHARES.map((share, i) => nats[i] / Math.max(1, countPoints(drawings[i]) - 1) - 2 * Math.log(share));
  return SHARES[costs.indexOf(Math.min(...costs))];
}
