/**
 * The whole-sequence LSTM and its gradient on wasm.
 *
 * @module
 */
import type { WasmKernel } from "../context.ts";

/**
 * x [T, B, F], weights [F + 1 + H, 4H], or projected inputs [T, B, 4H] as x and weights [H, 4H]; hidden0, cell0 [B, H];
 * context [B, 4H], plan int32 [B + T + 1] and ids int32 [B], or none -> hidden [T, B, H], gates [N, 4H], cells [N, H],
 * packed as the plan says; N is T B without one.
 */
export const lstm: WasmKernel = (context, inputs, { packedRows, reversed, key0, key1, rate }) => {
  const { functions, at, output, scratch } = context;
  const { x, weights, hidden0, cell0 } = inputs;
  const [steps, batch] = x.shape;
  const [rows, gateUnits] = weights.shape;
  const units = gateUnits / 4;
  const hidden = output([steps, batch, units]);
  const gates = output([packedRows, gateUnits]);
  const cells = output([packedRows, units]);
  const work = scratch(functions.lstmScratch(batch, rows, units));
  const optional = [inputs.context, inputs.plan, inputs.ids].map((tensor) => tensor ? at(tensor) : 0);
  const addresses = [...[x, weights, hidden0, cell0].map(at), ...optional, ...[hidden, gates, cells].map(at)];
  functions.lstmForward(steps, batch, rows, units, reversed, key0, key1, rate, ...addresses, work);
  return [hidden, gates, cells];
};

/**
 * The gates are overwritten: what becomes of them is the gradient of the projected inputs, packed [N, 4H].
 *
 * dy [T, B, H] -> the gradients of weights, hidden0, cell0 and, if `ofContext` says so, of context.
 */
export const lstmGrad: WasmKernel = (context, inputs, { reversed, rate, ofContext }) => {
  const { dy, x, weights, hidden0, cell0, plan, hidden, gates, cells } = inputs;
  const { functions, at, output, scratch } = context;
  const [steps, batch, units] = hidden.shape;
  const [rows, gateUnits] = weights.shape;
  const results = [weights.shape, hidden0.shape, cell0.shape, ...(ofContext ? [[batch, gateUnits]] : [])];
  const outputs = results.map((shape) => output(shape));
  const work = scratch(functions.lstmScratch(batch, rows, units));
  const reads = [...[dy, x, weights, hidden0, cell0].map(at), plan ? at(plan) : 0, ...[hidden, gates, cells].map(at)];
  const [dWeights, dHidden, dCell, dContext = 0] = outputs.map(at);
  functions.lstmBackward(
    ...[steps, batch, rows, units, reversed, rate],
    ...[...reads, dWeights, dHidden, dCell, dContext, work],
  );
  return outputs;
};

/** Packed rows [N, columns] and their plan -> [T, B, columns], zeros where an example takes no part. */
export const unpackSteps: WasmKernel = ({ functions, at, output }, { packed, plan }, { steps, batch }) => {
  const [, columns] = packed.shape;
  const rows = output([steps, batch, columns]);
  functions.unpackSteps(steps, batch, columns, ...[packed, plan, rows].map(at));
  return rows;
};
