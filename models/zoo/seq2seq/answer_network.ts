/**
 * A sequence-to-sequence model as a graph of layers: a query goes in, the probabilities of its answer's characters come out.
 *
 * Q steps of a query, T of an answer, F numbers a step, E the encoder's last state, V characters.
 *
 * @module
 */
import type { Variables } from "../../layers/layer.ts";
import { type Network, NetworkBuilder, type NetworkValue } from "../../network.ts";
import { gruWeights } from "../../layers/gru.ts";
import { denseLayer } from "../../layers/linear.ts";
import { lstmWeights } from "../../layers/lstm.ts";
import type { Seq2seqOptions } from "./seq2seq_options.ts";

/** What the graph is made of. */
export interface AnswerNetwork {
  readonly options: Seq2seqOptions;
  readonly variables: Variables;
  /** Q and F. */
  readonly query: { readonly length: number; readonly width: number };
  /** T. */
  readonly answerLength: number;
}

/** Why a model has no such graph, in words; undefined where it has one. */
export function whyNoNetwork({ input, cell, attention, teacherForcing }: Seq2seqOptions): string | undefined {
  if (teacherForcing) return "it is told its own characters as it writes, one pass for each, which is no one graph";
  if (attention) return "it looks at all states of the encoder, for which there is no layer";
  if (cell === "layer-norm-lstm") return "its cells normalize their gates, for which there is no layer over steps";
  return ["text", "pixels"].includes(input) ? undefined : "it reads pictures by a CNN that sees each picture once";
}

/** The graph of a model for which {@linkcode whyNoNetwork} has no reason. */
export function answerNetwork({ options, variables, query, answerLength }: AnswerNetwork): Network {
  const { input, cell, encoderUnits, decoderUnits, bidirectional, reverseQuery, reverseAnswer } = options;
  const weightsOf = cell === "gru" ? gruWeights : lstmWeights;
  const { length, width } = query;
  const network = new NetworkBuilder();
  const side = Math.sqrt(width);
  let x = input === "text"
    ? network.input({
      ...{ name: "query", dtype: "float32" as const, shape: [length, width] },
      meaning: "a row a character, 1 at its place in the alphabet, 0 elsewhere",
    })
    : network.input({
      ...{ name: "query_image", dtype: "uint8" as const, shape: [length, side, side] },
      meaning: "a picture a character, grey levels, 0 to 255, ink bright",
    });
  if (input === "pixels") x = network.add("scale", x, { kind: "rescale", scale: 1 / 255, offset: 0 }); // [Q, S, S]
  if (reverseQuery) {
    x = network.add("flat", x, { kind: "reshape", shape: [length * width] });
    const order = Int32Array.from({ length: length * width }, (_, i) => {
      return (length - 1 - Math.floor(i / width)) * width + i % width;
    });
    x = network.add("reversed", x, { kind: "reorder", order });
  }
  if (reverseQuery || input === "pixels") x = network.add("steps", x, { kind: "reshape", shape: [length, width] }); // [Q, F]
  const recurrent = (from: NetworkValue, names: readonly string[], keeps: "sequence" | "last"): NetworkValue =>
    network.add(names[0], from, {
      ...{ kind: "recurrent", cell: cell === "gru" ? "gru" : "lstm", keeps },
      directions: names.map((name) => weightsOf(variables, name)),
    });
  for (let i = 1; i <= encoderUnits.length; i++) {
    const names = bidirectional ? [`encoder${i}`, `encoder${i}Back`] : [`encoder${i}`];
    x = recurrent(x, names, i === encoderUnits.length ? "last" : "sequence");
  }
  x = network.add("state", x, { kind: "reshape", shape: [1, ...x.shape] }); // [1, E]
  x = network.add("repeated", new Array(answerLength).fill(x), { kind: "concat" }); // [T, E]
  for (let i = 1; i <= decoderUnits.length; i++) x = recurrent(x, [`decoder${i}`], "sequence"); // [T, H]
  x = network.add("output", x, denseLayer(variables, "output", "softmax")); // [T, V]
  const order = reverseAnswer ? "from the last one to the first" : "in their order";
  network.output("probabilities", x, `of the alphabet's characters at each place of the answer, ${order}`);
  return network;
}
