/**
 * The evaluations of a row's run: its own, and those under other conditions beside it.
 *
 * @module
 */
import { exists } from "../../pipelines/base/files.ts";
import { conditionsOf } from "../evaluation/conditions.ts";
import type { Evaluation } from "../evaluation/judges.ts";
import { readEvaluation } from "../evaluation/read_evaluation.ts";
import { type CheckpointName, checkpointPath, loadRunCheckpoint } from "../runs/run_directory.ts";
import type { Experiment, Judging } from "./experiment.ts";

/** Where an evaluation of a run is kept that is beside its own. */
export function alsoFolder(run: string, name: string): string {
  return `${run}/judged/${name}`;
}

/** The weights of a run that are judged. */
export interface JudgedWeights {
  readonly folder: string;
  readonly checkpoint: CheckpointName;
}

/**
 * Whether an evaluation is one of a run's weights as they are now, on the test split, made as it is asked for: under those
 * conditions, by as many latents.
 *
 * @param run The run's folder, and which of its weights are judged.
 */
export async function isJudgedSo(
  evaluation: Evaluation,
  asked: Judging,
  { folder, checkpoint }: JudgedWeights,
): Promise<boolean> {
  const { importanceSamples, importanceExamples = 0 } = asked;
  if (evaluation.split !== "test" || (evaluation.checkpoint ?? "last") !== checkpoint) return false;
  const { path } = await checkpointPath(folder, checkpoint);
  const { state: { settings, position } } = await loadRunCheckpoint(path);
  const sorted = (record: object) => JSON.stringify(Object.entries(record).sort(([a], [b]) => a < b ? -1 : 1));
  if (
    evaluation.step !== position.step ||
    sorted(evaluation.conditions ?? {}) !== sorted(conditionsOf(asked, settings.modelOptions))
  ) return false;
  const { importance } = evaluation.likelihood ?? {};
  if (importance === undefined || importanceSamples === undefined) return true;
  const weighted = importance.examples ?? evaluation.examples;
  return importance.samples === importanceSamples &&
    weighted === Math.min(evaluation.examples, importanceExamples || Infinity);
}

/** The evaluations of a run that are asked for beside its own, by name, as far as they are made. */
export async function foundAlso(
  { also = {} }: Pick<Experiment, "also">,
  run: JudgedWeights,
): Promise<Map<string, Evaluation>> {
  const found = new Map<string, Evaluation>();
  for (const [name, asked] of Object.entries(also)) {
    const metrics = `${alsoFolder(run.folder, name)}/metrics.json`;
    const evaluation = await exists(metrics) ? await readEvaluation(metrics) : undefined;
    if (evaluation !== undefined && await isJudgedSo(evaluation, asked, run)) found.set(name, evaluation);
  }
  return found;
}
