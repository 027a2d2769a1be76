/**
 * What a table has come to.
 *
 * @module
 */
import type { Evaluation } from "../evaluation/judges.ts";
import type { Metrics } from "../runs/metrics.ts";
import type { Provenance } from "../runs/provenance.ts";
import type { ClassifierSteps } from "./classifier.ts";
import type { RunEvaluation } from "./experiment.ts";
import type { ReproduceTable } from "./table.ts";

/** What a finished row has, with one of its seeds. */
export interface RowResult {
  readonly seed: number;
  readonly evaluation: RunEvaluation;
  /** Those of the table's pictures that it has, PNG, by name. */
  readonly pictures: Readonly<Record<string, Uint8Array>>;
}

/** A row's run as far as it has come, with one of its seeds. */
export interface RowRun {
  /** The row's name. */
  readonly row: string;
  readonly seed: number;
  /** The run's folder in that of the table. */
  readonly folder: string;
  /** Under what it was made; what is not known is missing. */
  readonly about: Partial<Provenance>;
  /** Threads that shared out each batch; missing where that is not known. */
  readonly workers?: number;
  /** The lines of its `metrics.jsonl`. */
  readonly metrics: readonly Metrics[];
}

/** A reproduction as far as it has come. */
export interface Reproduction {
  readonly table: ReproduceTable;
  /** Training steps of each row of ours; of a row that has its own number no more than those. */
  readonly budget: number;
  /** Seeds of each row; 1 when left out. */
  readonly seeds?: number;
  /** The first of them; 0 when left out. */
  readonly seed?: number;
  /** What was trained on, in words. */
  readonly data: string;
  /** Training examples of each row's data, by the rows' names, as far as it was prepared. */
  readonly examples: ReadonlyMap<string, number>;
  /** Examples of the data, PNG, where the table shows them. */
  readonly dataPictures?: readonly Uint8Array[];
  /** What is to be known of the data. */
  readonly remarks?: readonly string[];
  /** By the rows' names, in the order of their seeds; what is still to come is missing. */
  readonly results: ReadonlyMap<string, readonly RowResult[]>;
  /** The runs that have begun, in the order of the table and of their seeds; none when left out. */
  readonly runs?: readonly RowRun[];
  /** What the classifier is worth that reads the samples; missing where there is none, or none yet. */
  readonly classifier?: Evaluation;
  /** How long the classifier is trained; missing where there is none, or its data was not prepared yet. */
  readonly classifierSteps?: ClassifierSteps;
}
