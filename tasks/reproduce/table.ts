/**
 * The tables of the reports that `deno task reproduce` repeats: their settings as flags of `deno task train`, and their
 * numbers.
 *
 * @module
 */
import type { Evaluation } from "../evaluation/judges.ts";

/** A row of a report's table. */
export interface ReproduceRow {
  /** The name of its run's folder. */
  readonly name: string;
  /** The cells that say what it is, as many as the table has `heads`. */
  readonly cells: readonly string[];
  /** Flags of `deno task train` beside the table's. */
  readonly flags: readonly string[];
  /** The only classes of its data; all when left out. */
  readonly classes?: readonly string[];
  /** The report's numbers, in the order of those figures that the report has. */
  readonly theirs: readonly number[];
}

/** A number that is compared. */
export interface Figure {
  readonly name: string;
  /** Whether the report has it; such figures come first. */
  readonly reported: boolean;
  /** Digits after the point; left out for a share, which is shown in percent. */
  readonly digits?: number;
  /** Finds it in an evaluation; undefined where the row's model has no such number. */
  ours(evaluation: Evaluation): number | undefined;
}

/** A table of a report. */
export interface ReproduceTable {
  /** The name on the command line. */
  readonly name: string;
  readonly title: string;
  /** The report, and which table. */
  readonly source: string;
  /** What its numbers are, and what is better; a line. */
  readonly reads: string;
  /** The dataset's name on the command line. */
  readonly dataset: string;
  /** Says how to get the sources, of a table that the embedded examples do not do for. */
  readonly needs?: string;
  /** The report's training steps. */
  readonly steps: number;
  /** What the rows' cells are. */
  readonly heads: readonly string[];
  readonly figures: readonly Figure[];
  /** Flags of `deno task train` for every row. */
  readonly flags: readonly string[];
  readonly rows: readonly ReproduceRow[];
  /** Samples held against the training images. */
  readonly nearestSamples: number;
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
): Figure => ({ name, reported, digits: 2, ours: ({ likelihood }) => likelihood?.[key] });

/** A row in words: its cells, numbers with their heads. */
export function labelOf({ heads }: ReproduceTable, { cells }: ReproduceRow): string {
  return cells.map((cell, i) => /^\d+$/.test(cell) ? `${heads[i]} ${cell}` : cell).filter((cell) => cell !== "").join(
    ", ",
  );
}
