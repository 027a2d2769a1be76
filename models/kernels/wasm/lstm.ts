/**
 * The whole-sequence LSTM and its gradient on wasm.
 *
 * @module
 */
import type { WasmKernel } from "./context.ts";

/**
 * projected [T, B, 4H], recurrentKernel [H, 4H], hidden0, cell0 [B, H] -> hidden, gates [T, B, 4H], cells [T, B, H].
 */
export const lstm: WasmKernel = (context, { projected, recurrentKernel, hidden0, cell0 }) => {
  const { functions, at, output, scratch } = context;
  const [steps, batch, gateUnits] = projected.shape;
  const units = gateUnits / 4;
  const hidden = output([steps, batch, units]);
  const gates = output(projected.shape);
  const cells = output([steps, batch, units]);
  const work = scratch(functions.lstmScratch(batch, units));
  const addresses = [projected, recurrentKernel, hidden0, cell0, hidden, gates, cells].map(at);
  functions.lstmForward(steps, batch, units, ...addresses, work);
  return [hidden, gates, cells];
};

/** -> the gradients of projected [T, B, 4H], hidden0 and cell0 [B, H]. */
export const lstmGrad: WasmKernel = (context, { dy, recurrentKernel, cell0, gates, cells }) => {
  const { functions, at, output, scratch } = context;
  const [steps, batch, units] = dy.shape;
  const dProjected = output(gates.shape);
  const dHidden0 = output([batch, units]);
  const dCell0 = output([batch, units]);
  const work = scratch(functions.lstmScratch(batch, units));
  const addresses = [dy, recurrentKernel, cell0, gates, cells, dProjected, dHidden0, dCell0].map(at);
  functions.lstmBackward(steps, batch, units, ...addresses, work);
  return [dProjected, dHidden0, dCell0];
};
