/**
 * One step of an LSTM cell with layer normalization, and its gradient, on wasm.
 *
 * @module
 */
import type { WasmKernel } from "../context.ts";

/** Floats of each example's statistics. */
const STATS = 8;

/**
 * z [B, 4H], cell [B, H], norms [10H] and perhaps uniforms [B, H] -> hidden, next [B, H], the gates' inputs after
 * normalization [B, 4H] and statistics.
 */
export const layerNormGates: WasmKernel = (context, { z, cell, norms, uniforms }, { rate }) => {
  const { functions, at, output, scratch } = context;
  const [batch, units] = cell.shape;
  const results = [output(cell.shape), output(cell.shape), output(z.shape), output([batch, STATS])];
  const given = [at(z), at(cell), at(norms), uniforms ? at(uniforms) : 0];
  functions.layerNormGatesForward(
    batch,
    units,
    rate,
    ...given,
    ...results.map(at),
    scratch(functions.normGatesScratch(units)),
  );
  return results;
};

/** -> the gradients of z, cell and norms. */
export const layerNormGatesGrad: WasmKernel = (context, inputs, { rate }) => {
  const { dHidden, dNext, normalized, cell, next, norms, uniforms, stats } = inputs;
  const { functions, at, output, scratch } = context;
  const [batch, units] = cell.shape;
  const results = [output(normalized.shape), output(cell.shape), output(norms.shape)];
  const given = [dHidden, dNext, normalized, cell, next, norms].map(at);
  const work = scratch(functions.normGatesScratch(units));
  const addresses = [...given, uniforms ? at(uniforms) : 0, at(stats), ...results.map(at), work];
  functions.layerNormGatesBackward(batch, units, rate, ...addresses);
  return results;
};
