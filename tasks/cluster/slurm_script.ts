/**
 * Rows as scripts of Slurm: an array job, a row a task, and the job that makes the table when all have ended well.
 *
 * @module
 */
import { InputError } from "../../pipelines/base/errors.ts";
import type { OptionValues } from "../../pipelines/base/option_table.ts";
import { quoted } from "../cli/option_values.ts";
import { mergeArgs, rowArgs, type RowJobs } from "./row_jobs.ts";
import { commandArgs } from "./task_process.ts";

/** What a job asks of the cluster; what is left out is the cluster's to say. */
export const SLURM_OPTIONS = {
  partition: { value: "", help: "the partition, as sinfo lists them; the cluster's own choice when left out" },
  time: {
    value: "",
    help:
      "the longest that a row may take, such as 30, 4:00:00 or 2-0; what it has not done then the same command goes " +
      "on with; the partition's own limit when left out",
  },
  memory: { value: "", help: "of a row, such as 4G; the partition's own when left out" },
  account: { value: "", help: "who is charged; your own when left out" },
  cpus: { value: 1, help: "cores of a row, 1 or more; --workers uses more than one", min: 1, whole: true },
  gpus: { value: 0, help: "graphics cards of a row, 0 or more", min: 0, whole: true },
  atOnce: { value: 0, help: "rows that may run at a time; 0 for as many as the cluster lets", min: 0, whole: true },
} as const;

/** The values of {@linkcode SLURM_OPTIONS}. */
export type SlurmOptions = OptionValues<typeof SLURM_OPTIONS>;

/** What a script is made for. */
export interface ScriptPlace {
  /** The program that runs this project's commands, by its path. */
  readonly deno: string;
  /** The folder in which the command was typed. */
  readonly workingFolder: string;
}

/** Seconds before the time limit at which a row is told to save. */
const WARNING = 60;

/** The folder of what rows write to their terminals, in that of the table. */
export const LOG_FOLDER = "slurm";

const directive = (name: string, value: string | number): string => `#SBATCH --${name}=${value}`;

/** The lines that jobs of rows and of the table have in common. */
function heading({ folder }: RowJobs, options: SlurmOptions, { name, log }: { name: string; log: string }): string[] {
  const { partition, time, memory, account } = options;
  const asked = { partition, time, mem: memory, account };
  return [
    "#!/bin/sh",
    directive("job-name", name),
    ...Object.entries(asked).filter(([, value]) => value !== "").map(([flag, value]) => directive(flag, value)),
    directive("output", quotedPath(`${folder}/${LOG_FOLDER}/${log}`)),
    directive("open-mode", "append"),
  ];
}

/**
 * A path as a directive takes it, in which a % of its own stays one.
 *
 * @throws {InputError} When it has letters that no directive takes.
 */
function quotedPath(path: string): string {
  // deno-lint-ignore no-control-regex
  if (/[\x00-\x1f\x7f"\\]/.test(path)) {
    throw new InputError(`${path}: Slurm takes no path with quotes, backslashes or line ends; --run names another`);
  }
  const [name, ...folders] = path.split("/").reverse();
  return `"${[...folders.reverse().map((part) => part.replaceAll("%", "%%")), name].join("/")}"`;
}

const nameOf = ({ folder }: RowJobs): string => folder.split("/").at(-1)!.replace(/[^\w.-]/g, "-");

/** The command of a job, in place of the shell, so that a signal reaches it. */
const execLine = (args: readonly string[], { deno }: ScriptPlace): string =>
  `exec ${[deno, ...args].map(quoted).join(" ")}`;

/**
 * The script of the array job. A row that is requeued goes on where it was.
 *
 * @param options Each is one line without control characters.
 */
export function rowsScript(jobs: RowJobs, options: SlurmOptions, place: ScriptPlace): string {
  const { rows, task } = jobs;
  const { atOnce, cpus, gpus } = options;
  const limit = atOnce > 0 ? `%${atOnce}` : "";
  const open = rowArgs(jobs, "").slice(0, -1); // the row's name is told by the number of the task
  return [
    ...heading(jobs, options, { name: nameOf(jobs), log: "%a.out" }),
    directive("array", `0-${rows.length - 1}${limit}`),
    "#SBATCH --requeue",
    directive("signal", `B:TERM@${WARNING}`),
    directive("cpus-per-task", cpus),
    ...(gpus > 0 ? [directive("gpus", gpus)] : []),
    `cd ${quoted(place.workingFolder)} || exit`,
    'case "$SLURM_ARRAY_TASK_ID" in',
    ...rows.map(({ name }, i) => `  ${i}) row=${quoted(name)} ;;`),
    "esac",
    `${execLine(commandArgs(task, open), place)} "$row"`,
    "",
  ].join("\n");
}

/** The script of the job that makes the table. */
export function mergeScript(jobs: RowJobs, options: SlurmOptions, place: ScriptPlace): string {
  return [
    ...heading(jobs, options, { name: `${nameOf(jobs)}-table`, log: "table.out" }),
    "#SBATCH --requeue",
    `cd ${quoted(place.workingFolder)} || exit`,
    execLine(commandArgs(jobs.task, mergeArgs(jobs)), place),
    "",
  ].join("\n");
}
