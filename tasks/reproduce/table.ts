/**
 * The tables of the reports that `deno task reproduce` repeats: rows of experiments, with the report's numbers.
 *
 * @module
 */
import type { Experiment, Figure } from "./experiment.ts";

/** A row of a report's table: an experiment whose run is named after it. */
export interface ReproduceRow extends Experiment {
  /** The cells that say what it is, as many as the table has `heads`. */
  readonly cells: readonly string[];
  /**
   * The report's numbers, in the order of those figures that it has, undefined where it gives none; empty of a row that is
   * not in the report.
   */
  readonly theirs: readonly (number | undefined)[];
  /** Its training steps, where they are not the table's. */
  readonly steps?: number;
  /** Whether its model draws what the table's classifier reads; true when left out. */
  readonly draws?: boolean;
}

/** A table of a report. */
export interface ReproduceTable {
  /** The name on the command line. */
  readonly name: string;
  /** The table's heading. */
  readonly title: string;
  /** The report, and which table. */
  readonly source: string;
  /** What its numbers are; a line. */
  readonly reads: string;
  /** Says how to get the sources, of a table that the embedded examples do not do for. */
  readonly needs?: string;
  /** The report's training steps, of rows that do not say otherwise. */
  readonly steps: number;
  /** What the rows' cells are. */
  readonly heads: readonly string[];
  /** Those of every row. */
  readonly figures: readonly Figure[];
  /** A classifier of the rows' data, trained once, which reads the samples of each; none where they are not read. */
  readonly classifier?: Experiment;
  /** The rows, from top to bottom. */
  readonly rows: readonly ReproduceRow[];
  /** What differs from the report, or what it leaves open; a sentence or two each. */
  readonly notes: readonly string[];
}

/** For every table. */
export const WEIGHTS_NOTE = "Ours are the weights after the last step, not those that were best on valid.";

/** A number of the likelihood's bound, nats. */
export const nats = (
  name: string,
  key: "bound" | "reconstruction" | "kl",
  { reported }: { readonly reported: boolean },
): Figure => ({
  name,
  reported,
  digits: 2,
  ours: ({ likelihood }) => likelihood?.[key],
  ...(key === "bound" ? { better: "lower" } : {}),
});

/** The training steps of a row that is finished. */
export function wholeStepsOf({ steps }: ReproduceTable, row: ReproduceRow): number {
  return row.steps ?? steps;
}

/** The training steps of a row within a budget: no more than its own, where it has some. */
export function stepsWithin(budget: number, { steps = Infinity }: ReproduceRow): number {
  return Math.min(budget, steps);
}

/** A row in words: its cells, numbers with their heads. */
export function labelOf({ heads }: ReproduceTable, { cells }: ReproduceRow): string {
  return cells.map((cell, i) => /^\d+$/.test(cell) ? `${heads[i]} ${cell}` : cell).filter((cell) => cell !== "").join(
    ", ",
  );
}
