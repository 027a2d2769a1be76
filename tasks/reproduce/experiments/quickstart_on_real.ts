/**
 * The quickstart's model, asked about drawings that people made.
 *
 * @module
 */
import { quickdraw } from "../../../pipelines/datasets/quickdraw/quickdraw.ts";
import type { Experiment, ExperimentData } from "../experiment.ts";
import { top1 } from "./figures.ts";
import { QUICKSTART } from "./quickstart.ts";

/** The classes of the embedded drawings, as people drew them. */
export const REAL_EIGHTEEN: ExperimentData<typeof quickdraw.options> = {
  dataset: quickdraw,
  options: {
    classes: [
      ...["circle", "cloud", "donut", "eye", "fish", "hexagon", "hockey stick", "hourglass", "house", "ice cream"],
      ...["line", "mountain", "octagon", "paper clip", "smiley face", "square", "sun", "triangle"],
    ],
  },
  perClass: 100,
};

/** The experiment: it learns from the embedded drawings and is judged on the others. */
export const QUICKSTART_ON_REAL: Experiment = { ...QUICKSTART, name: "quickstart-on-real", figures: top1(0.75) };
