/**
 * The cross-entropy of rows.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Scalar, Tensor2D } from "../tensors.ts";

/** ln 1e-30; see log_softmax.ts. */
const LEAST_LOG = Math.log(1e-30);

/**
 * The cross-entropy of what is wanted and softmax(logits), the mean over the rows, nats: -sum(wanted ln softmax) / N. Its
 * gradient, (softmax(logits) - wanted) / N, takes one subtraction where tfjs would go back through each operation.
 *
 * @param logits float32 [N, V].
 * @param wanted Probabilities that add up to 1 in each row, float32 [N, V]; no gradient flows to them.
 * @returns float32 scalar, 0 or more.
 *
 * @example
 * ```ts
 * import { startBackend } from "@strokewise/strokewise";
 * import { crossEntropy } from "@strokewise/strokewise/models";
 * import * as tf from "@tensorflow/tfjs-core";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * await startBackend("cpu");
 * const loss = crossEntropy(tf.tensor2d([[0, Math.log(3)]]), tf.tensor2d([[0, 1]]));
 * assertAlmostEquals(loss.dataSync()[0], Math.log(4 / 3), 1e-6);
 * ```
 */
export function crossEntropy(logits: Tensor2D, wanted: Tensor2D): Scalar {
  const rows = logits.shape[0];
  return tf.customGrad((x, save) => {
    const logProbs = tf.logSoftmax(x as tf.Tensor2D); // [N, V]
    (save as tf.GradSaveFunc)([logProbs, wanted]);
    return {
      value: tf.mul(tf.sum(tf.mul(logProbs, wanted)), -1 / rows),
      gradFunc(dy: tf.Tensor, [logProbs, wanted]: tf.Tensor[]) {
        const probabilities = tf.exp(tf.maximum(logProbs, LEAST_LOG)); // [N, V]
        return tf.mul(tf.sub(probabilities, wanted), tf.div(dy, rows));
      },
    };
  })(logits) as tf.Scalar;
}
