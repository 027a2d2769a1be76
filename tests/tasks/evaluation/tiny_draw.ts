/** A DRAW model of 5 x 5 images for tests, and images for it. */
import type { Batch } from "../../../pipelines/dataset.ts";
import { Prng } from "../../../pipelines/base/prng.ts";
import { draw } from "../../../models/zoo/draw/draw.ts";
import { describeDrawings } from "../../../tasks/bench/random_drawings.ts";

export const SIDE = 5;
const OPTIONS = { steps: 2, encoderUnits: 6, decoderUnits: 6, latentSize: 3, readAttention: 2, writeAttention: 2 };

export const build = (more: { binarize?: "stochastic" } = {}) =>
  draw.build({ ...OPTIONS, ...more }, describeDrawings({ side: SIDE, frames: 1, classes: 1 }), new Prng(1));

export function batchOf(size: number, seed: number): Batch {
  const prng = new Prng(seed);
  const image = Uint8Array.from({ length: size * SIDE * SIDE }, () => prng.uniform() < 0.4 ? 255 : 0);
  return { size, fields: { image, label: new Uint8Array(size) } };
}

/** Batches of these sizes, the first of seed 0, the next of seed 1 and so on. */
export async function* batches(...sizes: number[]) {
  for (const [i, size] of sizes.entries()) yield await Promise.resolve(batchOf(size, i));
}
