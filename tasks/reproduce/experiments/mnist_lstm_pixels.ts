/**
 * MNIST's digits, read pixel by pixel, small ones at first.
 *
 * @module
 */
import { mnistLstm } from "../../../models/zoo/mnist_lstm/mnist_lstm.ts";
import { mnist } from "../../../pipelines/datasets/mnist.ts";
import { type Experiment, experiment } from "../experiment.ts";
import { top1 } from "./figures.ts";

/** The experiment. */
export const MNIST_LSTM_PIXELS: Experiment = experiment({
  ...{ name: "mnist-lstm-pixels", data: { dataset: mnist }, model: mnistLstm },
  modelOptions: { input: "pixels", growSteps: 14_000, growFrom: 7 },
  loop: { batchSize: 64, steps: 16_500, warmupSteps: 100, schedule: "cosine", clipNorm: 1 },
  figures: top1(0.97),
});
