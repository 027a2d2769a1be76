/**
 * Convolution, bias, ReLU and max-pooling in one operation.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Tensor1D, Tensor4D } from "../tensors.ts";
import { hasFusedKernel, runFusedKernel, runFusedOp } from "./fused_op.ts";

/**
 * A 3x3 convolution (stride 1, "same" padding), bias, ReLU, then 2x2 max-pooling (stride 2, "valid": an odd last row or
 * column is dropped). Where two cells of a pool are equal the first in row order gets the gradient.
 *
 * @param x float32 [N, H, W, Cin], H and W 2 or more.
 * @param filter float32 [3, 3, Cin, Cout].
 * @param bias float32 [Cout].
 * @returns float32 [N, floor(H / 2), floor(W / 2), Cout].
 * @throws {RangeError} If the shapes do not fit together.
 *
 * @example A filter that copies the centre leaves the largest cell of each pool
 * ```ts
 * import { startBackend } from "@strokewise/strokewise";
 * import { convReluPool } from "@strokewise/strokewise/models";
 * import * as tf from "@tensorflow/tfjs-core";
 * import { assertEquals } from "@std/assert";
 *
 * await startBackend("cpu");
 * const x = tf.tensor4d([1, -2, 3, 4], [1, 2, 2, 1]);
 * const filter = tf.tensor4d([0, 0, 0, 0, 1, 0, 0, 0, 0], [3, 3, 1, 1]);
 * assertEquals([...convReluPool(x, filter, tf.tensor1d([0.5])).dataSync()], [4.5]);
 * ```
 */
export function convReluPool(x: Tensor4D, filter: Tensor4D, bias: Tensor1D): Tensor4D {
  const [, height, width, channels] = x.shape;
  if (height < 2 || width < 2) {
    throw new RangeError(`convReluPool needs 2x2 cells or more, found ${height}x${width}`);
  }
  if (filter.shape[0] !== 3 || filter.shape[1] !== 3 || filter.shape[2] !== channels) {
    throw new RangeError(`convReluPool needs a filter [3, 3, ${channels}, Cout], found [${filter.shape.join(", ")}]`);
  }
  if (bias.shape[0] !== filter.shape[3]) {
    throw new RangeError(`convReluPool needs a bias [${filter.shape[3]}], found [${bias.shape.join(", ")}]`);
  }
  return hasFusedKernel("StrokewiseConvReluPool") ? fused(x, filter, bias) : composedConvReluPool(x, filter, bias);
}

/** {@linkcode convReluPool} made of stock operations. */
export function composedConvReluPool(x: tf.Tensor4D, filter: tf.Tensor4D, bias: tf.Tensor1D): tf.Tensor4D {
  const activations = tf.relu(tf.add(tf.conv2d(x, filter, 1, "same"), bias)); // [N, H, W, Cout]
  return tf.maxPool(activations as tf.Tensor4D, 2, 2, "valid"); // [N, H/2, W/2, Cout]
}

function fused(x: tf.Tensor4D, filter: tf.Tensor4D, bias: tf.Tensor1D): tf.Tensor4D {
  const [, height, width] = x.shape;
  return runFusedOp({
    forward(save) {
      // winners: which of its four cells each pool took, or that ReLU cut it off; a byte each.
      const [pooled, winners] = runFusedKernel("StrokewiseConvReluPool", { x, filter, bias });
      save([x, filter, winners]);
      return pooled as tf.Tensor4D;
    },
    gradients(dy, [x, filter, winners]) {
      const [dFilter, dBias] = runFusedKernel("StrokewiseConvReluPoolFilterGrad", { dy, winners, x });
      return {
        x: () => runFusedKernel("StrokewiseConvReluPoolInputGrad", { dy, winners, filter }, { height, width })[0],
        filter: () => dFilter,
        bias: () => dBias,
      };
    },
  }, { x, filter, bias });
}
