/**
 * Convolution and its transpose with a bias and an activation, and the gradient of both, on wasm.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { WasmKernel } from "../context.ts";
import { type Shape4D, sizesOf } from "./conv.ts";

/** x [N, H, W, Cin], filter [KH, KW, Cin, Cout], bias [Cout] -> [N, OH, OW, Cout]. */
export const activatedConv: WasmKernel = (
  { functions, at, output, scratch },
  { x, filter, bias },
  { stride, activation, slope },
) => {
  const sizes = sizesOf(x.shape as Shape4D, filter.shape as Shape4D, { strides: stride, pad: "same" });
  const [batch, , , , height, width, outputs] = sizes;
  const y = output([batch, height, width, outputs]);
  const work = scratch(functions.convScratch(...sizes));
  functions.conv(...sizes, ...[x, filter, bias].map(at), activation, slope, at(y), work);
  return y;
};

/** x [N, OH, OW, Cin], filter [KH, KW, Cout, Cin], bias [Cout] -> [N, H, W, Cout]. */
export const transposedConv: WasmKernel = (
  { functions, at, output, scratch },
  { x, filter, bias },
  { height, width, stride, activation, slope },
) => {
  const shape: Shape4D = [x.shape[0], height, width, filter.shape[2]];
  const sizes = sizesOf(shape, filter.shape as Shape4D, { strides: stride, pad: "same" });
  const y = output(shape);
  const work = scratch(functions.convInputGradScratch(...sizes));
  functions.convInputGrad(...sizes, ...[filter, x, bias].map(at), activation, slope, at(y), work);
  return y;
};

/** dy and y [.., C] -> the gradients of what the activation was given, and of the bias in it [C]. */
export const activationGrad: WasmKernel = (
  { functions, backend, at, output, scratch },
  { dy, y },
  { activation, slope },
) => {
  const channels = y.shape[y.shape.length - 1], rows = tf.util.sizeFromShape(y.shape) / channels;
  const isLinear = activation === 0;
  if (isLinear) backend.incRef(dy.dataId);
  const dLinear = isLinear ? { ...dy } : output(y.shape), dBias = output([channels]);
  const work = scratch(functions.sumRowsScratch(channels));
  const addresses = [dy, y, dLinear, dBias].map(at);
  functions.activationGrad(rows, channels, activation, slope, ...addresses, work);
  return [dLinear, dBias];
};
