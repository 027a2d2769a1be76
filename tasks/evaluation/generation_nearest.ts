/**
 * How far a model's samples are from the training images.
 *
 * S cells a side, N samples, M training images.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { ImageDrawer } from "../../models/model.ts";
import type { Batch } from "../../pipelines/dataset.ts";
import { Prng } from "../../pipelines/base/prng.ts";
import { priorLatents } from "./generation_pictures.ts";

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
}

/**
 * The measure of the report "Generative Image Models": samples of the model, each against the training image nearest to it
 * (by the distance of its cells' probabilities), as the negative log-likelihood of that image under the sample.
 *
 * @param batches The training images, in whatever order.
 * @param settings N samples, and the seed of their latents.
 */
export async function nearestTraining(
  images: ImageDrawer,
  batches: AsyncIterable<Batch>,
  { samples, seed }: { readonly samples: number; readonly seed: number },
): Promise<NearestScore> {
  const [steps] = images.latentShape;
  const prng = new Prng(seed, 3);
  const { logits, shown } = tf.tidy(() => {
    const { canvases } = images.draw(priorLatents(images, samples, seed)); // [T, N, S, S]
    const logits = tf.reshape(tf.slice(canvases, [steps - 1, 0, 0, 0], [1, -1, -1, -1]), [samples, -1]) as tf.Tensor2D;
    return { logits, shown: tf.sigmoid(logits) as tf.Tensor2D }; // [N, SS] twice
  });
  const least = new Float64Array(samples).fill(Infinity), costs = new Float64Array(samples);
  try {
    for await (const batch of batches) {
      const found = tf.tidy(() => {
        const seen = images.see(batch, { prng, training: undefined, firstExample: 0 });
        const cells = tf.reshape(seen, [batch.size, -1]) as tf.Tensor2D; // [M, SS]
        const product = tf.matMul(shown, cells, false, true); // [N, M]
        const distances = tf.sub(tf.sum(tf.square(cells), 1), tf.mul(product, 2)); // [N, M], less the sample's own square
        const nearest = tf.argMin(distances, 1) as tf.Tensor1D; // [N]
        const cost = tf.sub(tf.sum(tf.softplus(logits), 1, true), tf.matMul(logits, cells, false, true)); // [N, M]
        const places = tf.add(tf.mul(tf.range(0, samples, 1, "int32"), batch.size), nearest); // [N]
        return { distance: tf.min(distances, 1), cost: tf.gather(tf.reshape(cost, [-1]), tf.cast(places, "int32")) };
      });
      const [distance, cost] = [await found.distance.data(), await found.cost.data()];
      tf.dispose(found);
      for (let i = 0; i < samples; i++) {
        if (distance[i] >= least[i]) continue;
        least[i] = distance[i];
        costs[i] = cost[i];
      }
    }
  } finally {
    tf.dispose([logits, shown]);
  }
  const mean = costs.reduce((sum, cost) => sum + cost, 0) / samples;
  const variance = costs.reduce((sum, cost) => sum + (cost - mean) ** 2, 0) / samples;
  return { samples, mean, standardDeviation: Math.sqrt(variance), maximum: Math.max(...costs) };
}
