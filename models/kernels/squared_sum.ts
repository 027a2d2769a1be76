/**
 * The sum of squares of a tensor.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { hasFusedKernel, runFusedKernel } from "./fused_op.ts";

/**
 * The sum of a tensor's squares; not differentiable.
 *
 * @param x float32, any shape.
 * @returns float32 scalar.
 */
export function squaredSum(x: tf.Tensor): tf.Scalar {
  return hasFusedKernel("StrokewiseSquaredSum")
    ? runFusedKernel("StrokewiseSquaredSum", { x })[0] as tf.Scalar
    : tf.tidy(() => tf.sum(tf.square(x)) as tf.Scalar);
}
