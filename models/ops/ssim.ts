/**
 * How alike pictures look: structural similarity.
 *
 * N pictures, H and W their height and width, C their channels, H' = H - 10, W' = W - 10.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { toPlanes } from "./planes.ts";
import type { Tensor1D, Tensor2D, Tensor3D, Tensor4D } from "../tensors.ts";

const [SIZE, SIGMA, K1, K2] = [11, 1.5, 0.01, 0.03];

/** The least side of a picture: that of the window. */
export const SSIM_SIDE: number = SIZE;

/** How {@linkcode ssim} compares. */
export interface SsimOptions {
  /** L, the range of a pixel: 1 for 0 to 1, 255 for bytes; 1 when left out. */
  readonly range?: number;
}

/**
 * Structural similarity (Wang et al. 2004, "Image Quality Assessment: From Error Visibility to Structural Similarity",
 * equation 13): a Gaussian window of 11 x 11 with a deviation of 1.5, K_1 0.01, K_2 0.03, the mean over all places at which
 * the window lies inside the picture; of pictures in colour the mean of what each channel gives. 1 - ssim is a loss;
 * gradients flow to both.
 *
 * @param x float32 [N, H, W] or [N, H, W, C], H and W 11 or more.
 * @param y float32, of the same shape.
 * @returns float32 [N], 1 for equal pictures.
 * @throws {RangeError} If the shapes differ or are too small, or the range is not above 0.
 *
 * @example
 * ```ts
 * import { startBackend } from "@strokewise/strokewise";
 * import { ssim } from "@strokewise/strokewise/models";
 * import * as tf from "@tensorflow/tfjs-core";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * await startBackend("cpu");
 * const [black, white] = [0, 1].map((value) => tf.fill<tf.Rank.R3>([1, 28, 28], value));
 * assertAlmostEquals(ssim(white, white).dataSync()[0], 1, 1e-6);
 * assertAlmostEquals(ssim(black, white).dataSync()[0], 0.0001 / 1.0001, 1e-6);
 * ```
 */
export function ssim<T extends Tensor3D | Tensor4D>(x: T, y: T, { range = 1 }: SsimOptions = {}): Tensor1D {
  const [count, height, width] = x.shape;
  if (x.shape.join() !== y.shape.join() || height < SIZE || width < SIZE) {
    throw new RangeError(
      `ssim needs two tensors [N, H, W] or [N, H, W, C], H and W ${SIZE} or more, found [${x.shape.join(", ")}] and [${
        y.shape.join(", ")
      }]`,
    );
  }
  if (!(range > 0)) throw new RangeError(`ssim needs a range above 0, found ${range}`);
  return tf.tidy(() => tf.mean(tf.reshape(greySsim(planesOf(x), planesOf(y), range), [count, -1]), 1)); // [N]
}

/** Each channel as a picture of its own: [N, H, W] or [N, H, W, C] -> [N C, H, W]. */
function planesOf(pictures: Tensor3D | Tensor4D): Tensor3D {
  const [, height, width] = pictures.shape;
  return pictures.rank === 3 ? pictures as Tensor3D : tf.reshape(toPlanes(pictures as Tensor4D), [-1, height, width]);
}

/** Of grey pictures, float32 [N, H, W] -> [N]. */
function greySsim(x: Tensor3D, y: Tensor3D, range: number): Tensor1D {
  // Around the middle of the range less is lost when squares are taken from one another.
  const [a, b] = [x, y].map((picture) => tf.sub(picture, range / 2)) as tf.Tensor3D[];
  const all = tf.concat([a, b, tf.square(a), tf.square(b), tf.mul(a, b)]) as tf.Tensor3D; // [5N, H, W]
  const [meanA, meanB, squareA, squareB, product] = tf.split(windowMeans(all), 5); // 5 times [N, H', W']
  const [varianceA, varianceB] = [tf.sub(squareA, tf.square(meanA)), tf.sub(squareB, tf.square(meanB))];
  const covariance = tf.sub(product, tf.mul(meanA, meanB));
  const [muA, muB] = [meanA, meanB].map((mean) => tf.add(mean, range / 2));
  const [c1, c2] = [(K1 * range) ** 2, (K2 * range) ** 2];
  const above = tf.mul(tf.add(tf.mul(2, tf.mul(muA, muB)), c1), tf.add(tf.mul(2, covariance), c2));
  const below = tf.mul(
    tf.add(tf.add(tf.square(muA), tf.square(muB)), c1),
    tf.add(tf.add(varianceA, varianceB), c2),
  );
  return tf.mean(tf.div(above, below), [1, 2]); // [N]
}

/** The mean under the window at each place: float32 [N, H, W] -> [N, H', W']. */
function windowMeans(pictures: Tensor3D): Tensor3D {
  const [count, height, width] = pictures.shape;
  const across = tf.matMul(tf.reshape(pictures, [count * height, width]) as Tensor2D, windowMatrix(width), false, true);
  const rows = tf.reshape(across, [count, height, -1]) as Tensor3D; // [N, H, W']
  return tf.matMul(tf.expandDims(windowMatrix(height), 0) as Tensor3D, rows); // [N, H', W']
}

/** The window along one axis at each of its places: float32 [length - 10, length]. */
function windowMatrix(length: number): Tensor2D {
  const weights = Array.from({ length: SIZE }, (_, i) => Math.exp(-((i - (SIZE - 1) / 2) ** 2) / (2 * SIGMA ** 2)));
  const sum = weights.reduce((total, weight) => total + weight);
  const places = length - SIZE + 1;
  const matrix = new Float32Array(places * length);
  for (let place = 0; place < places; place++) {
    weights.forEach((weight, i) => matrix[place * length + place + i] = weight / sum);
  }
  return tf.tensor2d(matrix, [places, length]);
}
