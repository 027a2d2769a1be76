/**
 * The generator of a GAN: latents to images.
 *
 * N images, S pixels a side, C their channels, Z size of a latent.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Prng } from "../../../pipelines/base/prng.ts";
import type { ImageSize } from "../../../pipelines/batches/batch_fields.ts";
import { batchNormLayer, type Moments } from "../../layers/batch_norm.ts";
import { constantVariable } from "../../layers/initial_values.ts";
import type { Variables } from "../../layers/layer.ts";
import { activated } from "../../ops/activation.ts";
import { fusedConv, fusedTransposedConv } from "../../ops/fused_conv.ts";
import type { GanOptions } from "./gan_options.ts";
import { heDeviation, type Weight, weight } from "./weight.ts";

/** What latents became. */
export interface Generated {
  /** Before tanh, which makes pixels from -1 to 1 of it: float32 [N, S, S, C]. */
  readonly images: tf.Tensor4D;
  /** What each batch normalization found, in order; empty where there is none. */
  readonly moments: readonly Moments[];
}

/** A layer as others may build it. */
export interface GeneratorLayer {
  /** With which its variables' names start. */
  readonly name: string;
  readonly kind: "dense" | "transposedConv" | "conv";
  /** What it multiplies by, the caller's to dispose of within a `tf.tidy`. */
  weights(): tf.Tensor;
  /** The shape of what is added to each image; its last dimension is the channels. */
  readonly biases: readonly number[];
  /** Of `dense` the map that it makes, [s, s, channels]. */
  readonly mapShape: readonly number[];
  /** Nothing follows it. */
  readonly isLast: boolean;
}

/** Makes images. */
export interface Generator {
  readonly variables: Variables;
  /** From the latent to the image. */
  readonly layers: readonly GeneratorLayer[];
  /**
   * @param latents float32 [N, Z].
   * @param moments What batch normalizations use in place of what they find, in order.
   */
  generate(latents: tf.Tensor2D, moments?: readonly Moments[]): Generated;
  /** Follows the weights' largest singular values. */
  update(): void;
}

/** One layer's part in the whole. */
interface Block {
  readonly variables: Variables;
  readonly layer: GeneratorLayer;
  /** @param given What its batch normalization uses in place of what it finds. */
  apply(x: tf.Tensor4D, given: Moments | undefined): { readonly y: tf.Tensor4D; readonly moments?: Moments };
  update(): void;
}

/** What makes a map of another. */
interface Step {
  readonly kind: GeneratorLayer["kind"];
  readonly kernel: Weight<tf.Rank.R4> | Weight<tf.Rank.R2>;
  /** @param bias Nothing is added when left out. */
  apply(x: tf.Tensor4D, bias: tf.Tensor | undefined, activation: "linear" | "relu"): tf.Tensor4D;
  /** The shape of what is added to each image; its last dimension is the channels. */
  readonly biases: number[];
  readonly isLast?: boolean;
}

/** The maps that a generator makes one of another, the last the image. */
interface Plan {
  /** Pixels a side of the first map, and its channels. */
  readonly first: { readonly side: number; readonly channels: number };
  /** The channels of each map that is twice as large as the one before. */
  readonly doubled: readonly number[];
  /** The side of their filters. */
  readonly size: number;
  /** Whether a convolution, not the last doubling, gives the image. */
  readonly convolvesLast: boolean;
}

/** Creates a generator; its variables' names start with `generator/`. */
export function buildGenerator(options: GanOptions, image: ImageSize, prng: Prng): Generator {
  const { latentSize, generatorNorm, spectralNorm } = options;
  const { first, doubled, size, convolvesLast } = planOf(options, image);
  const spectral = spectralNorm === "both";

  const firstMap: [number, number, number] = [first.side, first.side, first.channels];

  /** A layer named `name`, its bias left to the normalization where there is one, and what follows it. */
  function block(name: string, { kind, kernel, apply, biases, isLast = false }: Step): Block {
    const norm = generatorNorm === "batch" && !isLast
      ? batchNormLayer(`${name}/norm`, biases[biases.length - 1])
      : undefined;
    const bias = norm ? undefined : constantVariable(biases, 0);
    return {
      variables: { ...kernel.variables, ...(bias ? { [`${name}/bias`]: bias } : {}), ...norm?.variables },
      layer: { name, kind, weights: () => kernel.value(), biases, mapShape: firstMap, isLast },
      apply(x, given) {
        if (norm) {
          const { y, ...moments } = norm.apply(apply(x, bias, "linear"), { activation: "relu", moments: given });
          return { y, moments };
        }
        if (isLast) return { y: apply(x, bias, "linear") };
        return { y: generatorNorm === "pixel" ? tf.relu(perPixel(apply(x, bias, "linear"))) : apply(x, bias, "relu") };
      },
      update: kernel.update,
    };
  }

  const dense = weight<tf.Rank.R2>("generator/dense/weights", {
    ...{ shape: [latentSize, tf.util.sizeFromShape(firstMap)], deviation: heDeviation(latentSize), spectral },
  }, prng);
  const blocks = [
    block("generator/dense", {
      ...{ kind: "dense", kernel: dense, biases: firstMap },
      apply(x, bias, activation) {
        const made = tf.matMul(tf.reshape(x, [-1, latentSize]) as tf.Tensor2D, dense.value()); // [N, s s channels]
        const map = tf.reshape(made, [-1, ...firstMap]) as tf.Tensor4D; // [N, s, s, channels]
        return activated(bias ? tf.add(map, bias) : map, { activation });
      },
    }),
  ];
  let inputs = first.channels;
  for (const [i, outputs] of doubled.entries()) {
    const name = `generator/up${i + 1}`;
    const kernel = weight<tf.Rank.R4>(`${name}/filter`, {
      ...{ shape: [size, size, outputs, inputs], deviation: heDeviation(size * size * inputs / 4), spectral },
    }, prng);
    blocks.push(block(name, {
      ...{ kind: "transposedConv", kernel },
      apply(x, bias, activation) {
        const [count, height, width] = x.shape, filter = kernel.value();
        return bias
          ? fusedTransposedConv(x, { filter, bias: bias as tf.Tensor1D }, { stride: 2, activation }) // [N, 2H, 2W, outputs]
          : tf.conv2dTranspose(x, filter, [count, 2 * height, 2 * width, outputs], 2, "same");
      },
      biases: [outputs],
      isLast: i === doubled.length - 1 && !convolvesLast,
    }));
    inputs = outputs;
  }
  if (convolvesLast) {
    const kernel = weight<tf.Rank.R4>("generator/image/filter", {
      ...{ shape: [3, 3, inputs, image.channels], deviation: heDeviation(9 * inputs), spectral },
    }, prng);
    blocks.push(block("generator/image", {
      ...{ kind: "conv", kernel, biases: [image.channels], isLast: true },
      apply: (x, bias) => fusedConv(x, { filter: kernel.value(), bias: bias as tf.Tensor1D }), // [N, S, S, C]
    }));
  }

  return {
    variables: Object.assign({}, ...blocks.map(({ variables }) => variables)),
    layers: blocks.map(({ layer }) => layer),
    generate(latents, given) {
      const moments: Moments[] = [];
      let x = tf.reshape(latents, [-1, 1, 1, latentSize]) as tf.Tensor4D; // [N, 1, 1, Z]
      for (const { apply } of blocks) {
        const { y, moments: used } = apply(x, given?.[moments.length]);
        if (used) moments.push(used);
        x = y;
      }
      return { images: x, moments };
    },
    update: () => blocks.forEach(({ update }) => update()),
  };
}

/** Divides each pixel by the root of its channels' mean square (Karras et al. 2018, arXiv:1710.10196, section 4.2). */
function perPixel(x: tf.Tensor4D): tf.Tensor4D {
  return tf.mul(x, tf.rsqrt(tf.add(tf.mean(tf.square(x), 3, true), 1e-8)));
}

/**
 * How a generator goes from a first map of 4 to 7 pixels a side (report: a sixteenth of the image's) to the image.
 *
 * @throws {RangeError} When it cannot come to that size by doubling.
 */
function planOf({ architecture, channels }: GanOptions, { side, channels: colours }: ImageSize): Plan {
  const refuse = (what: string) => new RangeError(`images are ${side} pixels a side; ${what}`);
  if (architecture === "report") {
    if (side % 16 !== 0) throw refuse("the report's architecture makes such of 16, 32, 48, 64, … alone");
    return {
      first: { side: side / 16, channels: 64 },
      ...{ doubled: Array(4).fill(channels), size: 3, convolvesLast: true },
    };
  }
  let [first, levels] = [side, 0];
  for (; first >= 8 && first % 2 === 0; first /= 2) levels++;
  if (first < 4 || first > 7 || levels === 0) {
    throw refuse("dcgan makes such of 4, 5, 6 or 7 times 2, 4, 8, …, as 28, 32, 48, 64, 96 and 128 are");
  }
  // A map of half the side has twice the channels.
  const doubled = Array.from(
    { length: levels },
    (_, i) => i === levels - 1 ? colours : channels * 2 ** (levels - 2 - i),
  );
  return { first: { side: first, channels: channels * 2 ** (levels - 1) }, doubled, size: 4, convolvesLast: false };
}
