/**
 * A linear map that one pass uses many times, as a recurrent network does at each of its steps.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Tensor1D, Tensor2D } from "../tensors.ts";
import { runFusedOp } from "./fused_op.ts";

/**
 * Prepares x W + b for repeated use. The gradient of W is one product over the rows of all uses, where tfjs would make a
 * product for each and add them up.
 *
 * @param weights W, float32 [inputs, outputs].
 * @param bias b, float32 [outputs]; none when left out.
 * @returns The map: float32 [B, inputs] -> [B, outputs]. It belongs to the pass in which it was made.
 *
 * @example
 * ```ts
 * import { startBackend } from "@strokewise/strokewise";
 * import { sharedLinear } from "@strokewise/strokewise/models";
 * import * as tf from "@tensorflow/tfjs-core";
 * import { assertEquals } from "@std/assert";
 *
 * await startBackend("cpu");
 * const twice = (w: tf.Tensor) => {
 *   const apply = sharedLinear(w as tf.Tensor2D);
 *   return tf.sum(apply(apply(tf.tensor2d([[3]])))); // 3 w^2
 * };
 * assertEquals(tf.grad(twice)(tf.tensor2d([[5]])).dataSync()[0], 30);
 * ```
 */
export function sharedLinear(weights: Tensor2D, bias?: Tensor1D): (x: Tensor2D) => Tensor2D {
  const uses: { x: tf.Tensor; dy: tf.Tensor }[] = [];
  // Stands for W and b: every use depends on it, so the engine asks for its gradient when it is through with all of them.
  const token = runFusedOp<tf.Tensor>({
    forward: () => tf.scalar(0),
    gradients() {
      const x = tf.concat(uses.map((use) => use.x)); // [uses x B, inputs]
      const dy = tf.concat(uses.map((use) => use.dy)); // [uses x B, outputs]
      return { weights: () => tf.matMul(x, dy, true), ...(bias ? { bias: () => tf.sum(dy, 0) } : {}) };
    },
  }, bias ? { weights, bias } : { weights });
  return (x) =>
    runFusedOp<tf.Tensor2D>({
      forward(save) {
        save([x]);
        return tf.fused.matMul({ a: x, b: weights, ...(bias ? { bias } : {}) }) as tf.Tensor2D;
      },
      gradients: (dy, [x]) => ({
        x: () => tf.matMul(dy as tf.Tensor2D, weights, false, true), // [B, inputs]
        token() {
          uses.push({ x, dy });
          return tf.scalar(0);
        },
      }),
    }, { x, token });
}
