/**
 * The options of the variational autoencoder.
 *
 * @module
 */
import { CODER_OPTIONS } from "./coder_options.ts";

/** The options of {@linkcode vae}. */
export const VAE_OPTIONS = {
  ...CODER_OPTIONS,
  likelihood: {
    value: "logistic",
    choices: ["bernoulli", "gaussian", "logistic"],
    help:
      "the density of a channel of a pixel: logistic, discretized to 256 levels, and gaussian are told in bits per dimension " +
      "too; bernoulli takes brightness for a probability, whose nats compare with nothing",
  },
  scale: {
    value: "channel",
    choices: ["fixed", "channel", "pixel"],
    help:
      "the width of the density: scaleStart; learnt, one a channel; or drawn by the decoder, one a channel of a pixel",
    of: { likelihood: ["gaussian", "logistic"] },
  },
  scaleStart: {
    value: 0.1,
    help: "that width, or where it begins, of brightnesses up to 1; 0.0001 or more",
    of: { likelihood: ["gaussian", "logistic"] },
    min: 0.0001,
  },
  ssimWeight: {
    value: 0,
    help:
      "what 1 - structural similarity of an image and what is drawn of its latent costs besides, nats, 0 or more; images of " +
      "11 pixels or more",
    min: 0,
  },
  klWeight: {
    value: 1,
    help: "weight of the divergence that annealing leads to, beta, 0 or more; the one in evaluation; 1 is a bound",
    min: 0,
  },
  klWeightStart: { value: 1, help: "weight of the divergence in the first step, 0 or more", min: 0, inTraining: true },
  klDecayRate: {
    value: 0.999,
    help: "a step leaves this share of the way from start to end of the weight of the divergence, 0 to 1",
    min: 0,
    max: 1,
    inTraining: true,
  },
  freeBits: {
    value: 0,
    help:
      "the divergence of each number of the latent, a mean over the batch, counts as no less in training, nats, 0 or more",
    min: 0,
    inTraining: true,
  },
} as const;
