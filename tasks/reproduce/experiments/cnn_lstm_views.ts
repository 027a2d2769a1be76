/**
 * The sketch classifier on eight classes of real drawings, wider, trained for longer, and asked about several views of each.
 *
 * @module
 */
import { cnnLstm } from "../../../models/zoo/stroke_classifier/stroke_classifier.ts";
import { type Experiment, experiment } from "../experiment.ts";
import { CNN_LSTM_REAL } from "./cnn_lstm_real.ts";
import { top1 } from "./figures.ts";

const { data, loop, augment } = CNN_LSTM_REAL;

/** The experiment: views are what training drawings are changed to. */
export const CNN_LSTM_VIEWS: Experiment = experiment({
  ...{ name: "cnn-lstm-views", data, model: cnnLstm },
  modelOptions: { channels: [16, 32, 64], denseUnits: 128, dropoutRate: 0.4 },
  loop: { ...loop, epochs: 50, labelSmoothing: 0.1, emaDecay: 0.999 },
  augment: augment!,
  judge: { views: 16, augment: augment! },
  figures: top1(0.95),
});
