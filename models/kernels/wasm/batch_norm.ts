/**
 * Batch normalization, and its gradient, on wasm.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { WasmKernel } from "./context.ts";

/** x [.., C], gamma and beta [C] -> y [.., C], mean and variance [C]. */
export const batchNorm: WasmKernel = ({ functions, at, output }, { x, gamma, beta }, attributes) => {
  const results = [x, gamma, gamma].map(({ shape }) => output(shape));
  functions.batchNormForward(...numbersOf(x, attributes), ...[x, gamma, beta, ...results].map(at));
  return results;
};

/** -> the gradients of x, gamma and beta. */
export const batchNormGrad: WasmKernel = ({ functions, at, output }, inputs, attributes) => {
  const { dy, dMean, dVariance, x, y, gamma, mean, variance } = inputs;
  const results = [x, gamma, gamma].map(({ shape }) => output(shape));
  const addresses = [dy, dMean, dVariance, x, y, gamma, mean, variance, ...results].map(at);
  functions.batchNormBackward(...numbersOf(x, attributes), ...addresses);
  return results;
};

function numbersOf({ shape }: tf.TensorInfo, { epsilon, activation, slope }: Record<string, number>): number[] {
  const channels = shape[shape.length - 1];
  return [tf.util.sizeFromShape(shape) / channels, channels, epsilon, activation, slope];
}
