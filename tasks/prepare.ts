/**
 * `deno task prepare`: source files to shards.
 *
 * @module
 */
import { parseArgs } from "@std/cli/parse-args";
import type { Dataset, ReadLog } from "../pipelines/dataset.ts";
import { InputError } from "../pipelines/errors.ts";
import { DATASETS } from "../pipelines/mod.ts";
import type { OptionTable, OptionValue, OptionValues } from "../pipelines/option_table.ts";
import type { ShardIndex } from "../pipelines/shard_index.ts";
import { ShardWriter } from "../pipelines/shard_writer.ts";
import { findSources, openSource } from "../pipelines/source.ts";
import { main, say } from "./main.ts";
import { parseOptions, type TaskSpec, UsageError } from "./options.ts";
import { formatIndex, PrepareView, writeContactSheet } from "./prepare_view.ts";
import { RejectFile } from "./reject_file.ts";

const OWN_OPTIONS = {
  dataset: { value: "quickdraw", choices: Object.keys(DATASETS), help: "what the sources are" },
  source: {
    value: [] as readonly string[],
    help: "files, folders, globs or - for stdin; the generated examples in fixtures/ when left out; may be repeated",
  },
  output: { value: "", help: "the folder to be made; data/<dataset> when left out" },
  overwrite: { value: false, help: "replace the output if it is there" },
  perClass: {
    value: 0,
    help: "keep so many examples of each class, drawn by the seed; 0 keeps all",
    min: 0,
    whole: true,
  },
  shardSize: { value: 4096, help: "examples a shard, 1 or more", min: 1, whole: true },
  seed: { value: 0, help: "of the shuffle; a whole number", whole: true },
  maxRejects: {
    value: 0.01,
    help: "fail when a larger share of the records is rejected, 0 to 1 or a percentage",
    min: 0,
    max: 1,
  },
} as const;

/** The command line of `deno task prepare` for one dataset. */
export function prepareSpec(dataset: Dataset) {
  return {
    name: "prepare",
    summary: "Turns drawings or digits into shuffled, compressed, hashed shards.",
    examples: [
      "deno task prepare --source quickdraw/ --classes cat,sun --per-class 2000 --output data/two",
      "deno task prepare --dataset mnist --source mnist/",
    ],
    rest: "[SOURCE…]",
    groups: { "": { ...OWN_OPTIONS, ...dataset.options } },
  } satisfies TaskSpec;
}

/** What {@linkcode prepare} needs to know. */
export interface PrepareSettings {
  readonly dataset: Dataset;
  /** The dataset's own options. */
  readonly options: OptionValues<OptionTable>;
  /** Files, folders, globs or `-`; the dataset's embedded examples when empty. */
  readonly sources: readonly string[];
  readonly output: string;
  readonly overwrite: boolean;
  /** 0 for all. */
  readonly perClass: number;
  readonly shardSize: number;
  readonly seed: number;
  readonly maxRejects: number;
}

/** What a run of {@linkcode prepare} tells while it goes on. */
export interface PrepareProgress {
  /** Reading the sources, or writing the shards. */
  readonly phase: "read" | "write";
  /** Records read, or examples written. */
  readonly records: number;
  /** Bytes read of `totalBytes`; unknown where a source is standard input. */
  readonly bytes: number;
  readonly totalBytes?: number;
  readonly totalRecords?: number;
}

/**
 * Reads sources and writes shards.
 *
 * @param onProgress Is called often.
 * @returns The index of the finished folder.
 * @throws {InputError} When a source is missing, nothing usable is found, too much is rejected, or the output is there.
 * Nothing is left behind then but the list of rejects.
 */
export async function prepare(
  settings: PrepareSettings,
  onProgress: (progress: PrepareProgress) => void = () => {},
): Promise<ShardIndex> {
  const { dataset, options, overwrite, perClass, shardSize, seed, maxRejects } = settings;
  const output = settings.output.replace(/\/+$/, "");
  const patterns = settings.sources.length > 0 ? settings.sources : [decodeURIComponent(dataset.embedded.pathname)];
  const found = await findSources(patterns, dataset.extensions);
  const sizes = found.map(({ bytes }) => bytes);
  const total = sizes.includes(undefined) ? {} : { totalBytes: sizes.reduce<number>((sum, bytes) => sum + bytes!, 0) };
  const sources = found.map(openSource);
  const writer = await ShardWriter.create({
    ...{ folder: output, dataset, options, overwrite, shardSize, seed },
    ...(perClass > 0 ? { perClass } : {}),
  });
  try {
    await using rejects = await RejectFile.create(`${writer.partialFolder}/rejects.ndjson`);
    const filters: Record<string, number> = {};
    let [records, kept] = [0, 0];
    const log: ReadLog = {
      reject(at, reason, detail) {
        records++;
        rejects.add({ ...at, reason, detail });
      },
      filter(name) {
        records++;
        filters[name] = (filters[name] ?? 0) + 1;
      },
    };
    for await (const rows of dataset.read(sources, options, log)) {
      await writer.add(rows);
      await rejects.flush();
      records += rows.length;
      kept += rows.length;
      onProgress({
        phase: "read",
        records,
        bytes: sources.reduce((sum, { bytesRead }) => sum + bytesRead, 0),
        ...total,
      });
    }
    await rejects.flush();
    if (rejects.count > maxRejects * records || rejects.count > 0 && kept === 0) {
      const list = `${output}.rejects.ndjson`;
      await Deno.copyFile(rejects.path, list);
      const why = kept === 0 ? "none is left" : "more than --max-rejects allows";
      throw new InputError(`${rejects.describe(records)}, ${why}; each is listed in ${list}`);
    }
    const wanted = options.classes;
    if (Array.isArray(wanted)) checkClassesFound(wanted, writer.classes);
    const report = { sources: sources.map((source) => source.summary()), filters, rejects: rejects.byReason };
    const bytes = report.sources.reduce((sum, source) => sum + source.bytes, 0);
    return await writer.finish(
      { ...report, options: { perClass, maxRejects } },
      (examples) => onProgress({ phase: "write", records: examples, totalRecords: kept, bytes }),
      (folder, index) => writeContactSheet(folder, index, dataset.picture),
    );
  } catch (error) {
    await writer.abort();
    throw error;
  }
}

function checkClassesFound(wanted: readonly string[], found: readonly string[]): void {
  const missing = wanted.filter((name) => !found.includes(name));
  if (missing.length === 0) return;
  throw new InputError(`--classes: no usable drawing of ${missing.join(", ")} in the sources`);
}

/** The command. */
export async function prepareCommand(args: readonly string[]): Promise<ShardIndex> {
  const { dataset: name = "quickdraw" } = parseArgs([...args], { string: ["dataset"] });
  const dataset = DATASETS[name];
  if (dataset === undefined) {
    throw new UsageError(`--dataset: expected one of ${Object.keys(DATASETS).join(", ")}; found "${name}"`);
  }
  const { values, rest } = parseOptions(prepareSpec(dataset), args);
  const options: Record<string, OptionValue> = {};
  for (const option of Object.keys(dataset.options)) options[option] = (values as Record<string, OptionValue>)[option];
  const output = values.output || `data/${name}`;

  const began = performance.now();
  const settings = { ...values, dataset, options, sources: [...values.source, ...rest], output };
  using view = new PrepareView();
  const index = await prepare(settings, (now) => view.update(now));
  view.end();
  say(formatIndex(index, { folder: output, seconds: (performance.now() - began) / 1000 }));
  return index;
}

if (import.meta.main) await main("prepare", async (args) => void await prepareCommand(args));
