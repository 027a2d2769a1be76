/**
 * The tables of the report "Generative Image Models" about DRAW on MNIST.
 *
 * @module
 */
import { type Figure, nats, type ReproduceRow, type ReproduceTable, WEIGHTS_NOTE } from "../table.ts";

const NEAREST: readonly Figure[] = [
  { name: "mean", reported: true, digits: 0, ours: ({ generation }) => generation?.nearest?.mean },
  { name: "deviation", reported: true, digits: 0, ours: ({ generation }) => generation?.nearest?.standardDeviation },
  { name: "maximum", reported: true, digits: 0, ours: ({ generation }) => generation?.nearest?.maximum },
];

const MNIST_FLAGS = ["--model", "draw", "--train.batch-size", "100", "--train.learning-rate", "1e-3"];

const NEAREST_NOTES = [
  "Mean, standard deviation and maximum are of 1,000 generated images: the negative log-likelihood of the training image " +
  "nearest to each, lower is closer. The report does not say how nearest is meant, nor gives a unit; here it is by the " +
  "squared distance of the cells' probabilities, and in nats, each cell a Bernoulli variable.",
  "Bound (reconstruction + KL) is of the test split, in nats a digit; lower is better. The report has no such numbers.",
  "The report's own code stands on Eric Jang's, which runs Adam with beta1 0.5 and clips each variable's gradient to norm " +
  "5; here beta1 is 0.9 and the norm of all gradients together is clipped to 5. 256 units, z 10, windows of 5 x 5, batch " +
  "100 and a learning rate of 1e-3 are the same.",
  WEIGHTS_NOTE,
];

function mnistRow(
  name: string,
  cells: readonly [label: string, difference: string],
  { theirs, flags = [] }: { readonly theirs: readonly number[]; readonly flags?: readonly string[] },
): ReproduceRow {
  return { name, cells, flags, theirs };
}

const SHARED = {
  reads: "Negative log-likelihood of the training digit nearest to each of 1,000 generated ones; lower is better.",
  dataset: "mnist",
  heads: ["model", "differs in"],
  flags: [...MNIST_FLAGS, "--train.clip-norm", "5"],
  nearestSamples: 1000,
};

export const DRAW_MNIST: ReproduceTable = {
  ...SHARED,
  name: "draw-mnist",
  title: "DRAW on MNIST, and what it needs of its parts",
  source: 'Modhe and Jain, "Generative Image Models", 2016, table of section 6.1',
  steps: 10_000,
  figures: [
    ...NEAREST,
    nats("bound", "bound", { reported: false }),
    nats("reconstruction", "reconstruction", { reported: false }),
    nats("KL", "kl", { reported: false }),
  ],
  rows: [
    mnistRow("attention", ["DRAW (attention)", ""], { theirs: [643, 264, 1370] }),
    mnistRow("no-attention", ["DRAW (no attention)", "whole images read and written"], {
      theirs: [644, 268, 1337],
      flags: ["--model.read-attention", "0", "--model.write-attention", "0"],
    }),
    mnistRow("t1", ["DRAW (T = 1)", "one step"], { theirs: [653, 290, 1724], flags: ["--model.steps", "1"] }),
    mnistRow("t2", ["DRAW (T = 2)", "two steps"], { theirs: [698, 276, 1402], flags: ["--model.steps", "2"] }),
    mnistRow("t5", ["DRAW (T = 5)", "five steps"], { theirs: [796, 302, 1853], flags: ["--model.steps", "5"] }),
    mnistRow("no-privy", ["DRAW (no privy)", "encoder without the decoder's output"], {
      theirs: [809, 298, 2546],
      flags: ["--no-model.feedback"],
    }),
    mnistRow("error-only", ["DRAW (only error image)", "image itself not read"], {
      theirs: [648, 302, 1853],
      flags: ["--model.images", "error"],
    }),
  ],
  notes: NEAREST_NOTES,
};

export const DRAW_VARIANTS: ReproduceTable = {
  ...SHARED,
  name: "draw-variants",
  title: "DRAW with convolutions, on MNIST",
  source: 'Modhe and Jain, "Generative Image Models", 2016, table of section 6.2',
  steps: 50_000,
  figures: [
    ...NEAREST,
    nats("bound", "bound", { reported: false }),
    { name: "accuracy", reported: false, ours: ({ metrics }) => metrics.accuracy },
  ],
  rows: [
    mnistRow("draw", ["DRAW", ""], { theirs: [820, 327, 1989] }),
    mnistRow("each-step", ["Model I", "images read whole and convolved at each step"], {
      theirs: [656, 267, 1429],
      flags: ["--model.convolution", "read", "--model.read-attention", "0"],
    }),
    mnistRow("supervised", ["Model II", "filter maps beside the input, and a classifier"], {
      theirs: [791, 295, 1823],
      flags: ["--model.convolution", "supervised"],
    }),
    mnistRow("encoder", ["Model III", "filter maps in the image's place"], {
      theirs: [625, 255, 1637],
      flags: ["--model.convolution", "encoder"],
    }),
  ],
  notes: [
    ...NEAREST_NOTES,
    "The report gives no channels for the convolutions; here they are two, of 8 and 16 channels and 5 x 5 kernels, each " +
    "with ReLU and 2 x 2 max-pooling. It tried model I with and without the images beside their filter maps and prints one " +
    "row; here they are beside them.",
    "Accuracy is that of model II's classifier on the test split; the report has no such number.",
  ],
};
