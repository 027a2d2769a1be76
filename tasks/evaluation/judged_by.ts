/**
 * By what a run was judged: the options of the judges that were told.
 *
 * @module
 */
import type { OptionValue } from "../../pipelines/base/option_table.ts";
import { type Evaluation, JUDGE_OPTIONS, type JudgeOptions } from "./judges.ts";

/** What judges are asked that is not as they have it by themselves; a classifier is told by its weights. */
export function askedOf(settings: JudgeOptions): Readonly<Record<string, OptionValue>> {
  const asked: Record<string, OptionValue> = {};
  for (const [name, { value }] of Object.entries(JUDGE_OPTIONS)) {
    const given = settings[name as keyof JudgeOptions];
    if (name !== "classifier" && given !== undefined && `${given}` !== `${value}`) asked[name] = given as OptionValue;
  }
  return asked;
}

/** Whether an evaluation is by as many latents and as wide a beam as are asked for; by any number of latents where none is. */
export function isOfSamples(
  { sequences, likelihood, examples }: Pick<Evaluation, "sequences" | "likelihood" | "examples">,
  { beam = JUDGE_OPTIONS.beam.value, importanceSamples, importanceExamples = 0 }: JudgeOptions,
): boolean {
  if (sequences !== undefined && sequences.beam !== beam) return false;
  const { importance } = likelihood ?? {};
  if (importance === undefined || importanceSamples === undefined) return true;
  const weighted = importance.examples ?? examples;
  return importance.samples === importanceSamples && weighted === Math.min(examples, importanceExamples || Infinity);
}

/** Whether an evaluation is as the judges have it by themselves, of the examples as they are stored, by a model as it learnt. */
export function isPlain(
  evaluation: Pick<Evaluation, "sequences" | "likelihood" | "examples" | "asked" | "conditions">,
): boolean {
  const { asked, conditions } = evaluation;
  // Evaluations from before `asked` tell of some options alone.
  return asked === undefined && conditions === undefined &&
    isOfSamples(evaluation, { importanceSamples: JUDGE_OPTIONS.importanceSamples.value });
}
