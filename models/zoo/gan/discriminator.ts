/**
 * The discriminator of a GAN: images to scores.
 *
 * N images, S pixels a side, C their channels.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Prng } from "../../../pipelines/base/prng.ts";
import type { ImageSize } from "../../../pipelines/batches/batch_fields.ts";
import { batchNormLayer } from "../../layers/batch_norm.ts";
import { constantVariable } from "../../layers/initial_values.ts";
import type { Variables } from "../../layers/layer.ts";
import { fusedConv } from "../../ops/fused_conv.ts";
import type { GanOptions } from "./gan_options.ts";
import { heDeviation, weight } from "./weight.ts";

/** Tells images that are real from those that are made. */
export interface Discriminator {
  /** Those that gradients train, and those that follow them. */
  readonly variables: Variables;
  /** Images, float32 [N, S, S, C], -1 to 1, to log odds of being real, [N]. */
  score(images: tf.Tensor4D): tf.Tensor1D;
  /** Follows the weights' largest singular values. */
  update(): void;
}

/** Creates a discriminator; its variables' names start with `discriminator/`. */
export function buildDiscriminator(options: GanOptions, image: ImageSize, prng: Prng): Discriminator {
  const { architecture, discriminatorNorm } = options;
  const [size, activation] = architecture === "report" ? [3, "relu"] as const : [4, "leakyRelu"] as const;
  const spectral = options.spectralNorm !== "none";
  const halved = halvedOf(options, image.side);
  let [inputs, side] = [image.channels as number, image.side];
  const layers = halved.map((outputs, i) => {
    const name = `discriminator/down${i + 1}`;
    const kernel = weight<tf.Rank.R4>(`${name}/filter`, {
      ...{ shape: [size, size, inputs, outputs], deviation: heDeviation(size * size * inputs), spectral },
    }, prng);
    // The first is not normalized (Radford et al. 2016, arXiv:1511.06434, section 3).
    const norm = discriminatorNorm === "batch" && i > 0 ? batchNormLayer(`${name}/norm`, outputs) : undefined;
    const bias = norm ? undefined : constantVariable<tf.Rank.R1>([outputs], 0);
    [inputs, side] = [outputs, Math.ceil(side / 2)];
    return {
      variables: { ...kernel.variables, ...(bias ? { [`${name}/bias`]: bias } : {}), ...norm?.variables },
      apply(x: tf.Tensor4D): tf.Tensor4D {
        const filter = kernel.value();
        return norm
          ? norm.apply(tf.conv2d(x, filter, 2, "same"), { activation }).y // [N, H/2, W/2, outputs]
          : fusedConv(x, { filter, bias: bias! }, { stride: 2, activation });
      },
      update: kernel.update,
    };
  });
  const features = side * side * inputs;
  const last = weight<tf.Rank.R2>("discriminator/score/weights", {
    ...{ shape: [features, 1], deviation: Math.sqrt(1 / features), spectral },
  }, prng);
  const bias = constantVariable<tf.Rank.R1>([1], 0);
  return {
    variables: Object.assign({}, ...layers.map(({ variables }) => variables), last.variables, {
      "discriminator/score/bias": bias,
    }),
    score(images) {
      const maps = layers.reduce((x, { apply }) => apply(x), images);
      const flat = tf.reshape(maps, [-1, features]) as tf.Tensor2D; // [N, H W C]
      return tf.reshape(tf.add(tf.matMul(flat, last.value()), bias), [-1]); // [N]
    },
    update: () => [...layers, last].forEach(({ update }) => update()),
  };
}

/** The channels of each map that is half as large as the one before. */
function halvedOf({ architecture, channels }: GanOptions, side: number): number[] {
  if (architecture === "report") return Array(5).fill(channels);
  const halved: number[] = [];
  for (let map = side; map >= 8; map = Math.ceil(map / 2)) halved.push(channels * 2 ** halved.length);
  return halved;
}
