/**
 * The whole-sequence LSTM and its gradient on wasm.
 *
 * @module
 */
import type { WasmKernel } from "../context.ts";

/**
 * x [T, B, F], weights [F + 1 + H, 4H], or projected inputs [T, B, 4H] as x and weights [H, 4H]; hidden0, cell0 [B, H]
 * -> hidden [T, B, H], gates [T, B, 4H], cells [T, B, H].
 */
export const lstm: WasmKernel = (context, { x, weights, hidden0, cell0 }) => {
  const { functions, at, output, scratch } = context;
  const [steps, batch] = x.shape;
  const [rows, gateUnits] = weights.shape;
  const units = gateUnits / 4;
  const hidden = output([steps, batch, units]);
  const gates = output([steps, batch, gateUnits]);
  const cells = output([steps, batch, units]);
  const work = scratch(functions.lstmScratch(batch, rows, units));
  const addresses = [x, weights, hidden0, cell0, hidden, gates, cells].map(at);
  functions.lstmForward(steps, batch, rows, units, ...addresses, work);
  return [hidden, gates, cells];
};

/**
 * The gates are overwritten: what becomes of them is the gradient of the projected inputs [T, B, 4H].
 *
 * dy [T, B, H] -> the gradients of weights, hidden0, cell0.
 */
export const lstmGrad: WasmKernel = (context, inputs) => {
  const { dy, x, weights, hidden0, cell0, hidden, gates, cells } = inputs;
  const { functions, at, output, scratch } = context;
  const [steps, batch, units] = hidden.shape;
  const [rows] = weights.shape;
  const dWeights = output(weights.shape);
  const dHidden0 = output([batch, units]);
  const dCell0 = output([batch, units]);
  const work = scratch(functions.lstmScratch(batch, rows, units));
  const addresses = [dy, x, weights, hidden0, cell0, hidden, gates, cells, dWeights, dHidden0, dCell0].map(at);
  functions.lstmBackward(steps, batch, rows, units, ...addresses, work);
  return [dWeights, dHidden0, dCell0];
};
