/**
 * The tables of the report "Generative Image Models" about DRAW on MNIST.
 *
 * @module
 */
import { draw } from "../../../models/zoo/draw/draw.ts";
import type { DRAW_OPTIONS } from "../../../models/zoo/draw/draw_options.ts";
import type { PartialOptions } from "../../../pipelines/base/option_table.ts";
import { mnistLstm } from "../../../models/zoo/mnist_lstm/mnist_lstm.ts";
import { mnist } from "../../../pipelines/datasets/mnist.ts";
import { experiment, type Figure } from "../experiment.ts";
import { percent } from "../../../pipelines/base/text.ts";
import { decimal } from "../../cli/text.ts";
import { nats, type ReproduceRow, type ReproduceTable, SAMPLES, WEIGHTS_NOTE } from "../table.ts";

/** Reads the samples of every row; 98.7 % right on the test digits. */
const CLASSIFIER = experiment({
  ...{ name: "classifier", data: { dataset: mnist }, model: mnistLstm, modelOptions: { dropoutRate: 0.2 } },
  loop: { batchSize: 64, steps: 2000, learningRate: 4e-3, evaluateEvery: 500, schedule: "cosine", clipNorm: 1 },
  figures: [{ name: "top-1", better: "higher", ours: ({ classification }) => classification?.top1 }],
});

const nearest = (name: string, key: "mean" | "standardDeviation" | "maximum"): Figure => (
  { name, reported: true, digits: 0, ours: ({ generation }) => generation?.nearest?.[key] }
);

const OF_SAMPLES: readonly Figure[] = [
  {
    ...nearest("mean", "mean"),
    better: "lower",
    worth({ split, unit, generation }) {
      const { meanImage } = generation?.nearest ?? {};
      if (meanImage === undefined) return undefined;
      return `The mean ${split} ${unit}, drawn every time, has a mean of ${decimal(meanImage)}.`;
    },
  },
  nearest("deviation", "standardDeviation"),
  nearest("maximum", "maximum"),
  {
    ...{ name: "class score", digits: 2, better: "higher" },
    ours: ({ generation }) => generation?.classes?.samples.score,
    worth({ split, unit, generation }, classifier) {
      const { classes } = generation ?? {};
      if (classes === undefined) return undefined;
      const real = `${decimal(classes.real.score)} for ${split} ${unit}s (sure: ${percent(classes.real.confidence)})`;
      const top1 = classifier?.classification?.top1;
      const named = top1 === undefined ? "" : `, which names ${percent(top1)} of these`;
      const reader = `${classes.classifier.model}${named}`;
      return `Class score: 1 for grey canvases, at most ${classes.classes}, ${real}, read by ${reader}.`;
    },
  },
  { name: "sure", ours: ({ generation }) => generation?.classes?.samples.confidence },
];

const NOTES = [
  "Mean, standard deviation and maximum are of 1,000 generated images: the negative log-likelihood of the training image " +
  "nearest to each, lower is closer. The report does not say how nearest is meant, nor gives a unit; here it is by the " +
  "squared distance of the cells' probabilities, and in nats, each cell a Bernoulli variable.",
  "That number punishes no grey: a canvas without any digit is near every digit. Class score and sure do; they are not in " +
  "the report. A classifier of this project, trained on the same digits, reads the 1,000 images: the class score is e to " +
  "the mean divergence of what it reads in one image from what it reads in all (the inception score, Salimans et al. 2016, " +
  "arXiv:1606.03498), sure is the mean of its highest probability.",
  "Bound (reconstruction + KL) is of the test split, in nats a digit. The report has no such numbers.",
  "The report's own code stands on Eric Jang's, which runs Adam with beta1 0.5 and clips each variable's gradient to norm " +
  "5; here beta1 is 0.9 and the norm of all gradients together is clipped to 5. 256 units, z 10, windows of 5 x 5, batch " +
  "100 and a learning rate of 1e-3 are the same.",
  WEIGHTS_NOTE,
];

const FIGURES: readonly Figure[] = [
  ...OF_SAMPLES,
  nats("bound", "bound", { reported: false }),
  nats("reconstruction", "reconstruction", { reported: false }),
  nats("KL", "kl", { reported: false }),
];

const VARIANT_FIGURES: readonly Figure[] = [
  ...OF_SAMPLES,
  nats("bound", "bound", { reported: false }),
  { name: "accuracy", reported: false, better: "higher", ours: ({ metrics }) => metrics.accuracy },
];

function mnistRow(
  name: string,
  cells: readonly [label: string, difference: string],
  { theirs, ...others }: Pick<ReproduceRow, "theirs" | "figures"> & {
    readonly modelOptions?: PartialOptions<typeof DRAW_OPTIONS>;
  },
): ReproduceRow {
  return {
    ...experiment({
      ...{ name, data: { dataset: mnist }, model: draw },
      loop: { batchSize: 100, learningRate: 1e-3, clipNorm: 5 },
      judge: { importanceSamples: 1, nearestSamples: 1000 },
      ...others,
    }),
    ...{ cells, ...(theirs ? { theirs } : {}) },
  };
}

const SHARED = {
  reads:
    "Negative log-likelihood of the training digit nearest to each of 1,000 generated ones, and what a classifier reads in these.",
  heads: ["model", "differs in"],
  classifier: CLASSIFIER,
  pictures: [SAMPLES],
};

/** DRAW with and without its parts: section 6.1. */
export const DRAW_MNIST: ReproduceTable = {
  ...SHARED,
  name: "draw-mnist",
  title: "DRAW on MNIST, and what it needs of its parts",
  source: 'Modhe and Jain, "Generative Image Models", 2016, table of section 6.1',
  steps: 10_000,
  figures: FIGURES,
  rows: [
    mnistRow("attention", ["DRAW (attention)", ""], { figures: FIGURES, theirs: [643, 264, 1370] }),
    mnistRow("no-attention", ["DRAW (no attention)", "whole images read and written"], {
      figures: FIGURES,
      theirs: [644, 268, 1337],
      modelOptions: { readAttention: 0, writeAttention: 0 },
    }),
    mnistRow("t1", ["DRAW (T = 1)", "one step"], {
      figures: FIGURES,
      theirs: [653, 290, 1724],
      modelOptions: { steps: 1 },
    }),
    mnistRow("t2", ["DRAW (T = 2)", "two steps"], {
      figures: FIGURES,
      theirs: [698, 276, 1402],
      modelOptions: { steps: 2 },
    }),
    mnistRow("t5", ["DRAW (T = 5)", "five steps"], {
      figures: FIGURES,
      theirs: [796, 302, 1853],
      modelOptions: { steps: 5 },
    }),
    mnistRow("no-privy", ["DRAW (no privy)", "encoder without the decoder's output"], {
      figures: FIGURES,
      theirs: [809, 298, 2546],
      modelOptions: { feedback: false },
    }),
    mnistRow("error-only", ["DRAW (only error image)", "image itself not read"], {
      figures: FIGURES,
      theirs: [648, 302, 1853],
      modelOptions: { images: "error" },
    }),
  ],
  notes: NOTES,
};

/** DRAW's convolutional variants: section 6.2. */
export const DRAW_VARIANTS: ReproduceTable = {
  ...SHARED,
  name: "draw-variants",
  title: "DRAW with convolutions, on MNIST",
  source: 'Modhe and Jain, "Generative Image Models", 2016, table of section 6.2',
  steps: 50_000,
  figures: VARIANT_FIGURES,
  rows: [
    mnistRow("draw", ["DRAW", ""], { figures: VARIANT_FIGURES, theirs: [820, 327, 1989] }),
    mnistRow("each-step", ["Model I", "images read whole and convolved at each step"], {
      figures: VARIANT_FIGURES,
      theirs: [656, 267, 1429],
      modelOptions: { convolution: "read", readAttention: 0 },
    }),
    mnistRow("supervised", ["Model II", "filter maps beside the input, and a classifier"], {
      figures: VARIANT_FIGURES,
      theirs: [791, 295, 1823],
      modelOptions: { convolution: "supervised" },
    }),
    mnistRow("encoder", ["Model III", "filter maps in the image's place"], {
      figures: VARIANT_FIGURES,
      theirs: [625, 255, 1637],
      modelOptions: { convolution: "encoder" },
    }),
  ],
  notes: [
    ...NOTES,
    "The report gives no channels for the convolutions; here they are two, of 8 and 16 channels and 5 x 5 kernels, each " +
    "with ReLU and 2 x 2 max-pooling. It tried model I with and without the images beside their filter maps and prints one " +
    "row; here they are beside them.",
    "Accuracy is that of model II's classifier on the test split; the report has no such number.",
  ],
};
