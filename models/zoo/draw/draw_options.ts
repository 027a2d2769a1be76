/**
 * The options of DRAW.
 *
 * @module
 */
import type { OptionValues } from "../../../pipelines/base/option_table.ts";

/** Of an encoder that has convolutions. */
const CONVOLVES = { convolution: ["read", "supervised", "encoder"] } as const;

/** The options of {@linkcode draw}; defaults are those of the report "Generative Image Models". */
export const DRAW_OPTIONS = {
  steps: { value: 10, help: "T, steps in which an image is drawn, 1 or more", min: 1, whole: true },
  encoderUnits: { value: 256, help: "units of the encoder LSTM, 1 or more", min: 1, whole: true },
  decoderUnits: { value: 256, help: "units of the decoder LSTM, 1 or more", min: 1, whole: true },
  latentSize: { value: 10, help: "Z, size of each step's latent, 1 or more", min: 1, whole: true },
  readAttention: {
    value: 5,
    help: "N, filters a side of the window that is read through; 0 reads the whole image",
    min: 0,
    whole: true,
  },
  writeAttention: {
    value: 5,
    help: "N, filters a side of the window that is written through; 0 writes the whole canvas",
    min: 0,
    whole: true,
  },
  feedback: { value: true, help: "the encoder sees the decoder's last output" },
  images: {
    value: "both",
    choices: ["both", "error"],
    help: "what is read: image and error image, or the latter alone",
  },
  convolution: {
    value: "none",
    choices: ["none", "read", "supervised", "encoder"],
    help: "read: convolve what is read at each step; supervised: filter maps of the image, and a classifier on them, " +
      "beside the encoder's input; encoder: filter maps in the image's place",
  },
  keepImages: { value: true, help: "the images beside their filter maps", of: { convolution: ["read"] } },
  channels: {
    value: [8, 16] as readonly number[],
    help: "channels of each convolution, which halves height and width; 1 or more each",
    of: CONVOLVES,
    min: 1,
    whole: true,
  },
  kernelSize: { value: 5, help: "cells a side of its kernel, 1 or more", of: CONVOLVES, min: 1, whole: true },
  classUnits: {
    value: 128,
    help: "units of the hidden layer of the encoder's classifier, 1 or more",
    of: { convolution: ["supervised"] },
    min: 1,
    whole: true,
  },
  classWeight: {
    value: 1,
    help: "weight of its classification loss beside nats per image, 0 or more",
    of: { convolution: ["supervised"] },
    min: 0,
  },
  binarize: {
    value: "auto",
    choices: ["auto", "threshold", "stochastic", "none"],
    help:
      "cells become 0 or 1: at the threshold, of grey images alone, or drawn anew each time with their brightness as " +
      "probability; auto: threshold, none of images in colour",
  },
  threshold: {
    value: 0.5,
    help: "brightness from which a cell is on, 0 to 1",
    of: { binarize: ["auto", "threshold"] },
    min: 0,
    max: 1,
  },
} as const;

/** The values of {@linkcode DRAW_OPTIONS}. */
export type DrawOptions = OptionValues<typeof DRAW_OPTIONS>;
