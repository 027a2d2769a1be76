/**
 * Steps of a run that is thrown away, to see how long they take.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { type GradientSource, gradientSource, ownGradients } from "../../models/gradients/gradient_source.ts";
import { median } from "../../pipelines/base/median.ts";
import { Prng } from "../../pipelines/base/prng.ts";
import { addressOf } from "../../pipelines/base/spec_module.ts";
import type { PlacedBatch } from "../../pipelines/batches/batch.ts";
import type { DataDescription } from "../../pipelines/dataset.ts";
import { prefetchBatches } from "../../pipelines/batches/prefetch.ts";
import type { ShardIndex } from "../../pipelines/shards/shard_index.ts";
import { checkData } from "../runs/run_data.ts";
import { traineeOf } from "../runs/run_state.ts";
import type { RunSettings } from "../runs/settings.ts";
import type { StepTrial } from "./choose_workers.ts";
import { stepBatches, trainingBatches } from "./step_batches.ts";
import { takeStep } from "./take_step.ts";

/** What steps are taken on. */
export interface TrialData {
  readonly index: ShardIndex;
  /** What the model is told of it. */
  readonly described: DataDescription;
}

/** Real batches that the steps are taken on, in turn. */
const STEPS = 3;

/** How often two counts of threads are timed side by side: until seconds are spent, within these bounds. */
const ROUNDS = { least: 3, most: 9, seconds: 2 };

/** How far, as a share, the loss and the gradients' norm may be from those of one thread. */
const ROUNDING = 1e-3;

/** The scalars of a step that are the same in however many threads, up to rounding. */
const COMPARED = /(^|\.)(loss|gradientNorm)$/;

/**
 * Takes steps of a model as the run's, on the run's first batches, at a learning rate of 0. Nothing of it stays.
 *
 * @param settings What is trained on what; `workers` counts for nothing.
 * @returns The trial; its Workers are ended by its disposal.
 * @throws {InputError} When the data cannot be used.
 */
export async function stepTrial(
  settings: RunSettings,
  { index, described: data }: TrialData,
): Promise<StepTrial> {
  const { model: spec, modelOptions, loop, seed } = settings;
  const steps = await firstSteps(settings, index);
  const replica = { model: await addressOf(spec, "model"), options: modelOptions, data, seed };
  const trainee = traineeOf(spec.build(modelOptions, data, new Prng(seed)), loop);
  const sources = new Map<number, GradientSource>([[1, ownGradients(trainee.model)]]);

  /** Takes a step; gives its time and what is to be the same whoever takes it. */
  async function timed(threads: GradientSource, parts: readonly PlacedBatch[]) {
    const began = performance.now();
    const input = { threads, parts, prng: new Prng(seed, 1) };
    const scalars = await takeStep(trainee, input, { ...loop, learningRate: 0, labelWeights: undefined });
    const values = Object.entries(scalars).filter(([name]) => COMPARED.test(name))
      .map(([name, scalar]) => [name, scalar.dataSync()[0]] as const);
    tf.dispose(scalars);
    return { milliseconds: performance.now() - began, values };
  }

  function end(count: number): void {
    sources.get(count)![Symbol.dispose]();
    sources.delete(count);
  }

  return {
    async alone() {
      const times: number[] = [];
      for (const parts of steps) times.push((await timed(sources.get(1)!, parts)).milliseconds);
      return Math.min(...times); // the first ones compile
    },
    async compare(some, more) {
      for (const count of [...sources.keys()].filter((count) => count !== some)) end(count); // its memory is needed
      const [few, many] = [sources.get(some)!, gradientSource(trainee.model, { workers: more, replica })];
      sources.set(more, many);
      const [expected, found] = [await timed(few, steps[0]), await timed(many, steps[0])]; // its Workers start
      for (const [i, [name, value]] of expected.values.entries()) {
        const other = found.values[i][1];
        if (Math.abs(other - value) <= ROUNDING * Math.abs(value)) continue;
        throw new Error(`${name} is ${other.toPrecision(4)} when shared out, not ${value.toPrecision(4)}`);
      }
      const times: (readonly [number, number])[] = [];
      const began = performance.now();
      while (
        times.length < ROUNDS.least ||
        times.length < ROUNDS.most && performance.now() - began < 1000 * ROUNDS.seconds
      ) {
        const parts = steps[times.length % steps.length];
        times.push([(await timed(few, parts)).milliseconds, (await timed(many, parts)).milliseconds]);
      }
      return [median(times.map(([time]) => time)), median(times.map(([, time]) => time))];
    },
    [Symbol.dispose]() {
      for (const count of [...sources.keys()]) end(count);
      trainee[Symbol.dispose]();
    },
  };
}

/** The batches of the run's first steps. */
async function firstSteps(settings: RunSettings, index: ShardIndex): Promise<PlacedBatch[][]> {
  const { examples } = index.splits.train;
  const batches = prefetchBatches(await trainingBatches(settings, checkData(index, settings)));
  const steps: PlacedBatch[][] = [];
  for await (const parts of stepBatches(batches, { ...settings.loop, examples })) {
    steps.push(parts);
    if (steps.length === STEPS) break;
  }
  return steps;
}
