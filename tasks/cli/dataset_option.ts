/**
 * The dataset that a command line names, and where it is fetched from.
 *
 * @module
 */
import type { Dataset } from "../../pipelines/dataset.ts";
import { CACHE } from "../../pipelines/datasets/download.ts";

/** `--form` and `--cache`, for all that downloads. */
export function downloadOptions({ downloads }: Dataset) {
  const { forms = [] } = downloads ?? {};
  return {
    form: { value: forms[0] ?? "", choices: forms, help: "which of the published forms is fetched" },
    cache: { value: CACHE, help: "the folder of fetched files, in which they are under <dataset>/<form>/" },
  };
}
