/**
 * How far a model's samples are from the training images.
 *
 * S cells a side, N samples, M training images.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";

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
 * (by the distance of its cells' probabilities), as the negative log-likelihood of that image under the sample. Disposing of
 * it frees its tensors.
 */
export class NearestTally implements Disposable {
  readonly #logits: tf.Tensor2D; // [N + 1, SS], the mean image is the last
  readonly #shown: tf.Tensor2D; // likewise
  readonly #least: Float64Array; // [N + 1]
  readonly #found: Float64Array; // [N + 1]

  /**
   * @param logOdds The samples' log odds, float32 [N, S S]; a copy is made.
   * @param mean The mean image, probabilities between 0 and 1, [S S].
   */
  constructor(logOdds: tf.Tensor2D, mean: Float32Array) {
    [this.#logits, this.#shown] = tf.tidy(() => {
      const ofMean = tf.tensor2d(mean.map((p) => Math.log(p / (1 - p))), [1, mean.length]);
      const logits = tf.concat([logOdds, ofMean]) as tf.Tensor2D;
      return [logits, tf.sigmoid(logits) as tf.Tensor2D];
    });
    const rows = this.#logits.shape[0];
    this.#least = new Float64Array(rows).fill(Infinity);
    this.#found = new Float64Array(rows);
  }

  /** @param cells Training images, float32 [M, S S], 0 to 1; the caller's. */
  async add(cells: tf.Tensor2D): Promise<void> {
    const [rows, count] = [this.#least.length, cells.shape[0]];
    const best = tf.tidy(() => {
      const product = tf.matMul(this.#shown, cells, false, true); // [N + 1, M]
      const distances = tf.sub(tf.sum(tf.square(cells), 1), tf.mul(product, 2)); // [N + 1, M], less the sample's own square
      const nearest = tf.argMin(distances, 1) as tf.Tensor1D; // [N + 1]
      const softplus = tf.sum(tf.softplus(this.#logits), 1, true); // [N + 1, 1]
      const cost = tf.sub(softplus, tf.matMul(this.#logits, cells, false, true)); // [N + 1, M]
      const places = tf.add(tf.mul(tf.range(0, rows, 1, "int32"), count), nearest); // [N + 1]
      return { distance: tf.min(distances, 1), cost: tf.gather(tf.reshape(cost, [-1]), tf.cast(places, "int32")) };
    });
    const [distance, cost] = [await best.distance.data(), await best.cost.data()];
    tf.dispose(best);
    for (let i = 0; i < rows; i++) {
      if (distance[i] >= this.#least[i]) continue;
      this.#least[i] = distance[i];
      this.#found[i] = cost[i];
    }
  }

  /** Of all images that were added, 1 or more. */
  finish(): NearestScore {
    const samples = this.#found.length - 1;
    const costs = this.#found.subarray(0, samples);
    const average = costs.reduce((sum, cost) => sum + cost, 0) / samples;
    const standardDeviation = Math.sqrt(costs.reduce((sum, cost) => sum + (cost - average) ** 2, 0) / samples);
    return {
      ...{ samples, mean: average, standardDeviation, maximum: Math.max(...costs) },
      meanImage: this.#found[samples],
    };
  }

  [Symbol.dispose](): void {
    tf.dispose([this.#logits, this.#shown]);
  }
}
