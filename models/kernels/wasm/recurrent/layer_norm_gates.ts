/**
 * One step of an LSTM cell with layer normalization, and its gradient, on wasm.
 *
 * @module
 */
import type { WasmKernel } from "../context.ts";

/** Floats of each example's statistics, as in assembly/recurrent/layer_norm_gates.ts. */
export const STATS = 8;

/**
 * z [B, 4H], cell [B, H], norms [10H] and perhaps factors [B, H] -> hidden, next [B, H], the gates' inputs after
 * normalization [B, 4H] and statistics.
 */
export const layerNormGates: WasmKernel = (context, { z, cell, norms, factors }) => {
  const { functions, at, output, scratch } = context;
  const [batch, units] = cell.shape;
  const results = [output(cell.shape), output(cell.shape), output(z.shape), output([batch, STATS])];
  const given = [at(z), at(cell), at(norms), factors ? at(factors) : 0];
  const work = scratch(functions.normGatesScratch(units));
  functions.layerNormGatesForward(batch, units, ...given, ...results.map(at), work);
  return results;
};

/** -> the gradients of z, cell and norms. */
export const layerNormGatesGrad: WasmKernel = (context, inputs) => {
  const { dHidden, dNext, normalized, cell, next, norms, factors, stats } = inputs;
  const { functions, at, output, scratch } = context;
  const [batch, units] = cell.shape;
  const results = [output(normalized.shape), output(cell.shape), output(norms.shape)];
  const given = [dHidden, dNext, normalized, cell, next, norms].map(at);
  const work = scratch(functions.normGatesScratch(units));
  const addresses = [...given, factors ? at(factors) : 0, at(stats), ...results.map(at), work];
  functions.layerNormGatesBackward(batch, units, ...addresses);
  return results;
};
