/**
 * What the thread that hears signals and the main one have in common.
 *
 * @module
 */

/** The signals that are heard, and the exit codes of a process that they end. */
export const EXIT_CODES = { SIGINT: 130, SIGTERM: 143 } as const;

/** The name of one. */
export type Heard = keyof typeof EXIT_CODES;

/** The names of all. */
export const SIGNALS = Object.keys(EXIT_CODES) as Heard[];

/** Places in the numbers that both threads share: one of {@linkcode ANSWERS}, and 1 while work ends by itself when asked to. */
export const PLACES = { answer: 0, endsItself: 1 } as const;

/** What the main thread has said to a signal; late when the other one has waited long enough. */
export const ANSWERS = { none: 0, given: 1, late: 2 } as const;

/** What the thread that hears signals is sent. */
export interface Watched {
  /** By {@linkcode PLACES}. */
  readonly state: Int32Array;
  /** What it says when the main thread is too busy to answer, and is ended, or left to finish by itself. */
  readonly says: { readonly ending: string; readonly finishing: string };
}
