/**
 * The whole-sequence LSTM and its gradient on wasm.
 *
 * @module
 */
import type * as tf from "@tensorflow/tfjs-core";
import type { WasmKernel } from "../context.ts";
import { STATS } from "./layer_norm_gates.ts";

/**
 * x [T, B, F], weights [F + 1 + H, 4H], or projected inputs [T, B, 4H] as x and weights [H, 4H]; hidden0, cell0 [B, H];
 * context [B, 4H], plan int32 [B + T + 1], ids int32 [B] and norms [10H], or none -> hidden [T, B, H], gates [N, 4H],
 * cells [N, H] and, with norms, statistics [N, 8], packed as the plan says; N is T B without one.
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
  const stats = inputs.norms ? [output([packedRows, STATS])] : [];
  const optional = [inputs.context, inputs.plan, inputs.ids, inputs.norms].map((tensor) => tensor ? at(tensor) : 0);
  const results = [hidden, gates, cells, ...stats];
  const [h, a, c, s = 0] = results.map(at);
  const addresses = [...[x, weights, hidden0, cell0].map(at), ...optional, h, a, c, s];
  functions.lstmForward(steps, batch, rows, units, reversed, key0, key1, rate, ...addresses, work);
  return results;
};

/**
 * The gates are overwritten: what becomes of them is the gradient of the projected inputs, packed [N, 4H].
 *
 * dy [T, B, H] -> the gradients of weights, hidden0, cell0 and, if `ofContext` says so, of context, then of norms, if
 * there are some.
 */
export const lstmGrad: WasmKernel = (context, inputs, { reversed, rate, ofContext }) => {
  const { dy, x, weights, hidden0, cell0, plan, norms, hidden, gates, cells, stats } = inputs;
  const { functions, at, output, scratch } = context;
  const [steps, batch, units] = hidden.shape;
  const [rows, gateUnits] = weights.shape;
  const outputs = [weights, hidden0, cell0].map(({ shape }) => output(shape));
  const dContext = ofContext ? [output([batch, gateUnits])] : [];
  const dNorms = norms ? [output(norms.shape)] : [];
  const work = scratch(functions.lstmScratch(batch, rows, units));
  const atOr0 = (tensor?: tf.TensorInfo) => tensor ? at(tensor) : 0;
  const reads = [dy, x, weights, hidden0, cell0, plan, norms, hidden, gates, cells, stats].map(atOr0);
  const writes = [...outputs.map(at), atOr0(dContext[0]), atOr0(dNorms[0])];
  functions.lstmBackward(
    ...[steps, batch, rows, units, reversed, rate],
    ...[...reads, ...writes, work],
  );
  return [...outputs, ...dContext, ...dNorms];
};

/** Packed rows [N, columns] and their plan -> [T, B, columns], zeros where an example takes no part. */
export const unpackSteps: WasmKernel = ({ functions, at, output }, { packed, plan }, { steps, batch }) => {
  const [, columns] = packed.shape;
  const rows = output([steps, batch, columns]);
  functions.unpackSteps(steps, batch, columns, ...[packed, plan, rows].map(at));
  return rows;
};
