/**
 * The dataset that a command line names, and where it is fetched from.
 *
 * @module
 */
import type { Option, OptionTable } from "../../pipelines/base/option_table.ts";
import type { Dataset } from "../../pipelines/dataset.ts";
import { CACHE } from "../../pipelines/datasets/download.ts";

interface DownloadOptions {
  readonly form: Option<string>;
  readonly cache: Option<string>;
}

/** `--form` and `--cache`, for all that downloads, and options of the dataset's own. */
export function withDownloadOptions({ downloads }: Dataset, own: OptionTable): OptionTable & DownloadOptions {
  const { forms = [] } = downloads ?? {};
  return {
    form: { value: forms[0] ?? "", choices: forms, help: "which of the published forms is fetched" },
    cache: { value: CACHE, help: "the folder of fetched files, in which they are under <dataset>/<form>/" },
    ...own,
  };
}
