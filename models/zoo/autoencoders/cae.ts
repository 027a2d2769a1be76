/**
 * The convolutional autoencoder of the report "Introduction to Deep Learning Assignment 3", section 2.1: images to codes and
 * back.
 *
 * **Report.** Five convolutions and a code of 256, then four transposed convolutions and one of stride 1, of 128 channels:
 * 725,248 and 783,235 weights for images of 64 x 64 in colour, preset `report`; binary cross-entropy by the channel of a
 * pixel, 10 epochs of Adam at batch 64.
 *
 * **Differs from the report.** The code is the linear layer's own values: the course's program squashes it by a sigmoid into
 * (0, 1), where little is left to tell images apart and gradients vanish. Fewer channels, which double where maps are half as
 * large. Weights begin so that layers keep the scale of what passes (He et al. 2015). The loss can be the mean square, and
 * in part 1 - SSIM; what the encoder sees can be made noisy in training (Vincent et al. 2008, "Extracting and Composing
 * Robust Features with Denoising Autoencoders").
 *
 * Codes have no prior: nothing asks them to be spread in any way, so that only the codes of examples say where images are.
 *
 * B batch, S the image's side, C its channels, Z size of a code.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { OptionValues } from "../../../pipelines/base/option_table.ts";
import type { Prng } from "../../../pipelines/base/prng.ts";
import { imageSizeOf } from "../../../pipelines/batches/batch_fields.ts";
import type { DataDescription } from "../../../pipelines/dataset.ts";
import type { Variables } from "../../layers/layer.ts";
import type { Model, Pass } from "../../model.ts";
import { defineModel, type ModelSpec } from "../../model_spec.ts";
import { ssim } from "../../ops/ssim.ts";
import { drawnAtOnce, hasStructure, IMAGE, imagesOf, normalNoise } from "./coded_images.ts";
import { decoderNetwork, encoderNetwork } from "./coder_networks.ts";
import { CODER_LOOP, CODER_OPTIONS, REPORT_LOOP, REPORT_SIZES, SHARP_LOOP } from "./coder_options.ts";
import { convDecoder, convEncoder, imageKernels } from "./conv_coder.ts";
import { bernoulliNats } from "./pixel_likelihood.ts";

/** The options of {@linkcode cae}. */
export const CAE_OPTIONS = {
  ...CODER_OPTIONS,
  loss: {
    value: "bce",
    choices: ["bce", "mse"],
    help: "what a channel of a pixel costs: bce, binary cross-entropy in nats; mse, the square of what is wrong",
  },
  ssimWeight: {
    value: 0,
    help:
      "the share of 1 - structural similarity in the loss, 0 to 1; the rest is the pixels'; images of 11 pixels or more",
    min: 0,
    max: 1,
  },
  noise: {
    value: 0,
    help:
      "deviation of the noise on what is encoded in training, of brightnesses up to 1; the loss is of the clean image; 0 or more",
    min: 0,
    inTraining: true,
  },
} as const;

/**
 * The convolutional autoencoder.
 *
 * @example
 * ```ts
 * import { cae, Prng, startBackend } from "@strokewise/strokewise";
 * import * as tf from "@tensorflow/tfjs-core";
 * import { assertEquals } from "@std/assert";
 *
 * await startBackend("cpu");
 * const fields = { image: { dtype: "uint8", shape: [16, 16, 3] } } as const;
 * const model = cae.build(cae.tiny, { fields, classes: ["face"] }, new Prng(1));
 * const batch = { size: 2, fields: { image: new Uint8Array(2 * 16 * 16 * 3) } };
 * const pass = { prng: new Prng(2), training: undefined, firstExample: 0 };
 * const { latents, images } = model.images!.reconstruct!(batch, pass);
 * assertEquals(latents.shape, [1, 2, 8]);
 * assertEquals(images.canvases.shape, [1, 2, 16, 16, 3]);
 * ```
 */
export const cae: ModelSpec<typeof CAE_OPTIONS> = defineModel({
  name: "cae",
  url: import.meta.url,
  summary: "A convolutional autoencoder: images to codes and back.",
  best: { metric: "loss", better: "lower", measuredBy: ["loss", "ssimWeight"] },
  dataset: "image-folder",
  fields: [IMAGE],
  oneClass: true,
  loop: CODER_LOOP,
  presets: {
    report: {
      summary: "the report's: 128 channels, a code of 256, 10 epochs at batch 64",
      model: { ...REPORT_SIZES, latentSize: 256 },
      loop: REPORT_LOOP,
    },
    sharp: {
      summary: "structural similarity in the loss, 20 epochs at a falling rate",
      model: { loss: "mse", ssimWeight: 0.2 },
      loop: { ...SHARP_LOOP, epochs: 20 },
    },
  },
  options: CAE_OPTIONS,
  tiny: { latentSize: 8, filters: 4, maxFilters: 8, baseFilters: 4 },
  build: buildCae,
});

function buildCae(options: OptionValues<typeof CAE_OPTIONS>, data: DataDescription, prng: Prng): Model {
  const size = imageSizeOf(data, IMAGE);
  const { side, channels } = size;
  const { latentSize, ssimWeight } = options;
  const hasSsim = hasStructure(side, ssimWeight);
  const encoder = convEncoder({ options, side, channels, outputs: latentSize }, prng);
  const decoder = convDecoder({ options, side, outputs: channels }, prng);
  const variables: Variables = { ...encoder.variables, ...decoder.variables };

  /** What the encoder is shown of images, float32 [B, S, S, C]. */
  function noisy(images: tf.Tensor4D, pass: Pass): tf.Tensor4D {
    if (options.noise === 0 || pass.training === undefined) return images;
    const noise = normalNoise([images.shape[0], side * side * channels], pass);
    return tf.add(images, tf.mul(tf.reshape(noise, images.shape), options.noise));
  }

  return {
    variables,
    objectives: [{
      name: "reconstruction",
      trains: Object.keys(variables),
      loss(batch, pass) {
        const images = imagesOf(batch, size); // [B, S, S, C]
        const logOdds = decoder.apply(encoder.apply(noisy(images, pass)));
        const again = tf.sigmoid(logOdds);
        const mse = tf.mean(tf.square(tf.sub(again, images))) as tf.Scalar;
        const pixels = options.loss === "mse" ? mse : tf.mean(bernoulliNats(images, logOdds)) as tf.Scalar;
        const metrics: Record<string, tf.Scalar> = { mse };
        if (!hasSsim || ssimWeight === 0 && pass.training) return { loss: tf.clone(pixels), metrics };
        metrics.ssim = tf.mean(ssim(again, images));
        const unlike = tf.mul(tf.sub(1, metrics.ssim), ssimWeight) as tf.Scalar;
        return { loss: tf.add(tf.mul(pixels, 1 - ssimWeight), unlike) as tf.Scalar, metrics };
      },
    }],
    images: {
      channels,
      latentShape: [1, latentSize],
      prior: "none",
      filters: imageKernels(variables),
      see: (batch) => tf.tidy(() => imagesOf(batch, size)),
      draw: (latents) => tf.tidy(() => drawnAtOnce(decoder.apply(tf.squeeze(latents, [0])))),
      reconstruct: (batch) =>
        tf.tidy(() => {
          const latents = encoder.apply(imagesOf(batch, size)); // [B, Z]
          return { latents: tf.expandDims(latents, 0), images: drawnAtOnce(decoder.apply(latents)) };
        }),
    },
    networks: {
      encoder: () =>
        encoderNetwork({ options, image: size, variables }, (network, features, code) => {
          network.output("code", network.add("encoder/code", features, { kind: "dense", ...code }), "the image's code");
        }),
      decoder: () => decoderNetwork({ options, image: size, variables }, "code"),
    },
    dispose: () => tf.dispose(variables),
  };
}
