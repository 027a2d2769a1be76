/**
 * The recurrent networks of the report "Applications of Deep Learning: Generating Images" that read digits, and what makes
 * 784 steps learnable.
 *
 * @module
 */
import { mnistLstm } from "../../../models/zoo/mnist_lstm/mnist_lstm.ts";
import { mnist } from "../../../pipelines/datasets/mnist.ts";
import { percent } from "../../../pipelines/base/text.ts";
import { type Experiment, experiment, type Figure } from "../experiment.ts";
import { type ReproduceRow, type ReproduceTable, WEIGHTS_NOTE } from "../table.ts";

const FIGURES: readonly Figure[] = [
  {
    ...{ name: "accuracy", better: "higher" },
    ours: ({ classification }) => classification?.top1,
    worth({ classification, split, unit }) {
      const share = classification?.baseline;
      return share === undefined
        ? undefined
        : `The most frequent ${unit} of the ${split}, said every time, is right ${percent(share)} of the time.`;
    },
  },
  { name: "NLL", digits: 4, better: "lower", ours: ({ classification }) => classification?.nll },
];

type Plan = Pick<Experiment<typeof mnistLstm.options>, "name" | "modelOptions" | "loop">;

/** A row on digits. */
function row(
  { loop, ...plan }: Plan,
  cells: readonly [reads: string, network: string, settings: string],
): ReproduceRow {
  return {
    ...experiment({
      ...{ data: { dataset: mnist }, model: mnistLstm, figures: FIGURES, ...plan },
      loop: { batchSize: 64, clipNorm: 1, ...loop },
    }),
    cells,
  };
}

const REPORT = "the report's";
/** Rows are 28 steps, pixels are 784: of them an epoch takes as long as twenty. */
const ROWS_LOOP = { epochs: 20, schedule: "cosine" } as const;
const PIXELS_LOOP = { epochs: 10, schedule: "cosine" } as const;

/** For long sequences a learning rate that rises first. */
const LONG_LOOP = { ...PIXELS_LOOP, learningRate: 2e-3, warmupSteps: 200 } as const;

/** For sequences that grow long. */
const GROWN_LOOP = { ...PIXELS_LOOP, epochs: 20, warmupSteps: 100 } as const;

/** Gates that remember for up to the length of the sequence. */
const LONG = { modelOptions: { chronoSpan: 784 }, loop: LONG_LOOP } as const;

/** Digits read row by row and pixel by pixel: sections 1.3 to 1.5. */
export const GENERATING_IMAGES: ReproduceTable = {
  name: "generating-images",
  title: "Digits read row by row and pixel by pixel",
  source: 'Narayanswamy and Makwane, "Applications of Deep Learning: Generating Images", 2020, sections 1.3 to 1.5',
  reads: "Test digits that are named rightly, and the mean negative log-likelihood of their class, nats.",
  steps: "epochs",
  heads: ["reads", "network", "settings"],
  figures: FIGURES,
  pictures: [],
  rows: [
    row({ name: "rows-lstm", loop: ROWS_LOOP }, ["rows", "LSTM", REPORT]),
    row({ name: "rows-bidirectional", modelOptions: { bidirectional: true }, loop: ROWS_LOOP }, [
      "rows",
      "bidirectional LSTM",
      REPORT,
    ]),
    row({ name: "rows-gru", modelOptions: { cell: "gru" }, loop: ROWS_LOOP }, ["rows", "GRU", REPORT]),
    row({
      name: "rows-dropout",
      modelOptions: { bidirectional: true, dropoutRate: 0.2 },
      loop: { ...ROWS_LOOP, emaDecay: 0.999 },
    }, ["rows", "bidirectional LSTM", "dropout 0.2, mean of weights"]),
    row({ name: "pixels-lstm", modelOptions: { input: "pixels" }, loop: PIXELS_LOOP }, ["pixels", "LSTM", REPORT]),
    row({ name: "pixels-bidirectional", modelOptions: { input: "pixels", bidirectional: true }, loop: PIXELS_LOOP }, [
      "pixels",
      "bidirectional LSTM",
      REPORT,
    ]),
    row({ name: "pixels-gru", modelOptions: { input: "pixels", cell: "gru" }, loop: PIXELS_LOOP }, [
      "pixels",
      "GRU",
      REPORT,
    ]),
    row({ name: "pixels-lstm-chrono", loop: LONG.loop, modelOptions: { input: "pixels", ...LONG.modelOptions } }, [
      "pixels",
      "LSTM",
      "chrono",
    ]),
    row({
      ...{ name: "pixels-lstm-grown", loop: GROWN_LOOP },
      modelOptions: { input: "pixels", growSteps: 14620, growFrom: 7 }, // 17 of 20 epochs
    }, ["pixels", "LSTM", "grown from 7 x 7"]),
    row({
      ...{ name: "pixels-gru-chrono", loop: LONG.loop },
      modelOptions: { input: "pixels", cell: "gru", ...LONG.modelOptions },
    }, ["pixels", "GRU", "chrono"]),
    row({
      ...{ name: "permuted-lstm", loop: PIXELS_LOOP },
      modelOptions: { input: "pixels", permutation: 1 },
    }, ["pixels, permuted", "LSTM", "the report's network"]),
    row({
      ...{ name: "permuted-lstm-chrono", loop: LONG.loop },
      modelOptions: { input: "pixels", permutation: 1, ...LONG.modelOptions },
    }, ["pixels, permuted", "LSTM", "chrono"]),
    row({
      ...{ name: "permuted-gru-chrono", loop: LONG.loop },
      modelOptions: { input: "pixels", permutation: 1, cell: "gru", ...LONG.modelOptions },
    }, ["pixels, permuted", "GRU", "chrono"]),
  ],
  notes: [
    "The report describes these networks and gives no number of any. Its figure 1.6 has 128 units; layers, batch, optimizer " +
    "and epochs are this project's choice: one layer, 64 digits a step, Adam at 1e-3 along a cosine, all gradients together " +
    "clipped to norm 1, 20 epochs of rows, 10 of pixels.",
    "Pixel by pixel is harder: what the first pixels say must be kept for hundreds of steps. The forget gate of the LSTM " +
    "starts with a bias of 1. Rows with chrono instead have biases of gates that remember for 1 to 784 steps, each unit for " +
    "another span (Tallec and Ollivier 2018, arXiv:1804.11188), and a learning rate of 2e-3 after 200 steps of warm-up.",
    "The grown row begins with digits of 7 x 7 pixels, 49 steps, and has them grow by a pixel a side at a time to their 28 x 28 " +
    "over the first 17 of its 20 epochs, at 1e-3 after 100 steps of warm-up; valid and test are of whole digits throughout.",
    "Permuted, the pixels of all digits are read in one order that a seed has drawn, so that neighbours are far apart (Le, " +
    "Jaitly and Hinton 2015, arXiv:1504.00941). That is not in the report.",
    "The report's GRU is cuDNN's, which it names for the long sequence; it is the form that is used here.",
    "The rest of the report is two tables of their own: deno task reproduce vectorizer makes strokes of digits, which its " +
    "Sketch-RNN lacked, and deno task reproduce sketch-rnn-augment measures its conclusion, that generated digits make a " +
    "classifier better.",
    WEIGHTS_NOTE,
  ],
};
