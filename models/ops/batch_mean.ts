/**
 * The mean over a batch, however many threads and processes share it out.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Tensor1D, Tensor2D } from "../tensors.ts";
import { runFusedOp } from "./fused_op.ts";
import { checkExchange, isShared, meanOverShares } from "../kernels/share_exchange.ts";

/**
 * The mean of each column over the rows of a whole batch. In a pass of a share of it, which one of several threads or
 * processes computes, that is the mean over the rows of all shares, and so are its gradients.
 *
 * @param x float32 [N, C], the rows of this thread's share, 1 or more.
 * @returns float32 [C].
 * @throws {InputError} In such a pass when another fails or does not come as far, and among processes on webgpu.
 *
 * @example
 * ```ts
 * import { startBackend } from "@strokewise/strokewise";
 * import { batchMean } from "@strokewise/strokewise/models";
 * import * as tf from "@tensorflow/tfjs-core";
 * import { assertEquals } from "@std/assert";
 *
 * await startBackend("cpu");
 * assertEquals([...batchMean(tf.tensor2d([[1, 10], [3, 30]])).dataSync()], [2, 20]);
 * ```
 */
export function batchMean(x: Tensor2D): Tensor1D {
  checkExchange();
  if (!isShared()) return tf.mean(x, 0);
  const [rows, columns] = x.shape;
  return runFusedOp<tf.Tensor>({
    forward: () => meanOf(tf.mean(x, 0)),
    gradients: (dy) => ({ x: () => tf.tile(tf.reshape(tf.div(meanOf(dy), rows), [1, columns]), [rows, 1]) }),
  }, { x }) as tf.Tensor1D;

  /** The mean over all shares of what this thread has the mean of over its rows. */
  function meanOf(own: tf.Tensor): tf.Tensor {
    const values = own.dataSync<"float32">().slice();
    meanOverShares(rows, values);
    return tf.tensor1d(values);
  }
}
