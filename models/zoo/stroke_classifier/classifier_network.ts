/**
 * The classifier of strokes and pictures as a graph of layers.
 *
 * T frames, F features of a frame, H LSTM units.
 *
 * @module
 */
import { lstmWeights } from "../../layers/lstm.ts";
import type { Variables } from "../../layers/layer.ts";
import { denseLayer } from "../../layers/linear.ts";
import { arrayOf, type Network, NetworkBuilder } from "../../network.ts";
import type { FrameSource } from "./frame_source.ts";

/** What the graph is made of. */
export interface ClassifierParts {
  readonly source: FrameSource;
  readonly variables: Variables;
  /** Of each kind of layer the count. */
  readonly counts: { readonly conv: number; readonly lstm: number };
}

/** Frames, or a picture, to the probabilities of the classes. */
export function classifierNetwork({ source, variables, counts }: ClassifierParts): Network {
  const network = new NetworkBuilder();
  let x = source.addTo(network); // [T, H, W, C], or of a picture [H, W, C]
  for (let i = 1; i <= counts.conv; i++) {
    const [filter, bias] = [arrayOf(variables[`conv${i}/filter`]), arrayOf(variables[`conv${i}/bias`])];
    x = network.add(`conv${i}`, x, { kind: "conv", filter, bias, stride: 1, activation: "relu" });
    x = network.add(`pool${i}`, x, { kind: "maxPool" });
  }
  const size = x.shape.reduce((product, length) => product * length, 1);
  const shape = counts.lstm > 0 ? [source.frames, size / source.frames] : [size];
  x = network.add("features", x, { kind: "reshape", shape }); // [T, F] or [T F]
  for (let i = 1; i <= counts.lstm; i++) {
    const keeps = i === counts.lstm ? "last" : "sequence";
    const directions = [lstmWeights(variables, `lstm${i}`)];
    x = network.add(`lstm${i}`, x, { kind: "recurrent", cell: "lstm", directions, keeps }); // [T, H], of the last one [H]
  }
  x = network.add("dense", x, denseLayer(variables, "dense", "relu"));
  x = network.add("output", x, denseLayer(variables, "output", "softmax"));
  network.output("probabilities", x, "of the classes, in their order; they add up to 1");
  return network;
}
