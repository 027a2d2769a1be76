/**
 * From what was asked to how many threads a run has.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { IN_MEMORY } from "../../models/gradients/shared_values.ts";
import { InputError } from "../../pipelines/base/errors.ts";
import { isOfProgram } from "../../pipelines/base/spec_module.ts";
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

async function choiceOf(settings: RunSettings, { index, described, taken = 0 }: Settling): Promise<WorkerChoice> {
  const { workers, loop } = settings;
  const backend = tf.getBackend();
  const sharing = (IN_MEMORY as readonly string[]).includes(backend);
  if (workers !== "auto") {
    if (workers === 1 || sharing) return { workers, why: "as given" };
    throw new InputError(`--workers ${workers}: ${backend} takes 1; --backend wasm takes more`);
  }
  if (!sharing) return { workers: 1, why: `${backend} computes in one` };
  if (isOfProgram(settings.model)) {
    return { workers: 1, why: "the model is of the very program, which more would begin anew" };
  }
  const given = {
    cores: navigator.hardwareConcurrency,
    batchSize: Math.min(loop.batchSize, index.splits.train.examples),
    steps: stepsOf(index.splits.train.examples, loop) - taken,
    most: RUN_OPTIONS.workers.max,
  };
  return await chooseWorkers(given, () => stepTrial(settings, { index, described }));
}
