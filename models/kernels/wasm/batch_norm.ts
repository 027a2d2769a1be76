/**
 * Batch normalization and its gradient on wasm, also of a batch that is shared out, as `ops/batch_mean.ts`.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { isShared, meanOverShares } from "../share_exchange.ts";
import type { WasmBackend, WasmContext, WasmKernel } from "./context.ts";

/** x [.., C], gamma and beta [C] -> y [.., C], mean and variance [C]. */
export const batchNorm: WasmKernel = (context, { x, gamma, beta }, { epsilon, activation, slope }) => {
  const { functions, at, output } = context, [rows, columns] = sizesOf(x);
  const results = [x, gamma, gamma].map(({ shape }) => output(shape));
  const [, mean, variance] = results;
  functions.batchNormMoments(rows, columns, ...[x, mean, variance].map(at));
  poolMoments(context, rows, { mean, variance });
  functions.batchNormForward(rows, columns, epsilon, activation, slope, ...[x, gamma, beta, ...results].map(at));
  return results;
};

/** -> the gradients of x, gamma and beta. */
export const batchNormGrad: WasmKernel = (context, inputs, { epsilon, activation, slope }) => {
  const { dy, dMean, dVariance, x, y, gamma, mean, variance } = inputs;
  const { functions, at, output, backend } = context, [rows, columns] = sizesOf(x);
  const results = [x, gamma, gamma].map(({ shape }) => output(shape));
  functions.batchNormSums(rows, columns, activation, slope, ...[dy, x, y, mean, ...results].map(at));
  const ofMoments = [dMean, dVariance].map((tensor) => copyOf(context, tensor));
  meanOverShares(rows, ...[...ofMoments, ...results.slice(1)].map((tensor) => valuesIn(backend, tensor)));
  const addresses = [x, gamma, mean, variance, ...ofMoments, ...results].map(at);
  functions.batchNormBackward(rows, columns, epsilon, ...addresses);
  for (const { dataId } of ofMoments) backend.disposeData(dataId);
  return results;
};

/** Rows and columns of [.., C]. */
function sizesOf({ shape }: tf.TensorInfo): [number, number] {
  const columns = shape[shape.length - 1];
  return [tf.util.sizeFromShape(shape) / columns, columns];
}

/** From the moments of a share's rows to those of the whole batch's. */
function poolMoments(
  { backend }: WasmContext,
  rows: number,
  moments: { readonly mean: tf.TensorInfo; readonly variance: tf.TensorInfo },
): void {
  if (!isShared()) return;
  const [mean, variance] = [moments.mean, moments.variance].map((tensor) => valuesIn(backend, tensor));
  const own = mean.slice();
  meanOverShares(rows, mean);
  for (let c = 0; c < own.length; c++) variance[c] += (own[c] - mean[c]) ** 2;
  meanOverShares(rows, variance);
}

function valuesIn(backend: WasmBackend, tensor: tf.TensorInfo): Float32Array {
  return backend.typedArrayFromHeap(tensor) as Float32Array;
}

function copyOf({ backend, output }: WasmContext, tensor: tf.TensorInfo): tf.TensorInfo {
  const copy = output(tensor.shape);
  valuesIn(backend, copy).set(valuesIn(backend, tensor));
  return copy;
}
