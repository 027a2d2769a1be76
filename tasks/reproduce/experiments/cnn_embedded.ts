/**
 * The report's rival on the embedded drawings.
 *
 * @module
 */
import { cnn } from "../../../models/zoo/stroke_classifier/stroke_classifier.ts";
import { type Experiment, experiment } from "../experiment.ts";
import { top1 } from "./figures.ts";
import { QUICKSTART } from "./quickstart.ts";

const { data, loop, augment } = QUICKSTART;

/** The experiment: all but the model is that of the quickstart. */
export const CNN_EMBEDDED: Experiment = experiment({
  ...{ name: "cnn-embedded", data, model: cnn, figures: top1(0.82) },
  ...{ loop: loop!, augment: augment! },
});
