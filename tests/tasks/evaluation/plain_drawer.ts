/** A model of strokes whose every number is known, for tests of what is made of it. */
import * as tf from "@tensorflow/tfjs-core";
import type { StrokeDrawer, StrokeRequest } from "../../../models/stroke_drawer.ts";
import { fieldOf } from "../../../pipelines/batches/batch_fields.ts";
import type { Batch } from "../../../pipelines/dataset.ts";

/** What it is told, and what a drawing costs; a list of what it was asked to draw. */
export interface PlainDrawer extends StrokeDrawer {
  readonly asked: StrokeRequest[];
}

/** The numbers of drawing b of a batch, stroke-3. */
export function rowsOf(batch: Batch, b: number): number[] {
  const offsets = fieldOf(batch, "stroke3_offsets");
  return Array.from(fieldOf(batch, "stroke3").subarray(3 * offsets[b], 3 * offsets[b + 1]));
}

/**
 * Draws a line of as many points as the first latent says (or 2), behind its prefix, as far to the right as its label and a
 * random number say; costs what `cost` says.
 */
export function plainDrawer(given: {
  readonly latentSize?: number;
  readonly classes?: number;
  readonly scale?: number;
  readonly maxLength?: number;
  cost?(rows: readonly number[], label: number): number;
}): PlainDrawer {
  const { latentSize = 0, classes = 0, scale = 1, maxLength = 50, cost = () => 1 } = given;
  const asked: StrokeRequest[] = [];
  const batched = (batch: Batch, of: (b: number) => number) =>
    tf.tensor1d(Float32Array.from({ length: batch.size }, (_, b) => of(b)));
  return {
    ...{ latentSize, classes, scale, maxLength, asked },
    ...latentSize === 0 ? {} : {
      // The mean of a drawing is its first row, its deviation 1.
      encode: (batch: Batch) => ({
        mu: tf.tensor2d(
          Array.from({ length: batch.size }, (_, b) => rowsOf(batch, b).slice(3, 3 + latentSize)),
          [batch.size, latentSize],
        ),
        logVar: tf.zeros<tf.Rank.R2>([batch.size, latentSize]),
      }),
    },
    score(batch, _prng, { labels = fieldOf(batch, "label"), unmasked = false } = {}) {
      const offsets = batched(batch, (b) => cost(rowsOf(batch, b), labels[b]));
      const pen = batched(batch, (b) => rowsOf(batch, b).length / 3);
      const kl = batched(batch, () => latentSize / 2);
      return { offsets, pen, kl, ...(unmasked ? { penUnmasked: tf.add(pen, 10) as tf.Tensor1D } : {}) };
    },
    async draw(request) {
      asked.push(request);
      const { count, prng, latents, labels, prefixes } = request;
      const z = await latents?.data();
      return Array.from({ length: count }, (_, n) => {
        const points = z === undefined ? 2 : Math.max(1, Math.round(z[n * latentSize]));
        const prefix = Array.from(prefixes?.[n] ?? []);
        const step = 1 + (labels?.[n] ?? 0) + prng.uniform();
        const drawn = Array.from({ length: points }, (_, i) => [i === 0 ? 0 : step, 0, i === points - 1 ? 1 : 0])
          .flat();
        return { rows: Float32Array.from([...prefix, ...drawn]), ended: n % 2 === 0 };
      });
    },
  };
}
