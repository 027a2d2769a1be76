/**
 * Rows in the queue. Whoever can write to the Redis can put anything there, so nothing is believed of it: what is not a row of
 * this project's, word by word, is refused.
 *
 * @module
 */
import { InputError } from "../../../pipelines/base/errors.ts";
import { ROW_TASKS, type RowJob, type RowTask } from "../row_jobs.ts";

/** What is posted of a row, or of the table where `row` is null. Safe to store as JSON. */
export interface PostedRow {
  /** Whose row it is. */
  readonly task: RowTask;
  /** The task's arguments, as those of `RowJobs`. */
  readonly args: readonly string[];
  /** The row's name; null for the table of them all. */
  readonly row: string | null;
  /** All rows. */
  readonly rows: readonly RowJob[];
  /** The folder of the rows' runs, as it was typed. */
  readonly folder: string;
  /** Tells what is submitted together from all else, 32 hexadecimal digits. */
  readonly id: string;
  /** Tells the folder it is submitted from, and what for, from others of the same path: 12 hexadecimal digits. */
  readonly place: string;
  /** The most that a row's folder may weigh that goes through the queue, bytes. */
  readonly most: number;
  /** The bucket through which folders come back, as it is shown; empty where the queue is. */
  readonly bucket: string;
  /** The data that the rows are trained on, where it must be there already: its folder and identity. */
  readonly data: readonly { readonly path: string; readonly identity: string }[];
}

/** What a row's folder is called. */
const NAME = /^[\w+][\w.+-]{0,199}$/;

/** Options that an engine adds itself, and those that read from elsewhere than the command line. */
const NOT_POSTED = /^--?(config|rows|collect|run|engine|redis|dry-run|h|help)(=|$)/i;

const isText = (value: unknown, longest = 4096): value is string =>
  // deno-lint-ignore no-control-regex
  typeof value === "string" && value.length <= longest && !/[\x00-\x1f\x7f]/.test(value);

const isList = <T>(value: unknown, holds: (item: unknown) => item is T, most: number): value is T[] =>
  Array.isArray(value) && value.length <= most && value.every(holds);

const isName = (value: unknown): value is string => typeof value === "string" && NAME.test(value);

/** What each member must be. */
const MEMBERS: { readonly [K in keyof PostedRow]: (value: unknown) => boolean } = {
  task: (value) => ROW_TASKS.some((task) => task === value),
  args: (value) => isList(value, (item) => isText(item), 2000) && !value.some((arg) => NOT_POSTED.test(arg)),
  row: (value) => value === null || isName(value),
  rows: (value) => isList(value, isRow, 1000) && value.length > 0,
  folder: (value) => isText(value) && value !== "" && !value.startsWith("-") && !value.split("/").includes(".."),
  id: (value) => typeof value === "string" && /^[0-9a-f]{32}$/.test(value),
  place: (value) => typeof value === "string" && /^[0-9a-f]{12}$/.test(value),
  most: (value) => Number.isSafeInteger(value) && (value as number) > 0,
  bucket: (value) => value === "" || isText(value) && /^s3:\/\/[^?#@]+$/.test(value),
  data: (value) => isList(value, isData, 1000),
};

function isRow(value: unknown): value is RowJob {
  const { name, folder, ...others } = Object(value);
  return isName(name) && isName(folder) && Object.keys(others).length === 0;
}

function isData(value: unknown): value is PostedRow["data"][number] {
  const { path, identity, ...others } = Object(value);
  return isText(path) && /^[0-9a-f]{64}$/.test(String(identity)) && Object.keys(others).length === 0;
}

/**
 * Reads what is in the queue.
 *
 * @throws {InputError} When it is not, member by member, what this project posts.
 *
 * @example
 * ```ts
 * import { readPostedRow } from "./posted_row.ts";
 * import { InputError } from "../../../pipelines/base/errors.ts";
 * import { assertThrows } from "@std/assert";
 *
 * assertThrows(() => readPostedRow({ task: "sh", args: ["-c", "true"] }), InputError, "no row: its task");
 * ```
 */
export function readPostedRow(data: unknown): PostedRow {
  const members = Object(data) as Readonly<Record<string, unknown>>;
  const wrong = Object.entries(MEMBERS).find(([name, isRight]) => !isRight(members[name]))?.[0] ??
    Object.keys(members).find((name) => !Object.hasOwn(MEMBERS, name));
  if (wrong !== undefined) {
    throw new InputError(
      `what is in the queue is no row: its ${wrong} is ${JSON.stringify(members[wrong])?.slice(0, 200)}`,
    );
  }
  const posted = members as unknown as PostedRow;
  if (posted.row === null || posted.rows.some(({ name }) => name === posted.row)) return posted;
  throw new InputError(`what is in the queue is no row: ${posted.row} is none of its rows`);
}
