/**
 * What a table is reproduced with.
 *
 * @module
 */
import type { OptionTable, PartialOptions } from "../../pipelines/base/option_table.ts";
import type { JobSettings } from "./jobs.ts";

/** What makes a table what it is, wherever its rows are trained. */
export interface TableSettings extends JobSettings {
  /** Training steps of each row, 1 or more; of a row that has its own number no more than those. */
  readonly budget: number;
  /** Files, folders or globs; the dataset's embedded examples when empty. */
  readonly sources: readonly string[];
  /** Those of {@linkcode ReproduceTable.options} that are told; none when left out. */
  readonly options?: PartialOptions<OptionTable>;
  /**
   * Threads that share out each batch, 1 when left out; `auto` counts those that pay for each row that is begun. Rows whose
   * batches cannot be shared out take 1. Where there are more than one, evaluations take as many as pay.
   */
  readonly workers?: number | "auto";
}
