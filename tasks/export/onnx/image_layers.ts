/**
 * Layers of images in ONNX.
 *
 * B batch, T frames, S pixels a side, C channels.
 *
 * @module
 */
import type { NetworkConv, NetworkValue } from "../../../models/network.ts";
import { transposed } from "../weight_layout.ts";
import { FLOAT, type OnnxAttributes } from "./onnx_graph.ts";
import type { Adder, Held, OnnxValues } from "./onnx_values.ts";

/** Frames of a stroke-index map. */
export const addFrames: Adder<"frames"> = (
  layers,
  { layer: { frames }, inputs: [map, count], output: { name, shape: [, height, width] } },
) => {
  const { graph } = layers;
  const steps = Array.from({ length: frames }, (_, t) => t);
  const each = layers.reshape(layers.plainOf(map), [-1, 1, height, width], `${name}/map`); // [B, 1, S, S]
  const last = graph.floats(steps.map((t) => t + 1), [frames, 1, 1]);
  const drawn = graph.node("Greater", [each, graph.floats([0])], `${name}/drawn`);
  const early = graph.node("LessOrEqual", [each, last], `${name}/early`); // [B, T, S, S]
  const strokes = layers.reshape(layers.plainOf(count), [-1, 1, 1, 1], `${name}/strokes`); // [B, 1, 1, 1]
  const isThere = graph.node("Less", [graph.floats(steps, [frames, 1, 1]), strokes], `${name}/isThere`); // [B, T, 1, 1]
  const shown = graph.node("And", [drawn, early], `${name}/shown`);
  const on = graph.node("And", [shown, isThere], `${name}/on`); // [B, T, S, S]
  const pixels = graph.node("Cast", [on], `${name}/pixels`, FLOAT);
  return { planes: layers.reshape(pixels, [-1, 1, height, width], name) }; // [B T, 1, S, S]
};

/** A convolution. */
export const addConv: Adder<"conv"> = (layers, { layer, inputs: [x], output: { name, shape } }) => {
  const { filter, stride } = layer;
  const sides = x.shape.slice(-3, -1), made = shape.slice(-3, -1);
  const pads = sides.map((side, axis) => samePadding(side, made[axis], { size: filter.shape[axis], stride }));
  return convolved(layers, "Conv", { x, layer, name, attributes: { pads: padsOf(pads) } });
};

/** Max-pooling. */
export const addMaxPool: Adder<"maxPool"> = (layers, { inputs: [x], output: { name } }) => {
  const attributes = { kernel_shape: [2, 2], strides: [2, 2] };
  return { planes: layers.graph.node("MaxPool", [layers.planesOf(x)], name, attributes) };
};

/** A transposed convolution. */
export const addTransposedConv: Adder<"transposedConv"> = (layers, { layer, inputs: [x], output: { name } }) => {
  const { filter, stride, side } = layer;
  const sides = x.shape.slice(-3, -1);
  // As the convolution pads that it undoes; what its filters do not reach at the end is put on.
  const pads = sides.map((from, axis) => samePadding(side, from, { size: filter.shape[axis], stride }));
  const missing = sides.map((from, axis) =>
    side - (stride * (from - 1) + filter.shape[axis] - pads[axis].before - pads[axis].after)
  );
  const attributes = { pads: padsOf(pads), output_padding: missing };
  return convolved(layers, "ConvTranspose", { x, layer, name, attributes });
};

/** Normalizes pixels. */
export const addPixelNorm: Adder<"pixelNorm"> = (layers, { inputs: [x], output: { name } }) => {
  const { graph } = layers;
  const planes = layers.planesOf(x);
  const squares = graph.node("Mul", [planes, planes], `${name}/squares`);
  const mean = graph.node("ReduceMean", [squares], `${name}/mean`, { axes: [1], keepdims: 1 });
  const above = graph.node("Add", [mean, graph.floats([1e-8])], `${name}/above`);
  return { planes: graph.node("Div", [planes, graph.node("Sqrt", [above], `${name}/root`)], name) };
};

/** Planes to an image, which is how images are here. */
export const addFromPlanes: Adder<"fromPlanes"> = (
  layers,
  { layer: { side, channels }, inputs: [x], output: { name } },
) => ({
  planes: layers.reshape(layers.plainOf(x), [-1, channels, side, side], name),
});

/** How much of a padding stands before and after. */
interface Padding {
  readonly before: number;
  readonly after: number;
}

/** The padding of a convolution from one side to another, as tfjs's "same" has it. */
function samePadding(
  from: number,
  to: number,
  { size, stride }: { readonly size: number; readonly stride: number },
): Padding {
  const total = Math.max((to - 1) * stride + size - from, 0);
  const before = Math.floor(total / 2);
  return { before, after: total - before };
}

/** Those of all axes as ONNX has them: all before, then all after. */
function padsOf(pads: readonly Padding[]): number[] {
  return [...pads.map(({ before }) => before), ...pads.map(({ after }) => after)];
}

/** Adds a convolution or its transpose, whose filters have the channels in the same places as ONNX wants them. */
function convolved(
  layers: OnnxValues,
  operator: "Conv" | "ConvTranspose",
  { x, layer: { filter, bias, stride, activation }, name, attributes }: {
    readonly x: NetworkValue;
    readonly layer: NetworkConv;
    readonly name: string;
    readonly attributes: OnnxAttributes;
  },
): Held {
  const { graph } = layers;
  const planes = layers.planesOf(x);
  const inputs = [
    planes,
    layers.weights(`${name}/filter`, filter, (filter) => transposed(filter, [3, 2, 0, 1])),
    layers.weights(`${name}/bias`, bias),
  ];
  const all = { kernel_shape: filter.shape.slice(0, 2), strides: [stride, stride], ...attributes };
  const add = (output: string) => graph.node(operator, inputs, output, all);
  return layers.activated(activation, { output: name, form: "planes" }, add);
}
