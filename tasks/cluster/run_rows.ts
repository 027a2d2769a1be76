/**
 * Rows of a table by the engine that was chosen, shown as a task shows its work.
 *
 * @module
 */
import { Interrupt, interruptedCode } from "../cli/interrupt.ts";
import { say, whenInterrupted } from "../cli/main.ts";
import { commandLine } from "../cli/option_values.ts";
import { Progress } from "../cli/progress.ts";
import { complain } from "../cli/terminal.ts";
import type { ChosenEngine } from "./cluster_options.ts";
import type { EngineWork } from "./engine.ts";
import { mayReach, runAgainReaching } from "./reach_host.ts";
import { redisAddress } from "./redis/redis_address.ts";
import type { RowJobs } from "./row_jobs.ts";

/** How a task's rows and table are made in this process. */
export interface RowsHere {
  /** Trains and judges rows; hears signals itself. */
  readonly rows: EngineWork["here"];
  /** Makes the table of the rows that are done, and shows it; says whether that is all. */
  merge(): Promise<boolean>;
}

/**
 * Has the rows of a table trained by an engine and makes the table. Sets the exit code: 1 where rows are missing.
 *
 * @param args The whole command, as it was typed.
 */
export async function runRows(
  jobs: RowJobs,
  { engine, options, redis, dryRun }: ChosenEngine,
  { args, here }: { readonly args: readonly string[]; readonly here: RowsHere },
): Promise<void> {
  if (dryRun) return say(engine.plan(jobs, options));
  using interrupt = new Interrupt();
  const { signal } = interrupt;
  const hosts = redis === "" ? [] : [redisAddress(redis, "--redis").host, ...engine.hosts?.(options) ?? []];
  if (!hosts.every(mayReach)) {
    interrupt.isHeard = true;
    Deno.exitCode = await runAgainReaching(hosts, { task: jobs.task, args, signal });
    return;
  }
  using _hint = whenInterrupted((again) => `the same command goes on: ${again}`);
  const rows = async (names: readonly string[]): ReturnType<RowsHere["rows"]> => {
    interrupt.isHeard = false; // the rows hear it themselves
    try {
      return await here.rows(names);
    } finally {
      interrupt.isHeard = true;
    }
  };
  interrupt.isHeard = true;
  const shown = jobs.rows.slice(0, 3).map(({ name }) => name).join(", ");
  say(`rows       ${jobs.rows.length} in ${jobs.folder}: ${shown}${jobs.rows.length > 3 ? ", …" : ""}`);
  const progress = (given: ConstructorParameters<typeof Progress>[0]) => new Progress(given);
  const end = await engine.run({ jobs, options, redis, say, complain, progress, signal, here: rows });
  if (end === "interrupted") {
    if (signal.aborted) Deno.exitCode = interruptedCode();
    say(`stopped    the same command goes on: ${commandLine(jobs.task, args)}`);
  }
  if (end === "interrupted" || end === "handed over") return;
  interrupt.isHeard = false;
  const isWhole = await here.merge();
  if (!isWhole || end === "failed") Deno.exitCode = 1;
}
