/**
 * The filters of attention windows, and their gradient, on wasm.
 *
 * @module
 */
import { TANH_TABLE, type WasmKernel } from "./context.ts";

/** raw [B, 5] -> [2, B, N, S]. */
export const windowFilters: WasmKernel = ({ functions, at, output, scratch }, { raw }, { filters, side }) => {
  const [batch] = raw.shape;
  const banks = output([2, batch, filters, side]);
  functions.windowFilters(batch, filters, side, at(raw), at(banks), scratch(TANH_TABLE));
  return banks;
};

/** -> the gradient of raw [B, 5]. */
export const windowFiltersGrad: WasmKernel = ({ functions, at, output, scratch }, { dy, banks, raw }) => {
  const [, batch, filters, side] = banks.shape;
  const dRaw = output(raw.shape);
  functions.windowFiltersGrad(batch, filters, side, ...[dy, banks, raw, dRaw].map(at), scratch(TANH_TABLE));
  return dRaw;
};
