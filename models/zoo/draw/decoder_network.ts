/**
 * DRAW's decoder as a graph of layers: all its steps, one after the other.
 *
 * T steps, Z size of a latent, H decoder units, S the image's side, C its channels.
 *
 * @module
 */
import type { ImageSize } from "../../../pipelines/batches/batch_fields.ts";
import type { Variables } from "../../layers/layer.ts";
import { denseLayer } from "../../layers/linear.ts";
import { lstmWeights } from "../../layers/lstm.ts";
import { arrayOf, type Network, NetworkBuilder, type NetworkValue } from "../../network.ts";
import type { DrawOptions } from "./draw_options.ts";

/** What the graph is made of. */
export interface DecoderParts {
  readonly options: DrawOptions;
  readonly image: ImageSize;
  readonly variables: Variables;
}

/** The latents of all steps to the image, 0 to 1, after each of them. */
export function decoderNetwork({ options, image: { side, channels }, variables }: DecoderParts): Network {
  const { steps, latentSize, decoderUnits, writeAttention } = options;
  const network = new NetworkBuilder();
  const meaning = "standard normal numbers for each step";
  const latents = network.input({ name: "latent", dtype: "float32", shape: [steps, latentSize], meaning });

  const begin = new Float32Array(2 * decoderUnits); // the cell state begins at 0
  begin.set(arrayOf(variables["decoder/hidden0"]).data);
  const first = { shape: [2, decoderUnits], data: begin };
  let state = network.add("state0", latents, { kind: "constant", array: first }); // [2, H]
  let canvas = network.add("canvas0", latents, { kind: "constant", array: arrayOf(variables.canvas0) }); // [C S S]
  const weights = lstmWeights(variables, "decoder");
  const patch = denseLayer(variables, "write");
  const place = writeAttention > 0 ? denseLayer(variables, "writeWindow") : undefined;
  const canvases: NetworkValue[] = [];
  let image = canvas;
  for (let t = 0; t < steps; t++) {
    const name = (layer: string) => `${layer}/${t + 1}`;
    const latent = network.add(name("latent"), latents, { kind: "pick", index: t }); // [Z]
    state = network.add(name("decoder"), [latent, state], { kind: "lstmStep", weights }); // eq. 7
    const hidden = network.add(name("hidden"), state, { kind: "pick", index: 0 }); // [H]
    let written = network.add(name("write"), hidden, patch); // [C N N] or [C S S]
    if (place) {
      const window = network.add(name("writeWindow"), hidden, place); // [5]
      const how = { kind: "writeWindow", filters: writeAttention, side } as const;
      written = network.add(name("written"), [window, written], how); // eq. 29, [C S S]
    }
    canvas = network.add(name("canvas"), [canvas, written], { kind: "add" }); // eq. 8
    const pixels = network.add(name("pixels"), canvas, { kind: "fromPlanes", side, channels }); // [S, S, C]
    image = network.add(name("image"), pixels, { kind: "activation", activation: "sigmoid" });
    canvases.push(network.add(name("step"), image, { kind: "reshape", shape: [1, side, side, channels] }));
  }
  const level = channels === 1 ? "how bright it is, 0 to 1" : "red, green and blue, 0 to 1";
  network.output("image", image, level);
  network.output("canvases", network.add("steps", canvases, { kind: "concat" }), "the image after each step");
  return network;
}
