/**
 * How far a model's samples are from the training images.
 *
 * S cells a side, N samples, M training images.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";

/** What samples cost against their nearest training images, over the samples, nats an image. */
export interface NearestCost {
  /** Nats. */
  readonly mean: number;
  /** Nats, over the samples. */
  readonly standardDeviation: number;
  /** Of the sample farthest away. */
  readonly maximum: number;
  /**
   * What the mean image of the split costs, drawn every time: what a model must be below to be worth anything; missing in
   * evaluations from before it was taken.
   */
  readonly meanImage?: number;
}

/**
 * How far samples are from the training images, each from the nearest one: what that costs if each cell of the sample says
 * how probable it is to be on.
 */
export interface NearestScore extends NearestCost {
  /** How many samples. */
  readonly samples: number;
  /**
   * The other way round: what the sample, its cells on from 0.5, costs if each cell of a training image says how probable it
   * is to be on, the image by which it costs least; missing in evaluations from before it was taken.
   */
  readonly ofSamples?: NearestCost;
}

/**
 * What is added to a probability before its logarithm is taken where a training image is one: black and white cells have 0
 * and 1. The report's code, Eric Jang's DRAW, has it in its cross-entropy; a cell that differs costs 18.4 nats by it.
 */
const EPSILON = 1e-8;

/**
 * Samples of the model, each against the training image nearest to it: the negative log-likelihood of the image under the
 * sample, nearest by the squared distance of cells' probabilities; and of the sample under the image, which is likely to be
 * the measure of the report "Generative Image Models". Where images are black and white the latter counts cells that
 * differ, so that nearest means the same by whatever distance. Disposing of it frees its tensors.
 */
export class NearestTally implements Disposable {
  readonly #logits: tf.Tensor2D; // [N + 1, SS], the mean image is the last
  readonly #shown: tf.Tensor2D; // likewise
  readonly #least: Float64Array; // [N + 1]
  readonly #found: Float64Array; // [N + 1]
  readonly #foundOfSamples: Float64Array; // [N + 1]

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
    this.#foundOfSamples = new Float64Array(rows).fill(Infinity);
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
      const [on, off] = [cells, tf.sub(1, cells)].map((share) => tf.log(tf.add(share, EPSILON))); // [M, S S]
      const drawn = tf.cast(tf.greaterEqual(this.#shown, 0.5), "float32"); // [N + 1, S S]
      const logProb = tf.add(tf.matMul(drawn, tf.sub(on, off) as tf.Tensor2D, false, true), tf.sum(off, 1)); // [N + 1, M]
      const places = tf.add(tf.mul(tf.range(0, rows, 1, "int32"), count), nearest); // [N + 1]
      return {
        distance: tf.min(distances, 1), // each [N + 1]
        cost: tf.gather(tf.reshape(cost, [-1]), tf.cast(places, "int32")),
        costOfSamples: tf.neg(tf.max(logProb, 1)),
      };
    });
    const [distance, cost, costOfSamples] = await Promise.all(
      [best.distance, best.cost, best.costOfSamples].map((tensor) => tensor.data()),
    );
    tf.dispose(best);
    for (let i = 0; i < rows; i++) {
      this.#foundOfSamples[i] = Math.min(this.#foundOfSamples[i], costOfSamples[i]);
      if (distance[i] >= this.#least[i]) continue;
      this.#least[i] = distance[i];
      this.#found[i] = cost[i];
    }
  }

  /** Of all images that were added, 1 or more. */
  finish(): NearestScore {
    return { samples: this.#found.length - 1, ...costOf(this.#found), ofSamples: costOf(this.#foundOfSamples) };
  }

  [Symbol.dispose](): void {
    tf.dispose([this.#logits, this.#shown]);
  }
}

/** @param found Of each sample, and of the mean image behind them, [N + 1]. */
function costOf(found: Float64Array): NearestCost {
  const samples = found.length - 1;
  const costs = found.subarray(0, samples);
  const mean = costs.reduce((sum, cost) => sum + cost, 0) / samples;
  const standardDeviation = Math.sqrt(costs.reduce((sum, cost) => sum + (cost - mean) ** 2, 0) / samples);
  return { mean, standardDeviation, maximum: Math.max(...costs), meanImage: found[samples] };
}
