/**
 * `deno task prepare`: source files to shards, with progress and a table of what was made.
 *
 * @module
 */
import type { Dataset } from "../../pipelines/dataset.ts";
import { withDownloadOptions } from "../cli/dataset_option.ts";
import type { TaskSpec } from "../cli/task_spec.ts";
import { UsageError } from "../cli/option_values.ts";
import { InputError } from "../../pipelines/base/errors.ts";
import { countExamples, type ShardIndex } from "../../pipelines/shards/shard_index.ts";
import { parseOptions } from "../cli/options.ts";
import { downloadShown } from "./download.ts";
import { prepare, PREPARE_OPTIONS, type PrepareSettings } from "../../pipelines/prepare/prepare.ts";
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
  output: { value: "", help: "the folder to be made; data/<dataset> when left out" },
} as const;

export const SPEC = {
  name: "prepare",
  summary: "Turns drawings or digits into shuffled, compressed, hashed shards.",
  examples: [
    "deno task prepare --source quickdraw/ --classes cat,sun --per-class 2000 --output data/two",
    "deno task prepare --download --classes cat,sun,eye",
    "deno task prepare --dataset mnist --source mnist/",
    "deno task prepare --dataset svhn --download",
    "deno task prepare --dataset arithmetic --source mnist/ --by pair --test-share 50%",
  ],
  rest: "[SOURCE…]",
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

/** The command. */
export async function prepareCommand(args: readonly string[]): Promise<ShardIndex> {
  const { values, groups: { "*": more }, given, rest } = await parseOptions(SPEC, args);
  const dataset = await datasetNamed(values.dataset);
  const { dataset: _name, source: _source, download, output: _output, ...how } = values;
  const { form, cache, ...options } = more;
  const output = values.output || `data/${dataset.name}`;
  const named = [...values.source, ...rest];
  checkDownload(dataset, { ...values, form, named, given });
  if (!download && import.meta.main) Deno.permissions.revokeSync({ name: "net" }); // for good: nothing asks for it then
  const sources = download ? (await downloadShown({ dataset, options, form, cache })).map(({ path }) => path) : named;
  return await prepareShown({ ...how, dataset, options, sources, output });
}

/** {@linkcode prepare} with its progress on stderr, and a table of what was made. */
export async function prepareShown(settings: PrepareSettings): Promise<ShardIndex> {
  const began = performance.now();
  const partial = partialName(settings.output);
  using _hint = whenInterrupted((again) => {
    if (!existsSync(partial)) return undefined;
    const how = settings.sources?.some(isPipe) ? "begins anew" : "goes on from it";
    return `${partial} is left, which may be removed; the same command ${how}: ${again}`;
  });
  using view = new PrepareView();
  const index = await prepare(settings, (now) => view.update(now));
  view.end();
  say(formatIndex(index, { folder: settings.output, seconds: (performance.now() - began) / 1000 }));
  return index;
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
    if (phase === "read") this.#progress?.update(bytes, `${humanQuantity(rate, "records")}/s`);
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
  const { classes, splits, filters, rejects, histograms, notes = [] } = index;
  const total = (label: number) => SPLITS.reduce((sum, split) => sum + splits[split].perClass[label], 0);
  const row = (name: string, counts: readonly number[]) => [name, ...counts.map(grouped)];
  const shown = classes.slice(0, CLASSES_SHOWN).map((name, label) =>
    row(visibleName(name), [...SPLITS.map((split) => splits[split].perClass[label]), total(label)])
  );
  const all = row("all", [...SPLITS.map((split) => splits[split].examples), countExamples(index)]);
  const rows = [["class", ...SPLITS, "all"], ...shown, ...(classes.length > 1 ? [all] : [])];
  const lines = formatTable(rows).split("\n");
  if (classes.length > CLASSES_SHOWN) {
    const more = counted(classes.length - CLASSES_SHOWN, "more class", "more classes");
    lines.splice(-1, 0, `… ${more}, see index.json`);
  }
  const counts = (of: Readonly<Record<string, number>>) =>
    Object.entries(of).map(([name, count]) => `${grouped(count)} ${name}`).join(", ") || "none";
  const shards = SPLITS.reduce((sum, split) => sum + splits[split].shards.length, 0);
  const bytes = SPLITS.flatMap((split) => splits[split].shards).reduce((sum, shard) => sum + shard.bytes, 0);
  return [
    ...lines,
    "",
    `left out   ${counts(filters)}`,
    `rejected   ${counts(rejects)}`,
    ...Object.entries(histograms).map(([name, counts]) => `${name.padEnd(10)} ${histogramLine(counts)}`),
    ...notes.map((note) => `note       ${note}`),
    `wrote      ${counted(shards, "shard")}, ${humanQuantity(bytes, "B")}, in ${seconds.toFixed(1)} s to ${folder}`,
    ...(index.picture ? [`look at    ${folder}/contact_sheet.png`] : []),
  ].join("\n");
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
