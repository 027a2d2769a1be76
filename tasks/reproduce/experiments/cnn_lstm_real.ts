/**
 * The sketch classifier on eight classes of real drawings.
 *
 * @module
 */
import { cnnLstm } from "../../../models/zoo/stroke_classifier/stroke_classifier.ts";
import { quickdraw } from "../../../pipelines/datasets/quickdraw/quickdraw.ts";
import { type Experiment, experiment } from "../experiment.ts";
import { top1 } from "./figures.ts";

/** The eight classes of which the public snapshots hold two thousand drawings or more. */
const CLASSES = ["backpack", "car", "cat", "eye", "mouth", "power outlet", "shoe", "sun"];

/** The experiment. */
export const CNN_LSTM_REAL: Experiment = experiment({
  name: "cnn-lstm-real",
  data: { dataset: quickdraw, options: { classes: CLASSES, overflow: "merge" }, perClass: 2000 },
  model: cnnLstm,
  modelOptions: { dropoutRate: 0.4 },
  loop: { epochs: 36, schedule: "cosine", clipNorm: 1 },
  augment: { flip: 0.5, rotate: 15, scale: [0.8, 1], shift: 0.1 },
  figures: top1(0.935),
});
