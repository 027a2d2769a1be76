/**
 * The options of the model that answers in pictures.
 *
 * @module
 */
import type { OptionValues } from "../../../pipelines/base/option_table.ts";
import { TRANSFORMER_OPTIONS } from "../transformer/transformer.ts";

/** What a picture costs, and how it is drawn. */
export const GLYPH_OPTIONS = {
  latentSize: { value: 8, help: "Z, numbers that say how a character is written, 1 or more", min: 1, whole: true },
  glyphUnits: {
    value: 256,
    help: "units of each of two hidden layers, of what draws a picture and of what looks at it; 1 or more",
    min: 1,
    whole: true,
  },
  likelihood: {
    value: "both",
    choices: ["bernoulli", "ssim", "both"],
    help: "what a picture that is unlike the data's costs: bernoulli, nats by the pixel; ssim, 1 - its structural " +
      "similarity; both, the sum",
  },
  ssimWeight: {
    value: 50,
    help: "what 1 - ssim is multiplied by, nats, above 0",
    of: { likelihood: ["ssim", "both"] },
    above: 0,
  },
  klWeight: {
    value: 10,
    help:
      "what the latent's divergence from its character's is multiplied by; the greater, the better pictures are read and the " +
      "less varied they are; 0 or more",
    min: 0,
  },
} as const;

/** The options of `text-to-image`. */
export const TEXT_TO_IMAGE_OPTIONS = {
  ...TRANSFORMER_OPTIONS,
  ...GLYPH_OPTIONS,
  condition: {
    value: "right",
    choices: ["right", "written"],
    help:
      "what pictures are learnt from: right, the answer's characters; written, what the writing part makes of the " +
      "query, as probabilities, so that the pictures' loss trains that part too",
  },
  keepText: {
    value: false,
    help: "the writing part stays as it is, such as one of --from a run of transformer; pictures are learnt alone",
  },
} as const;

/** What is to be said of a writing part that never learns. */
export function writingRemarks(
  { keepText }: Pick<OptionValues<typeof TEXT_TO_IMAGE_OPTIONS>, "keepText">,
  { isBegun }: { readonly isBegun: boolean },
): readonly string[] {
  return keepText && !isBegun
    ? ["--model.keep-text: the writing part stays at random weights; --from names a run whose part it is to be"]
    : [];
}
