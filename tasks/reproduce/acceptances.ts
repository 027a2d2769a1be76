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
import { type Experiment, experiment, type ExperimentData, type Figure } from "./experiment.ts";

/** The eight classes of which the public snapshots hold two thousand drawings or more. */
const REAL_CLASSES = ["backpack", "car", "cat", "eye", "mouth", "power outlet", "shoe", "sun"];

const EMBEDDED = { dataset: quickdraw };
const REAL = { dataset: quickdraw, options: { classes: REAL_CLASSES, overflow: "merge" }, perClass: 2000 } as const;
const DIGITS = { dataset: mnist };

/** The classes of the embedded drawings, as people drew them. */
const REAL_EIGHTEEN = {
  dataset: quickdraw,
  options: {
    classes: [
      ...["circle", "cloud", "donut", "eye", "fish", "hexagon", "hockey stick", "hourglass", "house", "ice cream"],
      ...["line", "mountain", "octagon", "paper clip", "smiley face", "square", "sun", "triangle"],
    ],
  },
  perClass: 100,
} as const;

const top1 = (least: number): readonly Figure[] => [
  { name: "top-1", ours: ({ classification }) => classification?.top1, least },
];

/** Few drawings and few steps, so the steps are large, and each drawing is changed a little every time. */
const EMBEDDED_TRAINING = {
  loop: { epochs: 15, schedule: "cosine", learningRate: 0.003 },
  augment: { flip: 0.5, rotate: 10, scale: [0.85, 1], shift: 0.1 },
} as const;
const REAL_TRAINING = {
  loop: { epochs: 36, schedule: "cosine", clipNorm: 1 },
  modelOptions: { dropoutRate: 0.4 },
  augment: { flip: 0.5, rotate: 15, scale: [0.8, 1], shift: 0.1 },
} as const;

/** The sketch classifier on the embedded drawings, in two minutes on two cores. */
export const QUICKSTART: Experiment = experiment({
  name: "quickstart",
  data: EMBEDDED,
  model: cnnLstm,
  modelOptions: { lstmLayers: 1, dropoutRate: 0.1 },
  ...EMBEDDED_TRAINING,
  figures: top1(0.82),
});

/** An experiment of README's, and which files it needs: none, Quick, Draw!'s or MNIST's. */
export interface Acceptance {
  /** What is done, and what must come out of it. */
  readonly experiment: Experiment;
  /** The option that names them; missing where the embedded ones do. */
  readonly files?: "source" | "mnist";
  /**
   * Other data of the same classes, prepared from those files, that the model is judged on instead; it is trained on the
   * embedded examples then.
   */
  readonly judgedOn?: ExperimentData;
}

/** Every experiment of README's. */
export const ACCEPTANCES: readonly Acceptance[] = [
  { experiment: QUICKSTART },
  {
    files: "source",
    judgedOn: REAL_EIGHTEEN,
    experiment: { ...QUICKSTART, name: "quickstart-on-real", figures: top1(0.75) },
  },
  {
    experiment: experiment({
      ...{ name: "cnn-embedded", data: EMBEDDED, model: cnn, ...EMBEDDED_TRAINING },
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
