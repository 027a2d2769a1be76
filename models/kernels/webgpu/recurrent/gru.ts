/**
 * The whole-sequence GRU and its gradient on webgpu.
 *
 * @module
 */
import type { WebgpuKernel } from "../context.ts";
import { GRU_CELL } from "./gru_cell.ts";
import { runBackward, runForward } from "./recurrent_run.ts";
import { splitProduct } from "../products/split_product.ts";

/**
 * projected [T, B, 3H], recurrentKernel [H, 3H], recurrentBias [H], hidden0 [B, H] -> hidden [T, B, H], gates [T, B, 4H].
 */
export const gru: WebgpuKernel = (context, { projected, recurrentKernel, recurrentBias, hidden0 }) => {
  const [steps, batch] = projected.shape;
  const [units] = recurrentKernel.shape;
  const hidden = context.output([steps, batch, units]);
  const gates = context.output([steps, batch, 4 * units]);
  runForward(context, {
    name: "Gru",
    cell: GRU_CELL,
    sizes: { steps, batch, units },
    reads: { projected, recurrentKernel, recurrentBias, hidden0 },
    writes: { hidden, gates },
  });
  return [hidden, gates];
};

/**
 * The gates are overwritten: what becomes of them are the gradients of the sums of r, z and n and of U_n h + b_hn,
 * [T, B, 4H] -> the gradients of recurrentKernel, of three biases [3H] inside the reset gate's product, of which the last
 * is real, and of hidden0.
 */
export const gruGrad: WebgpuKernel = (context, { dy, recurrentKernel, hidden0, hidden, gates }) => {
  const [steps, batch, units] = hidden.shape;
  const dHidden0 = context.output(hidden0.shape);
  runBackward(context, {
    name: "Gru",
    cell: GRU_CELL,
    sizes: { steps, batch, units },
    reads: { dy, recurrentKernel, hidden0, hidden },
    writes: { gates, dHidden0 },
    kernel: "recurrentKernel",
  });
  const dRecurrentKernel = context.output(recurrentKernel.shape);
  const dBiases = context.output([3 * units]);
  // The sum over t of [1, h_{t-1}]^T times the gradients of h's products.
  splitProduct(context, {
    name: "GruWeightsGrad",
    m: 1 + units,
    n: 3 * units,
    k: steps * batch,
    reads: { hidden0, hidden, gates },
    sizes: { batch, units },
    source: `
      fn rowOf(m: u32) -> vec4<i32> { return vec4<i32>(i32(m)); }
      fn termOf(k: u32) -> vec4<i32> { return vec4<i32>(i32(k)); }
      fn leftAt(row: vec4<i32>, term: vec4<i32>) -> f32 {
        let k = u32(term.x);
        if (row.x == 0) { return 1.0; }
        let unit = u32(row.x) - 1u;
        if (k < uniforms.batch) { return hidden0[k * uniforms.units + unit]; }
        return hidden[(k - uniforms.batch) * uniforms.units + unit];
      }
      fn rightAt(term: vec4<i32>, n: u32) -> f32 {
        let column = select(n, n + uniforms.units, n >= 2u * uniforms.units);
        return gates[u32(term.x) * 4u * uniforms.units + column];
      }`,
    writes: [dBiases, dRecurrentKernel],
  });
  return [dRecurrentKernel, dBiases, dHidden0];
};
