/**
 * DRAW on MNIST, binarized as the paper does, each pixel drawn by its brightness; windows and latents are the larger ones.
 *
 * @module
 */
import { draw } from "../../../models/zoo/draw/draw.ts";
import { type Experiment, experiment } from "../experiment.ts";
import { DRAW_ON_MNIST } from "./draw_mnist.ts";

const { data, loop, figures } = DRAW_ON_MNIST;

/** The experiment. */
export const DRAW_STOCHASTIC: Experiment = experiment({
  ...{ name: "draw-mnist-stochastic", data, model: draw },
  modelOptions: { binarize: "stochastic", latentSize: 50, writeAttention: 8 },
  loop: { ...loop, learningRate: 2e-3, warmupSteps: 200, emaDecay: 0.999 },
  figures: [{ ...figures[0], most: 93 }],
});
