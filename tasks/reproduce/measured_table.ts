/**
 * Tables that are measured, not trained row by row: what `deno task reproduce` makes of them.
 *
 * @module
 */
import type { BackendDescription } from "../../models/backends/backend.ts";
import { writeAtomic } from "../../pipelines/base/files.ts";
import type { OptionTable, PartialOptions } from "../../pipelines/base/option_table.ts";
import type { Progress, ProgressOptions } from "../cli/progress.ts";

/** What a measurement needs to know. */
export interface MeasureSettings {
  /** Files, folders or globs. */
  readonly sources: readonly string[];
  /** The folder of what is made, to be made or gone on with. */
  readonly folder: string;
  /** What computes; it was started. */
  readonly backend: BackendDescription;
  readonly seed: number;
  readonly workers: number | "auto";
  /** Training steps of each of its models, where it trains some. */
  readonly budget: number;
  /** The values of {@linkcode MeasuredTable.options}; those left out have their defaults. */
  readonly options: PartialOptions<OptionTable>;
  /** Of a table with {@linkcode MeasuredTable.cells}: only these are made, none where it is empty; all when left out. */
  readonly only?: readonly string[] | undefined;
}

/** What a measurement tells while it goes on, and how it is stopped. */
export interface MeasureWatcher {
  say(line: string): void;
  progress(options: ProgressOptions): Pick<Progress, "update" | "end">;
  readonly signal: AbortSignal;
}

/** What a measurement came to. */
export interface Measured {
  /** For the terminal. */
  readonly text: string;
  readonly markdown: string;
  /** A page that stands alone. */
  readonly page: string;
  /** The cells that are still to come; none when left out. */
  readonly missing?: readonly string[];
}

/** Writes a table for people. */
export async function writeMeasured(folder: string, { markdown, page }: Omit<Measured, "text">): Promise<void> {
  await writeAtomic(`${folder}/table.md`, markdown);
  await writeAtomic(`${folder}/table.html`, page);
}

/** A table that is measured. */
export interface MeasuredTable {
  /** The name on the command line. */
  readonly name: string;
  /** What it shows, for the list of all tables. */
  readonly title: string;
  /** Says which sources it cannot do without. */
  readonly needs: string;
  /** The training steps of one that is finished; left out where none is trained for as long as `--budget` says. */
  readonly steps?: number;
  /** How long it takes, in words; left out where that was not measured. */
  readonly takes?: string;
  /** Options of its own: flags under its name; none when left out. */
  readonly options?: OptionTable;
  /**
   * The names of the cells that it consists of with such options, each in a folder of that name. Processes may make them at
   * once in one folder, each some; a table without any is measured as a whole, by one process.
   */
  cells?(options: PartialOptions<OptionTable>): readonly string[];
  /**
   * Checks settings before anything is made; nothing when left out.
   *
   * @throws {InputError} When it cannot be measured with them.
   */
  check?(settings: Pick<MeasureSettings, "workers">): void;
  /**
   * How many cells were made in a folder, which need not be there.
   *
   * @throws {InputError} When what is there is no cell.
   */
  made?(folder: string): Promise<number>;
  /** Whether one that is measured as a whole was begun in a folder, which need not be there. */
  isBegun?(folder: string): Promise<boolean>;
  /**
   * Measures; a table with cells writes `table.md` and `table.html` itself, when there is one more or no more is missing.
   *
   * @returns Undefined when it was interrupted.
   * @throws {InputError} When a source is missing or cannot be used.
   */
  measure(settings: MeasureSettings, watcher: MeasureWatcher): Promise<Measured | undefined>;
}
