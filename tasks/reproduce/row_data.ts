/**
 * What a row of a table is to its data, known before any is trained.
 *
 * @module
 */
import { InputError } from "../../pipelines/base/errors.ts";
import { describeData } from "../runs/run_data.ts";
import { checkModel } from "../training/check_model.ts";
import { trainingOf } from "./experiment.ts";
import type { PreparedData } from "./prepared_data.ts";
import { labelOf, type ReproduceRow, type ReproduceTable } from "./table.ts";

/**
 * Builds the model of a row for its data and looks for test examples, before hours go into other rows.
 *
 * @throws {InputError} When they do not go together, or there are none.
 */
export function checkRow(row: ReproduceRow, table: ReproduceTable, { path, index }: PreparedData): void {
  const none = (["train", "test"] as const).find((split) => index.splits[split].examples === 0);
  if (none !== undefined) throw new InputError(`data ${path}: the ${none} split holds no example; name more sources`);
  try {
    checkModel(trainingOf(row, { data: path, folder: "" }), describeData(index));
  } catch (error) {
    throw error instanceof InputError ? new InputError(`row ${labelOf(table, row)}: ${error.message}`) : error;
  }
}
