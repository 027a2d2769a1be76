/**
 * How far samples are from images of the data, and how varied they are, by features of a convolutional network whose
 * weights are random and stay so. Such features tell layouts, edges and textures apart without a training (of random
 * embeddings as a measure: Naeem et al. 2020, arXiv:2002.09797, section 4); a number of one data and size is to be compared
 * with numbers of the same alone.
 *
 * N images, M samples, S pixels a side, C channels, F features.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { Prng } from "../../../pipelines/base/prng.ts";
import type { ImageSize } from "../../../pipelines/batches/batch_fields.ts";
import type { Scalar, Tensor4D } from "../../tensors.ts";
import { heDeviation } from "./weight.ts";

/**
 * What is known of some samples beside some images; every mean is over pairs of two, so that the mean over many small
 * batches is that of a large one. One image alone has no spread, and so no distance.
 */
export type SampleDistance = {
  /** The mean distance of two samples' features, a root mean square over features. */
  readonly sampleSpread: Scalar;
  /** The mean distance of two images' features. Samples should be as varied. */
  readonly imageSpread?: Scalar;
  /**
   * The energy distance (Székely and Rizzo 2013): twice the mean distance of a sample from an image, less both spreads. It
   * is 0 in the mean where samples are as the images are, and may come out below.
   */
  readonly distance?: Scalar;
};

/** Compares samples with images. */
export interface SampleJudge {
  /** @param images Of the data, float32 [N, S, S, C]; @param samples [M, S, S, C], 2 or more; -1 to 1. */
  compare(images: Tensor4D, samples: Tensor4D): SampleDistance;
  dispose(): void;
}

const SEED = 20240607;
const CHANNELS = [16, 32, 32, 32, 32, 32, 32];

/** Creates a judge of images of a size; of one size all are the same. */
export function sampleJudge({ side, channels }: ImageSize): SampleJudge {
  const prng = new Prng(SEED);
  const filters: tf.Tensor4D[] = [];
  let inputs: number = channels;
  for (let map = side; map > 4 && filters.length < CHANNELS.length; map = Math.ceil(map / 2)) {
    const outputs = CHANNELS[filters.length];
    const values = Float32Array.from({ length: 16 * inputs * outputs }, () => heDeviation(16 * inputs) * prng.normal());
    filters.push(tf.keep(tf.tidy(() => tf.tensor4d(values, [4, 4, inputs, outputs]))));
    inputs = outputs;
  }
  /** [N, S, S, C] -> [N, F]. */
  const featuresOf = (images: Tensor4D) => {
    const maps = filters.reduce((x, filter) => tf.leakyRelu(tf.conv2d(x, filter, 2, "same"), 0.2), images);
    return tf.reshape(maps, [images.shape[0], -1]) as tf.Tensor2D;
  };
  return {
    compare(images, samples) {
      const [real, fake] = [featuresOf(images), featuresOf(samples)];
      const sampleSpread = spread(fake, fake);
      if (images.shape[0] === 1) return { sampleSpread };
      const imageSpread = spread(real, real);
      const apart = tf.mul(spread(real, fake), 2);
      return { distance: tf.sub(apart, tf.add(imageSpread, sampleSpread)), sampleSpread, imageSpread };
    },
    dispose: () => tf.dispose(filters),
  };
}

/** The mean distance of rows of x, [N, F], and y, [M, F], over the root of F; of two different rows where x is y. */
function spread(x: tf.Tensor2D, y: tf.Tensor2D): tf.Scalar {
  const [[n, features], [m]] = [x.shape, y.shape];
  const lengths = (rows: tf.Tensor2D) => tf.sum(tf.square(rows), 1, true); // [N, 1]
  const squares = tf.sub(tf.add(lengths(x), tf.transpose(lengths(y))), tf.mul(tf.matMul(x, y, false, true), 2)); // [N, M]
  // What rounding leaves of a row's distance from itself would count among few.
  const others = x === y ? tf.mul(squares, tf.sub(1, tf.eye(n))) : squares;
  const pairs = x === y ? n * (n - 1) : n * m;
  return tf.div(tf.sum(tf.sqrt(tf.relu(others))), pairs * Math.sqrt(features)) as tf.Scalar;
}
