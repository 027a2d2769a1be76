/**
 * Generative adversarial networks (Goodfellow et al. 2014, arXiv:1406.2661): a generator makes images from latents, and a
 * discriminator tells them from real ones; each learns from the other.
 *
 * **Architectures.** DCGAN (Radford et al. 2016, arXiv:1511.06434), small by default; and that of the report "Introduction
 * to Deep Learning Assignment 3", section 2, with `--preset report`.
 *
 * **A step** trains the discriminator on a batch of real images and as many made ones, then the generator through the
 * discriminator as it is then, with fresh latents. Batch normalization never sees real and made images together.
 *
 * **What keeps it stable**: spectral normalization (arXiv:1802.05957), a learning rate for each network (arXiv:1706.08500),
 * one-sided label smoothing (arXiv:1606.03498), the penalty R1 (arXiv:1801.04406), every few steps (arXiv:1912.04958,
 * appendix B), differentiable augmentation (arXiv:2006.10738), and the running mean of the weights that the loop keeps.
 *
 * **R1** is the squared length of the scores' slope at real images. Here it is estimated: the square of the score's change
 * over a step of length h in a direction v drawn from N(0, I), over h squared, has that mean, as E (g v)^2 = |g|^2. That
 * needs no gradient of a gradient, which kernels with gradients of their own do not have, and takes less work.
 *
 * **The best** weights are those whose samples are nearest to the valid images, by {@linkcode sampleJudge}: neither loss
 * says how good the images are.
 *
 * **Differs from the papers.** Weights begin as He et al. say, without which a network of few channels starts too faint.
 * **Differs from the report.** Scores are log odds, the sigmoid is in the loss; a loss is the sum over real and made images,
 * not their mean.
 *
 * B batch, S pixels a side, C channels, Z size of a latent.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { Prng } from "../../../pipelines/base/prng.ts";
import { fieldOf, type ImageSize, imageSizeOf } from "../../../pipelines/batches/batch_fields.ts";
import type { Batch } from "../../../pipelines/dataset.ts";
import type { Moments } from "../../layers/batch_norm.ts";
import type { Model, Objective, Pass } from "../../model.ts";
import { defineModel, type ModelSpec } from "../../model_spec.ts";
import type { Network } from "../../network.ts";
import { randomNormal } from "../../ops/random.ts";
import type { Tensor5D } from "../../tensors.ts";
import { adversarialLoss } from "./adversarial_loss.ts";
import { augmentImages } from "./augment_images.ts";
import { buildDiscriminator } from "./discriminator.ts";
import { GAN_LOOP, GAN_OPTIONS, GAN_PRESETS, type GanOptions } from "./gan_options.ts";
import { buildGenerator } from "./generator.ts";
import { generatorNetwork } from "./generator_network.ts";
import { sampleJudge } from "./sample_distance.ts";
import { GAN_MEANINGS, worriesOf } from "./worries.ts";

/**
 * A GAN.
 *
 * @example Three images
 * ```ts
 * import { defaultsOf, gan, mnist, Prng, startBackend } from "@strokewise/strokewise";
 * import * as tf from "@tensorflow/tfjs-core";
 * import { assertEquals } from "@std/assert";
 *
 * await startBackend("cpu");
 * const data = { fields: mnist.fields(defaultsOf(mnist.options)), classes: ["0"] };
 * const model = gan.build(gan.tiny, data, new Prng(1));
 * assertEquals(model.objectives.map(({ name }) => name), ["discriminator", "generator"]);
 * const [steps, size] = model.images!.latentShape;
 * assertEquals(model.images!.draw(tf.randomNormal([steps, 3, size])).canvases.shape, [1, 3, 28, 28, 1]);
 * ```
 */
export const gan: ModelSpec<typeof GAN_OPTIONS> = defineModel({
  name: "gan",
  url: import.meta.url,
  summary: "A GAN: makes images that another network is to take for real.",
  best: { metric: "generator.distance", better: "lower" },
  dataset: "image-folder",
  fields: ["image"],
  oneClass: true,
  loop: GAN_LOOP,
  presets: GAN_PRESETS,
  worries: worriesOf,
  meanings: GAN_MEANINGS,
  options: GAN_OPTIONS,
  tiny: {
    ...{ channels: 4, latentSize: 8, augmentTranslation: 0 },
    ...{ generatorNorm: "pixel", spectralNorm: "discriminator", gradientPenalty: 0 }, // quick, something to update
  },
  build: (options, data, prng) => buildGan({ options, image: imageSizeOf(data, "image") }, prng),
});

/** Images whose moments batch normalization uses where an image must not depend on those that it is made with. */
const REFERENCE = { images: 64, seed: 1 };

/** The step in which the scores' slope is measured; pixels are -1 to 1. */
const PENALTY_STEP = 0.01;

/** Samples at least that are held against a batch in evaluation. */
const FEWEST_SAMPLES = 32;

function buildGan({ options, image }: { readonly options: GanOptions; readonly image: ImageSize }, prng: Prng): Model {
  const { latentSize, realTarget, gradientPenalty, penaltyEvery } = options;
  const { side, channels } = image;
  const generator = buildGenerator(options, image, prng);
  const discriminator = buildDiscriminator(options, image, prng);
  const judge = sampleJudge(image);
  const losses = adversarialLoss(options.loss, realTarget);
  const { augmentColor: color, augmentTranslation: translation, augmentCutout: cutout } = options;
  const changes = { color, translation, cutout };

  /** The images of a batch, -1 to 1, float32 [B, S, S, C]. */
  const realOf = (batch: Batch) => {
    const bytes = Float32Array.from(fieldOf(batch, "image"));
    return tf.sub(tf.div(tf.tensor4d(bytes, [batch.size, side, side, channels]), 127.5), 1) as tf.Tensor4D;
  };

  /** The moments that evaluation normalizes by: of a batch that is always the same. */
  const referenceMoments = (): readonly Moments[] => {
    if (options.generatorNorm !== "batch") return [];
    return generator.generate(randomNormal(new Prng(REFERENCE.seed).key(), rowsFrom(0, REFERENCE.images), latentSize))
      .moments;
  };

  /** Images of fresh latents, -1 to 1, float32 [count, S, S, C]. */
  function make(count: number, { prng, training, firstExample }: Pass): tf.Tensor4D {
    const latents = randomNormal(prng.key(), rowsFrom(firstExample, count), latentSize); // [count, Z]
    return tf.tanh(generator.generate(latents, training ? undefined : referenceMoments()).images);
  }

  /** What the discriminator sees of images. */
  function shown(images: tf.Tensor4D, { prng, training, firstExample }: Pass): tf.Tensor4D {
    const key = prng.key();
    return training ? augmentImages(images, changes, { key, rows: rowsFrom(firstExample, images.shape[0]) }) : images;
  }

  /** gamma / 2 times the mean estimate of the scores' squared slope at images that have these scores. */
  function penaltyAt(images: tf.Tensor4D, scores: tf.Tensor1D, { prng, firstExample }: Pass): tf.Scalar {
    const rows = rowsFrom(firstExample, images.shape[0]);
    const direction = tf.reshape(randomNormal(prng.key(), rows, side * side * channels), images.shape); // [B, S, S, C]
    const moved = discriminator.score(tf.add(images, tf.mul(direction, PENALTY_STEP)));
    const slopes = tf.div(tf.sub(moved, scores), PENALTY_STEP); // [B]
    return tf.mul(tf.mean(tf.square(slopes)), gradientPenalty / 2) as tf.Scalar;
  }

  const discriminating: Objective = {
    name: "discriminator",
    trains: trainedOf(discriminator.variables),
    learningRateScale: options.discriminatorRate,
    loss(batch, pass) {
      const real = shown(realOf(batch), pass);
      const scores = {
        real: discriminator.score(real),
        fake: discriminator.score(shown(make(batch.size, pass), pass)),
      };
      const adversarial = losses.discriminator(scores);
      const metrics = { realAccuracy: shareAbove(scores.real), fakeAccuracy: shareAbove(tf.neg(scores.fake)) };
      if (gradientPenalty === 0 || !pass.training) return { loss: adversarial, metrics };
      const { stepsTaken = 0 } = pass.training;
      // Of those steps that have none a log takes the mean, too.
      const penalty = stepsTaken % penaltyEvery === 0
        ? tf.mul(penaltyAt(real, scores.real, pass), penaltyEvery) as tf.Scalar
        : tf.scalar(0);
      return { loss: tf.add(adversarial, penalty), metrics: { ...metrics, penalty } };
    },
  };

  const generating: Objective = {
    name: "generator",
    trains: trainedOf(generator.variables),
    learningRateScale: options.generatorRate,
    loss(batch, pass) {
      const count = pass.training ? batch.size : Math.max(batch.size, FEWEST_SAMPLES);
      const images = make(count, pass);
      const loss = losses.generator(discriminator.score(shown(images, pass)));
      return { loss, metrics: pass.training ? {} : { ...judge.compare(realOf(batch), images) } };
    },
  };

  const variables = { ...discriminator.variables, ...generator.variables };
  const normalizesBatches = options.generatorNorm === "batch" || options.discriminatorNorm === "batch";
  return {
    variables,
    objectives: [discriminating, generating],
    judgedWhole: true,
    ...(normalizesBatches ? { exchanges: "the moments of batches that are normalized as a whole" } : {}),
    ...(options.spectralNorm === "none" ? {} : {
      update() {
        discriminator.update();
        generator.update();
      },
    }),
    images: {
      channels,
      latentShape: [1, latentSize],
      prior: "normal",
      see: (batch) => tf.tidy(() => tf.mul(tf.add(realOf(batch), 1), 0.5) as tf.Tensor4D),
      draw: (latents) =>
        tf.tidy(() => {
          const { images } = generator.generate(tf.squeeze(latents, [0]), referenceMoments());
          // (tanh u + 1) / 2 is the sigmoid of 2 u.
          return { canvases: tf.expandDims(tf.mul(images, 2), 0) as Tensor5D }; // [1, N, S, S, C]
        }),
      filters: {},
    },
    networks: {
      generator() {
        const made: Network[] = [];
        const isPixelNormed = options.generatorNorm === "pixel";
        tf.tidy(() => {
          made.push(generatorNetwork({ generator, image, latentSize, isPixelNormed, moments: referenceMoments() }));
        });
        return made[0];
      },
    },
    dispose() {
      tf.dispose(variables);
      judge.dispose();
    },
  };
}

/** The names of variables that gradients train. */
function trainedOf(variables: Readonly<Record<string, unknown>>): string[] {
  return Object.keys(variables).filter((name) => !name.endsWith("/u"));
}

function rowsFrom(first: number, count: number): Int32Array {
  return Int32Array.from({ length: count }, (_, i) => first + i);
}

/** The share of scores above 0. */
function shareAbove(scores: tf.Tensor): tf.Scalar {
  return tf.mean(tf.cast(tf.greater(scores, 0), "float32"));
}
