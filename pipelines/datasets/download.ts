/**
 * A dataset's files into the cache that the tasks share.
 *
 * @module
 */
import type { Dataset } from "../dataset.ts";
import { type Download, type DownloadedFile, downloadFiles, type DownloadProgress } from "../sources/download.ts";
import { mergeOptions, type OptionTable, type PartialOptions } from "../base/option_table.ts";
import { InputError } from "../base/errors.ts";

/** The folder of fetched files that the tasks share. */
export const CACHE = "data/cache";

/** What {@linkcode download} needs to know. */
export interface DownloadTaskSettings<T extends OptionTable = OptionTable> {
  /** What is fetched. */
  readonly dataset: Dataset<T>;
  /** Those of the dataset's own options that are not left at their defaults; some of them choose files. */
  readonly options?: PartialOptions<NoInfer<T>>;
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
 * @throws {InputError} When there is no such category, no address is known, or a file cannot be had.
 *
 * @example
 * ```ts
 * import { download, quickdraw } from "@strokewise/strokewise/pipelines";
 * import { assertEquals } from "@std/assert";
 *
 * const local = { hostname: "127.0.0.1", port: 0, onListen: () => {} };
 * await using server = Deno.serve(local, ({ url }) => new Response(new URL(url).pathname));
 * const cache = await Deno.makeTempDir();
 * const options = { classes: ["ice cream"] };
 * const mirror = `http://127.0.0.1:${server.addr.port}/`;
 * const [{ path }] = await download({ dataset: quickdraw, options, form: "raw", cache, mirror });
 * assertEquals(path, `${cache}/quickdraw/raw/ice cream.ndjson`);
 * assertEquals(await Deno.readTextFile(path), "/quickdraw_dataset/full/raw/ice%20cream.ndjson");
 * await Deno.remove(cache, { recursive: true });
 * ```
 */
export async function download<T extends OptionTable>(
  settings: DownloadTaskSettings<T>,
  onProgress?: (progress: DownloadProgress) => void,
): Promise<DownloadedFile[]> {
  const { dataset, cache = CACHE, mirror, signal } = settings;
  const options = mergeOptions(dataset.options, settings.options ?? {}, `dataset ${dataset.name}`);
  const { downloads } = dataset;
  const { form = downloads?.forms[0] ?? "" } = settings;
  if (downloads === undefined || !downloads.forms.includes(form)) {
    throw new InputError(`no address is known of ${dataset.name}${form && ` in the form ${form}`}`);
  }
  const files = downloads.list(options, form).map((file) => mirror ? { ...file, mirrors: [at(mirror, file)] } : file);
  const folder = `${cache.replace(/\/+$/, "")}/${dataset.name}/${form}`;
  return await downloadFiles(files, { folder, ...(signal === undefined ? {} : { signal }) }, onProgress);
}

/** The address of a file at another host. */
function at(mirror: string, { mirrors: [own] }: Download): string {
  if (!/^https?:\/\/[^/]/.test(mirror) || !URL.canParse(mirror)) {
    throw new InputError(`--mirror: expected an address such as https://example.org/; found "${mirror}"`);
  }
  return mirror.replace(/\/+$/, "") + new URL(own).pathname;
}
