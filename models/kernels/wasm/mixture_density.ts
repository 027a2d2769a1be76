/**
 * Mixtures of bivariate normal densities and pen states, and their gradient, on wasm.
 *
 * @module
 */
import type { WasmKernel } from "./context.ts";

/** outputs [N, 3 + 6M], targets [N, 5] -> offsets, pen [N], and the slopes of both, [N, 3 + 6M]. */
export const mixtureDensity: WasmKernel = ({ functions, at, output }, { outputs, targets }) => {
  const [points, columns] = outputs.shape;
  const results = [output([points]), output([points]), output([points, columns])];
  functions.mixtureDensity(points, (columns - 3) / 6, ...[outputs, targets, ...results].map(at));
  return results;
};

/** The slopes are overwritten: what becomes of them is the gradient of the outputs. */
export const mixtureDensityGrad: WasmKernel = ({ functions, at }, { dOffsets, dPen, slopes }) => {
  const [points, columns] = slopes.shape;
  functions.mixtureDensityGrad(points, (columns - 3) / 6, ...[dOffsets, dPen, slopes].map(at));
  return [];
};
