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

/**
 * Places in the numbers that both threads share: 1 while the job is to be ended, with which exit code, and one of
 * {@linkcode EXCHANGES}.
 */
export const PLACES = { aborts: 0, code: 1, exchange: 2 } as const;

/** What has become of an exchange that the main thread waits for. */
export const EXCHANGES = { waiting: 0, done: 1, failed: 2 } as const;

/** Bytes in front of values that are exchanged: why that failed, in UTF-8, and zeros. */
export const FAULT_BYTES = 1024;

/** Values that are exchanged while the main thread waits. */
export interface ExchangeRequest {
  /** Behind {@linkcode FAULT_BYTES} float32 of all ranks, as many of each, this one's in their place. */
  readonly exchange: SharedArrayBuffer;
  /** How many each rank has. */
  readonly count: number;
  /** By {@linkcode PLACES}: by one of {@linkcode EXCHANGES} it is answered. */
  readonly state: Int32Array<SharedArrayBuffer>;
}

/** What the Worker is asked, in the order in which it is done. */
export type MpiRequest =
  | { readonly open: Opening }
  | { readonly average: Float32Array<SharedArrayBuffer>; readonly counts: readonly number[] }
  | { readonly gather: Uint8Array }
  | ExchangeRequest
  | "finalize"
  | "abort";

/** Where a process is among all. */
export interface Place {
  readonly rank: number;
  readonly size: number;
}

/** What the Worker gives back: a place, what was gathered, or nothing. */
export type MpiReply = Place | Uint8Array<ArrayBuffer>[] | undefined;
