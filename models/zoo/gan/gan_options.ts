/**
 * The options of the GAN.
 *
 * @module
 */
import type { OptionValues } from "../../../pipelines/base/option_table.ts";

/** The options of {@linkcode gan}. */
export const GAN_OPTIONS = {
  architecture: {
    value: "dcgan",
    choices: ["dcgan", "report"],
    help:
      "dcgan: 4x4 filters, as many more channels as the map is smaller; report: 3x3 filters, the same channels everywhere",
  },
  channels: {
    value: 16,
    help: "channels of the largest map, with report those of every map; 1 or more",
    min: 1,
    whole: true,
  },
  latentSize: { value: 128, help: "Z, numbers that an image is made from, 1 or more", min: 1, whole: true },
  generatorNorm: {
    value: "batch",
    choices: ["batch", "pixel", "none"],
    help: "what the generator's maps are normalized over: the batch, a pixel's channels",
  },
  discriminatorNorm: {
    value: "none",
    choices: ["batch", "none"],
    help: "likewise of the discriminator, real images and made ones apart",
  },
  spectralNorm: {
    value: "none",
    choices: ["none", "discriminator", "both"],
    help: "whose weights are divided by their largest singular value",
  },
  loss: {
    value: "non-saturating",
    choices: ["non-saturating", "hinge"],
    help: "cross-entropy, with what is made to be taken for real; or margins of 1 on either side",
  },
  realTarget: {
    value: 1,
    help: "what a real image is to be called, 0.5 to 1; below 1 smooths one side",
    of: { loss: ["non-saturating"] },
    min: 0.5,
    max: 1,
  },
  gradientPenalty: {
    value: 0.1,
    help: "R1's gamma, by which the discriminator's squared slope at real images costs; 0 for none",
    min: 0,
    inTraining: true,
  },
  penaltyEvery: {
    value: 4,
    help: "steps from one with the penalty to the next, which weighs as many times as much; 1 or more",
    of: { gradientPenalty: { above: 0 } },
    min: 1,
    whole: true,
    inTraining: true,
  },
  discriminatorRate: {
    value: 1,
    help: "its learning rate, as a multiple of the loop's, above 0",
    above: 0,
    inTraining: true,
  },
  generatorRate: {
    value: 1,
    help: "its learning rate, as a multiple of the loop's, above 0",
    above: 0,
    inTraining: true,
  },
  augmentColor: {
    value: 0,
    help: "how much brightness, saturation and contrast of what the discriminator sees are changed at random, 0 to 1",
    min: 0,
    max: 1,
    inTraining: true,
  },
  augmentTranslation: {
    value: 0.125,
    help: "by how much of a side at most it is moved, 0 to 0.5; what comes in is grey",
    min: 0,
    max: 0.5,
    inTraining: true,
  },
  augmentCutout: {
    value: 0,
    help: "the side of a square of it that becomes grey, as a share of its own, 0 to 1",
    min: 0,
    max: 1,
    inTraining: true,
  },
} as const;

/** The values of {@linkcode GAN_OPTIONS}. */
export type GanOptions = OptionValues<typeof GAN_OPTIONS>;

/** What the loop does otherwise for a GAN. */
export const GAN_LOOP = { batchSize: 32, learningRate: 5e-4, beta1: 0.5, emaDecay: 0.999, epochs: 100 } as const;

/** Neither paper nor report changes images or has a penalty. */
const PLAIN = { augmentTranslation: 0, gradientPenalty: 0 } as const;

/** Named settings. */
export const GAN_PRESETS = {
  report: {
    summary: "as in the report: 3x3 filters of 128 channels, ReLU, nothing normalized",
    model: {
      architecture: "report",
      channels: 128,
      latentSize: 256,
      generatorNorm: "none",
      spectralNorm: "none",
      ...PLAIN,
    },
    loop: { batchSize: 64, learningRate: 2e-4, epochs: 20, emaDecay: 0 },
  },
  dcgan: {
    summary: "as in arXiv:1511.06434: 64 channels, batch normalization in both networks",
    model: {
      channels: 64,
      latentSize: 100,
      generatorNorm: "batch",
      discriminatorNorm: "batch",
      spectralNorm: "none",
      ...PLAIN,
    },
    loop: { batchSize: 128, learningRate: 2e-4, emaDecay: 0 },
  },
} as const;
