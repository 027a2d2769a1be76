/**
 * The tables of the reports that `deno task reproduce` repeats: rows of experiments, with the report's numbers.
 *
 * @module
 */
import { mergeOptions, type OptionTable } from "../../pipelines/base/option_table.ts";
import type { Evaluation, EvaluationPictures } from "../evaluation/judges.ts";
import type { CheckpointName } from "../runs/run_directory.ts";
import { loopOptionsOf, stepsOf } from "../runs/settings.ts";
import type { Experiment, Figure, RunEvaluation } from "./experiment.ts";

/** A row of a report's table: an experiment whose run is named after it. */
export interface ReproduceRow extends Experiment {
  /** The cells that say what it is, as many as the table has `heads`. */
  readonly cells: readonly string[];
  /**
   * The report's numbers, in the order of those figures that it has, undefined where it gives none; left out of a row that
   * is not in the report.
   */
  readonly theirs?: readonly (number | undefined)[];
  /** Its training steps, where they are not the table's. */
  readonly steps?: number;
  /** The report's, where they are not those of a finished row here; `unknown` where it does not tell them. */
  readonly theirSteps?: number | "unknown";
  /** Whether its model draws what the table's classifier reads; true when left out. */
  readonly draws?: boolean;
  /** Which weights are judged: the last when left out, or those that were best on valid. */
  readonly checkpoint?: CheckpointName;
}

/** A picture that the page shows of each row that has it. */
export interface RowPicture {
  /** The name of its file in the folder `table` of the row's run, without `.png`. */
  readonly name: string;
  /** The heading. */
  readonly title: string;
  /** What is to be seen, a sentence or two. */
  readonly note: string;
  /** Whether it is much wider than high. */
  readonly isWide?: boolean;
  /** Whether a row has it whose evaluation is this one. */
  isOf(evaluation: Evaluation): boolean;
  /** Finds it, PNG, among an evaluation's pictures. */
  of(pictures: EvaluationPictures): Uint8Array | undefined;
}

/** What a model of images draws from latents alone. */
export const SAMPLES: RowPicture = {
  name: "samples",
  title: "Samples of ours",
  note: "Drawn from random latents alone; the same latents in each row, as far as they are of one size.",
  isOf: ({ generation }) => generation !== undefined,
  of: ({ generation }) => generation?.samples,
};

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
  /** The report's training steps, of rows that do not say otherwise; `epochs` for as many as their own epochs take. */
  readonly steps: number | "epochs";
  /** What the rows' cells are. */
  readonly heads: readonly string[];
  /** Those of every row. */
  readonly figures: readonly Figure[];
  /** A classifier of the rows' data, trained once, which reads the samples of each; none where they are not read. */
  readonly classifier?: Experiment;
  /** What the page shows of each row, from top to bottom. */
  readonly pictures: readonly RowPicture[];
  /** Whether the page shows examples of the data, too. */
  readonly showsData?: boolean;
  /**
   * Options of the data that can be told, flags under the table's name, in place of those that experiments have; none when
   * left out. The datasets of all its experiments have them.
   */
  readonly options?: OptionTable;
  /** The rows, from top to bottom. */
  readonly rows: readonly ReproduceRow[];
  /**
   * What its finished rows come to beside each other, sentences above the table; none when left out.
   *
   * @param finished By the rows' names.
   */
  comparisons?(finished: ReadonlyMap<string, RunEvaluation>): readonly string[];
  /** What differs from the report, or what it leaves open; a sentence or two each. */
  readonly notes: readonly string[];
}

/** For every table. */
export const WEIGHTS_NOTE = "Ours are the weights after the last step, not those that were best on valid.";

/** A number of the likelihood's bound that the report has, nats. */
export const nats = (
  name: string,
  key: "bound" | "reconstruction" | "kl",
): Figure => ({
  name,
  reported: true,
  digits: 2,
  ours: ({ likelihood }) => likelihood?.[key],
  ...(key === "bound" ? { better: "lower" } : {}),
});

/** How long a row is trained. */
export interface RowSteps {
  /** Within the budget. */
  readonly taken: number;
  /** Of a row that is finished; undefined where that depends on data that was not prepared yet. */
  readonly whole: number | undefined;
}

/**
 * How long a row is trained: a row that has a number of steps of its own takes no more than those.
 *
 * @param examples Training examples of its data, as far as they are known.
 */
export function rowSteps(
  { steps, model, loop = {} }: ReproduceRow,
  { table, budget, examples }: {
    readonly table: ReproduceTable;
    readonly budget: number;
    readonly examples: number | undefined;
  },
): RowSteps {
  const inEpochs = () =>
    examples === undefined ? undefined : stepsOf(examples, mergeOptions(loopOptionsOf(model), loop, "training"));
  const own = steps ?? (table.steps === "epochs" ? inEpochs() : undefined);
  return {
    taken: Math.min(budget, own ?? Infinity),
    whole: own ?? (table.steps === "epochs" ? undefined : table.steps),
  };
}

/** A row in words: its cells, numbers with their heads. */
export function labelOf({ heads }: ReproduceTable, { cells }: ReproduceRow): string {
  return cells.map((cell, i) => /^\d+$/.test(cell) ? `${heads[i]} ${cell}` : cell).filter((cell) => cell !== "").join(
    ", ",
  );
}
