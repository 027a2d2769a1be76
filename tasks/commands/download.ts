/**
 * `deno task download`: a dataset's files into the cache.
 *
 * @module
 */
import type { DownloadedFile, DownloadProgress } from "../../pipelines/sources/download.ts";
import { humanQuantity, Progress } from "../cli/progress.ts";
import { download, type DownloadTaskSettings } from "../../pipelines/datasets/download.ts";
import type { Dataset } from "../../pipelines/dataset.ts";
import { DATASETS } from "../../pipelines/datasets/registry.ts";
import { withDownloadOptions } from "../cli/dataset_option.ts";
import type { TaskSpec } from "../cli/task_spec.ts";
import { parseOptions } from "../cli/options.ts";
import type { OptionTable } from "../../pipelines/base/option_table.ts";
import { counted } from "../../pipelines/base/text.ts";
import { main, say, whenInterrupted } from "../cli/main.ts";
import { datasetNamed } from "../cli/spec_options.ts";

/** Shows the progress of a download; nothing where all is in the cache. */
class DownloadView implements Disposable {
  #last: DownloadProgress | undefined;
  #progress: Progress | undefined;

  /** Shows how far it is. */
  update(now: DownloadProgress): void {
    this.#last = now;
    if (now.bytes === 0) return;
    const total = () => this.#last?.totalBytes;
    this.#progress ??= new Progress({
      label: "fetching",
      unit: "B",
      get total() {
        return total();
      },
    });
    this.#progress.update(now.bytes, { extra: `${now.files} of ${now.totalFiles} files` });
  }

  /** Ends the line. */
  [Symbol.dispose](): void {
    this.#progress?.end();
  }
}

/** {@linkcode download} with its progress on stderr. */
export async function downloadShown(settings: DownloadTaskSettings): Promise<DownloadedFile[]> {
  using _hint = whenInterrupted((again) => `what was fetched is kept, and the same command goes on: ${again}`);
  using view = new DownloadView();
  return await download(settings, (now) => view.update(now));
}

/** The dataset's own options by which files are chosen. */
const choosing = ({ downloads, options }: Dataset): OptionTable =>
  Object.fromEntries((downloads?.options ?? []).map((name) => [name, options[name]]));

export const SPEC = {
  name: "download",
  summary: "Fetches a dataset's files into the cache, where `deno task prepare --download` finds them.",
  examples: [
    "deno task download --classes cat,sun --form raw",
    "deno task download --dataset mnist",
  ],
  groups: {
    "": {
      dataset: {
        value: "quickdraw",
        help: `what is fetched: ${Object.keys(DATASETS).join(", ")}, or the path of a module`,
      },
      mirror: { value: "", help: "an address that stands for https://storage.googleapis.com/, or other first host" },
    },
    "*": async ({ dataset: name }: { readonly dataset: string }) => {
      const dataset = await datasetNamed(name);
      return withDownloadOptions(dataset, choosing(dataset));
    },
  },
} as const satisfies TaskSpec;

/** The command. */
export async function downloadCommand(args: readonly string[]): Promise<void> {
  const { values, groups } = await parseOptions(SPEC, args);
  const { form, cache, ...options } = groups["*"];
  const files = await downloadShown({ ...values, form, cache, dataset: await datasetNamed(values.dataset), options });
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  const count = files.filter(({ isNew }) => isNew).length;
  say(
    `${counted(files.length, "file")}, ${humanQuantity(bytes, "B")}, ${count} of them fetched now, in ${
      folderOf(files)
    }`,
  );
}

function folderOf([{ path }]: readonly DownloadedFile[]): string {
  return path.slice(0, path.lastIndexOf("/"));
}

if (import.meta.main) await main("download", downloadCommand);
