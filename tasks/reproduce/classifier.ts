/**
 * The classifier of a table, which reads the samples of its rows: trained and judged once.
 *
 * @module
 */
import { mergeOptions } from "../../pipelines/base/option_table.ts";
import type { Evaluation } from "../evaluation/judges.ts";
import { loopOptionsOf, stepsOf } from "../runs/settings.ts";
import type { Experiment } from "./experiment.ts";
import { judgedOnce, type RunPlace, settleExperiment, type WorkWatcher } from "./experiment_run.ts";
import { inTurn } from "./interruption.ts";

/** A classifier takes at most so many times the steps of a row: it is no longer work than the rows that it reads. */
const SHARE = 10;

/** How long a classifier is trained. */
export interface ClassifierSteps {
  readonly taken: number;
  /** Of one that is finished. */
  readonly whole: number;
}

/**
 * How long a classifier is trained within a budget.
 *
 * @param examples Its training examples.
 */
export function classifierSteps(
  { model, loop = {} }: Experiment,
  { budget, examples }: { readonly budget: number; readonly examples: number },
): ClassifierSteps {
  const whole = stepsOf(examples, mergeOptions(loopOptionsOf(model), loop, "training"));
  return { taken: Math.min(whole, SHARE * budget), whole };
}

/**
 * Trains and judges the classifier as far as that was not done before; waits where another process does.
 *
 * @param place Its folder, its data, and what computes.
 * @throws {Interruption} When the signal comes.
 */
export async function classifierOf(
  experiment: Experiment,
  place: Omit<RunPlace, "steps"> & { readonly steps: ClassifierSteps },
  watcher: WorkWatcher,
): Promise<Evaluation> {
  const { steps: { taken, whole }, ...rest } = place;
  const { folder, workers } = rest;
  const own = { ...rest, ...(taken < whole ? { steps: taken } : {}) };
  const work = judgedOnce(folder, { split: "test", workers: workers === 1 ? 1 : "auto" });
  const { result } = await inTurn(() => settleExperiment(experiment, own, { work, watcher }), {
    signal: watcher.signal,
    onWait: () => watcher.say(`classifier: another process trains it; waiting`),
  });
  return result;
}
