/**
 * The engine of a cluster: rows are tasks of an array job of Slurm, and the table is made by a job that waits for them.
 *
 * @module
 */
import { InputError } from "../../pipelines/base/errors.ts";
import { exists, writeAtomic } from "../../pipelines/base/files.ts";
import { counted } from "../../pipelines/base/text.ts";
import { flagOf, UsageError } from "../cli/option_values.ts";
import { defineEngine } from "./engine.ts";
import {
  LOG_FOLDER,
  mergeScript,
  rowsScript,
  type ScriptPlace,
  SLURM_OPTIONS,
  type SlurmOptions,
} from "./slurm_script.ts";

const placeHere = (): ScriptPlace => ({ deno: Deno.execPath(), workingFolder: Deno.cwd() });

/** Rows on a cluster with Slurm. */
export const slurm = defineEngine({
  name: "slurm",
  options: SLURM_OPTIONS,
  check: checkOptions,
  plan(jobs, options) {
    return [rowsScript(jobs, options, placeHere()), mergeScript(jobs, options, placeHere())].join("\n");
  },
  async run({ jobs, options, say }) {
    const logs = `${jobs.folder}/${LOG_FOLDER}`;
    await checkFree(jobs.folder);
    await Deno.mkdir(logs, { recursive: true });
    const [rows, table] = [`${logs}/rows.sh`, `${logs}/table.sh`];
    await writeAtomic(rows, rowsScript(jobs, options, placeHere()));
    await writeAtomic(table, mergeScript(jobs, options, placeHere()));
    const array = await submit([rows]);
    await writeAtomic(`${logs}/job`, `${array}\n`);
    say(
      `rows       job ${array}, ${counted(jobs.rows.length, "task")}: squeue --job ${array}; what they say: ${logs}/`,
    );
    try {
      const merge = await submit([`--dependency=afterok:${array}`, "--kill-on-invalid-dep=yes", table]);
      await writeAtomic(`${logs}/job`, `${array},${merge}\n`);
      say(`table      job ${merge}, when all have ended well: ${jobs.folder}/table.md, table.html`);
      say(`take back  scancel ${array} ${merge}; the same command goes on with what is not done`);
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      throw new InputError(`${error.message}; the rows are submitted, as job ${array}, the table is not`);
    }
    return "handed over";
  },
});

/** Checks what goes into directives. */
function checkOptions(options: SlurmOptions): void {
  for (const [name, value] of Object.entries(options)) {
    if (/^[\w.,:+@/-]*$/.test(String(value))) continue;
    throw new UsageError(`${flagOf(`slurm.${name}`)} ${JSON.stringify(value)}: expected letters, digits and .,:+@/-`);
  }
}

/** Checks that no job of an earlier command is still at the same rows. */
async function checkFree(folder: string): Promise<void> {
  const file = `${folder}/${LOG_FOLDER}/job`;
  if (!await exists(file)) return;
  const jobs = (await Deno.readTextFile(file)).trim();
  if (!/^[\d,]+$/.test(jobs)) throw new InputError(`${file}: expected numbers of jobs, found ${JSON.stringify(jobs)}`);
  const { code, stdout } = await ask("squeue", ["--noheader", "--format=%i", `--jobs=${jobs}`]);
  if (code !== 0 || stdout.trim() === "") return; // Slurm has forgotten it
  throw new InputError(
    `${folder}: its rows are in job ${jobs} still; scancel ${jobs.replace(",", " ")} takes them back`,
  );
}

/** Submits a script. */
async function submit(args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await ask("sbatch", ["--parsable", ...args]);
  const id = /^(\d+)(;.*)?$/.exec(stdout.trim())?.[1];
  if (code === 0 && id !== undefined) return id;
  throw new InputError(`sbatch: ${stderr.trim().replace(/^sbatch: (error: )?/gm, "") || `exit code ${code}`}`);
}

interface Answer {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

async function ask(program: string, args: readonly string[]): Promise<Answer> {
  try {
    const { code, stdout, stderr } = await new Deno.Command(program, { args: [...args], stdin: "null" }).output();
    const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
    return { code, stdout: text(stdout), stderr: text(stderr) };
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw new InputError(`${program} is not there: no Slurm on this machine; --dry-run prints the scripts`);
  }
}
