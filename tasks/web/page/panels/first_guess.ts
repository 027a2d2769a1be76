/**
 * What runs think the drawing is, first of all.
 *
 * @module
 */
import { likeliest } from "../runs/summary.ts";
import type { PageRun } from "../store.ts";

/** A class, and how probable a run thinks it. */
export interface Guess {
  readonly name: string;
  readonly probability: number;
}

/** A run's first guess; undefined where it says nothing. */
export function firstGuess({ naming, engine }: PageRun): Guess | undefined {
  const [top] = likeliest(naming.value?.rows.at(-1) ?? [], 1);
  const name = top && engine.value?.card.classes[top.label];
  return name === undefined ? undefined : { name, probability: top.probability };
}

/** Whether a word is some run's first guess; undefined where none says anything. */
export function isRecognized(runs: readonly PageRun[], word: string): boolean | undefined {
  const guesses = runs.flatMap((run) => firstGuess(run) ?? []);
  return guesses.length === 0 ? undefined : guesses.some(({ name }) => name === word);
}
