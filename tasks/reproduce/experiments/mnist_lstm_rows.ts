/**
 * MNIST's digits, read row by row.
 *
 * @module
 */
import { mnistLstm } from "../../../models/zoo/mnist_lstm/mnist_lstm.ts";
import { mnist } from "../../../pipelines/datasets/mnist.ts";
import { type Experiment, experiment } from "../experiment.ts";
import { top1 } from "./figures.ts";

/** The experiment. */
export const MNIST_LSTM_ROWS: Experiment = experiment({
  ...{ name: "mnist-lstm-rows", data: { dataset: mnist }, model: mnistLstm, modelOptions: { dropoutRate: 0.2 } },
  loop: { batchSize: 64, epochs: 20, schedule: "cosine", clipNorm: 1 },
  figures: top1(0.987),
});
