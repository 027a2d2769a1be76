/**
 * `deno task prepare`: source files to shards, with progress and a table of what was made.
 *
 * @module
 */
import type { Dataset } from "../../pipelines/dataset.ts";
import { withDownloadOptions } from "../cli/dataset_option.ts";
import type { TaskSpec } from "../cli/task_spec.ts";
import { flagOf, UsageError } from "../cli/option_values.ts";
import type { OptionValues } from "../../pipelines/base/option_table.ts";
import { InputError } from "../../pipelines/base/errors.ts";
import { countExamples, type ShardIndex } from "../../pipelines/shards/shard_index.ts";
import { parseOptions } from "../cli/options.ts";
import { checkRead, ENDPOINT_OPTION } from "../cli/remote_options.ts";
import { isRemote, remoteFolder, withRemoteOptions } from "../../pipelines/sources/remote_folder.ts";
import { outputPlace } from "../../pipelines/shards/remote_place.ts";
import { downloadShown } from "./download.ts";
import {
  prepare,
  preparePart,
  type PreparePartSettings,
  type PrepareSettings,
} from "../../pipelines/prepare/prepare.ts";
import { PREPARE_OPTIONS } from "../../pipelines/prepare/prepare_options.ts";
import { mergeParts } from "../../pipelines/prepare/merge_parts.ts";
import { readPartIndex } from "../../pipelines/shards/part_files.ts";
import { checkPart, type PartIndex, type PartNumber, type PartShard } from "../../pipelines/shards/part_index.ts";
import { main, say, whenInterrupted } from "../cli/main.ts";
import { humanQuantity, Progress } from "../cli/progress.ts";
import { visibleName } from "../cli/terminal.ts";
import { formatTable } from "../cli/table.ts";
import { counted, grouped, percent } from "../../pipelines/base/text.ts";
import type { PrepareProgress } from "../../pipelines/prepare/prepare_reading.ts";
import { existsSync } from "../../pipelines/base/files.ts";
import { partialName } from "../../pipelines/shards/output_folder.ts";
import { SPLITS } from "../../pipelines/base/split.ts";
import { DATASETS } from "../../pipelines/datasets/registry.ts";
import { datasetNamed } from "../cli/spec_options.ts";

const OWN_OPTIONS = {
  dataset: {
    value: "quickdraw",
    help: `what the sources are: ${Object.keys(DATASETS).join(", ")}, or the path of a module`,
  },
  source: {
    value: [] as readonly string[],
    help: "files, folders, globs or - for stdin; the generated examples in fixtures/ when left out; may be repeated",
  },
  download: { value: false, help: "fetch the sources, all or those of --classes, or take them from the cache" },
  output: {
    value: "",
    help: "the folder to be made, or the address of one of S3, s3://bucket/prefix; data/<dataset> when left out",
  },
  endpoint: ENDPOINT_OPTION,
  part: {
    value: "",
    help:
      "i/N, such as 2/4: make one part of N, on whatever machine; each is run over the same sources with the same options, " +
      "reads everything and packs its own share; data/<dataset>-part-<i>-of-<N> when --output is left out",
  },
  merge: {
    value: false,
    help:
      "make one folder of the folders of all parts, which are named in place of sources: byte for byte that of a run " +
      "without --part; --output, --overwrite and --workers go with it, and --dataset where that is a module",
  },
} as const;

export const SPEC = {
  name: "prepare",
  summary: "Turns drawings or digits into shuffled, compressed, hashed shards.",
  examples: [
    "deno task prepare --source quickdraw/ --classes cat,sun --per-class 2000 --output data/two",
    "deno task prepare --download --classes cat,sun,eye",
    "deno task prepare --dataset mnist --source mnist/",
    "deno task prepare --dataset svhn --download",
    "deno task prepare --source quickdraw/ --part 1/4 --output parts/1",
    "deno task prepare --merge parts/1 parts/2 parts/3 parts/4 --output data/quickdraw",
    "deno task prepare --dataset arithmetic --source mnist/ --by pair --test-share 50%",
  ],
  rest: "[SOURCE… | PART…]",
  groups: {
    "": { ...OWN_OPTIONS, ...PREPARE_OPTIONS },
    "*": async ({ dataset: name }: { readonly dataset: string }) => {
      const dataset = await datasetNamed(name);
      return withDownloadOptions(dataset, dataset.options);
    },
  },
} as const satisfies TaskSpec;

interface DownloadFlags {
  readonly download: boolean;
  readonly form: string;
  readonly named: readonly string[];
  readonly given: readonly string[];
}

/** Refuses flags of downloading that would not be read, and forms that cannot be. */
function checkDownload({ name, downloads }: Dataset, { download, form, named, given }: DownloadFlags): void {
  const unread = ["form", "cache"].find((option) => given.includes(option));
  if (!download && unread !== undefined) throw new UsageError(`--${unread}: only with --download`);
  if (!download) return;
  if (named.length > 0) throw new UsageError(`--download: not with sources; found "${named[0]}"`);
  if (downloads !== undefined && !downloads.readable.includes(form)) {
    const readable = downloads.readable.join(", ");
    throw new InputError(
      `--form ${form}: prepare reads ${name} as ${readable}; "deno task download --form ${form}" only fetches it`,
    );
  }
}

/** The flags that are read with `--merge`. */
const MERGING = ["merge", "dataset", "output", "endpoint", "overwrite", "workers"];

/** The part that `--part` names; undefined where it names none. */
function partOf(text: string): PartNumber | undefined {
  if (text === "") return undefined;
  const [, number, of] = /^(\d+)\/(\d+)$/.exec(text) ?? [];
  if (number === undefined) throw new UsageError(`--part: expected i/N such as 2/4; found "${text}"`);
  const part = { number: Number(number), of: Number(of) };
  checkPart(part);
  return part;
}

/** The command. */
export async function prepareCommand(args: readonly string[]): Promise<ShardIndex | PartIndex> {
  const { values, groups: { "*": more }, given, rest } = await parseOptions(SPEC, args);
  if (values.merge) {
    const unread = given.find((name) => !MERGING.includes(name));
    if (rest.length === 0) throw new UsageError("--merge: name the folders of all parts");
    if (given.includes("endpoint")) checkRead([values.output, ...rest].find(isS3) ?? values.output, "endpoint");
    if (unread !== undefined) throw new UsageError(`${flagOf(unread)}: the parts say it, so not with --merge`);
    return await mergeShown(rest, values, given.includes("dataset"));
  }
  checkRead(values.output, given.find((name) => name === "endpoint"));
  const dataset = await datasetNamed(values.dataset);
  const { dataset: _name, source: _source, download, output: _output, endpoint, part: _part, merge: _merge, ...how } =
    values;
  const { form, cache, ...options } = more;
  const part = partOf(values.part);
  const output = withRemoteOptions(values.output, { endpoint }) ||
    `data/${dataset.name}${part ? `-part-${part.number}-of-${part.of}` : ""}`;
  const named = [...values.source, ...rest];
  checkDownload(dataset, { ...values, form, named, given });
  if (!download && !isRemote(output) && import.meta.main) Deno.permissions.revokeSync({ name: "net" }); // for good: nothing asks for it then
  const sources = download ? (await downloadShown({ dataset, options, form, cache })).map(({ path }) => path) : named;
  const settings = { ...how, dataset, options, sources, output };
  return part ? await preparePartShown({ ...settings, part }) : await prepareShown(settings);
}

/** {@linkcode prepare} with its progress on stderr, and a table of what was made. */
export function prepareShown(settings: PrepareSettings): Promise<ShardIndex> {
  return shown(settings, (onProgress) => prepare(settings, onProgress), formatIndex);
}

/** {@linkcode preparePart} with its progress on stderr, and a table of what there is in all parts. */
function preparePartShown(settings: PreparePartSettings): Promise<PartIndex> {
  return shown(settings, (onProgress) => preparePart(settings, onProgress), formatPart);
}

async function shown<R>(
  { output, sources }: Pick<PrepareSettings, "output" | "sources">,
  make: (onProgress: (now: PrepareProgress) => void) => Promise<R>,
  format: (made: R, how: { readonly folder: string; readonly seconds: number }) => string,
): Promise<R> {
  const began = performance.now();
  const { folder: place } = outputPlace(output);
  const partial = partialName(place);
  using _hint = whenInterrupted((again) => {
    if (!existsSync(partial)) return undefined;
    const how = sources?.some(isPipe) ? "begins anew" : "goes on from it";
    return `${partial} is left, which may be removed; the same command ${how}: ${again}`;
  });
  using view = new PrepareView();
  const made = await make((now) => view.update(now));
  view.end();
  say(
    format(made, {
      folder: isRemote(output) ? remoteFolder(output).shown : output,
      seconds: (performance.now() - began) / 1000,
    }),
  );
  return made;
}

const isS3 = (address: string): boolean => /^s3:/i.test(address);

/** {@linkcode mergeParts} with its progress on stderr, and a table of what was made. */
async function mergeShown(
  parts: readonly string[],
  { dataset, output: named, endpoint, overwrite, workers }: OptionValues<typeof OWN_OPTIONS & typeof PREPARE_OPTIONS>,
  isDatasetGiven: boolean,
): Promise<ShardIndex> {
  const given = isDatasetGiven ? { dataset: await datasetNamed(dataset) } : {};
  const folders = parts.map((part) => withRemoteOptions(part, isS3(part) ? { endpoint } : {}));
  const output = withRemoteOptions(named, { endpoint }) ||
    `data/${given.dataset?.name ?? (await readPartIndex(folders[0])).dataset}`;
  const progress = new Progress({ label: "merging", unit: "examples", total: undefined });
  const merge = (): Promise<ShardIndex> =>
    mergeParts({ parts: folders, output, overwrite, workers, ...given }, ({ examples }) => progress.update(examples));
  return await shown({ output, sources: [] }, merge, (index, how) => {
    progress.end();
    return formatIndex(index, how);
  });
}

/** Whether a source can be read only once. */
function isPipe(source: string): boolean {
  if (source === "-") return true;
  try {
    const { isFile, isDirectory } = Deno.statSync(source);
    return !isFile && !isDirectory;
  } catch {
    return false; // a glob
  }
}

/** The progress of reading, by bytes, then that of writing, by rows that are written or left out. */
class PrepareView implements Disposable {
  #progress: Progress | undefined;
  #phase: PrepareProgress["phase"] | undefined;
  #began = 0;

  /** Shows how far a run is. */
  update({ phase, records, bytes, totalBytes, totalRecords }: PrepareProgress): void {
    if (phase !== this.#phase) {
      this.#progress?.end();
      this.#phase = phase;
      this.#began = performance.now();
      this.#progress = phase === "read"
        ? new Progress({ label: "reading", unit: "B", total: totalBytes })
        : new Progress({ label: "writing", unit: "rows", total: totalRecords });
    }
    const rate = records / (performance.now() - this.#began) * 1000;
    if (phase === "read") this.#progress?.update(bytes, { extra: `${humanQuantity(rate, "records")}/s` });
    else this.#progress?.update(records);
  }

  /** Ends the line. */
  end(): void {
    this.#progress?.end();
  }

  [Symbol.dispose](): void {
    this.end();
  }
}

const CLASSES_SHOWN = 24;

/** A table of what is in a finished folder, for the terminal. */
export function formatIndex(index: ShardIndex, { folder, seconds }: { folder: string; seconds: number }): string {
  const { histograms } = index;
  const shards = SPLITS.reduce((sum, split) => sum + index.splits[split].shards.length, 0);
  const bytes = SPLITS.flatMap((split) => index.splits[split].shards).reduce((sum, shard) => sum + shard.bytes, 0);
  return [
    ...countsOf(index),
    ...Object.entries(histograms).map(([name, counts]) => `${name.padEnd(10)} ${histogramLine(counts)}`),
    ...(index.notes ?? []).map((note) => `note       ${visibleName(note)}`),
    `wrote      ${counted(shards, "shard")}, ${humanQuantity(bytes, "B")}, in ${seconds.toFixed(1)} s to ${folder}`,
    ...(index.picture ? [`look at    ${folder}/contact_sheet.png`] : []),
  ].join("\n");
}

/** A table of what is in all parts of which one was made, and what that one has of it. */
function formatPart(index: PartIndex, { folder, seconds }: { folder: string; seconds: number }): string {
  const { part: { number, of }, splits } = index;
  const shards = SPLITS.flatMap((split) => splits[split].shards as PartShard[]);
  const whole = shards.filter(({ own, examples }) => own === examples).length;
  const rows = shards.reduce((sum, { own }) => sum + own, 0);
  const bytes = shards.reduce((sum, shard) => sum + shard.bytes, 0);
  return [
    ...countsOf(index),
    ...(index.notes ?? []).map((note) => `note       ${visibleName(note)}`),
    `part       ${number} of ${of}: ${counted(rows, "example")}, ${counted(whole, "whole shard")} of ${shards.length}`,
    `wrote      ${humanQuantity(bytes, "B")}, in ${seconds.toFixed(1)} s to ${folder}`,
    `go on with deno task prepare --merge, and the folders of all ${of} parts`,
  ].join("\n");
}

/** The examples of each class, and what became of other records. */
function countsOf({ classes, splits, filters, rejects }: Omit<ShardIndex, "format">): string[] {
  const total = (label: number) => SPLITS.reduce((sum, split) => sum + splits[split].perClass[label], 0);
  const row = (name: string, counts: readonly number[]) => [name, ...counts.map(grouped)];
  const listed = classes.slice(0, CLASSES_SHOWN).map((name, label) =>
    row(visibleName(name), [...SPLITS.map((split) => splits[split].perClass[label]), total(label)])
  );
  const all = row("all", [...SPLITS.map((split) => splits[split].examples), countExamples({ splits })]);
  const rows = [["class", ...SPLITS, "all"], ...listed, ...(classes.length > 1 ? [all] : [])];
  const lines = formatTable(rows).split("\n");
  if (classes.length > CLASSES_SHOWN) {
    const more = counted(classes.length - CLASSES_SHOWN, "more class", "more classes");
    lines.splice(-1, 0, `… ${more}, see index.json`);
  }
  const counts = (of: Readonly<Record<string, number>>) =>
    Object.entries(of).map(([name, count]) => `${grouped(count)} ${name}`).join(", ") || "none";
  return [...lines, "", `left out   ${counts(filters)}`, `rejected   ${counts(rejects)}`];
}

/** `1: 12 %, 2: 40 %, …` up to where the rest is below a percent. */
function histogramLine(counts: Readonly<Record<string, number>>): string {
  const all = Object.values(counts).reduce((sum, count) => sum + count, 0);
  const parts: string[] = [];
  let left = all;
  for (const [value, count] of Object.entries(counts)) {
    if (left < 0.01 * all) return `${parts.join(", ")}, ${value} or more: ${percent(left / all, 0)}`;
    parts.push(`${value}: ${percent(count / all, 0)}`);
    left -= count;
  }
  return parts.join(", ");
}

if (import.meta.main) await main("prepare", async (args) => void await prepareCommand(args));
