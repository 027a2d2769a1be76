/** What the tests of training share: small data, small models, and what a run's folder says. */
import { startBackend } from "../../models/backends/backend.ts";
import { decodeCheckpoint } from "../../models/checkpoint.ts";
import type { AugmentOptions } from "../../pipelines/strokes/augment.ts";
import type { OptionValue } from "../../pipelines/base/option_table.ts";
import type { ShardIndex } from "../../pipelines/shards/shard_index.ts";
import type { RunState, TrainOutcome } from "../../tasks/runs/run_state.ts";
import { eventFilesIn } from "../../tasks/runs/tfevents/event_files.ts";
import { train } from "../../tasks/training/train.ts";
import { embedded, preparedTo } from "./prepared.ts";
import { MODELS } from "../../models/zoo/registry.ts";
import { exists } from "../../pipelines/base/files.ts";
import type { LoopOptions, TrainSettings } from "../../tasks/runs/settings.ts";
import type { Metrics } from "../../tasks/runs/metrics.ts";

/** Prepares 40 drawings each of three classes on a 16 x 16 grid, 40 examples a shard; train has 97 of them. */
export function smallData(folder: string, seed = 0): Promise<ShardIndex> {
  const sources = embedded("circle", "line", "sun");
  return preparedTo(folder, { sources, options: { size: 16 }, perClass: 40, shardSize: 40, seed });
}

/** What differs from a tiny `cnn` trained with the default options. */
export interface Given {
  readonly model?: string;
  /** Those of the tiny model when left out. */
  readonly modelOptions?: Readonly<Record<string, OptionValue>>;
  readonly seed?: number;
  readonly workers?: number | "auto";
  readonly loop?: Partial<LoopOptions>;
  readonly augment?: Partial<AugmentOptions>;
}

/** The settings of a tiny run. */
export function tinySettings(data: string, folder: string, given: Given = {}): TrainSettings {
  const { model = "cnn", seed = 0, workers = 1 } = given;
  return {
    ...{ data, folder, model: MODELS[model], seed, workers },
    ...{ modelOptions: given.modelOptions ?? MODELS[model].tiny, loop: given.loop ?? {}, augment: given.augment ?? {} },
  };
}

/** The flags that make a model tiny. */
export function tinyFlags(model: string): string[] {
  return ["--model", model, ...Object.entries(MODELS[model].tiny).map(([name, value]) => `--model.${name}=${value}`)];
}

/**
 * Trains a tiny model on the wasm backend, in a folder that is made.
 *
 * @param until Leaves the run, as an exception would, after the first line of metrics for which it holds.
 * @returns The lines of metrics, and how the run ended if it did.
 */
export async function trainTiny(
  data: string,
  folder: string,
  { until, ...given }: Given & { readonly until?: (line: Metrics) => boolean } = {},
): Promise<{ lines: Metrics[]; outcome: TrainOutcome | undefined }> {
  await startBackend("wasm");
  await Deno.mkdir(folder, { recursive: true });
  const run = train(tinySettings(data, folder, given));
  const lines: Metrics[] = [];
  for (;;) {
    const { done, value } = await run.next();
    if (done) return { lines, outcome: value };
    lines.push(value);
    if (until?.(value)) {
      await run.return({ end: "interrupted", position: undefined! });
      return { lines, outcome: undefined };
    }
  }
}

/** Reads a checkpoint of a run. */
export async function checkpointOf(folder: string, name: "best" | "last" = "last") {
  const path = `${folder}/${name}.safetensors`;
  return await decodeCheckpoint<RunState>(await Deno.readFile(path), path);
}

/**
 * All that a run leaves and that must not depend on time: tensors, positions and metrics, by name, and whether there are
 * event files.
 */
export async function traces(folder: string): Promise<Record<string, unknown>> {
  const found: Record<string, unknown> = {};
  for (const name of ["last", "best"] as const) {
    if (!await exists(`${folder}/${name}.safetensors`)) continue;
    const { tensors, state } = await checkpointOf(folder, name);
    for (const [tensor, { shape, data }] of Object.entries(tensors)) {
      found[`${name} ${tensor}`] = [...shape, new Uint8Array(data.buffer).toHex()];
    }
    found[`${name} position`] = { ...state.position, seconds: 0 };
  }
  found.events = (await eventFilesIn(folder)).length > 0;
  found.metrics = (await metricsOf(folder)).map((line) => ({
    ...line,
    clock: 0,
    ...(line.kind === "step" ? { rates: line.rates.learningRate } : {}),
  }));
  return found;
}

/** The lines of `metrics.jsonl`, each of which must be whole, without their hashes. */
export async function metricsOf(folder: string): Promise<Metrics[]> {
  const text = await Deno.readTextFile(`${folder}/metrics.jsonl`);
  return text.trimEnd().split("\n").map((line) => {
    const { sha256: _, ...metrics } = JSON.parse(line);
    return metrics;
  });
}
