/**
 * The runs that a table is made of: one a row, or one a row and seed.
 *
 * @module
 */
import { InputError } from "../../pipelines/base/errors.ts";
import { nearest } from "../../pipelines/base/nearest.ts";
import type { ReproduceRow, ReproduceTable } from "./table.ts";

/** A row of a table with a seed: a run of its own. */
export interface TableJob {
  /** The row's name; `ROW-seed-S` where rows have several seeds. */
  readonly name: string;
  /** What is trained. */
  readonly row: ReproduceRow;
  /** Of the weights, the shuffle and the samples. */
  readonly seed: number;
  /** The run's folder: that of the first seed is called like the row, so that seeds can be added to a table. */
  readonly folder: string;
}

/** Which rows of which table, and where. */
export interface JobSettings {
  readonly table: ReproduceTable;
  /** The table's folder. */
  readonly folder: string;
  /** The first seed; 0 when left out. */
  readonly seed?: number;
  /** How many seeds each row has, one after the other; 1 when left out. */
  readonly seeds?: number;
  /** Names of rows, which mean all of their seeds, or of single jobs; all rows when left out or empty. */
  readonly rows?: readonly string[];
}

/** The largest seed. */
const MOST = 2 ** 32 - 1;

/**
 * The runs of a whole table: all rows with the first seed, then all with the next.
 *
 * @throws {InputError} When there are not as many seeds from the first one on.
 */
export function jobsOf({ table, folder, seed: first = 0, seeds = 1 }: Omit<JobSettings, "rows">): TableJob[] {
  if (first + seeds - 1 > MOST) {
    throw new InputError(`--seed ${first}: ${seeds} seeds from there on end behind ${MOST}`);
  }
  return Array.from({ length: seeds }, (_, i) => first + i).flatMap((seed) =>
    table.rows.map((row) => {
      const name = seeds === 1 ? row.name : seedName(row, seed);
      return { name, row, seed, folder: `${folder}/${seed === first ? row.name : seedName(row, seed)}` };
    })
  );
}

const seedName = ({ name }: ReproduceRow, seed: number): string => `${name}-seed-${seed}`;

/**
 * Those of a table's runs that were asked for.
 *
 * @throws {InputError} When a name is that of none; those that there are are named.
 */
export function chosenJobs({ rows = [], ...settings }: JobSettings): TableJob[] {
  const jobs = jobsOf(settings);
  const known = settings.table.rows.map(({ name }) => name);
  for (const wanted of rows) {
    if (jobs.some(({ name, row }) => wanted === name || wanted === row.name)) continue;
    const seeds = settings.seeds === undefined || settings.seeds === 1
      ? ""
      : `, or one with a seed, as ${jobs[0].name}`;
    throw new InputError(
      `--rows ${wanted}: no row of ${settings.table.name}${nearest(wanted, known)}; its rows are ${
        known.join(", ")
      }${seeds}`,
    );
  }
  return rows.length === 0 ? jobs : jobs.filter(({ name, row }) => rows.includes(name) || rows.includes(row.name));
}
