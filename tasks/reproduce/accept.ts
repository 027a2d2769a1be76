/**
 * Trains and judges the experiments behind README's figures, as far as that was not done before.
 *
 * @module
 */
import type { BackendDescription } from "../../models/backends/backend.ts";
import type { Evaluation } from "../evaluation/judges.ts";
import { readMetrics } from "../runs/run_directory.ts";
import { stepsOf } from "../runs/settings.ts";
import type { Acceptance } from "./acceptances.ts";
import { type Experiment, trainingOf } from "./experiment.ts";
import { judgedOnce, type Settled, settledBefore, settleExperiment, type WorkWatcher } from "./experiment_run.ts";
import { inTurn } from "./interruption.ts";
import { checkSourcesThere, dataOf, type DataSettings, findData } from "./prepared_data.ts";
import { type StepTime, stepTime } from "./step_time.ts";

/** Where an acceptance takes place. */
export interface AcceptPlace {
  /** The folder of all runs and of their data. */
  readonly folder: string;
  /** The files that it needs. */
  readonly sources: readonly string[];
}

/** What an acceptance is trained on, and other data that it is judged on where there is some. */
function dataOfAcceptance({ experiment, judgedOn }: Acceptance, { folder, sources }: AcceptPlace): {
  readonly own: DataSettings;
  readonly judged?: { readonly data: Pick<Experiment, "data">; readonly settings: DataSettings };
} {
  const path = `${folder}/data-${experiment.name}`;
  if (judgedOn === undefined) return { own: { path, sources } };
  return {
    own: { path, sources: [] },
    judged: { data: { data: judgedOn }, settings: { path: `${path}-judged`, sources } },
  };
}

/**
 * Makes one acceptance, or goes on with it; what was trained and judged before stays.
 *
 * @throws {InputError} When files cannot be used, or the folder was begun with others or with other options.
 * @throws {Interruption} When the signal comes.
 */
export async function settleAcceptance(
  acceptance: Acceptance,
  place: AcceptPlace & { readonly backend: BackendDescription },
  watcher: WorkWatcher,
): Promise<Settled<Evaluation>> {
  const { folder, backend } = place;
  const { experiment } = acceptance;
  const { own, judged } = dataOfAcceptance(acceptance, place);
  const { path } = await dataOf(experiment, own, watcher);
  const other = judged && await dataOf(judged.data, judged.settings, watcher);
  const run = `${folder}/${experiment.name}`;
  const work = judgedOnce(run, judgingOf(acceptance, other?.path));
  return await inTurn(
    () => settleExperiment(experiment, { folder: run, data: path, backend }, { work, watcher }),
    { signal: watcher.signal, onWait: (why) => watcher.say(`${why}; waiting`) },
  );
}

/** What is asked of the evaluation: of other data the largest split is judged, for none of it was learnt from. */
function judgingOf({ experiment }: Acceptance, other: string | undefined) {
  const examples = other === undefined ? { split: "test" } as const : { data: other, split: "train" } as const;
  return { ...examples, ...experiment.judge };
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
 * @throws {InputError} When a source is not there, the data was made from others, or the run was begun with other options.
 */
export async function acceptStanding(acceptance: Acceptance, place: AcceptPlace): Promise<AcceptStanding> {
  const { experiment } = acceptance;
  await checkSourcesThere(experiment, place.sources);
  const { own, judged } = dataOfAcceptance(acceptance, place);
  const found = await findData(experiment, own);
  if (judged !== undefined) await findData(judged.data, judged.settings);
  const run = `${place.folder}/${experiment.name}`;
  const { loop } = trainingOf(experiment, { data: own.path, folder: run });
  const examples = found?.index.splits.train.examples;
  const steps = examples === undefined ? loop.steps || undefined : stepsOf(examples, loop);
  const metrics = await readMetrics(run);
  const step = metrics.at(-1)?.step ?? 0;
  const judging = judgingOf(acceptance, judged?.settings.path);
  const done = examples === undefined
    ? undefined
    : await settledBefore(experiment, { data: own.path, folder: run }, { judging, examples });
  return {
    steps,
    step,
    isDone: done !== undefined,
    time: stepTime({ table: "accept", row: experiment.name }, [metrics]),
  };
}
