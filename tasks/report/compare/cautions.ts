/**
 * What may not be compared of runs, in sentences: numbers of other examples are never put side by side without a word.
 *
 * @module
 */
import { grouped, listWords } from "../../../pipelines/base/text.ts";
import { commandLine } from "../../cli/option_values.ts";
import type { ComparedRun } from "./compared_run.ts";

/** Whether two runs learnt from the same shards. */
export function isSameData({ summary: a }: ComparedRun, { summary: b }: ComparedRun): boolean {
  return a === b || a.identity !== null && a.identity === b.identity;
}

/** Whether two runs were judged on the same examples. */
export function isComparable(
  { evaluation: a }: Pick<ComparedRun, "evaluation">,
  { evaluation: b }: Pick<ComparedRun, "evaluation">,
): boolean {
  return a === b || a?.identity !== undefined && a.identity === b?.identity;
}

/** What is to be known of runs that are compared. */
export function cautionsOn(runs: readonly ComparedRun[]): string[] {
  return [
    ...ofDiverged(runs),
    ...onData(runs),
    ...onModels(runs),
    ...onJudging(runs),
    ...onExamples(runs),
    ...ofEvaluations(runs),
  ];
}

const namesOf = (runs: readonly ComparedRun[]): string => listWords(runs.map(({ name }) => name));

/** Which did not come to their end, and why. */
function ofDiverged(runs: readonly ComparedRun[]): string[] {
  return runs.flatMap(({ name, summary: { state, reason } }) => state === "diverged" ? [`${name}: ${reason}`] : []);
}

function onData(runs: readonly ComparedRun[]): string[] {
  const others = runs.filter((run) => !isSameData(runs[0], run));
  if (others.length === 0) return [];
  const shards = (run: ComparedRun) => run.summary.data ?? "unknown data";
  const where = others.map((run) => `${run.name} from ${shards(run)}`);
  return [
    `They did not learn from the same shards: ${runs[0].name} from ${shards(runs[0])}, ${listWords(where)}. What was ` +
    "measured while they were trained is of other examples then, and says nothing of which is better.",
  ];
}

function onModels(runs: readonly ComparedRun[]): string[] {
  if (new Set(runs.map(({ summary }) => summary.model)).size === 1) return [];
  return ["They are models of more than one kind: a loss is each kind's own, and may be of other things."];
}

/** Which are still to be judged, or to be judged again. */
function onJudging(runs: readonly ComparedRun[]): string[] {
  return runs.flatMap(({ name, evaluation, summary: { folder, step, best } }) => {
    const { split = "test", checkpoint = "best" } = evaluation ?? {};
    const asBefore = [
      ...split === "test" ? [] : ["--split", split],
      ...checkpoint === "best" ? [] : ["--checkpoint", "last"],
    ];
    const again = commandLine("evaluate", ["--run", folder, ...asBefore]);
    if (evaluation === undefined) return [`${name} is not judged: ${again}`];
    if (evaluation.identity === undefined) {
      return [`${name} was judged before it was kept which examples those were, and which it named rightly: ${again}`];
    }
    const now = evaluation.checkpoint === "last" ? step : best?.step ?? step;
    if (now === null || now === evaluation.step) return [];
    return [
      `${name} was judged at step ${
        grouped(evaluation.step)
      }; its ${evaluation.checkpoint} weights are those of step ` +
      `${grouped(now)} by now: ${again}`,
    ];
  });
}

/** Which were judged on other examples. */
function onExamples(runs: readonly ComparedRun[]): string[] {
  const judged = runs.filter(({ evaluation }) => evaluation !== undefined);
  const [first] = judged;
  const others = judged.filter((run) => !isComparable(first, run));
  if (others.length === 0) return [];
  const isOne = others.length === 1;
  const isKnown = [first, ...others].every(({ evaluation }) => evaluation?.identity !== undefined);
  return [
    `${namesOf(others)} ${isOne ? "was" : "were"} ${isKnown ? "" : "perhaps "}not judged on the examples of ` +
    `${first.name}: the figures in parentheses are to be compared with nothing.`,
  ];
}

/** What was said when they were judged. */
function ofEvaluations(runs: readonly ComparedRun[]): string[] {
  return runs.flatMap(({ name, evaluation }) => (evaluation?.notes ?? []).map((note) => `${name}: ${note}`));
}
