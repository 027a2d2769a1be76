/**
 * What a step of each table's rows took where it was measured: until a row has a run of its own, its time is told by this.
 *
 * @module
 */

/** How these times came about. */
export const REFERENCE =
  "processor time of one thread on two cores of an AMD EPYC (Zen 3), 26 November 2026: the fastest of a few steps beside " +
  "other work; a quiet machine needs 0.7 to 0.9 of it";

/** Milliseconds a training step, by table and row, on MNIST, Google's cats and dogs, the embedded faces and README's eight classes. */
export const STEP_TIMES: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  "draw-quickdraw": {
    "cat-read5-t20-batch64": 435,
    "cat-read5-t20-batch100": 565,
    "dog-read5-t10-batch100": 279,
    "dog-read5-t20-batch100": 590,
    "cat-dog-read2-t20-batch100": 539,
    "cat-dog-read5-t20-batch100": 567,
  },
  "draw-mnist": {
    attention: 278,
    "no-attention": 471,
    t1: 32.5,
    t2: 63,
    t5: 139,
    "no-privy": 200,
    "error-only": 242,
    classifier: 33.6,
  },
  "draw-variants": { draw: 274, classifier: 33.6 },
  arithmetic: {
    "text-to-text-50-50": 8.8,
    "text-to-text-25-75": 7.5,
    "text-to-text-10-90": 8.6,
    "image-to-text-25-75": 61.7,
    "transformer-50-50": 31.8,
    "transformer-90-10": 37.7,
    "transformer-10-90-by-operand": 28.6,
    "transformer-image-to-text-25-75": 143,
    "text-to-image-50-50": 75.4,
  },
  "faces-and-animals": {
    "cae-report": 2528,
    cae: 330,
    "vae-report": 377,
    vae: 314,
    "gan-report": 4344,
    gan: 182,
    classifier: 55.9,
  },
  accept: {
    quickstart: 53.7,
    "quickstart-on-real": 53.7,
    "cnn-embedded": 38,
    "cnn-lstm-real": 105,
    "cnn-real": 69.8,
    "mnist-lstm-rows": 31.5,
    "cnn-mnist": 21.7,
    "draw-mnist": 279,
  },
};
