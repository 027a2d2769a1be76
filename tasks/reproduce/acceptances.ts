/**
 * The experiments behind README's figures, and what each must reach: `deno task quickstart` runs the first, `deno task
 * accept` all whose files are named.
 *
 * @module
 */
import { draw } from "../../models/zoo/draw/draw.ts";
import { mnistLstm } from "../../models/zoo/mnist_lstm/mnist_lstm.ts";
import { cnn, cnnLstm } from "../../models/zoo/stroke_classifier/stroke_classifier.ts";
import { mnist } from "../../pipelines/datasets/mnist.ts";
import { quickdraw } from "../../pipelines/datasets/quickdraw/quickdraw.ts";
import { type Experiment, experiment, type Figure } from "./experiment.ts";

/** The eight classes of which the public snapshots hold two thousand drawings or more. */
const REAL_CLASSES = ["backpack", "car", "cat", "eye", "mouth", "power outlet", "shoe", "sun"];

const EMBEDDED = { dataset: quickdraw };
const REAL = { dataset: quickdraw, options: { classes: REAL_CLASSES, overflow: "merge" }, perClass: 2000 } as const;
const DIGITS = { dataset: mnist };

const top1 = (least: number): readonly Figure[] => [
  { name: "top-1", ours: ({ classification }) => classification?.top1, least },
];

const EMBEDDED_LOOP = { epochs: 8, schedule: "cosine" } as const;
const REAL_TRAINING = {
  loop: { epochs: 36, schedule: "cosine", clipNorm: 1 },
  modelOptions: { dropoutRate: 0.4 },
  augment: { flip: 0.5, rotate: 15, scale: [0.8, 1], shift: 0.1 },
} as const;

/** The sketch classifier on the embedded drawings, in three minutes. */
export const QUICKSTART: Experiment = experiment({
  name: "quickstart",
  data: EMBEDDED,
  model: cnnLstm,
  loop: EMBEDDED_LOOP,
  figures: top1(0.82),
});

/** An experiment of README's, and which files it needs: none, Quick, Draw!'s or MNIST's. */
export interface Acceptance {
  /** What is done, and what must come out of it. */
  readonly experiment: Experiment;
  /** The option that names them; missing where the embedded ones do. */
  readonly files?: "source" | "mnist";
}

/** Every experiment of README's. */
export const ACCEPTANCES: readonly Acceptance[] = [
  { experiment: QUICKSTART },
  {
    experiment: experiment({
      ...{ name: "cnn-embedded", data: EMBEDDED, model: cnn, loop: EMBEDDED_LOOP },
      figures: top1(0.82),
    }),
  },
  {
    files: "source",
    experiment: experiment({
      ...{ name: "cnn-lstm-real", data: REAL, model: cnnLstm, ...REAL_TRAINING },
      figures: top1(0.935),
    }),
  },
  {
    files: "source",
    experiment: experiment({ ...{ name: "cnn-real", data: REAL, model: cnn, ...REAL_TRAINING }, figures: top1(0.9) }),
  },
  {
    files: "mnist",
    experiment: experiment({
      ...{ name: "mnist-lstm-rows", data: DIGITS, model: mnistLstm, modelOptions: { dropoutRate: 0.2 } },
      loop: { batchSize: 64, epochs: 20, schedule: "cosine", clipNorm: 1 },
      figures: top1(0.987),
    }),
  },
  {
    files: "mnist",
    experiment: experiment({
      ...{ name: "cnn-mnist", data: DIGITS, model: cnn },
      modelOptions: { channels: [16, 32], denseUnits: 128, dropoutRate: 0.25 },
      loop: { batchSize: 64, epochs: 4, schedule: "cosine", learningRate: 0.002 },
      figures: top1(0.989),
    }),
  },
  {
    files: "mnist",
    experiment: experiment({
      ...{ name: "draw-mnist", data: DIGITS, model: draw },
      loop: { batchSize: 100, steps: 10_000, schedule: "cosine", clipNorm: 5 },
      figures: [{ name: "bound", digits: 1, ours: ({ likelihood }) => likelihood?.bound, most: 100 }],
    }),
  },
];
