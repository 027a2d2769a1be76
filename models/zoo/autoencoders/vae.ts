/**
 * The variational autoencoder of the report "Introduction to Deep Learning Assignment 3", section 2.1 (Kingma and Welling
 * 2014, arXiv:1312.6114): images to Gaussians of a latent, and latents to images.
 *
 * **Report.** The encoder and the decoder of its autoencoder, with a latent of 64: preset `report`.
 *
 * **Differs from the report.** The course's program has two mistakes, which are not copied. Its encoder ends in a sigmoid
 * before the heads of mean and variance, so that both are linear in numbers of (0, 1); here they are the linear layer's own.
 * Its divergence is summed over the batch and divided by the pixels, 12,288, while the reconstruction is a mean: so it weighs
 * as many times more as there are images in a batch, and next to nothing at any size. Here the loss is the bound of one
 * image, in nats: -log p(x | z), a sum over its pixels, plus the divergence, a sum over the latent's numbers, times
 * `klWeight`, which is 1 where the loss is to be a bound; and both are means over the batch. What is drawn can be held to the
 * image's structure too, `ssimWeight` times 1 - SSIM: pixels that are likely one by one are blurred (preset `sharp`).
 *
 * B batch, S the image's side, C its channels, Z size of the latent.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { OptionValues } from "../../../pipelines/base/option_table.ts";
import type { Prng } from "../../../pipelines/base/prng.ts";
import { imageSizeOf } from "../../../pipelines/batches/batch_fields.ts";
import type { DataDescription } from "../../../pipelines/dataset.ts";
import type { Variables } from "../../layers/layer.ts";
import type { Encoded, Model, Pass } from "../../model.ts";
import { defineModel, type ModelSpec } from "../../model_spec.ts";
import type { Network } from "../../network.ts";
import { batchMean } from "../../ops/batch_mean.ts";
import { sampleLatent } from "../../ops/sample_latent.ts";
import { ssim } from "../../ops/ssim.ts";
import { BEND_LIMIT } from "../../ops/window_filters.ts";
import { klWeightAt } from "../kl_weight.ts";
import { drawnAtOnce, hasStructure, IMAGE, imagesOf, levelsOf, normalNoise } from "./coded_images.ts";
import { type CoderParts, columnsOf, decoderNetwork, encoderNetwork } from "./coder_networks.ts";
import { CODER_LOOP, REPORT_LOOP, REPORT_SIZES, SHARP_LOOP } from "./coder_options.ts";
import { convDecoder, convEncoder, imageKernels } from "./conv_coder.ts";
import { pixelLikelihood } from "./pixel_likelihood.ts";
import { VAE_OPTIONS } from "./vae_options.ts";

/**
 * Of the weights that lead to and from a latent in the beginning. Its Gaussians are the prior then, nearly, and the decoder
 * learns what all images have in common by itself; else the encoder tells it, by means that are far from 0 for every image,
 * where latents drawn from the prior never are.
 */
const SMALL = 0.001;

/**
 * What the encoder's numbers are multiplied by to be a Gaussian's. Each is a sum over hundreds of features that have the same
 * sign for all images, so that one step of Adam moves every mean by about 1 otherwise, and farther than learning brings back.
 */
const CALM = 0.05;

/**
 * The variational autoencoder.
 *
 * @example Three images drawn from the prior
 * ```ts
 * import { Prng, startBackend, vae } from "@strokewise/strokewise";
 * import * as tf from "@tensorflow/tfjs-core";
 * import { assertEquals } from "@std/assert";
 *
 * await startBackend("cpu");
 * const fields = { image: { dtype: "uint8", shape: [16, 16, 3] } } as const;
 * const model = vae.build(vae.tiny, { fields, classes: ["face"] }, new Prng(1));
 * const [steps, size] = model.images!.latentShape;
 * assertEquals(model.images!.draw(tf.randomNormal([steps, 3, size])).canvases.shape, [1, 3, 16, 16, 3]);
 * ```
 */
export const vae: ModelSpec<typeof VAE_OPTIONS> = defineModel({
  name: "vae",
  url: import.meta.url,
  summary: "A variational autoencoder: draws images from a latent, and says how likely an image is.",
  best: { metric: "loss", better: "lower", measuredBy: ["likelihood", "ssimWeight", "klWeight"] },
  dataset: "image-folder",
  fields: [IMAGE],
  oneClass: true,
  loop: CODER_LOOP,
  presets: {
    report: {
      summary: "the report's: 128 channels, a latent of 64, Bernoulli pixels, 20 epochs at batch 8",
      model: { ...REPORT_SIZES, latentSize: 64, likelihood: "bernoulli" },
      loop: { ...REPORT_LOOP, batchSize: 8, epochs: 20 },
    },
    sharp: {
      summary:
        "pictures of 64 x 64 in colour rather than a bound: structural similarity in the loss, a twentieth of the " +
        "divergence, 60 epochs at a falling rate",
      model: { ssimWeight: 30_000, klWeight: 0.05, klWeightStart: 2, klDecayRate: 0.998 },
      loop: { ...SHARP_LOOP, epochs: 60 },
    },
  },
  options: VAE_OPTIONS,
  tiny: { latentSize: 4, filters: 4, maxFilters: 8, baseFilters: 4 },
  build: buildVae,
});

function buildVae(options: OptionValues<typeof VAE_OPTIONS>, data: DataDescription, prng: Prng): Model {
  const size = imageSizeOf(data, IMAGE);
  const { side, channels } = size;
  const { latentSize, freeBits, ssimWeight } = options;
  const hasSsim = hasStructure(side, ssimWeight);
  const numbers = side * side * channels;
  const likelihood = pixelLikelihood(options, size);
  const encoder = convEncoder({ options, side, channels, outputs: 2 * latentSize, deviation: SMALL }, prng);
  const decoder = convDecoder({ options, side, outputs: likelihood.outputs, deviation: SMALL }, prng);
  const variables: Variables = { ...encoder.variables, ...decoder.variables, ...likelihood.variables };

  /** Draws latents for images; `spread` as in {@linkcode ReconstructionOptions}. */
  function encode(images: tf.Tensor4D, pass: Pass, spread = 1) {
    const noise = normalNoise([images.shape[0], latentSize], pass); // [B, Z]
    const epsilon = spread === 1 ? noise : tf.mul(noise, spread) as tf.Tensor2D;
    return { epsilon, ...sampleLatent(tf.mul(encoder.apply(images), CALM), epsilon) };
  }

  /** What images as they are scored cost, and their latents. */
  function infer(seen: tf.Tensor4D, pass: Pass) {
    const posterior = encode(seen, pass);
    const { mu, logVar, latent } = posterior;
    // The divergence of each number's Gaussian from a standard normal one, [B, Z]; arXiv:1312.6114, appendix B
    const kl = tf.mul(tf.sub(tf.add(tf.square(mu), tf.exp(logVar)), tf.add(logVar, 1)), 0.5) as tf.Tensor2D;
    const decoded = decoder.apply(latent);
    return { ...posterior, kl, decoded, reconstruction: likelihood.nats(seen, decoded) };
  }

  const logOddsOf = (latents: tf.Tensor2D) => drawnAtOnce(likelihood.logOdds(decoder.apply(latents)));
  const see = (batch: Parameters<typeof levelsOf>[0], pass: Pass) => likelihood.see(levelsOf(batch, size), pass);

  return {
    variables,
    ...(freeBits > 0 ? { exchanges: "the means that free bits are of" } : {}),
    objectives: [{
      name: "bound",
      trains: Object.keys(variables),
      loss(batch, pass) {
        const seen = see(batch, pass);
        const inferred = infer(seen, pass);
        const kl = tf.mean(tf.sum(inferred.kl, 1)) as tf.Scalar;
        const reconstruction = tf.mean(inferred.reconstruction) as tf.Scalar;
        const bound = tf.add(reconstruction, kl) as tf.Scalar; // nats per image
        // Numbers that say little are not asked to say less: eq. 15, arXiv:1606.04934. An evaluation asks nothing, and would
        // depend on how its examples are cut into batches.
        const counted = freeBits === 0 || !pass.training
          ? kl
          : tf.sum(tf.maximum(batchMean(inferred.kl), freeBits)) as tf.Scalar;
        const weight = klWeightAt(pass.training?.stepsTaken, pass.training !== undefined, options);
        const loss = tf.add(reconstruction, tf.mul(counted, weight)) as tf.Scalar;
        const alike = hasSsim && (ssimWeight > 0 || !pass.training)
          ? tf.mean(ssim(tf.sigmoid(likelihood.logOdds(inferred.decoded)), seen)) as tf.Scalar
          : undefined;
        return {
          loss: alike && ssimWeight > 0 ? tf.add(loss, tf.mul(tf.sub(1, alike), ssimWeight)) as tf.Scalar : loss,
          metrics: {
            ...{ reconstruction, kl, bound },
            ...alike ? { ssim: alike } : {},
            ...likelihood.isComparable ? { bitsPerDim: tf.div(bound, numbers * Math.LN2) as tf.Scalar } : {},
            ...pass.training ? { klWeight: tf.scalar(weight) } : {},
          },
        };
      },
    }],
    images: {
      channels,
      latentShape: [1, latentSize],
      prior: "normal",
      filters: imageKernels(variables),
      see: (batch) => tf.tidy(() => imagesOf(batch, size)),
      draw: (latents) => tf.tidy(() => logOddsOf(tf.squeeze(latents, [0]))),
      reconstruct: (batch, pass, { spread } = {}) =>
        tf.tidy(() => {
          const { latent } = encode(imagesOf(batch, size), pass, spread); // [B, Z]
          return { latents: tf.expandDims(latent, 0), images: logOddsOf(latent) };
        }),
    },
    likelihood: {
      see: (batch, pass) => tf.tidy(() => see(batch, pass)),
      encode: (seen, pass) =>
        tf.tidy((): Encoded => {
          const { latent, epsilon, logVar, kl, reconstruction } = infer(seen as tf.Tensor4D, pass);
          // log p(z) - log q(z | x); the constants of both densities cancel.
          const twice = tf.sub(tf.add(tf.square(epsilon), logVar), tf.square(latent)); // [B, Z]
          return {
            reconstruction,
            kl: tf.expandDims(tf.sum(kl, 1), 0), // [1, B]
            logWeight: tf.sub(tf.mul(tf.sum(twice, 1), 0.5), reconstruction) as tf.Tensor1D,
          };
        }),
    },
    networks: {
      encoder: () => gaussianNetwork({ options, image: size, variables }),
      decoder: () => decoderNetwork({ options, image: size, variables }, "latent"),
    },
    dispose: () => tf.dispose(variables),
  };
}

/** An image to the Gaussian of its latent. */
function gaussianNetwork(parts: CoderParts): Network {
  const { latentSize } = parts.options;
  return encoderNetwork(parts, (network, features, { weights, bias }) => {
    /** The numbers of the code from some place on, made calm and then divided. */
    const part = (name: string, from: number, divisor: number) => {
      const [columns, factor] = [[from, from + latentSize] as const, CALM / divisor];
      const own = { weights: columnsOf(weights, columns, factor), bias: columnsOf(bias, columns, factor) };
      return network.add(name, features, { kind: "dense", ...own, activation: divisor === 1 ? "linear" : "tanh" });
    };
    network.output("mean", part("encoder/mean", 0, 1), "the mean of each number of the latent");
    const bent = part("encoder/bent", latentSize, BEND_LIMIT);
    const logVariance = network.add("encoder/logVariance", bent, { kind: "rescale", scale: BEND_LIMIT, offset: 0 });
    network.output("log_variance", logVariance, "the natural logarithm of its variance");
  });
}
