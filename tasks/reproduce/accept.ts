/**
 * Trains and judges the experiments behind README's figures, as far as that was not done before.
 *
 * @module
 */
import type { BackendDescription } from "../../models/backends/backend.ts";
import { exists } from "../../pipelines/base/files.ts";
import { readShardIndex } from "../../pipelines/shards/shard_reader.ts";
import type { Evaluation } from "../evaluation/judges.ts";
import { readMetrics } from "../runs/run_directory.ts";
import { stepsOf } from "../runs/settings.ts";
import type { Acceptance } from "./acceptances.ts";
import { type Experiment, trainingOf } from "./experiment.ts";
import { findJudged, judgedOnce, type Settled, settleExperiment, type WorkWatcher } from "./experiment_run.ts";
import { inTurn } from "./interruption.ts";
import { checkSourcesThere, dataOf } from "./prepared_data.ts";
import { type StepTime, stepTime } from "./step_time.ts";

/** Where an acceptance takes place. */
export interface AcceptPlace {
  /** The folder of all runs and of their data. */
  readonly folder: string;
  /** The files that it needs. */
  readonly sources: readonly string[];
}

const dataFolder = ({ folder }: AcceptPlace, { name }: Experiment) => `${folder}/data-${name}`;

/**
 * Makes one acceptance, or goes on with it; what was trained and judged before stays.
 *
 * @throws {InputError} When files cannot be used, or the folder was begun with others or with other options.
 * @throws {Interruption} When the signal comes.
 */
export async function settleAcceptance(
  { experiment, judgedOn }: Acceptance,
  place: AcceptPlace & { readonly backend: BackendDescription },
  watcher: WorkWatcher,
): Promise<Settled<Evaluation>> {
  const { folder, sources, backend } = place;
  const data = dataFolder(place, experiment);
  const { path } = await dataOf(experiment, { path: data, sources: judgedOn ? [] : sources }, watcher);
  const other = judgedOn &&
    await dataOf({ ...experiment, data: judgedOn }, { path: `${data}-judged`, sources }, watcher);
  const run = `${folder}/${experiment.name}`;
  // Of other data the largest split: none of it was learnt from.
  const examples = other ? { data: other.path, split: "train" } as const : { split: "test" } as const;
  const work = judgedOnce(run, { ...examples, ...experiment.judge });
  return await inTurn(
    () => settleExperiment(experiment, { folder: run, data: path, backend }, { work, watcher }),
    { signal: watcher.signal, onWait: (why) => watcher.say(`${why}; waiting`) },
  );
}

/** How far an acceptance is. */
export interface AcceptStanding {
  /** Training steps of the whole; undefined where its data was not prepared yet. */
  readonly steps: number | undefined;
  readonly step: number;
  readonly isDone: boolean;
  readonly time: StepTime | undefined;
}

/**
 * Finds out how far an acceptance is; nothing is made.
 *
 * @throws {InputError} When a source is not there.
 */
export async function acceptStanding({ experiment }: Acceptance, place: AcceptPlace): Promise<AcceptStanding> {
  await checkSourcesThere(experiment, place.sources);
  const [run, data] = [`${place.folder}/${experiment.name}`, dataFolder(place, experiment)];
  const { loop } = trainingOf(experiment, { data, folder: run });
  const examples = await exists(`${data}/index.json`) ? (await readShardIndex(data)).splits.train.examples : undefined;
  const steps = examples === undefined ? loop.steps || undefined : stepsOf(examples, loop);
  const metrics = await readMetrics(run);
  const step = metrics.at(-1)?.step ?? 0;
  const isDone = step > 0 && step === steps && await findJudged(run) !== undefined;
  return { steps, step, isDone, time: stepTime({ table: "accept", row: experiment.name }, [metrics]) };
}
