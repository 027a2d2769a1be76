/**
 * The gradients of a two-dimensional convolution on webgpu, under tfjs's own names.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { WebgpuKernel } from "../context.ts";
import { convSource, STORE_DX, tileConv, TURNED } from "./conv_tile.ts";
import { splitProduct } from "../products/split_product.ts";
import { transposeConv } from "./conv_product.ts";

// A row of the product is a tap and an input channel; a term is an output pixel.
const FILTER_GRAD = `
fn rowOf(m: u32) -> vec4<i32> {
  let tap = m / INPUTS;
  return vec4<i32>(vec4<u32>(tap / FILTER_WIDTH, tap % FILTER_WIDTH, m % INPUTS, 0u));
}
fn termOf(k: u32) -> vec4<i32> {
  let y = k / uniforms.outWidth % uniforms.outHeight * STRIDE_HEIGHT;
  let x = k % uniforms.outWidth * STRIDE_WIDTH;
  let corner = vec2<i32>(i32(y) - i32(uniforms.padTop), i32(x) - i32(uniforms.padLeft));
  return vec4<i32>(i32(k / (uniforms.outHeight * uniforms.outWidth)), corner, i32(k));
}
`;

/** Reads x, one channel or four. */
const leftAt = (name: string, type: string, each: number) => `
fn ${name}(row: vec4<i32>, term: vec4<i32>) -> ${type} {
  let y = term.y + row.x;
  let x = term.z + row.y;
  if (y < 0 || x < 0 || u32(y) >= uniforms.height || u32(x) >= uniforms.width) { return ${type}(); }
  let pixel = (u32(term.x) * uniforms.height + u32(y)) * uniforms.width + u32(x);
  return x_[(pixel * INPUTS + u32(row.z)) / ${each}u];
}`;
const LEFT = { one: leftAt("leftAt", "f32", 1), four: leftAt("leftQuadAt", "vec4<f32>", 4) };

/** Reads dy. */
const rightAt = (name: string, type: string, each: number) => `
fn ${name}(term: vec4<i32>, n: u32) -> ${type} { return dy[(u32(term.w) * uniforms.n + n) / ${each}u]; }`;
const RIGHT = { one: rightAt("rightAt", "f32", 1), four: rightAt("rightQuadAt", "vec4<f32>", 4) };

/** x [N, H, W, Cin], dy [N, OH, OW, Cout] -> the gradient of the filter [KH, KW, Cin, Cout]; NCHW is left to tfjs. */
export function convFilterGrad(): WebgpuKernel {
  const stock = tf.getKernel("Conv2DBackpropFilter", "webgpu").kernelFunc;
  return (context, inputs, attributes) => {
    const { x, dy } = inputs;
    const info = infoOf(x.shape, attributes.filterShape, attributes);
    if (info.dataFormat !== "channelsLast") return stock({ inputs, backend: context.backend, attrs: attributes });
    const dFilter = context.output(info.filterShape);
    const [isLeftWide, isRightWide] = [info.inChannels, info.outChannels].map((channels) => channels % 4 === 0);
    splitProduct(context, {
      name: "ConvFilterGrad",
      m: info.filterHeight * info.filterWidth * info.inChannels,
      n: info.outChannels,
      k: info.batchSize * info.outHeight * info.outWidth,
      reads: { x_: x, dy },
      constants: {
        INPUTS: info.inChannels,
        FILTER_WIDTH: info.filterWidth,
        STRIDE_HEIGHT: info.strideHeight,
        STRIDE_WIDTH: info.strideWidth,
      },
      sizes: sizesOf(info),
      source: FILTER_GRAD + (isLeftWide ? "" : LEFT.one) + (isRightWide ? "" : RIGHT.one),
      quads: { left: isLeftWide ? LEFT.four : undefined, right: isRightWide ? RIGHT.four : undefined },
      elements: { ...isLeftWide && { x_: "vec4<f32>" }, ...isRightWide && { dy: "vec4<f32>" } },
      writes: [dFilter],
    });
    return dFilter;
  };
}

const INPUT_GRAD = {
  ...TURNED,
  inputAt: `
fn inputAt(image: u32, y: i32, x: i32, channel: u32) -> f32 {
  let outY = y + i32(uniforms.padTop) - 1;
  let outX = x + i32(uniforms.padLeft) - 1;
  if (outY < 0 || outX < 0 || u32(outY) >= uniforms.outHeight || u32(outX) >= uniforms.outWidth) { return 0.0; }
  return dy[((image * uniforms.outHeight + u32(outY)) * uniforms.outWidth + u32(outX)) * INPUTS + channel];
}`,
  finish: STORE_DX,
};

/** dy [N, OH, OW, Cout], filter [KH, KW, Cin, Cout] -> the gradient of x [N, H, W, Cin]; NCHW is left to tfjs. */
export function convInputGrad(): WebgpuKernel {
  const stock = tf.getKernel("Conv2DBackpropInput", "webgpu").kernelFunc;
  return (context, tensors, attributes) => {
    const { dy, filter } = tensors;
    const info = infoOf(attributes.inputShape, filter.shape, attributes);
    const { batchSize: batch, inHeight, inWidth, outChannels: inputs, inChannels: outputs } = info;
    if (info.dataFormat !== "channelsLast") {
      return stock({ inputs: tensors, backend: context.backend, attrs: attributes });
    }
    const isTiled = info.filterHeight === 3 && info.filterWidth === 3 && info.strideHeight === 1 &&
      info.strideWidth === 1;
    if (!isTiled) return transposeConv(context, { x: dy, filter, info });
    const dx = context.output(info.inShape);
    const squares = [Math.ceil(inHeight / 2), Math.ceil(inWidth / 2)] as const;
    const { constants, sizes, workgroups } = tileConv({ batch, squares, inputs, outputs });
    context.run({
      name: "ConvInputGrad",
      source: convSource(INPUT_GRAD, constants.QUADS),
      constants,
      sizes: { ...sizes, ...sizesOf(info) },
      reads: { dy, filter_: filter },
      writes: { dx },
      workgroups,
    });
    return dx;
  };
}

type Shape4D = [number, number, number, number];

function infoOf(
  image: number[],
  filter: number[],
  // deno-lint-ignore no-explicit-any -- tfjs's attributes
  { strides, pad, dataFormat, dimRoundingMode }: Record<string, any>,
): tf.backend_util.Conv2DInfo {
  const format = tf.backend_util.convertConv2DDataFormat(dataFormat ?? "NHWC");
  const shapes = [image as Shape4D, filter as Shape4D] as const;
  return tf.backend_util.computeConv2DInfo(...shapes, strides, 1, pad, dimRoundingMode, false, format);
}

function sizesOf(info: tf.backend_util.Conv2DInfo): Record<string, number> {
  const { inHeight: height, inWidth: width, outHeight, outWidth, padInfo } = info;
  return { height, width, outHeight, outWidth, padTop: padInfo.top, padLeft: padInfo.left };
}
