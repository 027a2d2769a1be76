/**
 * Several views of each example, for whose classes a classifier's probabilities are averaged: as it is stored, and changed.
 *
 * B batch, K classes.
 *
 * @module
 */
import type { PlacedBatch } from "../../pipelines/batches/batch.ts";
import type { AnsweredBatch } from "./answered_batches.ts";
import type { Answers } from "../../models/zoo/answers.ts";
import { logMeanExp } from "./likelihood.ts";

/**
 * The batches of each view of a split, in turn: all views of the first batch, all of the second, and so on.
 *
 * @param views One or more, with the same examples in the same batches.
 */
export async function* viewsInTurn(views: readonly AsyncIterable<PlacedBatch>[]): AsyncGenerator<PlacedBatch> {
  const open = views.map((view) => view[Symbol.asyncIterator]());
  try {
    for (;;) {
      for (const view of open) {
        const next = await view.next();
        if (next.done) return;
        yield next.value;
      }
    }
  } finally {
    for (const view of open) await view.return?.();
  }
}

/**
 * One answer for each example from those for its views: the mean of the probabilities, for whole examples and for prefixes.
 *
 * @param answered As {@linkcode viewsInTurn} gives the batches.
 * @param views How many there are, 1 or more.
 * @returns The batches of the first view, with the answers of all.
 */
export async function* meanOfViews(
  answered: AsyncIterable<AnsweredBatch>,
  views: number,
): AsyncGenerator<AnsweredBatch> {
  let seen: AnsweredBatch[] = [];
  for await (const one of answered) {
    seen.push(one);
    if (seen.length < views) continue;
    const answers = seen.flatMap(({ answers }) => answers ?? []);
    yield { batch: seen[0].batch, answers: answers.length === 0 ? undefined : meanOf(answers) };
    seen = [];
  }
}

/** The mean of the probabilities. */
function meanOf(answers: readonly Answers[]): Answers {
  if (answers.length === 1) return answers[0];
  return {
    whole: logMean(answers.map(({ whole }) => whole)),
    prefixes: answers[0].prefixes.map((_, i) => logMean(answers.map(({ prefixes }) => prefixes[i]))),
  };
}

/**
 * The logarithm of the mean of what logarithms stand for, one by one.
 *
 * @param logs One or more of equal length, each number at most 0 or minus infinity.
 */
export function logMean(logs: readonly Float32Array[]): Float32Array {
  return logs[0].map((_, i) => {
    const ofViews = logs.map((values) => values[i]);
    return ofViews.every((log) => log === -Infinity) ? -Infinity : logMeanExp(ofViews);
  });
}
