/**
 * The whole-sequence LSTM and its gradient on webgpu.
 *
 * @module
 */
import type * as tf from "@tensorflow/tfjs-core";
import type { WebgpuContext, WebgpuKernel } from "../context.ts";
import { lstmCell } from "./lstm_cell.ts";
import { runBackward, runForward } from "./recurrent_run.ts";
import { splitProduct } from "../products/split_product.ts";

function sizesOf(x: tf.TensorInfo, weights: tf.TensorInfo) {
  const [steps, batch] = x.shape;
  const [rows, gateUnits] = weights.shape;
  const units = gateUnits / 4;
  const firstRow = rows - units; // of the recurrent kernel
  return { steps, batch, units, firstRow, inputs: Math.max(firstRow - 1, 0) }; // no inputs where x is projected
}

/** The cell and its name; with what its candidates are multiplied by, another one, which is given that. */
function cellOf(factors: tf.TensorInfo | undefined) {
  const drops = factors !== undefined;
  const given: Record<string, tf.TensorInfo> = drops ? { factors } : {};
  return { name: drops ? "LstmDropping" : "Lstm", cell: lstmCell({ drops }), given };
}

/**
 * x [T, B, F], weights [F + 1 + H, 4H], or projected inputs [T, B, 4H] as x and weights [H, 4H]; hidden0, cell0 [B, H];
 * factors [T, B, H], what candidates are multiplied by, or none -> hidden [T, B, H], gates [T, B, 4H], cells [T, B, H].
 */
export const lstm: WebgpuKernel = (context, { x, weights, hidden0, cell0, factors }) => {
  const sizes = sizesOf(x, weights);
  const { steps, batch, units } = sizes;
  const hidden = context.output([steps, batch, units]);
  const gates = context.output([steps, batch, 4 * units]);
  const cells = context.output([steps, batch, units]);
  const { given, ...cell } = cellOf(factors);
  const tensors = { reads: { x, weights, hidden0, cell0, ...given }, writes: { hidden, gates, cells } };
  runForward(context, { ...cell, sizes, ...tensors });
  return [hidden, gates, cells];
};

/**
 * The gates are overwritten: what becomes of them is the gradient of the projected inputs [T, B, 4H].
 *
 * dy [T, B, H] -> the gradients of weights, hidden0, cell0.
 */
export const lstmGrad: WebgpuKernel = (context, inputs) => {
  const { dy, x, weights, hidden0, cell0, hidden, gates, cells, factors } = inputs;
  const sizes = sizesOf(x, weights);
  const dHidden0 = context.output(hidden0.shape);
  const dCell0 = context.output(cell0.shape);
  const { given, ...cell } = cellOf(factors);
  runBackward(context, {
    ...cell,
    sizes,
    reads: { dy, cell0, cells, weights, ...given },
    writes: { gates, dHidden0, dCell0 },
    kernel: "weights",
  });
  const dWeights = context.output(weights.shape);
  weightsGradient(context, { x, hidden0, hidden, gates }, { sizes, dWeights });
  return [dWeights, dHidden0, dCell0];
};

/** The sum over t of [x_t, 1, h_{t-1}]^T dz_t: one product over all steps. */
function weightsGradient(
  context: WebgpuContext,
  reads: Readonly<Record<"x" | "hidden0" | "hidden" | "gates", tf.TensorInfo>>,
  { sizes, dWeights }: { sizes: ReturnType<typeof sizesOf>; dWeights: tf.TensorInfo },
): void {
  const { steps, batch, units, firstRow, inputs } = sizes;
  splitProduct(context, {
    name: "LstmWeightsGrad",
    m: firstRow + units,
    n: 4 * units,
    k: steps * batch,
    reads,
    sizes: { batch, units, firstRow, inputs },
    source: `
      fn rowOf(m: u32) -> vec4<i32> { return vec4<i32>(i32(m)); }
      fn termOf(k: u32) -> vec4<i32> { return vec4<i32>(i32(k)); }
      fn leftAt(row: vec4<i32>, term: vec4<i32>) -> f32 {
        let m = u32(row.x);
        let k = u32(term.x);
        if (m < uniforms.inputs) { return x[k * uniforms.inputs + m]; }
        if (m < uniforms.firstRow) { return 1.0; }
        let unit = m - uniforms.firstRow;
        if (k < uniforms.batch) { return hidden0[k * uniforms.units + unit]; }
        return hidden[(k - uniforms.batch) * uniforms.units + unit];
      }
      fn rightAt(term: vec4<i32>, n: u32) -> f32 { return gates[u32(term.x) * 4u * uniforms.units + n]; }`,
    writes: [dWeights],
  });
}
