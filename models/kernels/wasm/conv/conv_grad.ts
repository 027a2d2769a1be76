/**
 * The gradients of a two-dimensional convolution on wasm, under tfjs's own names.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { WasmContext, WasmKernel } from "../context.ts";

/** x [N, H, W, Cin], dy [N, OH, OW, Cout] -> the gradient of the filter [KH, KW, Cin, Cout]. */
export const convFilterGrad: WasmKernel = (context, { x, dy }, attributes) => {
  const { functions, at, output } = context;
  const shape = attributes.filterShape as FilterShape;
  const { sizes, work } = plan(context, x.shape as ImageShape, shape, attributes);
  const dFilter = output(shape);
  functions.convFilterGrad(...sizes, at(x), at(dy), at(dFilter), work);
  return dFilter;
};

/** dy [N, OH, OW, Cout], filter [KH, KW, Cin, Cout] -> the gradient of x [N, H, W, Cin]. */
export const convInputGrad: WasmKernel = (context, { dy, filter }, attributes) => {
  const { functions, at, output } = context;
  const shape = attributes.inputShape as ImageShape;
  const { sizes, work } = plan(context, shape, filter.shape as FilterShape, attributes);
  const dx = output(shape);
  functions.convInputGrad(...sizes, at(filter), at(dy), at(dx), work);
  return dx;
};

type ImageShape = [number, number, number, number];
type FilterShape = [number, number, number, number];

function plan(
  { functions, scratch }: WasmContext,
  image: ImageShape,
  filter: FilterShape,
  // deno-lint-ignore no-explicit-any -- tfjs's attributes
  { strides, pad, dataFormat, dimRoundingMode }: Record<string, any>,
): { sizes: number[]; work: number } {
  const format = tf.backend_util.convertConv2DDataFormat(dataFormat ?? "NHWC");
  if (format !== "channelsLast") throw new RangeError("Convolution gradients on wasm need the data format NHWC");
  const info = tf.backend_util.computeConv2DInfo(image, filter, strides, 1, pad, dimRoundingMode, false, format);
  const sizes = [
    ...[info.batchSize, info.inHeight, info.inWidth, info.inChannels, info.outHeight, info.outWidth, info.outChannels],
    ...[info.filterHeight, info.filterWidth, info.strideHeight, info.strideWidth, info.padInfo.top, info.padInfo.left],
  ];
  return { sizes, work: scratch(functions.convGradScratch(info.filterHeight * info.filterWidth * info.inChannels)) };
}
