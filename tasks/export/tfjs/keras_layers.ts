/**
 * A graph of layers in tfjs's own, a function a kind. Where tfjs has no layer for one, that is said.
 *
 * T steps, F features.
 *
 * @module
 */
import type { NamedArray } from "../../../models/safetensors.ts";
import type { LayerKind, NetworkConv, NetworkNode, RecurrentWeights } from "../../../models/network.ts";
import { Unsuitable } from "../target.ts";
import type { KerasConfig, KerasLayer, KerasModel } from "./keras_model.ts";

/** Adds the layers of a network to a model. */
export function addKerasLayer<K extends LayerKind>(model: KerasModel, node: NetworkNode<K>): void {
  (ADD[node.kind] as Adder<LayerKind>)(model, node as NetworkNode);
}

type Adder<K extends LayerKind> = (model: KerasModel, node: NetworkNode<K>) => void;

/** Weights that are loaded need not be drawn before: orthogonal ones take seconds. */
const ZEROS = { class_name: "Zeros", config: {} };
const UNDRAWN = { kernel_initializer: ZEROS, bias_initializer: ZEROS };

const ADD: { readonly [K in LayerKind]: Adder<K> } = {
  /**
   * Of whole numbers min(max(x - k, 0), 1) says whether x is above k: so cells are told apart by their strokes, and steps by
   * how many strokes there are.
   */
  frames(model, { layer: { frames }, inputs: [map, count], output: { name, shape: [, height, width] } }) {
    const limits = Float32Array.from({ length: frames + 1 }, (_, k) => -k); // above 0, 1, …, T
    const ones = { shape: [1, 1, 1, frames + 1], data: new Float32Array(frames + 1).fill(1) };
    const cells = model.add(`${name}/cells`, reshaped([height, width, 1]), [map.name]);
    const levels = model.add(`${name}/levels`, conv({ filters: frames + 1, size: 1 }), [cells], {
      ...{ kernel: ones, bias: { shape: [frames + 1], data: limits } },
    });
    const above = model.add(`${name}/above`, CLIPPED, [levels]); // [S, S, T + 1]
    const early = model.add(`${name}/early`, conv({ filters: frames, size: 1, use_bias: false }), [above], {
      kernel: differences(frames),
    });
    const left = model.add(`${name}/left`, dense(frames), [count.name], {
      kernel: { shape: [1, frames], data: new Float32Array(frames).fill(1) },
      bias: { shape: [frames], data: limits.slice(0, frames) },
    });
    const isThere = model.add(`${name}/isThere`, CLIPPED, [left]); // [T]
    const each = model.add(`${name}/each`, reshaped([1, 1, frames]), [isThere]);
    const shown = model.add(`${name}/shown`, { class_name: "Multiply", config: {} }, [early, each]); // [S, S, T]
    const first = model.add(`${name}/first`, { class_name: "Permute", config: { dims: [3, 1, 2] } }, [shown]);
    model.add(name, reshaped([frames, height, width, 1]), [first]);
  },

  rescale(model, { layer: { scale, offset }, inputs: [x], output: { name } }) {
    model.add(name, { class_name: "Rescaling", config: { scale, offset } }, [x.name]);
  },

  reshape(model, { layer: { shape }, inputs: [x], output: { name } }) {
    model.add(name, reshaped(shape), [x.name]);
  },

  reorder: () => {
    throw new Unsuitable("tfjs has no layer that reads pixels in an order of their own");
  },

  conv(model, { layer, inputs: [x], output: { name } }) {
    const { filter, bias, stride, activation } = layer;
    const own = conv({ filters: filter.shape[3], size: filter.shape[0], stride, activation });
    model.add(name, overSteps(own, x.shape.length > 3), [x.name], { kernel: filter, bias });
  },

  maxPool(model, { inputs: [x], output: { name } }) {
    const config = { pool_size: [2, 2], strides: [2, 2], padding: "valid", data_format: "channels_last" };
    model.add(name, overSteps({ class_name: "MaxPooling2D", config }, x.shape.length > 3), [x.name]);
  },

  transposedConv(model, { layer, inputs: [x], output: { name } }) {
    const { filter, bias, stride, activation, side } = layer;
    const { config } = conv({ filters: filter.shape[2], size: filter.shape[0], stride, activation });
    const own = { class_name: "Conv2DTranspose", config };
    const weights = { kernel: filter, bias };
    const [from] = x.shape;
    const surplus = stride * from - side;
    if (surplus === 0) return void model.add(name, own, [x.name], weights);
    const whole = model.add(`${name}/whole`, own, [x.name], weights);
    // What was padded before the smaller map is larger by this: so much of the larger one is cut off there.
    const before = paddedBefore(side, from, layer) - paddedBefore(stride * from, from, layer);
    const cropping = [[before, surplus - before], [before, surplus - before]];
    model.add(name, { class_name: "Cropping2D", config: { cropping, data_format: "channels_last" } }, [whole]);
  },

  pixelNorm: () => {
    throw new Unsuitable("tfjs has no layer that normalizes a pixel's channels");
  },

  lstmStep: () => {
    throw new Unsuitable("tfjs has no layer that takes single steps of an LSTM");
  },

  constant: () => {
    throw new Unsuitable("tfjs has no layer that gives the same numbers for every example");
  },

  pick: () => {
    throw new Unsuitable("tfjs has no layer that takes one step out of several");
  },

  concat(model, { inputs, output: { name } }) {
    model.add(name, { class_name: "Concatenate", config: { axis: 1 } }, inputs.map(({ name }) => name));
  },

  add(model, { inputs, output: { name } }) {
    model.add(name, { class_name: "Add", config: {} }, inputs.map(({ name }) => name));
  },

  fromPlanes(model, { layer: { side, channels }, inputs: [x], output: { name } }) {
    const planes = model.add(`${name}/planes`, reshaped([channels, side, side]), [x.name]);
    model.add(name, { class_name: "Permute", config: { dims: [2, 3, 1] } }, [planes]);
  },

  writeWindow: () => {
    throw new Unsuitable("tfjs has no layer that writes through an attention window");
  },

  dense(model, { layer: { weights, bias, activation }, inputs: [x], output: { name } }) {
    model.add(name, dense(weights.shape[1], activation), [x.name], { kernel: weights, bias });
  },

  activation(model, { layer: { activation }, inputs: [x], output: { name } }) {
    model.add(name, { class_name: "Activation", config: { activation } }, [x.name]);
  },

  recurrent(model, { layer: { cell, directions, keeps }, inputs: [x], output: { name } }) {
    if (cell === "gru") throw new Unsuitable("tfjs's GRU applies its reset gate before the product, not after it");
    const units = directions[0].recurrentKernel.shape[0];
    const layer = lstm(units, keeps === "sequence");
    if (directions.length === 1) return void model.add(name, layer, [x.name], lstmWeights(directions[0]));
    const named = { ...layer, config: { ...layer.config, name: cell } };
    const weights = directions.map((own, i) => lstmWeights(own, `${i === 0 ? "forward" : "backward"}_${cell}/`));
    const both = { class_name: "Bidirectional", config: { layer: named, merge_mode: "concat" } };
    model.add(name, both, [x.name], Object.assign({}, ...weights));
  },
};

/** min(max(x, 0), 1). */
const CLIPPED: KerasLayer = { class_name: "ReLU", config: { max_value: 1 } };

function reshaped(target_shape: readonly number[]): KerasLayer {
  return { class_name: "Reshape", config: { target_shape } };
}

function dense(units: number, activation = "linear"): KerasLayer {
  return { class_name: "Dense", config: { units, activation, use_bias: true, ...UNDRAWN } };
}

function conv(
  { size, stride = 1, activation = "linear", ...given }:
    & { readonly filters: number; readonly size: number; readonly stride?: number; readonly activation?: string }
    & KerasConfig,
): KerasLayer {
  const how = { padding: "same", data_format: "channels_last", dilation_rate: [1, 1], use_bias: true, ...UNDRAWN };
  const config = { kernel_size: [size, size], strides: [stride, stride], activation, ...how, ...given };
  return { class_name: "Conv2D", config };
}

/** A layer of pictures, for each picture of a sequence where there is one. */
function overSteps(layer: KerasLayer, isSequence: boolean): KerasLayer {
  if (!isSequence) return layer;
  const own = { ...layer, config: { ...layer.config, name: "each" } };
  return { class_name: "TimeDistributed", config: { layer: own } };
}

/** A 1x1 filter: of T + 1 numbers the first minus each other one, [1, 1, T + 1, T]. */
function differences(frames: number): NamedArray {
  const data = new Float32Array((frames + 1) * frames).fill(1, 0, frames);
  for (let t = 0; t < frames; t++) data[(t + 1) * frames + t] = -1;
  return { shape: [1, 1, frames + 1, frames], data };
}

/** What "same" padding puts before a map when a convolution makes another of it. */
function paddedBefore(from: number, to: number, { filter, stride }: Pick<NetworkConv, "filter" | "stride">): number {
  return Math.floor(Math.max((to - 1) * stride + filter.shape[0] - from, 0) / 2);
}

/** Gates are in the order i, f, c, o, as they are here. */
function lstm(units: number, return_sequences: boolean): KerasLayer {
  const config = {
    ...{ units, activation: "tanh", recurrent_activation: "sigmoid", use_bias: true, return_sequences },
    ...{ ...UNDRAWN, recurrent_initializer: ZEROS, unit_forget_bias: false },
  };
  return { class_name: "LSTM", config };
}

function lstmWeights(
  { kernel, recurrentKernel, bias }: RecurrentWeights,
  prefix = "",
): Readonly<Record<string, NamedArray>> {
  return { [`${prefix}kernel`]: kernel, [`${prefix}recurrent_kernel`]: recurrentKernel, [`${prefix}bias`]: bias };
}
