/**
 * The report's rival on eight classes of real drawings.
 *
 * @module
 */
import { cnn } from "../../../models/zoo/stroke_classifier/stroke_classifier.ts";
import { type Experiment, experiment } from "../experiment.ts";
import { CNN_LSTM_REAL } from "./cnn_lstm_real.ts";
import { top1 } from "./figures.ts";

const { data, loop, augment } = CNN_LSTM_REAL;

/** The experiment: all but the model is that of its rival. */
export const CNN_REAL: Experiment = experiment({
  ...{ name: "cnn-real", data, model: cnn, modelOptions: { dropoutRate: 0.4 } },
  ...{ loop: loop!, augment: augment!, figures: top1(0.9) },
});
