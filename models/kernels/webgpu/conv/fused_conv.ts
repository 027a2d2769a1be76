/**
 * Convolution, it and its transpose with a bias and an activation, and the gradient of both, on webgpu.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { SLOPE_AT } from "../activation.ts";
import type { WebgpuKernel } from "../context.ts";
import { elementwise, overElements } from "../elementwise/elementwise.ts";
import { sumColumns } from "../products/column_sums.ts";
import { convolve, transposeConv } from "./conv_product.ts";

type Shape4D = [number, number, number, number];

/** x [N, H, W, Cin], filter [KH, KW, Cin, Cout] -> [N, OH, OW, Cout]; NCHW and dilations are left to tfjs. */
export function conv(): WebgpuKernel {
  const stock = tf.getKernel("Conv2D", "webgpu").kernelFunc;
  return (context, inputs, attributes) => {
    const { x, filter } = inputs;
    const { strides, pad, dataFormat, dilations, dimRoundingMode } = attributes;
    const isOurs = dataFormat === "NHWC" && [dilations].flat().every((dilation) => dilation === 1);
    if (!isOurs) return stock({ inputs, backend: context.backend, attrs: attributes });
    const shapes = [x.shape as Shape4D, filter.shape as Shape4D] as const;
    const info = tf.backend_util.computeConv2DInfo(...shapes, strides, 1, pad, dimRoundingMode);
    return convolve(context, { x, filter, info });
  };
}

/** x [N, H, W, Cin], filter [KH, KW, Cin, Cout], bias [Cout] -> [N, OH, OW, Cout]. */
export const activatedConv: WebgpuKernel = (context, { x, filter, bias }, { stride, activation, slope }) => {
  const shapes = [x.shape as Shape4D, filter.shape as Shape4D] as const;
  const info = tf.backend_util.computeConv2DInfo(...shapes, stride, 1, "same");
  return convolve(context, { x, filter, bias, info, activation, slope });
};

/** x [N, h, w, Cin], filter [KH, KW, Cout, Cin], bias [Cout] -> [N, H, W, Cout]. */
export const transposedConv: WebgpuKernel = (
  context,
  { x, filter, bias },
  { height, width, stride, activation, slope },
) => {
  const shape: Shape4D = [x.shape[0], height, width, filter.shape[2]];
  const info = tf.backend_util.computeConv2DInfo(shape, filter.shape as Shape4D, stride, 1, "same");
  return transposeConv(context, { x, filter, bias, info, activation, slope });
};

const SLOPED = elementwise("dLinear[i] = flushed(dy[i] * slopeAt(y[i]));", SLOPE_AT);

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
  sumColumns(context, { values: dLinear, sums: dBias });
  return [dLinear, dBias];
};
