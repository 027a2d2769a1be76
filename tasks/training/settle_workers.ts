/**
 * From what was asked to how many threads a run has.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Model } from "../../models/model.ts";
import { IN_MEMORY } from "../../models/gradients/shared_values.ts";
import { InputError } from "../../pipelines/base/errors.ts";
import { Prng } from "../../pipelines/base/prng.ts";
import { counted } from "../../pipelines/base/text.ts";
import { isOfProgram } from "../../pipelines/base/spec_module.ts";
import type { ShardIndex } from "../../pipelines/shards/shard_index.ts";
import { RUN_OPTIONS, type RunSettings, type SettledSettings, stepsOf } from "../runs/settings.ts";
import { chooseWorkers, type WorkerChoice } from "./choose_workers.ts";
import { stepTrial, type TrialData } from "./step_trial.ts";

/** Settings with the number of threads that a run has, and why. */
export interface Settled {
  readonly settings: SettledSettings;
  /** Why so many threads, in a few words. */
  readonly why: string;
}

/** What a run is trained on, and how far it is. */
export interface Settling extends TrialData {
  /** Steps that were taken before, 0 when left out. */
  readonly taken?: number;
  /** How many processes share out each batch, 1 when left out. */
  readonly ranks?: number | undefined;
}

/**
 * Counts the threads of a run: those that were asked for, or as many as its steps show to pay, a few of which are taken and
 * thrown away. The backend must have been started.
 *
 * @throws {InputError} When the backend cannot have as many as were asked for, or the data cannot be used.
 */
export async function settleWorkers(settings: RunSettings, of: Settling): Promise<Settled> {
  const { workers, why } = await choiceOf(settings, of);
  return { settings: { ...settings, workers }, why };
}

/**
 * Checks that each of the threads that a new run is asked to have gets a share of a batch.
 *
 * @throws {InputError} When there are more of them than examples.
 */
export function checkShares({ workers, loop: { batchSize } }: RunSettings, { splits }: ShardIndex): void {
  const most = Math.min(batchSize, splits.train.examples);
  if (workers === "auto" || workers <= most) return;
  throw new InputError(`--workers ${workers}: a batch has ${counted(most, "example")}, expected as many or fewer`);
}

async function choiceOf(
  settings: RunSettings,
  { index, described, taken = 0, ranks = 1 }: Settling,
): Promise<WorkerChoice> {
  const { workers, loop, model: { name } } = settings;
  const backend = tf.getBackend();
  const most = Math.min(loop.batchSize, index.splits.train.examples);
  if (ranks > 1) {
    const refuse = (why: string) => new InputError(`--mpi: ${name} cannot be trained by ${ranks} processes: ${why}`);
    const { wholeBatch, exchanges } = builtOf(settings, described);
    if (wholeBatch !== undefined) throw refuse(wholeBatch);
    if (exchanges !== undefined && !canShare(backend)) {
      throw refuse(`with ${backend} they cannot exchange ${exchanges}; --backend wasm can`);
    }
    if (most < ranks) throw refuse(`a batch has ${counted(most, "example")}`);
    if (workers === "auto") return { workers: 1, why: "in each process" };
  }
  if (workers === 1) return { workers, why: "as given" };
  if (!canShare(backend)) {
    if (workers === "auto") return { workers: 1, why: `${backend} computes in one` };
    throw new InputError(`--workers ${workers}: ${backend} takes 1; --backend wasm takes more`);
  }
  if (workers === "auto" && isOfProgram(settings.model)) {
    return { workers: 1, why: "the model is of the very program, which more would begin anew" };
  }
  const { wholeBatch } = builtOf(settings, described);
  if (wholeBatch !== undefined) {
    if (workers === "auto") return { workers: 1, why: wholeBatch };
    throw new InputError(`--workers ${workers}: ${name} with these options takes 1: ${wholeBatch}`);
  }
  if (workers !== "auto") return { workers, why: "as given" };
  const given = {
    cores: navigator.hardwareConcurrency,
    batchSize: most,
    steps: stepsOf(index.splits.train.examples, loop) - taken,
    most: RUN_OPTIONS.workers.max,
  };
  return await chooseWorkers(given, () => stepTrial(settings, { index, described }));
}

/** Whether values are in memory, where threads and processes can exchange them. */
function canShare(backend: string): boolean {
  return (IN_MEMORY as readonly string[]).includes(backend);
}

/** A run's model, to be asked who may share out its batches; its variables are freed. */
function builtOf({ model, modelOptions, seed }: RunSettings, described: Settling["described"]): Model {
  const built = model.build(modelOptions, described, new Prng(seed));
  built.dispose();
  return built;
}
