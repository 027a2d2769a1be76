/**
 * DRAW's attention window: a grid of Gaussian filters with which an image is read and a canvas written (section 3.2,
 * arXiv:1502.04623). B batch, N filters a side, S the image's side, C channels, each a plane of its own, all of which are
 * seen through the same window.
 *
 * A window is given by what a network says of it, `raw`: g~_X, g~_Y, log sigma^2, log delta~ and log gamma, float32
 * [B, 5]; all 0 is a window over the whole image, of intensity 1.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Tensor2D, Tensor3D } from "../tensors.ts";
import { hasFusedKernel, runFusedKernel, runFusedOp } from "./fused_op.ts";
import { bend, windowFilters, type WindowSize } from "./window_filters.ts";

/** How many numbers place a window. */
export const WINDOW_PARAMETERS = 5;

/**
 * Reads images through windows: gamma [F_Y x F_X^T, F_Y x^ F_X^T] (equation 27).
 *
 * @param images One picture an example or two, each float32 [B, C S S], rows first.
 * @returns What is seen of each channel, of one picture after the other: float32 [B, C K N N] with K pictures.
 */
export function readWindow(
  raw: Tensor2D,
  images: readonly [Tensor2D] | readonly [Tensor2D, Tensor2D],
  size: WindowSize,
): Tensor2D {
  const [batch, cells] = images[0].shape;
  const planes = images.map((image) => tf.reshape(image, [-1, size.side ** 2])) as Tensor2D[]; // [B C, S S]
  const seen = readPlanes(forEachPlane(raw, cells / size.side ** 2), planes, size); // [B C, K N N]
  return tf.reshape(seen, [batch, -1]); // [B, C K N N]
}

/** {@linkcode readWindow} of one channel. */
function readPlanes(raw: Tensor2D, images: readonly Tensor2D[], size: WindowSize): Tensor2D {
  if (!hasFusedKernel("StrokewiseWindowRead")) return tf.tidy(() => composedRead(raw, images, size));
  const pictures = Object.fromEntries(images.map((image, k) => [`picture${k}`, image]));
  return runFusedOp({
    forward(save) {
      const [glimpses, banks] = runFusedKernel("StrokewiseWindowRead", { raw, ...pictures }, { ...size });
      save([raw, banks, ...images]);
      return glimpses as tf.Tensor2D;
    },
    gradients(dy, [raw, banks, ...images]) {
      const pictures = Object.fromEntries(images.map((image, k) => [`picture${k}`, image]));
      const [dRaw, ...dImages] = runFusedKernel("StrokewiseWindowReadGrad", { dy, raw, banks, ...pictures });
      return { raw: () => dRaw, ...Object.fromEntries(dImages.map((dImage, k) => [`picture${k}`, () => dImage])) };
    },
  }, { raw, ...pictures });
}

/**
 * Writes patches through windows: F_Y^T w F_X / gamma (equation 29).
 *
 * @param patches w of each channel, float32 [B, C N N].
 * @returns float32 [B, C S S].
 */
export function writeWindow(raw: Tensor2D, patches: Tensor2D, size: WindowSize): Tensor2D {
  const [batch, weights] = patches.shape;
  const planes = tf.reshape(patches, [-1, size.filters ** 2]) as Tensor2D; // [B C, N N]
  const written = writePlanes(forEachPlane(raw, weights / size.filters ** 2), planes, size); // [B C, S S]
  return tf.reshape(written, [batch, -1]); // [B, C S S]
}

/** The windows once for each channel: [B, 5] -> [B C, 5]; the gradient is the sum over the channels. */
function forEachPlane(raw: Tensor2D, channels: number): Tensor2D {
  if (channels === 1) return raw;
  const repeated = tf.add(tf.expandDims(raw, 1), tf.zeros([1, channels, 1])); // [B, C, 5]
  return tf.reshape(repeated, [-1, WINDOW_PARAMETERS]); // [B C, 5]
}

/** {@linkcode writeWindow} of one channel. */
function writePlanes(raw: Tensor2D, patches: Tensor2D, size: WindowSize): Tensor2D {
  if (!hasFusedKernel("StrokewiseWindowWrite")) return tf.tidy(() => composedWrite(raw, patches, size));
  return runFusedOp({
    forward(save) {
      const [pictures, banks] = runFusedKernel("StrokewiseWindowWrite", { raw, patches }, { ...size });
      save([raw, banks, patches]);
      return pictures as tf.Tensor2D;
    },
    gradients(dy, [raw, banks, patches]) {
      const [dRaw, dPatches] = runFusedKernel("StrokewiseWindowWriteGrad", { dy, raw, banks, patches });
      return { raw: () => dRaw, patches: () => dPatches };
    },
  }, { raw, patches });
}

/** gamma, the intensity: [B, 1]. */
const intensityOf = (raw: tf.Tensor2D): tf.Tensor2D => tf.exp(bend(tf.slice(raw, [0, 4], [-1, 1])));

/** F_X, the filters over columns, and F_Y, those over rows: [B, N, S] each. */
function filtersOf(raw: tf.Tensor2D, size: WindowSize): tf.Tensor3D[] {
  const banks = windowFilters(raw, size); // [2, B, N, S]
  return [0, 1].map((axis) => tf.squeeze(tf.slice(banks, [axis, 0, 0, 0], [1, -1, -1, -1]), [0]) as tf.Tensor3D);
}

/** {@linkcode readPlanes} made of products. */
function composedRead(raw: tf.Tensor2D, images: readonly tf.Tensor2D[], size: WindowSize): tf.Tensor2D {
  const { filters, side } = size;
  const [x, y] = filtersOf(raw, size);
  const parts = images.map((image) => {
    const rows = tf.matMul(y, tf.reshape(image, [-1, side, side]) as tf.Tensor3D); // [B, N, S]
    return tf.reshape(tf.matMul(rows, x, false, true), [-1, filters * filters]); // [B, N N]
  });
  return tf.mul(tf.concat(parts, 1), intensityOf(raw)) as tf.Tensor2D; // [B, K N N]
}

/** {@linkcode writePlanes} made of products. */
function composedWrite(raw: tf.Tensor2D, patches: tf.Tensor2D, size: WindowSize): tf.Tensor2D {
  const { filters, side } = size;
  const [x, y] = filtersOf(raw, size);
  const scaled = tf.reshape(tf.div(patches, intensityOf(raw)), [-1, filters, filters]) as Tensor3D; // [B, N, N]
  const columns = tf.matMul(y, scaled, true); // [B, S, N]
  return tf.reshape(tf.matMul(columns, x), [-1, side * side]); // [B, S S]
}
