/**
 * The whole-sequence GRU and its gradient on wasm.
 *
 * @module
 */
import type { WasmKernel } from "../context.ts";

/**
 * x [T, B, F], weightsRZ [F + 1 + H, 2H], weightsNX [F + 1, H], weightsNH [1 + H, H], hidden0 [B, H] -> hidden
 * [T, B, H], gates [T, B, 4H].
 */
export const gru: WasmKernel = (context, { x, weightsRZ, weightsNX, weightsNH, hidden0 }) => {
  const { functions, at, output, scratch } = context;
  const [steps, batch, inputs] = x.shape;
  const [, units] = hidden0.shape;
  const hidden = output([steps, batch, units]);
  const gates = output([steps, batch, 4 * units]);
  const work = scratch(functions.gruScratch(batch, inputs, units));
  const addresses = [x, weightsRZ, weightsNX, weightsNH, hidden0, hidden, gates].map(at);
  functions.gruForward(steps, batch, inputs, units, ...addresses, work);
  return [hidden, gates];
};

/**
 * The gates are overwritten: what becomes of them are the gradients of the sums of r, z and n and of U_n h + b_hn,
 * [T, B, 4H] -> the gradients of the weights and of hidden0.
 */
export const gruGrad: WasmKernel = (context, inputs) => {
  const { dy, x, weightsRZ, weightsNX, weightsNH, hidden0, hidden, gates } = inputs;
  const { functions, at, output, scratch } = context;
  const [steps, batch, width] = x.shape;
  const [, units] = hidden0.shape;
  const outputs = [weightsRZ, weightsNX, weightsNH, hidden0].map(({ shape }) => output(shape));
  const work = scratch(functions.gruScratch(batch, width, units));
  const addresses = [dy, x, weightsRZ, weightsNH, hidden0, hidden, gates, ...outputs].map(at);
  functions.gruBackward(steps, batch, width, units, ...addresses, work);
  return outputs;
};
