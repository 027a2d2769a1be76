/**
 * What an engine is: it has the rows of a table trained, each by a command line of this project, here or on other machines.
 *
 * @module
 */
import type { OptionTable, OptionValues } from "../../pipelines/base/option_table.ts";
import type { Progress, ProgressOptions } from "../cli/progress.ts";
import type { RowJobs } from "./row_jobs.ts";

/**
 * What rows came to: all are done; some are not, for good; they are in the hands of others, who make the table, too; or work
 * was stopped.
 */
export type EngineEnd = "done" | "failed" | "handed over" | "interrupted";

/** What an engine works with. */
export interface EngineWork<O extends OptionTable = OptionTable> {
  readonly jobs: RowJobs;
  /** The engine's own options. */
  readonly options: OptionValues<O>;
  /** The address of the Redis that was named; empty where none was. */
  readonly redis: string;
  say(line: string): void;
  complain(line: string): void;
  progress(options: ProgressOptions): Pick<Progress, "update" | "log" | "end">;
  /** Aborted when work is to end in good order. */
  readonly signal: AbortSignal;
  /** Trains and judges rows in this process, one after the other. */
  here(rows: readonly string[]): Promise<"done" | "interrupted">;
}

/** An engine. */
export interface Engine<O extends OptionTable = OptionTable> {
  /** Its name on the command line. */
  readonly name: string;
  /** Its options, flags under its name. */
  readonly options: O;
  /**
   * Checks options beyond what their table says; nothing when left out.
   *
   * @throws {UsageError} When one is wrong.
   */
  check?(options: OptionValues<O>): void;
  /**
   * The hosts, with their ports, that are reached beside that of the Redis; none when left out.
   *
   * @throws {InputError} When an address is none.
   */
  hosts?(options: OptionValues<O>): string[];
  /** What {@linkcode Engine.run} would start, as text. */
  plan(jobs: RowJobs, options: OptionValues<O>): string;
  /**
   * Has rows trained and judged.
   *
   * @throws {InputError} When the engine is not there or does not take them.
   */
  run(work: EngineWork<O>): Promise<EngineEnd>;
}

/** An engine whose options are those of its table, to the letter. */
export function defineEngine<const O extends OptionTable>(engine: Engine<O>): Engine {
  return engine as unknown as Engine;
}
