/**
 * The sketch classifier on the embedded drawings, in two minutes on two cores.
 *
 * @module
 */
import { cnnLstm } from "../../../models/zoo/stroke_classifier/stroke_classifier.ts";
import { quickdraw } from "../../../pipelines/datasets/quickdraw/quickdraw.ts";
import { type Experiment, experiment } from "../experiment.ts";
import { top1 } from "./figures.ts";

/** The experiment. Few drawings and few steps, so the steps are large, and each drawing is changed a little every time. */
export const QUICKSTART: Experiment = experiment({
  name: "quickstart",
  data: { dataset: quickdraw },
  model: cnnLstm,
  modelOptions: { lstmLayers: 1, dropoutRate: 0.1 },
  loop: { epochs: 15, schedule: "cosine", learningRate: 0.003 },
  augment: { flip: 0.5, rotate: 10, scale: [0.85, 1], shift: 0.1 },
  figures: top1(0.82),
});
