/**
 * A graph of layers in ONNX's operators: a function a kind.
 *
 * B batch.
 *
 * @module
 */
import type { LayerKind, NetworkNode } from "../../../models/network.ts";
import { addConv, addFrames, addFromPlanes, addMaxPool, addPixelNorm, addTransposedConv } from "./image_layers.ts";
import type { OnnxGraph } from "./onnx_graph.ts";
import type { Adder, OnnxValues } from "./onnx_values.ts";
import { addLstmStep, addRecurrent } from "./recurrent_layers.ts";
import { addWriteWindow } from "./window_layer.ts";

/** Adds a layer. */
export function addOnnxLayer(layers: OnnxValues, node: NetworkNode): void {
  layers.hold(node.output, (ADD[node.kind] as Adder<LayerKind>)(layers, node));
}

const ADD: { readonly [K in LayerKind]: Adder<K> } = {
  frames: addFrames,
  conv: addConv,
  maxPool: addMaxPool,
  transposedConv: addTransposedConv,
  pixelNorm: addPixelNorm,
  fromPlanes: addFromPlanes,
  recurrent: addRecurrent,
  lstmStep: addLstmStep,
  writeWindow: addWriteWindow,

  rescale(layers, { layer: { scale, offset }, inputs: [x], output: { name } }) {
    const { graph } = layers;
    return layers.formsOf(x).plain === undefined
      ? { planes: affine(graph, layers.planesOf(x), { name, scale, offset }) }
      : { plain: affine(graph, layers.plainOf(x), { name, scale, offset }) };
  },

  reshape(layers, { inputs: [x], output: { name, shape } }) {
    return { plain: layers.reshape(layers.foldedOf(x), [-1, ...shape], name) };
  },

  reorder(layers, { layer: { order }, inputs: [x], output: { name } }) {
    const { graph } = layers;
    return { plain: graph.node("Gather", [layers.plainOf(x), graph.ints(Array.from(order))], name, { axis: 1 }) };
  },

  dense(layers, { layer: { weights, bias, activation }, inputs: [x], output: { name } }) {
    const { graph } = layers;
    const product = graph.node(
      "MatMul",
      [layers.plainOf(x), layers.weights(`${name}/weights`, weights)],
      `${name}/product`,
    );
    const add = (output: string) => graph.node("Add", [product, layers.weights(`${name}/bias`, bias)], output);
    return layers.activated(activation, { output: name, form: "plain" }, add);
  },

  activation(layers, { layer: { activation }, inputs: [x], output: { name } }) {
    const form = layers.formsOf(x).plain === undefined ? "planes" : "plain";
    const given = form === "planes" ? layers.planesOf(x) : layers.plainOf(x);
    return layers.activated(activation, { output: name, form }, () => given);
  },

  constant(layers, { layer: { array }, inputs: [x], output: { name } }) {
    const { graph } = layers;
    const shape = graph.node("Shape", [layers.plainOf(x)], `${name}/batch`, { start: 0, end: 1 }); // [B]
    const whole = graph.node("Concat", [shape, graph.ints(array.shape)], `${name}/shape`, { axis: 0 });
    return { plain: graph.node("Expand", [layers.weights(`${name}/value`, array), whole], name) };
  },

  pick(layers, { layer: { index }, inputs: [x], output: { name } }) {
    const { graph } = layers;
    return { plain: graph.node("Gather", [layers.plainOf(x), graph.int(index)], name, { axis: 1 }) };
  },

  concat(layers, { inputs, output: { name } }) {
    return { plain: layers.graph.node("Concat", inputs.map((x) => layers.plainOf(x)), name, { axis: 1 }) };
  },

  add(layers, { inputs, output: { name } }) {
    return { plain: layers.graph.node("Sum", inputs.map((x) => layers.plainOf(x)), name) };
  },
};

/** x scale + offset. */
function affine(
  graph: OnnxGraph,
  x: string,
  { name, scale, offset }: { readonly name: string; readonly scale: number; readonly offset: number },
): string {
  if (offset === 0) return graph.node("Mul", [x, graph.floats([scale])], name);
  const product = graph.node("Mul", [x, graph.floats([scale])], `${name}/product`);
  return graph.node("Add", [product, graph.floats([offset])], name);
}
