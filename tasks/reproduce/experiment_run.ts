/**
 * The run of an experiment: opened anew or where it was left, trained to its last step, judged once.
 *
 * @module
 */
import type { BackendDescription } from "../../models/backends/backend.ts";
import { InputError } from "../../pipelines/base/errors.ts";
import { exists } from "../../pipelines/base/files.ts";
import { mergeOptions, type OptionValue } from "../../pipelines/base/option_table.ts";
import type { Split } from "../../pipelines/base/split.ts";
import { readShardIndex } from "../../pipelines/shards/shard_reader.ts";
import { flagOf } from "../cli/option_values.ts";
import type { Progress, ProgressOptions } from "../cli/progress.ts";
import { decimal } from "../cli/text.ts";
import { areConditions, type Conditions, conditionsOf } from "../evaluation/conditions.ts";
import { evaluate, type EvaluateSettings, type Judgement } from "../evaluation/evaluate.ts";
import type { Evaluation } from "../evaluation/judges.ts";
import { readEvaluation } from "../evaluation/read_evaluation.ts";
import { writeEvaluation } from "../report/write_report.ts";
import { isClaimed, RunTaken } from "../runs/run_claim.ts";
import { evaluationLines } from "../runs/metrics.ts";
import { type CheckpointName, readMetrics, readOptions } from "../runs/run_directory.ts";
import type { Position } from "../runs/run_state.ts";
import { type RunSettings, type SettledSettings, stepsOf } from "../runs/settings.ts";
import { isOver } from "../training/continuation.ts";
import { flatOptions, lastCheckpoint, type OpenRun, openRun, reopenRun, savedSettings } from "../training/open_run.ts";
import { train, type TrainPhase } from "../training/train.ts";
import { type Experiment, type Place, trainingOf } from "./experiment.ts";
import { Interruption } from "./interruption.ts";

/** What work tells while it goes on, and how it is stopped. */
export interface WorkWatcher {
  say(line: string): void;
  progress(options: ProgressOptions): Pick<Progress, "update" | "end">;
  readonly signal: AbortSignal;
  /** Is told when the training of a row begins, and when it waits for the compiler. */
  onPhase?(phase: TrainPhase): void;
}

/** Where an experiment is run, and on what. */
export interface RunPlace extends Place {
  /** What computes; it was started. */
  readonly backend: BackendDescription;
}

/** Judges the run at hand. */
export type JudgeRun = (settings: Omit<EvaluateSettings, "folder">) => Promise<Judgement>;

/** What is done with a run besides training it. */
export interface RunWork<T> {
  /** Finds what it came to; undefined where something is still to be done. */
  find(run: OpenRun): Promise<T | undefined>;
  /** Judges it after its last step and keeps what is found; tells what it came to. */
  make(judge: JudgeRun): Promise<T>;
}

/** What a run came to, and whether that was done now. */
export interface Settled<T> {
  readonly result: T;
  readonly isNew: boolean;
}

/**
 * Trains and judges an experiment as far as that was not done before; nobody else does so meanwhile.
 *
 * @throws {RunTaken} When another process is at it.
 * @throws {InputError} When the run was begun with other options.
 * @throws {Interruption} When the signal comes; the run goes on where it was.
 */
export async function settleExperiment<T>(
  experiment: Experiment,
  place: RunPlace,
  { work, watcher }: { readonly work: RunWork<T>; readonly watcher: WorkWatcher },
): Promise<Settled<T>> {
  const run = await openExperiment(experiment, place);
  using _claim = run.claim;
  const found = await work.find(run);
  if (found !== undefined) return { result: found, isNew: false };
  await trainRun(run, watcher);
  const result = await work.make((settings) => judge({ ...settings, folder: place.folder }, watcher));
  return { result, isNew: true };
}

/** The work of a run that is judged once. */
export function judgedOnce(folder: string, judging: Parameters<JudgeRun>[0]): RunWork<Evaluation> {
  return {
    async find(run) {
      const { settings, resume, index } = run;
      return await findSettled(folder, judging, {
        ...{ settings, position: resume?.state.position, examples: index.splits.train.examples },
      });
    },
    async make(judge) {
      const judgement = await judge(judging);
      await writeEvaluation(folder, judgement);
      return judgement.evaluation;
    },
  };
}

/** What a run that is judged once came to; undefined where something is still to be trained or judged. */
async function findSettled(
  folder: string,
  judging: Parameters<JudgeRun>[0],
  { settings, position, examples }: {
    readonly settings: Pick<RunSettings, "model" | "modelOptions" | "loop">;
    /** Where its last checkpoint is; undefined where there is none. */
    readonly position: Position | undefined;
    readonly examples: number;
  },
): Promise<Evaluation | undefined> {
  if (position === undefined || !isOver(position, { examples, loop: settings.loop })) return undefined;
  const found = await findJudged(folder);
  const place = { ...settings, folder, step: position.step };
  return found !== undefined && await isJudgedAs(found, judging, place) ? found : undefined;
}

/**
 * What an experiment's run that is judged once came to, which is not opened; undefined where something is still to be trained
 * or judged.
 *
 * @param examples Of the training.
 * @throws {InputError} When the run was begun with other options.
 */
export async function settledBefore(
  experiment: Experiment,
  place: Place,
  { judging, examples }: { readonly judging: Parameters<JudgeRun>[0]; readonly examples: number },
): Promise<Evaluation | undefined> {
  const { folder } = place;
  if (!await checkBegun(experiment, place) || !await exists(`${folder}/last.safetensors`)) return undefined;
  const { position } = await lastOptions(folder);
  return await findSettled(folder, judging, { settings: trainingOf(experiment, place), position, examples });
}

/** Whether an evaluation is the one that is asked for: others of a run may have been put in its place. */
async function isJudgedAs(
  evaluation: Evaluation,
  judging: Parameters<JudgeRun>[0],
  { folder, step: last, ...settings }: Pick<RunSettings, "folder" | "model" | "modelOptions"> & {
    readonly step: number;
  },
): Promise<boolean> {
  const { split = "test", checkpoint = "best" } = judging;
  const best = evaluationLines(await readMetrics(folder)).findLast(({ best }) => best)?.step;
  const step = checkpoint === "best" ? best ?? last : last;
  return isJudgedUnder(evaluation, judging, { ...settings, split, checkpoint, step });
}

/** Whether an evaluation is of a split and of those weights of a model, under the conditions that are asked for. */
export function isJudgedUnder(
  evaluation: Evaluation,
  asked: Conditions,
  { split, checkpoint, step, model, modelOptions = {} }: Pick<Experiment, "model" | "modelOptions"> & {
    readonly split: Split;
    readonly checkpoint: CheckpointName;
    readonly step: number | undefined;
  },
): boolean {
  const trained = mergeOptions(model.options, modelOptions, `model ${model.name}`);
  return evaluation.split === split && evaluation.step === step &&
    (evaluation.checkpoint ?? "last") === checkpoint &&
    areConditions(evaluation.conditions ?? {}, conditionsOf(asked, trained));
}

/** Whether there is nothing to train any more. */
function isTrained({ resume, index, settings: { loop } }: OpenRun): boolean {
  return resume !== undefined && isOver(resume.state.position, { examples: index.splits.train.examples, loop });
}

/** What a run was judged as; undefined where it was not. */
export async function findJudged(folder: string): Promise<Evaluation | undefined> {
  const metrics = `${folder}/metrics.json`;
  return await exists(metrics) ? await readEvaluation(metrics) : undefined;
}

/** Opens an experiment's run, new or begun before, which must have had the same options. */
async function openExperiment(experiment: Experiment, place: RunPlace): Promise<OpenRun> {
  const { folder, backend } = place;
  if (await isClaimed(folder)) throw new RunTaken(`run ${folder}: another process is at it`);
  const settings = trainingOf(experiment, place);
  if (!await exists(`${folder}/last.safetensors`)) return await openRun(settings, () => Promise.resolve(backend));
  const { found, position } = await lastOptions(folder);
  const { splits } = await readShardIndex(settings.data);
  const isTrained = isOver(position, { examples: splits.train.examples, loop: settings.loop });
  await checkAlike(settings, { found, ...(isTrained ? {} : { backend: backend.name }) }); // any may judge
  const moved = found.data === settings.data ? {} : { data: settings.data }; // another name of the same shards
  return await reopenRun(folder, () => Promise.resolve(backend), moved);
}

/** What is found out about data of its own, and of a folder by another name. */
const PLACES = ["data", "run"];

/**
 * Checks that a run was begun with the options that it would be begun with now.
 *
 * @param begun `found`: its options; `backend`: what would compute, where that matters.
 * @throws {InputError} When an option is another.
 */
async function checkAlike(
  settings: RunSettings,
  { found, backend }: { readonly found: Readonly<Record<string, OptionValue>>; readonly backend?: string },
): Promise<void> {
  const workers = settings.workers === "auto" ? Number(found.workers) : settings.workers; // as many as paid
  const settled: SettledSettings = { ...settings, workers };
  const wanted = flatOptions(await savedSettings(settled), backend ?? String(found.backend));
  for (const [name, value] of Object.entries(wanted)) {
    if (PLACES.includes(name) || !Object.hasOwn(found, name) || String(found[name]) === String(value)) continue;
    const flag = name === "train.steps" ? "--budget" : flagOf(name);
    const message = `${flag} ${value} contradicts the run, which has ${found[name]}`;
    throw new InputError(`run ${settings.folder}: ${message}; another --run begins anew`);
  }
}

/**
 * Checks a run that is not opened against what it would be begun with.
 *
 * @returns Whether there is such a run.
 * @throws {InputError} When an option is another.
 */
export async function checkBegun(experiment: Experiment, place: Place): Promise<boolean> {
  const { folder } = place;
  const found = await readOptions(folder) ??
    (await exists(`${folder}/last.safetensors`) ? (await lastOptions(folder)).found : {});
  if (Object.keys(found).length === 0) return false;
  await checkAlike(trainingOf(experiment, place), { found });
  return true;
}

/** The options of a run's last checkpoint, and how far it is. */
async function lastOptions(
  folder: string,
): Promise<{ readonly found: Record<string, OptionValue>; readonly position: Position }> {
  const { resume: { state: { settings, backend, position } } } = await lastCheckpoint(folder);
  return { found: flatOptions(settings, backend), position };
}

/** Judges a run, shown and stopped by the watcher. */
async function judge(settings: EvaluateSettings, { progress, signal }: WorkWatcher): Promise<Judgement> {
  let shown: Pick<Progress, "update" | "end"> | undefined;
  return await evaluate(settings, (done, total, share) => {
    if (signal.aborted) throw new Interruption();
    shown ??= progress({ label: "evaluating", unit: "examples", total });
    shown.update(done, { share });
  }).finally(() => shown?.end());
}

/** Trains a run to its last step; its claim stays. */
async function trainRun(run: OpenRun, { progress, signal, onPhase }: WorkWatcher): Promise<void> {
  if (isTrained(run)) return;
  if (signal.aborted) throw new Interruption();
  const { settings, index, resume } = run;
  const began = resume?.state.position.step ?? 0;
  const total = stepsOf(index.splits.train.examples, settings.loop);
  const shown = progress({ label: "training", unit: "steps", total: total - began });
  const claim = { [Symbol.dispose]: () => {} }; // the judging comes under it, too
  try {
    const lines = train(settings, { ...run, claim, signal, ...(onPhase ? { onPhase } : {}) });
    let next = await lines.next();
    for (; !next.done; next = await lines.next()) {
      if (next.value.kind !== "step") continue;
      const { step, train } = next.value;
      shown.update(step - began, { extra: `loss ${decimal(train.loss)} nats` });
    }
    if (next.value.end === "interrupted") throw new Interruption();
  } finally {
    shown.end();
  }
}
