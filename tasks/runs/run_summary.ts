/**
 * What there is to say of a run in a line: how it stands, how far it is, how good it was at its best.
 *
 * @module
 */
import type { Checkpoint } from "../../models/checkpoint.ts";
import { MODELS } from "../../models/zoo/registry.ts";
import { InputError } from "../../pipelines/base/errors.ts";
import { exists } from "../../pipelines/base/files.ts";
import { isRemote } from "../../pipelines/sources/remote_folder.ts";
import { readShardIndex } from "../../pipelines/shards/shard_reader.ts";
import { evaluationLines, type Metrics } from "./metrics.ts";
import type { Provenance } from "./provenance.ts";
import { divergenceText, readDivergence } from "./divergence.ts";
import { isClaimed } from "./run_claim.ts";
import { checkpointPath, loadRunCheckpoint, readMetrics, readOptions } from "./run_directory.ts";
import type { RunState } from "./run_state.ts";
import { isOutOfPatience, type LoopOptions, stepsOf } from "./settings.ts";

/**
 * How a run stands: a training has it, it took all its steps, its `patience` ran out, a number that is not finite ended it, none
 * of these, or a file is damaged.
 */
export type RunStanding = "running" | "finished" | "stopped early" | "diverged" | "interrupted" | "damaged";

/** The best evaluation of a run on valid. */
export interface BestValue {
  /** The metric that the model is judged by. */
  readonly metric: string;
  /** In the metric's unit. */
  readonly value: number;
  /** The training step. */
  readonly step: number;
}

/** A run in short; what is not known is null. Safe to store as JSON. */
export interface RunSummary {
  /** The run's folder. */
  readonly folder: string;
  /** How it stands. */
  readonly state: RunStanding;
  /** What is damaged, by what it diverged, or why there is nothing to go on from. */
  readonly reason: string | null;
  /** The model's name, or the address of its module. */
  readonly model: string | null;
  /** The model's weights, numbers in all. */
  readonly parameters: number | null;
  /** The folder of shards that it is trained on. */
  readonly data: string | null;
  /** The dataset's name. */
  readonly dataset: string | null;
  /** Tells the data from others, 64 hexadecimal digits. */
  readonly identity: string | null;
  /** How many classes the data has. */
  readonly classes: number | null;
  /** Optimizer steps taken. */
  readonly step: number | null;
  /** Steps of the whole run. */
  readonly steps: number | null;
  /** Its best evaluation. */
  readonly best: BestValue | null;
  /** When it began, ISO 8601 in UTC. */
  readonly began: string | null;
  /** When it was last heard of, ISO 8601 in UTC. */
  readonly at: string | null;
  /** Time spent training, in seconds. */
  readonly seconds: number | null;
}

/** What is read of a run; each part is missing where its file is. */
interface RunParts {
  readonly options: Readonly<Record<string, unknown>> | undefined;
  readonly metrics: readonly Metrics[];
  readonly checkpoint: { readonly state: RunState; readonly parameters: number } | undefined;
  /** By what it diverged. */
  readonly divergence: string | undefined;
  /** What is damaged. */
  readonly fault: string | undefined;
}

const UNKNOWN = {
  ...{ reason: null, model: null, parameters: null, data: null, dataset: null, identity: null, classes: null },
  ...{ step: null, steps: null, best: null, began: null, at: null, seconds: null },
} as const;

/**
 * Sums up a run of `train`, also one that is being trained. Every file is read whole, so that damage is found.
 *
 * @param folder The run's folder, which must exist.
 *
 * @example
 * ```ts
 * import { cnn, prepare, quickdraw, startBackend, train } from "@strokewise/strokewise";
 * import { summarizeRun } from "@strokewise/strokewise/tasks";
 * import { assertEquals } from "@std/assert";
 *
 * const folder = await Deno.makeTempDir();
 * const data = `${folder}/data`;
 * await prepare({ dataset: quickdraw, options: { classes: ["circle", "line"], size: 16 }, perClass: 20, output: data });
 * await startBackend("wasm");
 * for await (const _line of train({ data, folder, model: cnn, modelOptions: { denseUnits: 8 }, loop: { steps: 2 } }));
 *
 * const { state, model, step, steps, best } = await summarizeRun(folder);
 * assertEquals([state, model, step, steps, best?.metric], ["finished", "cnn", 2, 2, "accuracy"]);
 * await Deno.remove(folder, { recursive: true });
 * ```
 */
export async function summarizeRun(folder: string): Promise<RunSummary> {
  const isRunning = await isClaimed(folder); // before the files are read: one that ends meanwhile is told of next time
  const parts = await partsOf(folder);
  const { options, metrics, checkpoint, fault } = parts;
  const last = metrics.at(-1);
  const about = options?.about as Partial<Provenance> | undefined;
  const step = Math.max(last?.step ?? 0, checkpoint?.state.position.step ?? 0);
  const steps = await wholeSteps(parts);
  const { settings, data, position } = checkpoint?.state ?? {};
  return {
    ...{ folder, ...UNKNOWN },
    state: fault ? "damaged" : isRunning ? "running" : standing(parts, steps),
    reason: fault ?? (isRunning ? null : reasonOf(parts)),
    model: settings?.model.name ?? textOf(options?.model),
    parameters: checkpoint?.parameters ?? null,
    data: settings?.data ?? textOf(options?.data),
    ...(data ? { dataset: data.dataset, identity: data.identity, classes: data.classes.length } : {}),
    ...{ step, steps, best: bestOf(parts) },
    began: textOf(about?.date),
    at: last?.clock.at ?? textOf(about?.changes?.at(-1)?.date) ?? textOf(about?.date),
    seconds: last?.clock.seconds ?? position?.seconds ?? null,
  };
}

const textOf = (value: unknown): string | null => typeof value === "string" ? value : null;

/** Reads what can be read. */
async function partsOf(folder: string): Promise<RunParts> {
  let fault: string | undefined;
  const unless = async <T>(read: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await read();
    } catch (error) {
      if (!(error instanceof InputError) && !Object.values(Deno.errors).some((type) => error instanceof type)) {
        throw error;
      }
      fault ??= (error as Error).message;
      return undefined;
    }
  };
  const options = await unless(() => readOptions(folder));
  const metrics = await unless(() => readMetrics(folder)) ?? [];
  const divergence = await unless(() => readDivergence(folder));
  const has = (name: string) => exists(`${folder}/${name}.safetensors`);
  const [hasLast, hasBest] = [await has("last"), await has("best")];
  const best = hasLast || hasBest
    ? await unless(async () => await loadRunCheckpoint((await checkpointPath(folder, "best")).path))
    : undefined;
  const checkpoint = hasLast ? await unless(() => loadRunCheckpoint(`${folder}/last.safetensors`)) : best;
  return {
    options,
    metrics,
    checkpoint: checkpoint && { state: checkpoint.state, parameters: weightsOf(checkpoint) },
    divergence,
    fault,
  };
}

/** How many numbers a model has learnt. */
function weightsOf({ tensors }: Checkpoint<RunState>): number {
  return Object.entries(tensors).filter(([name]) => name.startsWith("model/"))
    .reduce((sum, [, { data }]) => sum + data.length, 0);
}

/** Why a run that nobody trains did not come to its end. */
function reasonOf({ checkpoint, divergence }: RunParts): string | null {
  if (divergence !== undefined) return divergenceText(divergence);
  return checkpoint ? null : "it ended before its first checkpoint";
}

function standing({ checkpoint, divergence }: RunParts, steps: number | null): RunStanding {
  if (divergence !== undefined) return "diverged";
  if (checkpoint === undefined) return "interrupted";
  const { position: { step, sinceBest }, settings: { loop } } = checkpoint.state;
  if (steps !== null && step >= steps) return "finished";
  return isOutOfPatience(sinceBest, loop) ? "stopped early" : "interrupted";
}

/** The steps of the whole run: as its options say, by the epochs of its metrics, or by its data where that is still there. */
async function wholeSteps({ options, metrics, checkpoint }: RunParts): Promise<number | null> {
  const loop = checkpoint?.state.settings.loop ?? loopOf(options);
  if (loop === undefined) return null;
  if (loop.steps > 0) return loop.steps;
  const last = metrics.at(-1);
  // So far into an epoch, the last step of which may be of fewer examples, a step is at least so much of an epoch.
  if (last !== undefined && last.epoch > 0) return loop.epochs * Math.ceil(last.step / last.epoch - 1e-6);
  const data = checkpoint?.state.settings.data ?? textOf(options?.data);
  if (isRemote(data ?? "")) return null; // nobody is asked over the net for a list
  try {
    const { splits } = await readShardIndex(data ?? "");
    return stepsOf(splits.train.examples, loop);
  } catch {
    return null; // it is not there any more, or no shards
  }
}

/** The options of the loop that say how long a run is, as `options.json` has them. */
function loopOf(
  options: RunParts["options"],
): Pick<LoopOptions, "steps" | "epochs" | "batchSize" | "accumulate"> | undefined {
  const [steps, epochs, batchSize, accumulate] = ["steps", "epochs", "batchSize", "accumulate"]
    .map((name) => options?.[`train.${name}`] ?? (name === "accumulate" ? 1 : undefined));
  const isWhole = [steps, epochs, batchSize, accumulate].every((value) => typeof value === "number");
  return isWhole ? { steps, epochs, batchSize, accumulate } as Pick<LoopOptions, "steps"> & LoopOptions : undefined;
}

/** The best evaluation by the metric of its model, which a model of a user's own tells by the value that was kept. */
function bestOf({ options, metrics, checkpoint }: RunParts): BestValue | null {
  const line = evaluationLines(metrics).findLast(({ best }) => best);
  if (line === undefined) return null;
  const name = checkpoint?.state.settings.model.name ?? textOf(options?.model) ?? "";
  const { [name]: model } = MODELS;
  const kept = checkpoint?.state.position.best;
  const metric = checkpoint?.state.settings.model.url === undefined && Object.hasOwn(MODELS, name)
    ? model.best.metric
    : Object.keys(line.valid).find((metric) => line.valid[metric] === kept);
  if (metric === undefined || !Object.hasOwn(line.valid, metric)) return null;
  return { metric, value: line.valid[metric], step: line.step };
}
