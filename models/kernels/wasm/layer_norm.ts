/**
 * Layer normalization, and its gradient, on wasm.
 *
 * @module
 */
import type { WasmKernel } from "./context.ts";

/** x [N, D], gamma and beta [D] -> y [N, D], mean and 1 / standard deviation of each row [N, 2]. */
export const layerNorm: WasmKernel = ({ functions, at, output }, { x, gamma, beta }) => {
  const [rows, width] = x.shape;
  const results = [output(x.shape), output([rows, 2])];
  functions.layerNormForward(rows, width, ...[x, gamma, beta, ...results].map(at));
  return results;
};

/** -> the gradients of x, gamma and beta. */
export const layerNormGrad: WasmKernel = ({ functions, at, output }, { dy, x, gamma, stats }) => {
  const [rows, width] = x.shape;
  const results = [x, gamma, gamma].map(({ shape }) => output(shape));
  functions.layerNormBackward(rows, width, ...[dy, x, gamma, stats, ...results].map(at));
  return results;
};
