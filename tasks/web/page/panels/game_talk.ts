/**
 * What a run says while it guesses: not every change of mind, in plain words. Browser safe.
 *
 * @module
 */
import type { Guess } from "./first_guess.ts";

/** What has been said of a drawing. */
export interface Talk {
  /** In the order in which they were said. */
  readonly names: readonly string[];
  /** When the last was said, in milliseconds. */
  readonly at: number;
}

/** Nothing yet. */
export const SILENCE: Talk = { names: [], at: -Infinity };

/** How probable a guess must be to be said at all. */
const LEAST = 0.15;
/** Milliseconds from one guess to the next: a voice needs them. */
const BREATH = 1000;
/** Guesses that a sentence holds. */
const SHOWN = 4;

/** Hears a run's first guess: says it, if it is another one and there was time to breathe. */
export function hear(talk: Talk, top: Guess, now: number): Talk {
  if (top.probability < LEAST || top.name === talk.names.at(-1) || now - talk.at < BREATH) return talk;
  return { names: [...talk.names, top.name], at: now };
}

/** The guesses as a sentence: the last few of them. */
export function sentenceOf({ names }: Talk): string {
  if (names.length === 0) return "I am looking …";
  const shown = names.slice(-SHOWN);
  const start = names.length > shown.length ? "no, " : "";
  return `I see … ${start}${shown.join(", no, ")}?`;
}
