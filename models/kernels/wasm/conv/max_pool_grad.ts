/**
 * The gradient of two-dimensional max-pooling on wasm, under tfjs's own name.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { WasmKernel } from "../context.ts";

/** input [N, H, W, C], dy [N, OH, OW, C] -> the gradient of the input. */
export const maxPoolGrad: WasmKernel = ({ functions, at, output }, { dy, input }, attributes) => {
  const { filterSize, strides, pad, dimRoundingMode } = attributes;
  const shape = input.shape as [number, number, number, number];
  const info = tf.backend_util.computePool2DInfo(shape, filterSize, strides, 1, pad, dimRoundingMode);
  const dx = output(shape);
  functions.maxPoolGrad(
    ...[info.batchSize, info.inHeight, info.inWidth, info.inChannels, info.outHeight, info.outWidth],
    ...[info.filterHeight, info.filterWidth, info.strideHeight, info.strideWidth, info.padInfo.top, info.padInfo.left],
    ...[at(input), at(dy), at(dx)],
  );
  return dx;
};
