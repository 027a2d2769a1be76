/**
 * What a process and its Worker that speaks MPI tell each other.
 *
 * @module
 */

/** What the Worker is told first. */
export interface Opening {
  /** The path of Open MPI's library. */
  readonly library: string;
  /** How long another rank is waited for, in seconds. */
  readonly limit: number;
  /** By {@linkcode PLACES}. */
  readonly state: Int32Array<SharedArrayBuffer>;
}

/** Places in the numbers that both threads share: 1 while the job is to be ended, with which exit code. */
export const PLACES = { aborts: 0, code: 1 } as const;

/** What the Worker is asked, in the order in which it is done. */
export type MpiRequest =
  | { readonly open: Opening }
  | { readonly average: Float32Array<SharedArrayBuffer>; readonly counts: readonly number[] }
  | { readonly gather: Uint8Array }
  | "finalize"
  | "abort";

/** Where a process is among all. */
export interface Place {
  readonly rank: number;
  readonly size: number;
}

/** What the Worker gives back: a place, what was gathered, or nothing. */
export type MpiReply = Place | Uint8Array<ArrayBuffer>[] | undefined;
