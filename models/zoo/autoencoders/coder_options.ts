/**
 * The options that the autoencoders have in common.
 *
 * @module
 */
import type { OptionValues } from "../../../pipelines/base/option_table.ts";

/** The sizes of an encoder and a decoder. */
export const CODER_OPTIONS = {
  latentSize: { value: 128, help: "Z, size of the code of an image, 1 or more", min: 1, whole: true },
  filters: {
    value: 32,
    help: "channels of the largest maps, 1 or more; maps half the size have twice as many",
    min: 1,
    whole: true,
  },
  maxFilters: { value: 128, help: "no map has more channels, 1 or more", min: 1, whole: true },
  baseFilters: {
    value: 64,
    help: "channels of the decoder's first map, of no more than 7 pixels a side; 1 or more",
    min: 1,
    whole: true,
  },
  activation: {
    value: "elu",
    choices: ["elu", "relu"],
    help: "what follows each convolution but the last: elu learns in fewer steps, relu is the report's",
  },
  kernelSize: { value: 3, help: "pixels a side of a convolution's kernel, 2 or more", min: 2, whole: true },
} as const;

/** The values of {@linkcode CODER_OPTIONS}. */
export type CoderOptions = OptionValues<typeof CODER_OPTIONS>;

/** How autoencoders are trained where nothing else is asked for. */
export const CODER_LOOP = { batchSize: 32, learningRate: 1e-3 } as const;

/** The sizes of the report "Introduction to Deep Learning Assignment 3": 128 channels everywhere. */
export const REPORT_SIZES = {
  filters: 128,
  maxFilters: 128,
  baseFilters: 64,
  kernelSize: 3,
  activation: "relu",
} as const;

/** How preset `sharp` trains, for so many epochs as the model needs. */
export const SHARP_LOOP = {
  batchSize: 32,
  learningRate: 2e-3,
  schedule: "cosine",
  warmupSteps: 50,
  emaDecay: 0.999,
} as const;

/** How the report trains. */
export const REPORT_LOOP = { batchSize: 64, learningRate: 1e-3, epochs: 10 } as const;
