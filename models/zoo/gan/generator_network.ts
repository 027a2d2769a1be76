/**
 * The generator of a GAN as a graph of layers.
 *
 * Z size of a latent, S the image's side, C its channels.
 *
 * @module
 */
import type { ImageSize } from "../../../pipelines/batches/batch_fields.ts";
import type { NamedArray } from "../../safetensors.ts";
import type { Moments } from "../../layers/batch_norm.ts";
import type { Variables } from "../../layers/layer.ts";
import { arrayOf, type Network, NetworkBuilder } from "../../network.ts";
import { BATCH_NORM_EPSILON } from "../../ops/batch_norm.ts";
import type { Generator } from "./generator.ts";

/** What the graph is made of. */
export interface GeneratorParts {
  readonly generator: Generator;
  readonly image: ImageSize;
  readonly latentSize: number;
  /** Whether maps are normalized over a pixel's channels. */
  readonly isPixelNormed: boolean;
  /** What batch normalizations use, in order. */
  readonly moments: readonly Moments[];
}

/**
 * A latent to an image, 0 to 1. Batch normalizations, which are linear here, are part of the weights. Leaves tensors to a
 * `tf.tidy`.
 */
export function generatorNetwork(
  { generator, image, latentSize, isPixelNormed, moments }: GeneratorParts,
): Network {
  const network = new NetworkBuilder();
  let x = network.input({ name: "latent", dtype: "float32", shape: [latentSize], meaning: "standard normal numbers" });
  let norms = 0;
  for (const { name, kind, mapShape, weights, biases, isLast } of generator.layers) {
    const isNormed = `${name}/norm/gamma` in generator.variables;
    const given = isNormed ? moments[norms++] : undefined;
    const affine = affineOf(generator.variables, { name, count: biases.reduce((a, b) => a * b, 1), moments: given });
    // Of a transposed convolution the channels that go out stand before those that come in.
    const kernel = scaled(arrayOf(weights()), affine.scale, kind === "transposedConv" ? 2 : undefined);
    const bias = { shape: [affine.shift.length], data: affine.shift };
    const activation = isLast || isPixelNormed ? "linear" : "relu";
    if (kind === "dense") {
      const made = network.add(name, x, { kind, weights: kernel, bias, activation }); // [s s channels]
      x = network.add("map", made, { kind: "reshape", shape: mapShape }); // [s, s, channels]
    } else if (kind === "conv") {
      x = network.add(name, x, { kind, filter: kernel, bias, stride: 1, activation });
    } else {
      const how = { stride: 2, side: 2 * x.shape[0], activation } as const;
      x = network.add(name, x, { kind, filter: kernel, bias, ...how });
    }
    if (isPixelNormed && !isLast) {
      const normed = network.add(`${name}/pixelNorm`, x, { kind: "pixelNorm" });
      x = network.add(`${name}/relu`, normed, { kind: "activation", activation: "relu" });
    }
  }
  const doubled = network.add("doubled", x, { kind: "rescale", scale: 2, offset: 0 }); // (tanh u + 1) / 2 = sigmoid 2u
  x = network.add("levels", doubled, { kind: "activation", activation: "sigmoid" }); // [S, S, C]
  network.output("image", x, image.channels === 1 ? "how bright it is, 0 to 1" : "red, green and blue, 0 to 1");
  return network;
}

/** What a layer's results are multiplied by and what is added, for each of its channels or numbers. */
function affineOf(
  variables: Variables,
  { name, count, moments }: { readonly name: string; readonly count: number; readonly moments: Moments | undefined },
): { readonly scale: Float32Array | undefined; readonly shift: Float32Array<ArrayBuffer> } {
  if (moments === undefined) return { scale: undefined, shift: arrayOf(variables[`${name}/bias`]).data };
  const [gamma, beta] = [arrayOf(variables[`${name}/norm/gamma`]).data, arrayOf(variables[`${name}/norm/beta`]).data];
  const [mean, variance] = [arrayOf(moments.mean).data, arrayOf(moments.variance).data];
  const scale = gamma.map((value, c) => value / Math.sqrt(variance[c] + BATCH_NORM_EPSILON));
  const shift = Float32Array.from({ length: count }, (_, i) => {
    const c = i % gamma.length;
    return beta[c] - mean[c] * scale[c];
  });
  return { scale, shift };
}

/** An array with each channel multiplied; they are on one axis, the last when left out. */
function scaled({ shape, data }: NamedArray, scale: Float32Array | undefined, axis = shape.length - 1): NamedArray {
  if (scale === undefined) return { shape, data };
  const inside = shape.slice(axis + 1).reduce((product, length) => product * length, 1);
  return { shape, data: data.map((value, i) => value * scale[Math.floor(i / inside) % shape[axis] % scale.length]) };
}
