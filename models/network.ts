/**
 * A part of a trained model as a plain graph of layers, for the file formats of other programs: what they need to know of
 * it, and no more. Formats are written from it, each layer by its kind.
 *
 * Shapes are those of one example: the batch stands before them.
 *
 * @module
 */
import { nearest } from "../pipelines/base/nearest.ts";
import type { NamedArray } from "./safetensors.ts";
import type { Tensor } from "./tensors.ts";

/** What follows a layer: `elu` is e^x - 1 below 0; `softmax` goes over the last dimension. */
export type NetworkActivation = "linear" | "relu" | "elu" | "sigmoid" | "tanh" | "softmax";

/** The weights of a recurrent layer in one direction; gates as in `lstmLayer` and `gruLayer`. */
export interface RecurrentWeights {
  /** [inputs, gates H]. */
  readonly kernel: NamedArray;
  /** [H, gates H]. */
  readonly recurrentKernel: NamedArray;
  /** [gates H]. */
  readonly bias: NamedArray;
  /** Of a GRU b_hn, [H]. */
  readonly recurrentBias?: NamedArray;
}

/** A convolution over the last three dimensions, [H, W, C], with "same" padding and a bias. */
export interface NetworkConv {
  /** [size, size, inputs, outputs]; of a transposed convolution [size, size, outputs, inputs]. */
  readonly filter: NamedArray;
  /** [outputs]. */
  readonly bias: NamedArray;
  /** From one place of the filter to the next, across and down; of a transposed one by how much maps become larger. */
  readonly stride: number;
  /** What follows. */
  readonly activation: NetworkActivation;
}

/** What an LSTM cell with layer normalization has beside its kernels: see `layerNormGates`. */
export interface CellNorms {
  /** Of the gates' inputs, [4H]. */
  readonly gamma: NamedArray;
  /** Of the gates' inputs, [4H]. */
  readonly beta: NamedArray;
  /** Of the cell state on its way to the output, [H]. */
  readonly cellGamma: NamedArray;
  /** Of the cell state on its way to the output, [H]. */
  readonly cellBeta: NamedArray;
}

/** What a layer does, by kind. */
export interface NetworkLayers {
  /** A stroke-index map [S, S] and a stroke count [] to cumulative frames [T, S, S, 1], blank ones after the last stroke. */
  readonly frames: {
    /** T. */
    readonly frames: number;
  };
  /** x scale + offset. */
  readonly rescale: {
    /** What is multiplied by. */
    readonly scale: number;
    /** What is added then. */
    readonly offset: number;
  };
  /** The same numbers in the same order in another shape. */
  readonly reshape: {
    /** That of the result. */
    readonly shape: readonly number[];
  };
  /** The numbers of [P] in another order, [P]. */
  readonly reorder: {
    /** Of each number of the result its place before, [P]. */
    readonly order: ArrayLike<number>;
  };
  /** [..., H, W, C] -> [..., ceil(H / stride), ceil(W / stride), outputs]. */
  readonly conv: NetworkConv;
  /** [..., H, W, C] -> [..., floor(H / 2), floor(W / 2), C]. */
  readonly maxPool: Readonly<Record<never, never>>;
  /** [h, w, C] -> [side, side, outputs]. */
  readonly transposedConv: NetworkConv & {
    /** At least so much that divided by the stride it gives h and w. */
    readonly side: number;
  };
  /** Each pixel [..., C] over the root of its channels' mean square, to which 1e-8 is added. */
  readonly pixelNorm: Readonly<Record<never, never>>;
  /** [..., inputs] -> [..., outputs]. */
  readonly dense: {
    /** [inputs, outputs]. */
    readonly weights: NamedArray;
    /** [outputs]. */
    readonly bias: NamedArray;
    /** What follows. */
    readonly activation: NetworkActivation;
  };
  /** What follows, where it is no layer's own. */
  readonly activation: {
    /** Which. */
    readonly activation: NetworkActivation;
  };
  /** [T, inputs] -> [T, directions H], or of the last step of each direction [directions H]. */
  readonly recurrent: {
    /** Which cell. */
    readonly cell: "lstm" | "gru";
    /** One or two; the second one reads from the end to the beginning. */
    readonly directions: readonly RecurrentWeights[];
    /** Whether every step is given, or the last one. */
    readonly keeps: "sequence" | "last";
  };
  /** Inputs [F] and a state [2, H], hidden and cell, to the next state. */
  readonly lstmStep: {
    /** With norms the bias is none. */
    readonly weights: RecurrentWeights;
    /** Those of a cell with layer normalization; missing for a plain one. */
    readonly norms?: CellNorms;
  };
  /** The same numbers for every example, whatever is read. */
  readonly constant: {
    /** They. */
    readonly array: NamedArray;
  };
  /** One of [T, ...]: [...]. */
  readonly pick: {
    /** Which, from 0. */
    readonly index: number;
  };
  /** Several values one behind the other by their first dimensions. */
  readonly concat: Readonly<Record<never, never>>;
  /** The sum of several values of one shape. */
  readonly add: Readonly<Record<never, never>>;
  /** Planes one behind the other, [C S S], to an image [S, S, C]. */
  readonly fromPlanes: {
    /** S. */
    readonly side: number;
    /** C. */
    readonly channels: number;
  };
  /** The numbers that place a window [5] and a patch [C N N] to what DRAW's window writes [C S S]. */
  readonly writeWindow: {
    /** N, filters a side. */
    readonly filters: number;
    /** S, cells a side. */
    readonly side: number;
  };
}

/** A kind of layer. */
export type LayerKind = keyof NetworkLayers;

/** A value that layers read and give. */
export interface NetworkValue {
  /** That of the layer or input that gives it. */
  readonly name: string;
  /** Without the batch. */
  readonly shape: readonly number[];
}

/** A layer in its place. */
export type NetworkNode<K extends LayerKind = LayerKind> = {
  readonly [Kind in K]: {
    /** Its kind. */
    readonly kind: Kind;
    /** What it does. */
    readonly layer: NetworkLayers[Kind];
    /** What it reads. */
    readonly inputs: readonly NetworkValue[];
    /** What it gives. */
    readonly output: NetworkValue;
  };
}[K];

/** What is given to a network. */
export interface NetworkInput extends NetworkValue {
  /** The type of its numbers. */
  readonly dtype: "uint8" | "float32";
  /** What it is, a few words. */
  readonly meaning: string;
}

/** What a network gives: float32. */
export interface NetworkOutput {
  /** Its name, another than any input has. */
  readonly name: string;
  /** Where it comes from. */
  readonly value: NetworkValue;
  /** What it is, a few words. */
  readonly meaning: string;
}

/** A graph of layers. */
export interface Network {
  /** What is given, in order. */
  readonly inputs: readonly NetworkInput[];
  /** Each after those that it reads from. */
  readonly nodes: readonly NetworkNode[];
  /** What comes out, in order. */
  readonly outputs: readonly NetworkOutput[];
}

/**
 * Puts a network together, layer after layer.
 *
 * @example A model of one's own that other programs can be given
 * ```ts
 * import { NetworkBuilder } from "@strokewise/strokewise/models";
 * import { assertEquals } from "@std/assert";
 *
 * const network = new NetworkBuilder();
 * const image = network.input({ name: "image", dtype: "uint8", shape: [4, 4], meaning: "grey levels, 0 to 255" });
 * const pixels = network.add("pixels", image, { kind: "reshape", shape: [16] });
 * const weights = { shape: [16, 2], data: new Float32Array(32) }, bias = { shape: [2], data: new Float32Array(2) };
 * const dense = network.add("dense", pixels, { kind: "dense", weights, bias, activation: "softmax" });
 * network.output("probabilities", dense, "of the classes");
 * assertEquals(dense.shape, [2]); // to be a model's `networks: { classifier: () => network }`
 * ```
 */
export class NetworkBuilder implements Network {
  /** What is given, in order. */
  readonly inputs: NetworkInput[] = [];
  /** The layers, in order. */
  readonly nodes: NetworkNode[] = [];
  /** What comes out, in order. */
  readonly outputs: NetworkOutput[] = [];

  /**
   * Adds an input.
   *
   * @throws {RangeError} When its name is taken.
   */
  input(input: NetworkInput): NetworkValue {
    this.#checkName(input.name);
    this.inputs.push(input);
    return input;
  }

  /**
   * Adds a layer behind one value or several.
   *
   * @param name Another than all layers, inputs and outputs have.
   * @throws {RangeError} When the name is taken, there is no such layer, or it does not fit what it reads.
   */
  add<K extends LayerKind>(
    name: string,
    from: NetworkValue | readonly NetworkValue[],
    { kind, ...layer }: { readonly kind: K } & NetworkLayers[K],
  ): NetworkValue {
    this.#checkName(name);
    const inputs = [from].flat() as readonly NetworkValue[];
    const given = layer as unknown as NetworkLayers[K];
    const misfit = misfitOf(kind, given, inputs);
    if (misfit !== undefined) throw new RangeError(`layer ${name}, ${kind}: ${misfit}`);
    const output = { name, shape: SHAPES[kind](given, inputs[0].shape, inputs) };
    if (!output.shape.every((length) => Number.isInteger(length) && length > 0)) {
      throw new RangeError(`layer ${name}, ${kind}: of [${inputs[0].shape}] it makes [${output.shape}]`);
    }
    this.nodes.push({ kind, layer: given, inputs, output } as unknown as NetworkNode);
    return output;
  }

  /**
   * Adds an output: a value under a name of its own.
   *
   * @param name Another than all layers, inputs and outputs have.
   * @throws {RangeError} When the name is taken.
   */
  output(name: string, value: NetworkValue, meaning: string): void {
    this.#checkName(name);
    this.outputs.push({ name, value, meaning });
  }

  #checkName(name: string): void {
    const values = [...this.inputs, ...this.nodes.map(({ output }) => output), ...this.outputs];
    if (values.some((value) => value.name === name)) throw new RangeError(`two parts of a network are named ${name}`);
  }
}

type ShapeRule<K extends LayerKind> = (
  layer: NetworkLayers[K],
  shape: readonly number[],
  inputs: readonly NetworkValue[],
) => readonly number[];

/** Why a layer cannot stand behind what it reads; undefined where it can. Types say most of it, where they are checked. */
function misfitOf<K extends LayerKind>(
  kind: K,
  layer: NetworkLayers[K],
  [{ shape }, ...others]: readonly NetworkValue[],
): string | undefined {
  if (!Object.hasOwn(SHAPES, kind)) return `there is no such kind of layer${nearest(kind, Object.keys(SHAPES))}`;
  const { activation = undefined } = layer as Partial<NetworkLayers["activation"]>;
  if (HAVE_ACTIVATIONS.includes(kind) && !ACTIVATIONS.some((known) => known === activation)) {
    return `activation: expected one of ${ACTIVATIONS.join(", ")}; found ${activation}`;
  }
  const dimensions: readonly number[] | undefined = DIMENSIONS[kind];
  if (dimensions !== undefined && !dimensions.includes(shape.length)) {
    return `it is for values of ${dimensions.join(" or ")} dimensions, found [${shape}]`;
  }
  const from: number | undefined = ALIKE[kind];
  const other = others.find((value) => from !== undefined && `${value.shape.slice(from)}` !== `${shape.slice(from)}`);
  if (other !== undefined) return `it is for values that are alike, found [${shape}] and [${other.shape}]`;
  const [found, expected] = FITS[kind]?.(layer, shape) ?? [0, 0];
  return found === expected ? undefined : `it is for ${expected} numbers, found ${found}`;
}

const ACTIVATIONS: readonly NetworkActivation[] = ["linear", "relu", "elu", "sigmoid", "tanh", "softmax"];
const HAVE_ACTIVATIONS: readonly LayerKind[] = ["conv", "transposedConv", "dense", "activation"];

/** How many dimensions a layer reads. */
const DIMENSIONS: { readonly [K in LayerKind]?: readonly number[] } = {
  frames: [2],
  reorder: [1],
  conv: [3, 4],
  maxPool: [3, 4],
  transposedConv: [3],
  pixelNorm: [3, 4],
  recurrent: [2],
  lstmStep: [1],
  writeWindow: [1],
};

/** From which dimension on the shapes of all values that a layer reads are the same. */
const ALIKE: { readonly [K in LayerKind]?: number } = { concat: 1, add: 0 };

/** How many numbers a layer finds and expects, along the last dimension or in all, where that can be told. */
const FITS: { readonly [K in LayerKind]?: (layer: NetworkLayers[K], shape: readonly number[]) => [number, number] } = {
  reshape: (layer, shape) => [sizeOf(shape), sizeOf(layer.shape)],
  reorder: ({ order }, shape) => [sizeOf(shape), order.length],
  conv: ({ filter }, shape) => [shape[shape.length - 1], filter.shape[2]],
  transposedConv: ({ filter }, shape) => [shape[shape.length - 1], filter.shape[3]],
  dense: ({ weights }, shape) => [shape[shape.length - 1], weights.shape[0]],
  recurrent: ({ directions: [{ kernel }] }, shape) => [shape[shape.length - 1], kernel.shape[0]],
  lstmStep: ({ weights: { kernel } }, shape) => [shape[shape.length - 1], kernel.shape[0]],
  fromPlanes: ({ side, channels }, shape) => [sizeOf(shape), side * side * channels],
};

function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, length) => product * length, 1);
}

/** A map of another size and with other channels. */
function resized(shape: readonly number[], size: (side: number) => number, channels: number): readonly number[] {
  const [height, width] = shape.slice(-3);
  return [...shape.slice(0, -3), size(height), size(width), channels];
}

const unchanged = (_: unknown, shape: readonly number[]) => shape;

/** The shape that a layer gives. */
const SHAPES: { readonly [K in LayerKind]: ShapeRule<K> } = {
  frames: ({ frames }, shape) => [frames, ...shape, 1],
  rescale: unchanged,
  reshape: ({ shape }) => shape,
  reorder: unchanged,
  conv: ({ filter, stride }, shape) => resized(shape, (side) => Math.ceil(side / stride), filter.shape[3]),
  maxPool: (_, shape) => resized(shape, (side) => Math.floor(side / 2), shape[shape.length - 1]),
  transposedConv: ({ filter, side }, shape) => resized(shape, () => side, filter.shape[2]),
  pixelNorm: unchanged,
  dense: ({ weights }, shape) => [...shape.slice(0, -1), weights.shape[1]],
  activation: unchanged,
  recurrent({ directions, keeps }, [steps]) {
    const units = directions.length * directions[0].recurrentKernel.shape[0];
    return keeps === "sequence" ? [steps, units] : [units];
  },
  lstmStep: ({ weights }) => [2, weights.recurrentKernel.shape[0]],
  constant: ({ array }) => array.shape,
  pick: (_, shape) => shape.slice(1),
  concat: (_, shape, inputs) => [inputs.reduce((sum, { shape: [length] }) => sum + length, 0), ...shape.slice(1)],
  add: unchanged,
  fromPlanes: ({ side, channels }) => [side, side, channels],
  writeWindow: ({ filters, side }, _, [, { shape: [numbers] }]) => [numbers / filters ** 2 * side ** 2],
};

/**
 * The numbers of a tensor.
 *
 * @param tensor float32, of any shape; it stays the caller's. On webgpu there is no way to have its numbers at once.
 */
export function arrayOf(tensor: Tensor): NamedArray {
  return { shape: tensor.shape, data: Float32Array.from(tensor.dataSync()) };
}
