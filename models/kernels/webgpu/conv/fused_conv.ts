/**
 * Convolution and its transpose with a bias and an activation, and the gradient of both, on webgpu.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { SLOPE_AT } from "../activation.ts";
import type { WebgpuKernel } from "../context.ts";
import { elementwise, overElements } from "../elementwise/elementwise.ts";
import { splitProduct } from "../products/split_product.ts";
import { transposeConv } from "./transposed_conv.ts";

/** The names that tfjs has for the activations that a kernel knows by their places. */
const STOCK_NAMES = ["linear", "relu", "leakyrelu", "elu"];

/** x [N, H, W, Cin], filter [KH, KW, Cin, Cout], bias [Cout] -> [N, OH, OW, Cout]: tfjs's own fused kernel. */
export function activatedConv(): WebgpuKernel {
  const { kernelFunc } = tf.getKernel("FusedConv2D", "webgpu");
  return ({ backend }, inputs, { stride, activation, slope }) => {
    const over = { strides: stride, dilations: 1, pad: "same", dataFormat: "NHWC" };
    const attrs = { ...over, activation: STOCK_NAMES[activation], leakyreluAlpha: slope };
    return kernelFunc({ inputs, backend, attrs });
  };
}

/** x [N, h, w, Cin], filter [KH, KW, Cout, Cin], bias [Cout] -> [N, H, W, Cout]. */
export const transposedConv: WebgpuKernel = (
  context,
  { x, filter, bias },
  { height, width, stride, activation, slope },
) => {
  const shape: [number, number, number, number] = [x.shape[0], height, width, filter.shape[2]];
  const info = tf.backend_util.computeConv2DInfo(shape, filter.shape as typeof shape, stride, 1, "same");
  return transposeConv(context, { x, filter, bias, info, activation, slope });
};

const SLOPED = elementwise("dLinear[i] = flushed(dy[i] * slopeAt(y[i]));", SLOPE_AT);

const COLUMN_SUMS = `
fn rowOf(m: u32) -> vec4<i32> { return vec4<i32>(); }
fn termOf(k: u32) -> vec4<i32> { return vec4<i32>(vec4<u32>(k)); }
fn leftAt(row: vec4<i32>, term: vec4<i32>) -> f32 { return 1.0; }
fn rightAt(term: vec4<i32>, n: u32) -> f32 { return dLinear[u32(term.x) * uniforms.n + n]; }`;

/** dy and y [.., C] -> the gradients of what the activation was given, and of the bias in it [C]. */
export const activationGrad: WebgpuKernel = (context, { dy, y }, { activation, slope }) => {
  const size = tf.util.sizeFromShape(y.shape), channels = y.shape[y.shape.length - 1];
  const isLinear = activation === 0;
  if (isLinear) context.backend.incRef(dy.dataId);
  const dLinear = isLinear ? { ...dy } : context.output(y.shape), dBias = context.output([channels]);
  if (!isLinear) {
    context.run({
      name: "ActivationGrad",
      source: SLOPED,
      ...overElements(size, {}, { ACTIVATION: activation }),
      numbers: { slope },
      reads: { dy, y },
      writes: { dLinear },
    });
  }
  splitProduct(context, {
    ...{ name: "BiasGrad", m: 1, n: channels, k: size / channels },
    ...{ reads: { dLinear }, source: COLUMN_SUMS, writes: [dBias] },
  });
  return [dLinear, dBias];
};
