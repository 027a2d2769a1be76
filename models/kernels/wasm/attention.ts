/**
 * Attention of several heads, and its gradient, on wasm.
 *
 * @module
 */
import type { WasmKernel } from "./context.ts";

/** queries [T B, D], keys and values [S B, D] -> what is seen [T B, D], the weights [B, heads, T, S]. */
export const attention: WasmKernel = (context, { queries, keys, values }, { batch, heads, causal }) => {
  const { functions, at, output } = context;
  const [steps, length] = [queries, keys].map(({ shape: [rows] }) => rows / batch);
  const [, width] = queries.shape;
  const results = [output(queries.shape), output([batch, heads, steps, length])];
  const sizes = [steps, length, batch, heads, width / heads, causal];
  functions.attentionForward(...sizes, ...[queries, keys, values, ...results].map(at));
  return results;
};

/** -> the gradients of queries, keys and values. */
export const attentionGrad: WasmKernel = (context, { dy, queries, keys, values, weights }, { batch, heads }) => {
  const { functions, at, output, scratch } = context;
  const [steps, length] = [queries, keys].map(({ shape: [rows] }) => rows / batch);
  const [, width] = queries.shape;
  const results = [queries, keys, values].map(({ shape }) => output(shape));
  const sizes = [steps, length, batch, heads, width / heads];
  const addresses = [dy, queries, keys, values, weights, ...results].map(at);
  functions.attentionBackward(...sizes, ...addresses, scratch(4 * length));
  return results;
};
