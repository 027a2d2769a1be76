/**
 * What lies where in a Redis.
 *
 * @module
 */

/** Begins every key of this project's. */
export const PREFIX = "strokewise";

/** So long, in seconds, what nobody asks for stays. */
export const KEPT_FOR = 7 * 24 * 3600;

/** The queue of rows for one code, see `codeIdentity`. */
export const queueName = (code: string): string => `rows-${code}`;

/** The name of a job: a row's, or the table's. */
export const jobId = (id: string, row: string | null): string => row === null ? `${id}-table` : `${id}-row-${row}`;

/** Where a worker says that it is there. */
export const workerKey = (worker: string): string => `${PREFIX}:worker:${worker}`;

/** Is there when what was submitted under an id was taken back. */
export const cancelKey = (id: string): string => `${PREFIX}:taken-back:${id}`;

/** Where what a folder holds is told: a row's, or one of those that all rows share. */
export const folderKey = (id: string, folder: string): string => `${PREFIX}:folder:${id}:${folder}`;

/** The names of all that was put into a bucket under an id, and perhaps is there. */
export const putKey = (id: string): string => `${PREFIX}:put:${id}`;

/** A part of what a folder holds, of one sending. */
export const chunkKey = (id: string, sending: string, chunk: number): string =>
  `${PREFIX}:chunk:${id}:${sending}:${chunk}`;
