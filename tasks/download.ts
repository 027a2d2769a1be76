/**
 * `deno task download`: a dataset's files into the cache that the tasks share.
 *
 * @module
 */
import { parseArgs } from "@std/cli/parse-args";
import type { Dataset } from "../pipelines/dataset.ts";
import { type Download, type DownloadedFile, downloadFiles, type DownloadProgress } from "../pipelines/download.ts";
import { DATASETS } from "../pipelines/mod.ts";
import { defaultsOf, type OptionTable, type OptionValues } from "../pipelines/option_table.ts";
import { main, say } from "./main.ts";
import { parseOptions, type TaskSpec, UsageError } from "./options.ts";
import { humanQuantity, Progress } from "./progress.ts";

const CACHE = "data/cache";

/** `--form` and `--cache`, for all that downloads. */
export function downloadOptions({ downloads }: Dataset) {
  const { forms = [] } = downloads ?? {};
  return {
    form: { value: forms[0] ?? "", choices: forms, help: "which of the published forms is fetched" },
    cache: { value: CACHE, help: "the folder of fetched files, in which they are under <dataset>/<form>/" },
  };
}

/** What {@linkcode download} needs to know. */
export interface DownloadTaskSettings {
  /** What is fetched. */
  readonly dataset: Dataset;
  /** The dataset's own options, some of which choose files; its defaults when left out. */
  readonly options?: OptionValues<OptionTable>;
  /** One of the dataset's forms, the first when left out. */
  readonly form?: string;
  /** The folder of downloaded files, `<dataset>/<form>/` in it; `data/cache` when left out. */
  readonly cache?: string;
  /** An address that stands for the first host of the dataset's own, such as that of a copy in a closed network. */
  readonly mirror?: string;
  /** Calls it off; what has come stays for the next run. */
  readonly signal?: AbortSignal;
}

/**
 * Fetches a dataset's files, those apart that are in the cache.
 *
 * @param settings What is fetched, and where it goes to.
 * @param onProgress Is called often.
 * @returns The files.
 * @throws {InputError} When there is no such category, or a file cannot be had.
 * @throws {UsageError} When no address is known.
 *
 * @example
 * ```ts
 * import { defaultsOf, download, quickdraw } from "@strokewise/strokewise";
 * import { assertEquals } from "@std/assert";
 *
 * const local = { hostname: "127.0.0.1", port: 0, onListen: () => {} };
 * await using server = Deno.serve(local, ({ url }) => new Response(new URL(url).pathname));
 * const cache = await Deno.makeTempDir();
 * const options = { ...defaultsOf(quickdraw.options), classes: ["ice cream"] };
 * const mirror = `http://127.0.0.1:${server.addr.port}/`;
 * const [{ path }] = await download({ dataset: quickdraw, options, form: "raw", cache, mirror });
 * assertEquals(path, `${cache}/quickdraw/raw/ice cream.ndjson`);
 * assertEquals(await Deno.readTextFile(path), "/quickdraw_dataset/full/raw/ice%20cream.ndjson");
 * await Deno.remove(cache, { recursive: true });
 * ```
 */
export async function download(
  settings: DownloadTaskSettings,
  onProgress?: (progress: DownloadProgress) => void,
): Promise<DownloadedFile[]> {
  const { dataset, options = defaultsOf(dataset.options), cache = CACHE, mirror, signal } = settings;
  const { downloads } = dataset;
  const { form = downloads?.forms[0] ?? "" } = settings;
  if (downloads === undefined || !downloads.forms.includes(form)) {
    throw new UsageError(`no address is known of ${dataset.name}${form && ` in the form ${form}`}`);
  }
  const files = downloads.list(options, form).map((file) => mirror ? { ...file, mirrors: [at(mirror, file)] } : file);
  const folder = `${cache.replace(/\/+$/, "")}/${dataset.name}/${form}`;
  return await downloadFiles(files, { folder, ...(signal === undefined ? {} : { signal }) }, onProgress);
}

/** The address of a file at another host. */
function at(mirror: string, { mirrors: [own] }: Download): string {
  if (!/^https?:\/\/[^/]/.test(mirror) || !URL.canParse(mirror)) {
    throw new UsageError(`--mirror: expected an address such as https://example.org/; found "${mirror}"`);
  }
  return mirror.replace(/\/+$/, "") + new URL(own).pathname;
}

/** Shows the progress of a download; nothing where all is in the cache. */
export class DownloadView implements Disposable {
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
    this.#progress.update(now.bytes, `${now.files} of ${now.totalFiles} files`);
  }

  /** Ends the line. */
  [Symbol.dispose](): void {
    this.#progress?.end();
  }
}

/** {@linkcode download} with its progress on stderr. */
export async function downloadShown(settings: DownloadTaskSettings): Promise<DownloadedFile[]> {
  using view = new DownloadView();
  return await download(settings, (now) => view.update(now));
}

/** The dataset that a command line names. */
export function datasetOf(args: readonly string[]): Dataset {
  const { dataset: name = "quickdraw" } = parseArgs([...args], { string: ["dataset"] });
  const dataset = DATASETS[name];
  if (dataset !== undefined) return dataset;
  throw new UsageError(`--dataset: expected one of ${Object.keys(DATASETS).join(", ")}; found "${name}"`);
}

/** The command line of `deno task download` for one dataset. */
function downloadSpec(dataset: Dataset) {
  const chosen = Object.fromEntries((dataset.downloads?.options ?? []).map((name) => [name, dataset.options[name]]));
  return {
    name: "download",
    summary: "Fetches a dataset's files into the cache, where `deno task prepare --download` finds them.",
    examples: [
      "deno task download --classes cat,sun --form raw",
      "deno task download --dataset mnist",
    ],
    groups: {
      "": {
        dataset: { value: "quickdraw", choices: Object.keys(DATASETS), help: "what is fetched" },
        ...downloadOptions(dataset),
        mirror: { value: "", help: "an address that stands for https://storage.googleapis.com/, or other first host" },
        ...chosen,
      },
    },
  } satisfies TaskSpec;
}

/** The command. */
export async function downloadCommand(args: readonly string[]): Promise<void> {
  const dataset = datasetOf(args);
  const { values } = parseOptions(downloadSpec(dataset), args);
  const files = await downloadShown({ ...values, dataset, options: { ...defaultsOf(dataset.options), ...values } });
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  const count = files.filter(({ isNew }) => isNew).length;
  say(`${files.length} files, ${humanQuantity(bytes, "B")}, ${count} of them fetched now, in ${folderOf(files)}`);
}

function folderOf([{ path }]: readonly DownloadedFile[]): string {
  return path.slice(0, path.lastIndexOf("/"));
}

if (import.meta.main) await main("download", downloadCommand);
