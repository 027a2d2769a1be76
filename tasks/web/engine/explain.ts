/**
 * Where in a drawing a class comes from. Browser safe.
 *
 * T frames, H and W cells, K classes.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { FrameReader } from "../../../models/model.ts";
import type { Batch } from "../../../pipelines/dataset.ts";

/**
 * The log odds of a class, ln p - ln(1 - p), nats.
 *
 * @param logProbs float32 [1, K], K 2 or more.
 */
export function logOddsOf(logProbs: tf.Tensor2D, label: number): tf.Scalar {
  const classes = logProbs.shape[1];
  const flat = tf.reshape(logProbs, [classes]);
  const others = tf.concat([tf.slice(flat, 0, label), tf.slice(flat, label + 1)]); // [K - 1]
  return tf.sub(tf.squeeze(tf.slice(flat, label, 1)), tf.logSumExp(others)) as tf.Scalar;
}

/**
 * Gradient times input (Shrikumar et al. 2016, arXiv:1605.01713): the gradient of a class's log odds with respect to each
 * cell of each frame that a classifier sees, times the cell.
 *
 * @param batch Of one example.
 * @returns float32 [T, H, W], the caller's.
 */
export function gradientTimesInput(reader: FrameReader, batch: Batch, label: number): tf.Tensor3D {
  return tf.tidy(() => {
    const frames = reader.see(batch); // [1, T, H, W]
    const gradient = tf.grad((x) => logOddsOf(reader.classify(x as tf.Tensor4D), label))(frames);
    return tf.squeeze(tf.mul(gradient, frames), [0]) as tf.Tensor3D; // [T, H, W]
  });
}
