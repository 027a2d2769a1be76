/**
 * The logarithms of class probabilities.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Tensor2D } from "../tensors.ts";

/** ln 1e-30: a probability below this is that in the gradient, which so has no subnormal value. */
const LEAST_LOG = Math.log(1e-30);

/**
 * ln softmax(x) over the classes, with tfjs's own values. Its gradient, dy - softmax(x) sum(dy), takes each probability as
 * 1e-30 at the least: those of classes that are out of the question would be subnormal numbers, with which the layers
 * below compute a hundred times as slowly on many processors. What differs is lost beside a gradient of any other example.
 *
 * @param logits float32 [B, classes].
 * @returns float32 [B, classes], each 0 or less.
 *
 * @example
 * ```ts
 * import { startBackend } from "@strokewise/strokewise";
 * import { logSoftmax } from "@strokewise/strokewise/models";
 * import * as tf from "@tensorflow/tfjs-core";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * await startBackend("cpu");
 * const [first, second] = logSoftmax(tf.tensor2d([[0, Math.log(3)]])).dataSync();
 * assertAlmostEquals(first, Math.log(1 / 4), 1e-6);
 * assertAlmostEquals(second, Math.log(3 / 4), 1e-6);
 * ```
 */
export function logSoftmax(logits: Tensor2D): Tensor2D {
  return tf.customGrad((x, save) => {
    const value = tf.logSoftmax(x as tf.Tensor2D); // [B, classes]
    (save as tf.GradSaveFunc)([value]);
    return {
      value,
      gradFunc(dy: tf.Tensor, [value]: tf.Tensor[]) {
        const probabilities = tf.exp(tf.maximum(value, LEAST_LOG)); // [B, classes]
        return tf.sub(dy, tf.mul(tf.sum(dy, -1, true), probabilities));
      },
    };
  })(logits) as tf.Tensor2D;
}
