/**
 * How good a model that draws images from latent variables is: the bound, step by step, a tighter bound by importance
 * weights, and how far its samples are from the training images.
 *
 * T steps, B batch, S cells a side, N samples, M training images.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Drawer } from "../../models/model.ts";
import type { Batch } from "../../pipelines/dataset.ts";
import { Prng } from "../../pipelines/base/prng.ts";
import { priorLatents } from "./generation_pictures.ts";

/** The verdict on a drawer, safe to store as JSON; nats per image. */
export interface DrawingScore {
  /** The divergence of each step's latent from the prior, [T]. */
  readonly klPerStep: readonly number[];
  /** The bound by K importance-weighted latents (arXiv:1509.00519, equation 8). */
  readonly importance: { readonly samples: number; readonly bound: number };
  /** The samples' negative log-likelihood of their nearest training image; missing where it was not asked for. */
  readonly nearest?: NearestScore;
}

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
 * Encodes every image several times.
 *
 * @param samples K, latents drawn for each image, 1 or more.
 * @returns `metrics`: means over all images and latents, `loss` their bound.
 * @throws {RangeError} When there is no batch.
 */
export async function judgeBound(
  drawer: Drawer,
  batches: AsyncIterable<Batch>,
  { samples, seed }: { readonly samples: number; readonly seed: number },
): Promise<{ metrics: Record<"loss" | "reconstruction" | "kl", number>; examples: number; score: DrawingScore }> {
  const prng = new Prng(seed, 2);
  const klPerStep = new Array<number>(drawer.latentShape[0]).fill(0);
  let [reconstruction, importance, examples] = [0, 0, 0];
  for await (const batch of batches) {
    const logWeights: Float32Array[] = []; // K times [B]
    for (let k = 0; k < samples; k++) {
      const parts = tf.tidy(() => {
        const encoded = drawer.encode(batch, { prng, training: undefined, firstExample: 0 });
        return { ...encoded, kl: tf.sum(encoded.kl, 1), reconstruction: tf.sum(encoded.reconstruction) }; // [T], []
      });
      const kl = await parts.kl.data();
      klPerStep.forEach((_, t) => klPerStep[t] += kl[t] / samples);
      reconstruction += (await parts.reconstruction.data())[0] / samples;
      logWeights.push(await parts.logWeight.data<"float32">());
      tf.dispose(parts);
    }
    for (let b = 0; b < batch.size; b++) importance -= logMeanExp(logWeights.map((weights) => weights[b]));
    examples += batch.size;
  }
  if (examples === 0) throw new RangeError("cannot evaluate: no batches");
  const steps = klPerStep.map((sum) => sum / examples);
  const kl = steps.reduce((sum, value) => sum + value, 0);
  return {
    metrics: { loss: reconstruction / examples + kl, reconstruction: reconstruction / examples, kl },
    examples,
    score: { klPerStep: steps, importance: { samples, bound: importance / examples } },
  };
}

/** ln of the mean of e^x, without overflow. */
export function logMeanExp(values: readonly number[]): number {
  const largest = Math.max(...values);
  return largest + Math.log(values.reduce((sum, value) => sum + Math.exp(value - largest), 0) / values.length);
}

/**
 * The measure of the report "Generative Image Models": samples of the model, each against the training image nearest to it
 * (by the distance of its cells' probabilities), as the negative log-likelihood of that image under the sample.
 *
 * @param batches The training images, in whatever order.
 * @param settings N samples, and the seed of their latents.
 */
export async function judgeNearest(
  drawer: Drawer,
  batches: AsyncIterable<Batch>,
  { samples, seed }: { readonly samples: number; readonly seed: number },
): Promise<NearestScore> {
  const [steps] = drawer.latentShape;
  const prng = new Prng(seed, 3);
  const { logits, shown } = tf.tidy(() => {
    const { canvases } = drawer.draw(priorLatents(drawer, samples, seed)); // [T, N, S, S]
    const logits = tf.reshape(tf.slice(canvases, [steps - 1, 0, 0, 0], [1, -1, -1, -1]), [samples, -1]) as tf.Tensor2D;
    return { logits, shown: tf.sigmoid(logits) as tf.Tensor2D }; // [N, SS] twice
  });
  const least = new Float64Array(samples).fill(Infinity), costs = new Float64Array(samples);
  for await (const batch of batches) {
    const found = tf.tidy(() => {
      const seen = drawer.see(batch, { prng, training: undefined, firstExample: 0 });
      const images = tf.reshape(seen, [batch.size, -1]) as tf.Tensor2D; // [M, SS]
      const product = tf.matMul(shown, images, false, true); // [N, M]
      const distances = tf.sub(tf.sum(tf.square(images), 1), tf.mul(product, 2)); // [N, M], less the sample's own square
      const nearest = tf.argMin(distances, 1) as tf.Tensor1D; // [N]
      const cost = tf.sub(tf.sum(tf.softplus(logits), 1, true), tf.matMul(logits, images, false, true)); // [N, M]
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
  tf.dispose([logits, shown]);
  const mean = costs.reduce((sum, cost) => sum + cost, 0) / samples;
  const variance = costs.reduce((sum, cost) => sum + (cost - mean) ** 2, 0) / samples;
  return { samples, mean, standardDeviation: Math.sqrt(variance), maximum: Math.max(...costs) };
}
