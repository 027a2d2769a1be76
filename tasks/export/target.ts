/**
 * What a run can be written as for other programs: a target is a file and a line in `targets.ts`.
 *
 * @module
 */
import type { OptionTable, OptionValues } from "../../pipelines/base/option_table.ts";

/** What is to be written. */
export interface ExportRequest<Values = OptionValues<OptionTable>> {
  /** Folders of runs; may be empty. */
  readonly runs: readonly string[];
  /** The file or folder to be made. */
  readonly output: string;
  /** Whether what an earlier export made there may be replaced. */
  readonly overwrite: boolean;
  /** The target's own options. */
  readonly options: Values;
  /** Is told of what is being done, a line each. */
  readonly say: (line: string) => void;
}

/** A form in which runs are written. */
export interface ExportTarget<T extends OptionTable = OptionTable> {
  /** What is written, a few words. */
  readonly summary: string;
  /** Its options beside those that all have. */
  readonly options: T;
  /**
   * Writes it, whole or not at all.
   *
   * @throws {InputError} When a run cannot be used, or the output is in the way.
   */
  write(request: ExportRequest<OptionValues<NoInfer<T>>>): Promise<void>;
}

/** Makes a target, its options typed by their table. */
export function defineTarget<const T extends OptionTable>(target: ExportTarget<T>): ExportTarget<T> {
  return target;
}

/** Thrown when a model has no form in a format: the message says why, as the end of a sentence. */
export class Unsuitable extends Error {
  override readonly name = "Unsuitable";
}
