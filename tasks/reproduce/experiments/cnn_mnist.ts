/**
 * MNIST's digits, looked at whole.
 *
 * @module
 */
import { cnn } from "../../../models/zoo/stroke_classifier/stroke_classifier.ts";
import { mnist } from "../../../pipelines/datasets/mnist.ts";
import { type Experiment, experiment } from "../experiment.ts";
import { top1 } from "./figures.ts";

/** The experiment. */
export const CNN_MNIST: Experiment = experiment({
  ...{ name: "cnn-mnist", data: { dataset: mnist }, model: cnn },
  modelOptions: { channels: [16, 32], denseUnits: 128, dropoutRate: 0.25 },
  loop: { batchSize: 64, epochs: 4, schedule: "cosine", learningRate: 0.002 },
  figures: top1(0.989),
});
