/**
 * Sketch-RNN's decoder as graphs of layers: its first state, and a step.
 *
 * D decoder units, Z latent, M mixtures.
 *
 * @module
 */
import type { NamedArray } from "../../safetensors.ts";
import type { Variables } from "../../layers/layer.ts";
import { denseLayer } from "../../layers/linear.ts";
import { arrayOf, type CellNorms, type Network, NetworkBuilder, type NetworkValue } from "../../network.ts";

/** What the graphs are made of. */
export interface DecoderParts {
  readonly variables: Variables;
  /** Of a point's row; Z, 0 for none; and how many classes it is told of, 0 for none. */
  readonly sizes: { readonly row: number; readonly latent: number; readonly classes: number };
  readonly units: number;
  readonly mixtures: number;
  /** What offsets are divided by. */
  readonly scale: number;
}

/** What the decoder is told at every step: the latent and the class; undefined where it is told nothing. */
function contextOf(network: NetworkBuilder, { sizes: { latent, classes } }: DecoderParts): NetworkValue[] {
  const parts: NetworkValue[] = [];
  const add = (name: string, length: number, meaning: string) => {
    if (length > 0) parts.push(network.input({ name, dtype: "float32", shape: [length], meaning }));
  };
  add("latent", latent, "what is to be drawn: standard normal numbers, or the encoder's");
  add("class", classes, "1 for the class, 0 for all others");
  return parts;
}

/** Several values as one. */
function joined(network: NetworkBuilder, name: string, parts: readonly NetworkValue[]): NetworkValue {
  return parts.length === 1 ? parts[0] : network.add(name, parts, { kind: "concat" });
}

const STATE = "the hidden state and the cell state";

/** The first state; of a decoder that is told nothing it is zeros, and there is no such graph. */
export function initialNetwork(parts: DecoderParts): Network {
  const network = new NetworkBuilder();
  const context = joined(network, "context", contextOf(network, parts));
  const flat = network.add("initial", context, denseLayer(parts.variables, "initial", "tanh"));
  network.output("state", network.add("parts", flat, { kind: "reshape", shape: [2, parts.units] }), STATE);
  return network;
}

/** A step: a row and a state to the next state, and what is said of the next row. */
export function stepNetwork(parts: DecoderParts): Network {
  const { variables, sizes, units, mixtures, scale } = parts;
  const network = new NetworkBuilder();
  const row = `the last row: dx and dy, over ${Number(scale.toPrecision(6))}` +
    ", and 1 for the pen: down after it, lifted, ended; at the start 0, 0, 1, 0, 0";
  const point = network.input({ name: "point", dtype: "float32", shape: [sizes.row], meaning: row });
  const context = contextOf(network, parts);
  const meaning = `${STATE} after the step before; at the start ${context.length > 0 ? "those of part initial" : "0"}`;
  const before = network.input({ name: "state_before", dtype: "float32", shape: [2, units], meaning });
  const given = joined(network, "given", [point, ...context]);
  const kernels = ["decoder/kernel", "decoder/contextKernel"].flatMap((name) =>
    Object.hasOwn(variables, name) ? [arrayOf(variables[name])] : []
  );
  const norms = normsOf(variables);
  const bias = norms ? { shape: [4 * units], data: new Float32Array(4 * units) } : arrayOf(variables["decoder/bias"]);
  const weights = { kernel: stacked(kernels), recurrentKernel: arrayOf(variables["decoder/recurrentKernel"]), bias };
  const state = network.add("decoder", [given, before], { kind: "lstmStep", weights, ...norms ? { norms } : {} });
  const hidden = network.add("hidden", state, { kind: "pick", index: 0 });
  const told = network.add("output", hidden, denseLayer(variables, "output"));
  const [m, by] = [mixtures, `each ${mixtures}, in deviations`];
  network.output(
    "parameters",
    told,
    `of the next row: logits of the pen, 3; logits of the mixture's parts, ${m}; means of dx and of dy, ${by}; logarithms ` +
      `of their deviations, each ${m}; and what tanh makes their correlations of, ${m}`,
  );
  network.output("state", state, STATE);
  return network;
}

/** The norms of a cell that has such. */
function normsOf(variables: Variables): CellNorms | undefined {
  if (!Object.hasOwn(variables, "decoder/cellGamma")) return undefined;
  const [gamma, beta, cellGamma, cellBeta] = ["gamma", "beta", "cellGamma", "cellBeta"].map((name) =>
    arrayOf(variables[`decoder/${name}`])
  );
  return { gamma, beta, cellGamma, cellBeta };
}

/** Rows of several matrices one below the other. */
function stacked(arrays: readonly NamedArray[]): NamedArray {
  const [{ shape: [, columns] }] = arrays;
  const data = new Float32Array(arrays.reduce((sum, { data }) => sum + data.length, 0));
  let at = 0;
  for (const array of arrays) {
    data.set(array.data, at);
    at += array.data.length;
  }
  return { shape: [data.length / columns, columns], data };
}
