/**
 * A linear map of rows.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Tensor1D, Tensor2D } from "../tensors.ts";
import { runFusedOp } from "./fused_op.ts";

/** What its product is told: as it stands, with nothing behind it. */
const PLAIN = { transposeA: false, transposeB: false, activation: "linear" };

/**
 * x W + b by tfjs's own kernels, without the reshaping that `tf.fused.matMul` puts around them forwards and backwards, which
 * takes longer than a small product does.
 *
 * @param x float32 [N, inputs].
 * @param weights W, float32 [inputs, outputs].
 * @param bias b, float32 [outputs].
 * @returns float32 [N, outputs].
 */
export function linearMap(x: Tensor2D, weights: Tensor2D, bias: Tensor1D): Tensor2D {
  return runFusedOp({
    forward(save) {
      save([x, weights]);
      return tf.engine().runKernel("_FusedMatMul", { a: x, b: weights, bias }, PLAIN) as tf.Tensor2D;
    },
    gradients: (dy, [x, weights]) => ({
      x: () => tf.matMul(dy as tf.Tensor2D, weights as tf.Tensor2D, false, true), // [N, inputs]
      weights: () => tf.matMul(x as tf.Tensor2D, dy as tf.Tensor2D, true), // [inputs, outputs]
      bias: () => tf.sum(dy, 0), // [outputs]
    }),
  }, { x, weights, bias });
}
