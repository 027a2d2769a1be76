/**
 * The option by which a classifier is named that reads samples, the same for all that draw.
 *
 * @module
 */

/** The run of a classifier. */
export const CLASSIFIER_OPTION = {
  value: "",
  help:
    "of a model that draws: the run of a classifier, of such images or of drawings, which reads its samples: 1,000 " +
    "images, the drawings of --drawn-samples, or the digits of 2,000 answers; none when left out",
} as const;
