/**
 * The convolutional encoder and decoder of the report "Introduction to Deep Learning Assignment 3", section 2.1.
 *
 * **Encoder.** Convolutions of stride 2 halve the image until it is 2 to 4 pixels a side; then a linear layer.
 * **Decoder.** A linear layer makes a map of 4 to 7 pixels a side, on which transposed convolutions of stride 2 undo the
 * halvings; a last convolution of stride 1 makes the image. Of 64 pixels that is five halvings and four doublings. A
 * nonlinear function follows each convolution but the last.
 *
 * B batch, S the image's side, C its channels.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Prng } from "../../../pipelines/base/prng.ts";
import type { Variables } from "../../layers/layer.ts";
import { linear } from "../../layers/linear.ts";
import { stridedConv } from "../../layers/strided_conv.ts";
import { transposedConv } from "../../layers/transposed_conv.ts";
import type { CoderOptions } from "./coder_options.ts";

/** Images, and how they are coded. */
export interface CoderSize {
  readonly options: CoderOptions;
  /** S. */
  readonly side: number;
  /** The numbers that an encoder gives, or the channels that a decoder does. */
  readonly outputs: number;
  /** Of the weights that lead to and from a code in the beginning; as a {@linkcode linear} layer's when left out. */
  readonly deviation?: number;
}

/** A part of an autoencoder. */
export interface Coder<From extends tf.Tensor, To extends tf.Tensor> {
  readonly variables: Variables;
  apply(x: From): To;
}

/** The least side of an image. */
const SMALLEST = 8;
/** The decoder's first map is smaller than this. */
const BASE_END = 8;

/**
 * The sides of an image and of the maps that it is halved to, odd ones rounded up, the last one the decoder's first map:
 * 64, 32, 16, 8, 4.
 *
 * @throws {RangeError} When the image is too small to be halved.
 */
export function sidesOf(side: number): number[] {
  if (side < SMALLEST) throw new RangeError(`images are ${side} pixels a side, expected ${SMALLEST} or more`);
  const sides = [side];
  while (sides.at(-1)! >= BASE_END) sides.push(Math.ceil(sides.at(-1)! / 2));
  return sides;
}

/** The channels of a map after some halvings; the map of the image's own size has as many as that after one. */
function filtersAfter(halvings: number, { filters, maxFilters }: CoderOptions): number {
  return Math.min(filters * 2 ** Math.max(0, halvings - 1), maxFilters);
}

/** Builds an encoder of images, 0 to 1: float32 [B, S, S, C] -> [B, outputs]; its variables' names start with `encoder/`. */
export function convEncoder(
  { options, side, channels, outputs, ...how }: CoderSize & { readonly channels: number },
  prng: Prng,
): Coder<tf.Tensor4D, tf.Tensor2D> {
  const sides = sidesOf(side);
  sides.push(Math.ceil(sides.at(-1)! / 2));
  const convs = sides.slice(1).map((_, i) =>
    stridedConv(`encoder/conv${i + 1}`, {
      inputs: i === 0 ? channels : filtersAfter(i, options),
      outputs: filtersAfter(i + 1, options),
      size: options.kernelSize,
      activation: options.activation,
    }, prng)
  );
  const inputs = sides.at(-1)! ** 2 * filtersAfter(convs.length, options);
  const code = linear("encoder/code", { inputs, outputs, ...how }, prng);
  return {
    variables: Object.assign({}, ...[...convs, code].map(({ variables }) => variables)),
    apply(x) {
      const centred = tf.sub(tf.mul(x, 2), 1) as tf.Tensor4D;
      const map = convs.reduce((map, conv) => conv.apply(map), centred); // [B, 2, 2, filters] of 64 pixels
      return code.apply(tf.reshape(map, [-1, inputs])); // [B, outputs]
    },
  };
}

/** Builds a decoder: float32 [B, Z] -> [B, S, S, outputs]; its variables' names start with `decoder/`. */
export function convDecoder(
  { options, side, outputs, ...how }: CoderSize,
  prng: Prng,
): Coder<tf.Tensor2D, tf.Tensor4D> {
  const { baseFilters, kernelSize: size, activation, latentSize } = options;
  const sides = sidesOf(side).reverse();
  const [base] = sides;
  const seedSize = { inputs: latentSize, outputs: base * base * baseFilters };
  const seed = linear("decoder/seed", { ...seedSize, ...how, biasBound: 1 }, prng);
  const ups = sides.slice(1).map((_, i) =>
    transposedConv(`decoder/up${i + 1}`, {
      inputs: i === 0 ? baseFilters : filtersAfter(sides.length - 1 - i, options),
      outputs: filtersAfter(sides.length - 2 - i, options),
      ...{ size, activation },
    }, prng)
  );
  const image = stridedConv("decoder/image", { inputs: filtersAfter(0, options), outputs, size, stride: 1 }, prng);
  return {
    variables: Object.assign({}, ...[seed, ...ups, image].map(({ variables }) => variables)),
    apply(code) {
      const map = tf.reshape(seed.apply(code), [-1, base, base, baseFilters]) as tf.Tensor4D; // [B, 4, 4, 64] of 64 pixels
      return image.apply(ups.reduce((map, up, i) => up.apply(map, sides[i + 1]), map)); // [B, S, S, outputs]
    },
  };
}

/** The kernels that look at the image, and those that make it, among the variables of an encoder and its decoder. */
export function imageKernels(variables: Variables): Variables {
  return Object.fromEntries(["encoder/conv1/filter", "decoder/image/filter"].map((name) => [name, variables[name]]));
}
