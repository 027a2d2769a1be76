/**
 * The dataset that a command line names, and where it is fetched from.
 *
 * @module
 */
import { parseArgs } from "@std/cli/parse-args";
import type { Dataset } from "../../pipelines/dataset.ts";
import { CACHE } from "../../pipelines/datasets/download.ts";
import { DATASETS } from "../../pipelines/datasets/registry.ts";
import { UsageError } from "./option_values.ts";

/** `--form` and `--cache`, for all that downloads. */
export function downloadOptions({ downloads }: Dataset) {
  const { forms = [] } = downloads ?? {};
  return {
    form: { value: forms[0] ?? "", choices: forms, help: "which of the published forms is fetched" },
    cache: { value: CACHE, help: "the folder of fetched files, in which they are under <dataset>/<form>/" },
  };
}

/** The dataset that a command line names. */
export function datasetOf(args: readonly string[]): Dataset {
  const { dataset: name = "quickdraw" } = parseArgs([...args], { string: ["dataset"] });
  const dataset = DATASETS[name];
  if (dataset !== undefined) return dataset;
  throw new UsageError(`--dataset: expected one of ${Object.keys(DATASETS).join(", ")}; found "${name}"`);
}
