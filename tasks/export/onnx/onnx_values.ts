/**
 * The values of a graph of layers in ONNX. It convolves planes, [N, C, H, W], where layers have [N, H, W, C]: values change
 * from one form to the other only between those that want them differently. The frames of a drawing are folded into the batch
 * there.
 *
 * B batch, T steps.
 *
 * @module
 */
import type { LayerKind, NetworkActivation, NetworkNode, NetworkValue } from "../../../models/network.ts";
import type { NamedArray } from "../../../models/safetensors.ts";
import type { OnnxGraph } from "./onnx_graph.ts";

/** A value's names in the forms that it has so far. */
export interface Held {
  /** [B, …its shape]. */
  plain?: string;
  /** Of [(T,) H, W, C] as [B (T), C, H, W]. */
  planes?: string;
  /** Of the same as [B (T), H, W, C]. */
  folded?: string;
}

/** The values of a network in a graph, and what layers have in common. */
export class OnnxValues {
  readonly graph: OnnxGraph;
  readonly #held = new Map<string, Held>();
  /** Names of weights by what they were made of. */
  readonly #weights = new Map<NamedArray, string>();

  constructor(graph: OnnxGraph) {
    this.graph = graph;
  }

  /** Takes note of a value that the graph has under its own name, [B, …]. */
  hold({ name }: NetworkValue, held: Held): void {
    this.#held.set(name, held);
  }

  /** A value's forms. */
  formsOf({ name }: NetworkValue): Held {
    return this.#held.get(name)!;
  }

  /** A value as [B, …its shape]. */
  plainOf(value: NetworkValue): string {
    const held = this.formsOf(value);
    if (held.plain === undefined) {
      const folded = this.foldedOf(value);
      held.plain = value.shape.length === 3
        ? folded
        : this.reshape(folded, [-1, ...value.shape], `${value.name}/unfolded`);
    }
    return held.plain;
  }

  /** A value in the order of its numbers; where it is held as planes alone, the frames are in the batch. */
  foldedOf(value: NetworkValue): string {
    const held = this.formsOf(value);
    if (held.plain !== undefined) return held.plain;
    const to = `${value.name}/channelsLast`;
    return held.folded ??= this.graph.node("Transpose", [held.planes!], to, { perm: [0, 2, 3, 1] });
  }

  /** A value of [(T,) H, W, C] as [B (T), C, H, W]. */
  planesOf(value: NetworkValue): string {
    const held = this.formsOf(value), { name, shape } = value;
    if (held.planes === undefined) {
      const image = shape.slice(-3);
      const folded = shape.length === 3 ? held.plain! : this.reshape(held.plain!, [-1, ...image], `${name}/folded`);
      held.planes = this.graph.node("Transpose", [folded], `${name}/channelsFirst`, { perm: [0, 3, 1, 2] });
    }
    return held.planes;
  }

  /** Adds a change of shape. */
  reshape(from: string, shape: readonly number[], output: string): string {
    return this.graph.node("Reshape", [from, this.graph.ints(shape)], output);
  }

  /**
   * Adds weights, or finds them where another layer has the same ones.
   *
   * @param change Of the array, in the one way that these weights are ever changed.
   */
  weights(name: string, array: NamedArray, change: (array: NamedArray) => NamedArray = (array) => array): string {
    const known = this.#weights.get(array);
    if (known !== undefined) return known;
    const { shape, data } = change(array);
    this.#weights.set(array, this.graph.weights(name, shape, data));
    return name;
  }

  /**
   * Adds what follows a layer; `linear` behind it has the layer's own name, where something follows.
   *
   * @param form The one in which the layer gives its value.
   */
  activated(
    activation: NetworkActivation,
    { output, form }: { readonly output: string; readonly form: "plain" | "planes" },
    linear: (name: string) => string,
  ): Held {
    if (activation === "linear") return { [form]: linear(output) };
    const attributes = activation === "softmax" ? { axis: form === "planes" ? 1 : -1 } : {}; // where the channels are
    return { [form]: this.graph.node(ACTIVATIONS[activation], [linear(`${output}/linear`)], output, attributes) };
  }
}

const ACTIVATIONS: Readonly<Record<Exclude<NetworkActivation, "linear">, string>> = {
  relu: "Relu",
  elu: "Elu",
  sigmoid: "Sigmoid",
  tanh: "Tanh",
  softmax: "Softmax",
};

/** Adds a layer of a kind; gives the forms of what it gives. */
export type Adder<K extends LayerKind> = (layers: OnnxValues, node: NetworkNode<K>) => Held;
