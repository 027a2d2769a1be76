/**
 * The evaluations of a row's run: its own, and those under other conditions beside it.
 *
 * @module
 */
import { asideFolder } from "../evaluation/judged_aside.ts";
import type { Evaluation } from "../evaluation/judges.ts";
import type { Judging } from "./experiment.ts";
import { findJudged, isJudgedUnder } from "./experiment_run.ts";
import { isOfSamples } from "../evaluation/judged_by.ts";
import type { ReproduceRow } from "./table.ts";

/**
 * Whether an evaluation is one of a row's weights on the test split, made as it is asked for: under those conditions, by as
 * many latents and as wide a beam.
 *
 * @param step That of the weights that are judged; undefined where they are not there yet.
 */
export function isJudgedSo(
  evaluation: Evaluation,
  asked: Judging,
  { row, step }: { readonly row: ReproduceRow; readonly step: number | undefined },
): boolean {
  const { checkpoint = "last" } = row;
  return isJudgedUnder(evaluation, asked, { ...row, split: "test", checkpoint, step }) &&
    isOfSamples(evaluation, asked);
}

/**
 * The evaluations of a run that are asked for beside its own, by name, as far as they are made.
 *
 * @param run Its folder, and the step of the weights that are judged.
 */
export async function foundAlso(
  row: ReproduceRow,
  { folder, step }: { readonly folder: string; readonly step: number | undefined },
): Promise<Map<string, Evaluation>> {
  const found = new Map<string, Evaluation>();
  for (const [name, asked] of Object.entries(row.also ?? {})) {
    const evaluation = await findJudged(asideFolder(folder, name));
    if (evaluation !== undefined && isJudgedSo(evaluation, asked, { row, step })) found.set(name, evaluation);
  }
  return found;
}
