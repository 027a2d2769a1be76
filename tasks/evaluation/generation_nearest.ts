/**
 * How far a model's samples are from the training images.
 *
 * S cells a side, C channels, N samples, M training images.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { ImageDrawer } from "../../models/model.ts";
import type { Batch } from "../../pipelines/dataset.ts";
import { Prng } from "../../pipelines/base/prng.ts";
import { sampleLogOdds } from "./generation_pictures.ts";

/** How far samples are from the training images: each as a Bernoulli variable a cell, against the nearest one. */
export interface NearestScore {
  /** How many samples. */
  readonly samples: number;
  /** Over the samples, nats an image. */
  readonly mean: number;
  /** Over the samples, nats an image. */
  readonly standardDeviation: number;
  /** That of the sample farthest away, nats an image. */
  readonly maximum: number;
  /**
   * What the mean image of the split has, drawn every time, nats an image: what a model must be below to be worth anything;
   * missing in evaluations from before it was taken.
   */
  readonly meanImage?: number;
}

/**
 * The measure of the report "Generative Image Models": samples of the model, each against the training image nearest to it
 * (by the distance of its cells' probabilities), as the negative log-likelihood of that image under the sample.
 *
 * @param batches The training images, in whatever order.
 * @param settings N samples, the seed of their latents, and the mean image, probabilities between 0 and 1, float32 [S S C].
 */
export async function nearestTraining(
  images: ImageDrawer,
  batches: AsyncIterable<Batch>,
  { samples, seed, mean }: { readonly samples: number; readonly seed: number; readonly mean: Float32Array },
): Promise<NearestScore> {
  const prng = new Prng(seed, 3);
  const { logits, shown } = tf.tidy(() => {
    const ofMean = tf.tensor2d(mean.map((p) => Math.log(p / (1 - p))), [1, mean.length]);
    const logits = tf.concat([sampleLogOdds(images, samples, seed), ofMean]) as tf.Tensor2D; // [N + 1, SSC]
    return { logits, shown: tf.sigmoid(logits) as tf.Tensor2D };
  });
  const rows = samples + 1; // the mean image is the last
  const least = new Float64Array(rows).fill(Infinity), found = new Float64Array(rows);
  try {
    for await (const batch of batches) {
      const best = tf.tidy(() => {
        const seen = images.see(batch, { prng, training: undefined, firstExample: 0 });
        const cells = tf.reshape(seen, [batch.size, -1]) as tf.Tensor2D; // [M, SSC]
        const product = tf.matMul(shown, cells, false, true); // [N + 1, M]
        const distances = tf.sub(tf.sum(tf.square(cells), 1), tf.mul(product, 2)); // [N + 1, M], less the sample's own square
        const nearest = tf.argMin(distances, 1) as tf.Tensor1D; // [N + 1]
        const cost = tf.sub(tf.sum(tf.softplus(logits), 1, true), tf.matMul(logits, cells, false, true)); // [N + 1, M]
        const places = tf.add(tf.mul(tf.range(0, rows, 1, "int32"), batch.size), nearest); // [N + 1]
        return { distance: tf.min(distances, 1), cost: tf.gather(tf.reshape(cost, [-1]), tf.cast(places, "int32")) };
      });
      const [distance, cost] = [await best.distance.data(), await best.cost.data()];
      tf.dispose(best);
      for (let i = 0; i < rows; i++) {
        if (distance[i] >= least[i]) continue;
        least[i] = distance[i];
        found[i] = cost[i];
      }
    }
  } finally {
    tf.dispose([logits, shown]);
  }
  const costs = found.subarray(0, samples);
  const average = costs.reduce((sum, cost) => sum + cost, 0) / samples;
  const standardDeviation = Math.sqrt(costs.reduce((sum, cost) => sum + (cost - average) ** 2, 0) / samples);
  return { samples, mean: average, standardDeviation, maximum: Math.max(...costs), meanImage: found[samples] };
}
