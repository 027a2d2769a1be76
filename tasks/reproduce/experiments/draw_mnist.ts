/**
 * DRAW on MNIST, as well as 10,000 steps do.
 *
 * @module
 */
import { draw } from "../../../models/zoo/draw/draw.ts";
import { mnist } from "../../../pipelines/datasets/mnist.ts";
import { type Experiment, experiment } from "../experiment.ts";

/** The experiment. */
export const DRAW_ON_MNIST: Experiment = experiment({
  ...{ name: "draw-mnist", data: { dataset: mnist }, model: draw },
  loop: { batchSize: 100, steps: 10_000, schedule: "cosine", clipNorm: 5 },
  figures: [{ name: "bound", digits: 1, ours: ({ likelihood }) => likelihood?.bound, most: 100 }],
});
