/**
 * The encoder and the decoder of images as graphs of layers.
 *
 * S the image's side, C its channels, Z size of the code.
 *
 * @module
 */
import { imageShape, type ImageSize } from "../../../pipelines/batches/batch_fields.ts";
import type { NamedArray } from "../../safetensors.ts";
import type { Variables } from "../../layers/layer.ts";
import { denseLayer } from "../../layers/linear.ts";
import { arrayOf, type Network, NetworkBuilder, type NetworkLayers, type NetworkValue } from "../../network.ts";
import { IMAGE } from "./coded_images.ts";
import type { CoderOptions } from "./coder_options.ts";
import { sidesOf } from "./conv_coder.ts";

/** What the graphs are made of. */
export interface CoderParts {
  readonly options: CoderOptions;
  readonly image: ImageSize;
  readonly variables: Variables;
}

/** The last dimension of an array from one column to another, times a factor. */
export function columnsOf({ shape, data }: NamedArray, [from, to]: readonly [number, number], factor = 1): NamedArray {
  const width = shape[shape.length - 1];
  const kept = data.filter((_, i) => i % width >= from && i % width < to).map((value) => value * factor);
  return { shape: [...shape.slice(0, -1), to - from], data: kept };
}

/**
 * An image to what the encoder says of it.
 *
 * @param tell Adds what follows the features [F]: the linear layer, and the outputs.
 */
export function encoderNetwork(
  { options, image, variables }: CoderParts,
  tell: (network: NetworkBuilder, features: NetworkValue, code: NetworkLayers["dense"]) => void,
): Network {
  const network = new NetworkBuilder();
  const meaning = image.channels === 1 ? "grey levels, 0 to 255" : "red, green and blue, 0 to 255";
  const given = network.input({ name: IMAGE, dtype: "uint8", shape: imageShape(image), meaning });
  const centred = network.add("centre", given, { kind: "rescale", scale: 2 / 255, offset: -1 });
  let x = network.add("picture", centred, { kind: "reshape", shape: [image.side, image.side, image.channels] });
  for (let i = 1; i <= sidesOf(image.side).length; i++) {
    x = network.add(`encoder/conv${i}`, x, {
      ...{ kind: "conv", ...weightsOf(variables, `encoder/conv${i}`), stride: 2, activation: options.activation },
    });
  }
  const size = x.shape.reduce((product, length) => product * length, 1);
  x = network.add("features", x, { kind: "reshape", shape: [size] }); // [F]
  tell(network, x, denseLayer(variables, "encoder/code"));
  return network;
}

/** A code to an image, 0 to 1; of what the decoder gives of a pixel only the first numbers are the image. */
export function decoderNetwork({ options, image, variables }: CoderParts, input: string): Network {
  const { side, channels } = image;
  const sides = sidesOf(side).reverse();
  const network = new NetworkBuilder();
  const shape = [options.latentSize];
  const code = network.input({ name: input, dtype: "float32", shape, meaning: "the code of an image" });
  const seed = network.add("decoder/seed", code, denseLayer(variables, "decoder/seed"));
  let x = network.add("map", seed, { kind: "reshape", shape: [sides[0], sides[0], options.baseFilters] });
  for (let i = 1; i < sides.length; i++) {
    const how = { stride: 2, activation: options.activation, side: sides[i] };
    x = network.add(`decoder/up${i}`, x, {
      ...{ kind: "transposedConv", ...weightsOf(variables, `decoder/up${i}`), ...how },
    });
  }
  const last = weightsOf(variables, "decoder/image");
  const [filter, bias] = [columnsOf(last.filter, [0, channels]), columnsOf(last.bias, [0, channels])];
  x = network.add("decoder/image", x, { kind: "conv", filter, bias, stride: 1, activation: "sigmoid" }); // [S, S, C]
  network.output(IMAGE, x, channels === 1 ? "how bright it is, 0 to 1" : "red, green and blue, 0 to 1");
  return network;
}

function weightsOf(variables: Variables, name: string): { readonly filter: NamedArray; readonly bias: NamedArray } {
  return { filter: arrayOf(variables[`${name}/filter`]), bias: arrayOf(variables[`${name}/bias`]) };
}
