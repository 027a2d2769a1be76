/**
 * Two-dimensional convolution and its gradients on wasm, under tfjs's own names.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { activate } from "../../activation.ts";
import type { WasmContext, WasmKernel } from "../context.ts";

/** The shape of images or of a filter. */
export type Shape4D = [number, number, number, number];

/** x [N, H, W, Cin], filter [KH, KW, Cin, Cout] -> [N, OH, OW, Cout]; dilated filters are left to tfjs. */
export function conv(): WasmKernel {
  const stock = tf.getKernel("Conv2D", "wasm").kernelFunc;
  return (context, { x, filter }, attributes) =>
    isDilated(attributes)
      ? stock({ inputs: { x, filter }, backend: context.backend, attrs: attributes })
      : convolve(context, { x, filter }, attributes);
}

/** A convolution with a bias [Cout], or without, and an activation. */
export function fusedConv(): WasmKernel {
  const stock = tf.getKernel("FusedConv2D", "wasm").kernelFunc;
  return (context, inputs, attributes) => {
    const { backend } = context;
    if (isDilated(attributes)) return stock({ inputs, backend, attrs: attributes });
    const { activation, leakyreluAlpha } = attributes;
    const { preluActivationWeights, ...given } = inputs;
    return activate(backend, convolve(context, given, attributes), {
      activation,
      leakyreluAlpha,
      preluActivationWeights,
    });
  };
}

/** x [N, H, W, Cin], dy [N, OH, OW, Cout] -> the gradient of the filter [KH, KW, Cin, Cout]. */
export const convFilterGrad: WasmKernel = ({ functions, at, output, scratch }, { x, dy }, attributes) => {
  const shape = attributes.filterShape as Shape4D;
  const sizes = sizesOf(x.shape as Shape4D, shape, attributes);
  const dFilter = output(shape);
  functions.convFilterGrad(...sizes, at(x), at(dy), at(dFilter), scratch(functions.convFilterGradScratch(...sizes)));
  return dFilter;
};

/** dy [N, OH, OW, Cout], filter [KH, KW, Cin, Cout] -> the gradient of x [N, H, W, Cin]. */
export const convInputGrad: WasmKernel = ({ functions, at, output, scratch }, { dy, filter }, attributes) => {
  const shape = attributes.inputShape as Shape4D;
  const sizes = sizesOf(shape, filter.shape as Shape4D, attributes);
  const dx = output(shape);
  functions.convInputGrad(
    ...sizes,
    at(filter),
    at(dy),
    0,
    0,
    0,
    at(dx),
    scratch(functions.convInputGradScratch(...sizes)),
  );
  return dx;
};

// deno-lint-ignore no-explicit-any -- tfjs's attributes
type Attributes = Record<string, any>;

const isDilated = ({ dilations = 1 }: Attributes) => [dilations].flat().some((dilation: number) => dilation !== 1);

function convolve(
  { functions, at, output, scratch }: WasmContext,
  { x, filter, bias }: Record<string, tf.TensorInfo>,
  attributes: Attributes,
): tf.TensorInfo {
  const sizes = sizesOf(x.shape as Shape4D, filter.shape as Shape4D, attributes);
  const [batch, , , , height, width, outputs] = sizes;
  const y = output([batch, height, width, outputs]);
  const work = scratch(functions.convScratch(...sizes));
  functions.conv(...sizes, at(x), at(filter), bias ? at(bias) : 0, 0, 0, at(y), work);
  return y;
}

/** The numbers that every function of a convolution takes first. */
export function sizesOf(
  image: Shape4D,
  filter: Shape4D,
  { strides, pad, dataFormat, dimRoundingMode }: Attributes,
): number[] {
  const format = tf.backend_util.convertConv2DDataFormat(dataFormat ?? "NHWC");
  if (format !== "channelsLast") throw new RangeError("A convolution on wasm needs the data format NHWC");
  const info = tf.backend_util.computeConv2DInfo(image, filter, strides, 1, pad, dimRoundingMode, false, format);
  return [
    ...[info.batchSize, info.inHeight, info.inWidth, info.inChannels, info.outHeight, info.outWidth, info.outChannels],
    ...[info.filterHeight, info.filterWidth, info.strideHeight, info.strideWidth, info.padInfo.top, info.padInfo.left],
  ];
}
