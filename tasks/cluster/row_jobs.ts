/**
 * Rows of a table as command lines of this project: all that an engine ever starts.
 *
 * @module
 */

/** The tasks whose tables are made row by row. */
export const ROW_TASKS = ["reproduce", "sweep"] as const;

/** The name of one. */
export type RowTask = typeof ROW_TASKS[number];

/** A row of a table. */
export interface RowJob {
  /** By which `--rows` asks for it. */
  readonly name: string;
  /** What the folder of its run is called. */
  readonly folder: string;
}

/** Rows of a table, and the command that makes it. */
export interface RowJobs {
  /** Whose rows they are. */
  readonly task: RowTask;
  /** Its arguments, but for those that {@linkcode rowArgs} and {@linkcode mergeArgs} add, and those of engines. */
  readonly args: readonly string[];
  readonly rows: readonly RowJob[];
  /** The folder of the table, which holds those of the rows' runs. */
  readonly folder: string;
  /** The data that the rows are trained on, where no row prepares it: its folders, and what tells each from others. */
  readonly data: readonly { readonly path: string; readonly identity: string }[];
}

/**
 * The arguments of the command that trains and judges one row, or goes on with it.
 *
 * @example
 * ```ts
 * import { rowArgs } from "./row_jobs.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const jobs = { args: ["--seed", "0,1"], folder: "runs/sweep-cnn" };
 * assertEquals(rowArgs(jobs, "seed-1"), ["--seed", "0,1", "--run", "runs/sweep-cnn", "--rows", "seed-1"]);
 * ```
 */
export function rowArgs({ args, folder }: Pick<RowJobs, "args" | "folder">, row: string): string[] {
  return [...args, "--run", folder, "--rows", row];
}

/** The arguments of the command that makes the table of the rows that are done. */
export function mergeArgs({ args, folder }: Pick<RowJobs, "args" | "folder">): string[] {
  return [...args, "--run", folder, "--collect"];
}
