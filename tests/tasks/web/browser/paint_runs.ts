/**
 * The runs that the paint page is tested with, made of the embedded files in a quarter of a minute: two small classifiers
 * that name what a hand draws, a Sketch-RNN and a DRAW that draw badly but do all that larger ones do.
 */
import { startBackend } from "../../../../models/backends/backend.ts";
import { MODELS } from "../../../../models/zoo/registry.ts";
import { mnist } from "../../../../pipelines/datasets/mnist.ts";
import type { Dataset } from "../../../../pipelines/dataset.ts";
import { train } from "../../../../tasks/training/train.ts";
import type { TrainSettings } from "../../../../tasks/runs/settings.ts";
import { embedded, FIXTURES, prepareTo } from "../../prepared.ts";

/** What the classifiers tell apart. */
export const CLASSES = ["circle", "fish", "house", "square", "sun", "triangle"] as const;

type Training = Omit<TrainSettings, "folder" | "model" | "data"> & { readonly data: "drawings" | "digits" };

/** How each run is trained; hidden layers of 16 units have died, and left classes out. */
const TRAININGS: Readonly<Record<string, Training>> = {
  "cnn-lstm": {
    data: "drawings",
    modelOptions: { channels: [6, 8, 12], lstmUnits: 40, lstmLayers: 1 },
    loop: { epochs: 8, learningRate: 0.004 },
  },
  cnn: { data: "drawings", modelOptions: { channels: [6, 8, 12] }, loop: { epochs: 5, learningRate: 0.004 } },
  "sketch-rnn": {
    data: "drawings",
    modelOptions: {
      ...{ classCondition: true, encoderUnits: 16, decoderUnits: 48, latentSize: 8, numMixtures: 5, maxLength: 60 },
    },
    loop: { steps: 60, batchSize: 25, learningRate: 0.01 },
  },
  draw: {
    data: "digits",
    modelOptions: { steps: 6, encoderUnits: 24, decoderUnits: 24, latentSize: 6 },
    loop: { steps: 60, batchSize: 25, learningRate: 0.01 },
  },
};

/** Makes the runs in a folder, on the wasm backend; their folders, in the order in which the page is to show them. */
export async function makeRuns(folder: string): Promise<string[]> {
  const sources = embedded(...CLASSES);
  await prepareTo(`${folder}/drawings`, { sources, perClass: 200 });
  await prepareTo(`${folder}/digits`, { dataset: mnist as Dataset, sources: [`${FIXTURES}mnist`] });
  await startBackend("wasm");
  for (const [model, { data, ...training }] of Object.entries(TRAININGS)) {
    const settings = { ...training, folder: `${folder}/${model}`, data: `${folder}/${data}`, seed: 1, workers: 1 };
    await Deno.mkdir(settings.folder);
    for await (const _line of train({ ...settings, model: MODELS[model] }));
  }
  return Object.keys(TRAININGS).map((name) => `${folder}/${name}`);
}
