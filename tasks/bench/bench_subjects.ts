/**
 * The models whose training step is timed, each with its batch and the line of the PyTorch program that does the same.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { ModelSpec } from "../../models/model.ts";
import { gradientSource } from "../../models/gradients/gradient_source.ts";
import type { Batch, DataDescription } from "../../pipelines/dataset.ts";
import { Prng } from "../../pipelines/base/prng.ts";
import { median } from "./median.ts";
import type { Profile } from "../training/profile.ts";
import { describeDrawings, randomDrawings } from "./random_drawings.ts";
import { adam } from "../../models/optimizers/adam.ts";
import { clipByGlobalNorm } from "../../models/optimizers/optimizer.ts";
import { defaultsOf, type OptionTable, type OptionValues } from "../../pipelines/base/option_table.ts";
import { mnist } from "../../pipelines/datasets/mnist.ts";
import { mnistLstm } from "../../models/zoo/mnist_lstm/mnist_lstm.ts";
import { draw } from "../../models/zoo/draw/draw.ts";
import { cnn, cnnLstm } from "../../models/zoo/stroke_classifier/stroke_classifier.ts";
import { addressOf } from "../../pipelines/base/spec_module.ts";

/** A model with its options and its batch. */
export interface Subject {
  readonly name: string;
  readonly model: ModelSpec;
  readonly options: OptionValues<OptionTable>;
  readonly data: DataDescription;
  readonly batchSize: number;
  /** What PyTorch's line says between the version and the colon. */
  readonly peer: string;
  /** The global norm that gradients are clipped to; they are not when left out. */
  readonly clipNorm?: number;
  /** A batch; of drawings with all frames in use where `full`, as whoever computes every frame has it. */
  batch(full: boolean): Batch;
}

const DIGITS: DataDescription = { fields: mnist.fields(defaultsOf(mnist.options)), classes: [..."0123456789"] };

function sketches(model: ModelSpec, batchSize: number): Subject {
  const kind = { side: 64, frames: 8, classes: 18 };
  const name = `${model.name} batch ${batchSize}`;
  return {
    ...{ name: `${model.name}, batch ${batchSize}`, model, options: {}, batchSize, peer: name },
    data: describeDrawings(kind),
    batch(full) {
      const batch = randomDrawings({ size: batchSize, ...kind }, new Prng(3));
      return full ? { ...batch, fields: { ...batch.fields, stroke_count: new Uint8Array(batchSize).fill(8) } } : batch;
    },
  };
}

function digits(input: "rows" | "pixels"): Subject {
  const batchSize = 64, prng = new Prng(3);
  const steps = input === "rows" ? 28 : 784;
  const fields = {
    image: Uint8Array.from({ length: batchSize * 784 }, () => prng.integer(256)),
    label: Uint8Array.from({ length: batchSize }, () => prng.integer(10)),
  };
  return {
    ...{ name: `mnist-lstm, ${input}, T ${steps}, batch ${batchSize}`, model: mnistLstm, options: { input } },
    ...{ data: DIGITS, batchSize, peer: `lstm T=${steps}` },
    batch: () => ({ size: batchSize, fields }),
  };
}

/** DRAW over binary digits, with windows or without. */
function drawing(attention: boolean): Subject {
  const batchSize = 100, prng = new Prng(3);
  const fields = {
    image: Uint8Array.from({ length: batchSize * 784 }, () => prng.uniform() < 0.2 ? 255 : 0),
    label: new Uint8Array(batchSize),
  };
  const name = `draw, ${attention ? "windows 5x5" : "no windows"}, T 10, batch ${batchSize}`;
  return {
    ...{ name, model: draw, options: attention ? {} : { readAttention: 0, writeAttention: 0 }, batchSize },
    ...{
      data: DIGITS,
      peer: `draw attention=${attention ? "True" : "False"}`,
    },
    clipNorm: 5,
    batch: () => ({ size: batchSize, fields }),
  };
}

/** The models, those of drawings with this batch size. */
export function subjects(drawings: number): Subject[] {
  const sketchModels = [sketches(cnnLstm, drawings), sketches(cnn, drawings)];
  return [...sketchModels, digits("rows"), digits("pixels"), drawing(true), drawing(false)];
}

/** The models of the comparison on a graphics card. */
export function gpuSubjects(): Subject[] {
  const sketchModels = [sketches(cnnLstm, 32), sketches(cnnLstm, 256)];
  return [...sketchModels, digits("rows"), digits("pixels"), drawing(true), drawing(false)];
}

/** How many steps are timed. */
export interface StepPlan {
  /** Steps before those that count. */
  readonly warmUp: number;
  readonly steps: number;
  /** No further step is begun after so many milliseconds; where none counts by then, those of the warm-up do. */
  readonly patience: number;
  /** Whether all frames of drawings are in use. */
  readonly full?: boolean;
  readonly profile?: Profile;
  /** Threads that share out the batch; 1 when left out. */
  readonly workers?: number;
}

/** The median milliseconds of a step on the backend and with the kernels in use. */
export async function timeSteps(subject: Subject, plan: StepPlan): Promise<number> {
  const { warmUp, steps, patience, full = false, profile, workers = 1 } = plan;
  const built = subject.model.build(subject.options, subject.data, new Prng(1));
  const model = profile?.watchModel(built) ?? built;
  const replica = {
    model: await addressOf(subject.model, "model"),
    options: subject.options,
    data: subject.data,
    seed: 1,
  };
  using threads = gradientSource(model, { workers, replica });
  const optimizer = adam();
  const batch = subject.batch(full);
  const times: number[] = [];
  async function* batches() {
    const began = performance.now();
    for (let step = 0; step < warmUp + steps && (step === 0 || performance.now() - began < patience); step++) {
      yield batch;
    }
  }
  for await (const batch of profile?.watchBatches(batches()) ?? batches()) {
    const begin = performance.now();
    const pass = await threads.gradients(model.objectives[0], { batch, prng: new Prng(times.length) });
    profile?.enter("optimizer");
    const clipped = subject.clipNorm === undefined ? undefined : clipByGlobalNorm(pass.gradients, subject.clipNorm);
    optimizer.apply(model.variables, pass.gradients, clipped?.scale);
    if (clipped) tf.dispose({ ...clipped });
    profile?.enter("other");
    await pass.loss.data(); // until it is really done
    tf.dispose(pass);
    times.push(performance.now() - begin);
  }
  model.dispose();
  optimizer.dispose();
  return median(times.length > warmUp ? times.slice(warmUp) : times);
}
