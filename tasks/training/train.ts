/**
 * `deno task train`: THE loop, and under it the command.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Checkpoint } from "../../models/checkpoint.ts";
import { type GradientSource, gradientSource, ownGradients } from "../../models/gradients/gradient_source.ts";
import type { PlacedBatch } from "../../pipelines/batches/batch.ts";
import { InputError } from "../../pipelines/base/errors.ts";
import { Prng } from "../../pipelines/base/prng.ts";
import { readShardIndex } from "../../pipelines/shards/shard_reader.ts";
import type { StepWatcher } from "./profile.ts";
import { appendMetrics, type Metrics, rewindMetrics, saveCheckpoint } from "../runs/run_directory.ts";
import {
  checkData,
  dataIdentity,
  dataShapeOf,
  type Position,
  restore,
  type RunState,
  snapshot,
  type Trainee,
  type TrainOutcome,
} from "../runs/run_state.ts";
import { StepLog } from "./step_log.ts";
import { clipByGlobalNorm } from "../../models/optimizers/optimizer.ts";
import type { DataShape } from "../../models/model.ts";
import { evaluateObjective } from "../../models/gradients/evaluate_objective.ts";
import { learningRateAt } from "../../models/optimizers/schedule.ts";
import { MODELS } from "../../models/zoo/registry.ts";
import { OPTIMIZERS } from "../../models/optimizers/optimizers.ts";
import { warmUp } from "../../models/backends/warm_up.ts";
import { prefetchBatches } from "../../pipelines/batches/prefetch.ts";
import { stepsOf, type TrainSettings } from "../runs/settings.ts";

const START = { step: 0, epoch: 0, seen: 0, best: null as number | null, sinceBest: 0, seconds: 0 };

/**
 * Trains a model. N steps give the same weights bit for bit however often the run was interrupted and resumed, on one
 * machine and backend. The backend must have been started.
 *
 * @param settings What is trained on what, and the folder, which must exist: it gets `last.safetensors`,
 * `best.safetensors` and `metrics.jsonl`.
 * @param more `resume` is the checkpoint to go on from; `signal` ends the run after the step at hand; `profile` finds
 * out where the time goes.
 * @returns Yields each line of metrics; returns how the run ended.
 * @throws {InputError} When the data cannot be used, or a loss is not a finite number; the last good checkpoint stays.
 *
 * @example
 * ```ts
 * import { AUGMENT_OPTIONS, defaultsOf, LOOP_OPTIONS, startBackend, train } from "@strokewise/strokewise";
 * import { prepare, quickdraw } from "@strokewise/strokewise";
 * import { assertEquals } from "@std/assert";
 *
 * const folder = await Deno.makeTempDir();
 * const options = { ...defaultsOf(quickdraw.options), classes: ["circle", "line"], size: 16 };
 * await prepare({ dataset: quickdraw, options, perClass: 20, output: `${folder}/data` });
 *
 * await startBackend("wasm");
 * const loop = { ...defaultsOf(LOOP_OPTIONS), steps: 2, logEvery: 1 };
 * const paths = { data: `${folder}/data`, folder };
 * const rest = { modelOptions: { denseUnits: 8 }, loop, augment: defaultsOf(AUGMENT_OPTIONS), seed: 0 };
 * const lines = await Array.fromAsync(train({ ...paths, model: "cnn", ...rest }));
 * assertEquals(lines.map(({ kind, step }) => `${kind} ${step}`), ["step 1", "step 2", "evaluation 2"]);
 * await Deno.remove(folder, { recursive: true });
 * ```
 */
export async function* train(
  settings: TrainSettings,
  { resume, signal, profile }: {
    readonly resume?: Checkpoint<RunState>;
    readonly signal?: AbortSignal;
    readonly profile?: StepWatcher;
  } = {},
): AsyncGenerator<Metrics, TrainOutcome> {
  const { loop, seed, folder, data } = settings;
  const index = await readShardIndex(data);
  const spec = MODELS[settings.model];
  checkData(index, spec, data);
  const shape = dataShapeOf(index, spec);
  const built = spec.build(settings.modelOptions, shape, new Prng(seed));
  const model = profile?.watchModel(built) ?? built;
  const trainee: Trainee = { model, optimizers: model.objectives.map(() => OPTIMIZERS[loop.optimizer]()) };
  const prng = new Prng(seed, 1);
  if (resume) {
    restore(trainee, resume);
    prng.state = resume.state.position.prng;
  }
  let { step, epoch, seen, best, sinceBest, seconds } = resume?.state.position ?? START;
  await rewindMetrics(folder, step);
  const replica = { model: settings.model, options: settings.modelOptions, data: shape, seed };
  using threads = gradientSource(model, { workers: settings.workers ?? 1, replica, signal });

  const examples = index.splits.train.examples;
  const totalSteps = stepsOf(examples, loop);
  const position = (): Position => ({ step, epoch, seen, prng: prng.state, best, sinceBest, seconds });
  const save = async (name: string) => {
    const about = { ...shape, dataset: index.dataset, identity: dataIdentity(index) };
    const state = { settings, data: about, backend: tf.getBackend(), position: position() };
    await saveCheckpoint(`${folder}/${name}.safetensors`, await snapshot(trainee, state));
  };
  const batches = { folder: data, batchSize: loop.batchSize, fields: spec.fields };
  const shuffled = { ...batches, split: "train", shuffleSeed: seed, augment: settings.augment } as const;
  const log = new StepLog();
  let end: TrainOutcome["end"] = "finished";

  try {
    if (step >= totalSteps) return { end, position: position() };
    if (loop.patience > 0 && sinceBest >= loop.patience) return { end: "stopped early", position: position() };
    if (!resume) await save("last"); // so that a run can be resumed from its first step on
    let clock = performance.now();
    const lap = () => {
      const before = clock;
      clock = performance.now();
      return (clock - before) / 1000;
    };
    let isWarm = false;
    const source = prefetchBatches({ ...shuffled, firstEpoch: epoch, skip: seen });
    for await (const batch of profile?.watchBatches(source) ?? source) {
      if (!isWarm) {
        await warmUp(() => takeStandInStep(settings, shape, batch));
        lap(); // what was compiled does not count as training time
        isWarm = true;
      }
      const learningRate = learningRateAt(step, totalSteps, loop);
      const rates = { learningRate, clipNorm: loop.clipNorm, profile };
      const scalars = await takeStep(trainee, { threads, batch, prng }, rates);
      profile?.enter("other");
      step++;
      log.add(step, batch, scalars);
      const epochEnds = batch.seen === examples;
      [epoch, seen] = epochEnds ? [batch.epoch + 1, 0] : [batch.epoch, batch.seen];

      const last = step === totalSteps;
      const stopping = signal?.aborted === true;
      const evaluating = last || (loop.evaluateEvery > 0 ? step % loop.evaluateEvery === 0 : epochEnds);
      const saving = evaluating || stopping || step % loop.checkpointEvery === 0;
      if (!saving && step % loop.logEvery !== 0) continue;

      const place = { step, epoch: batch.epoch + batch.seen / examples };
      const { means, examples: logged } = await log.flush();
      const taken = lap();
      seconds += taken;
      yield await write({ kind: "step", ...place, ...means, learningRate, examplesPerSecond: logged / taken, seconds });

      if (evaluating) {
        const valid = prefetchBatches({ ...batches, split: "valid", epochs: 1 });
        const values = await evaluateObjective(model.objectives[0], valid, new Prng(seed, 2));
        checkFinite(values, step);
        const value = values[spec.best.metric];
        const isBest = best === null || (spec.best.better === "higher" ? value > best : value < best);
        [best, sinceBest] = isBest ? [value, 0] : [best, sinceBest + 1];
        seconds += lap();
        if (isBest) await save("best");
        yield await write({ kind: "evaluation", ...place, ...values, best: isBest, seconds });
      }
      if (saving) await save("last");
      if (!last && loop.patience > 0 && sinceBest >= loop.patience) end = "stopped early";
      else if (!last && stopping) end = "interrupted";
      if (last || end !== "finished") break;
      lap(); // what was written does not count as training time
    }
    return { end, position: position() };
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    throw new InputError(`${error.message}; the last good checkpoint is kept: ${folder}/last.safetensors`);
  } finally {
    for (const optimizer of trainee.optimizers) optimizer.dispose();
    model.dispose();
  }

  async function write(line: Metrics): Promise<Metrics> {
    await appendMetrics(folder, line);
    return line;
  }
}

/** A loss on valid that is not a number would make nonsense of the best one. */
function checkFinite(values: Readonly<Record<string, number>>, step: number): void {
  for (const [name, value] of Object.entries(values)) {
    if (!Number.isFinite(value)) throw new InputError(`${name} on valid is ${value} after step ${step}`);
  }
}

/** One step: for each objective its gradients, clipped and applied. The scalars returned are the caller's. */
async function takeStep(
  { model, optimizers }: Trainee,
  { threads, ...input }: { readonly threads: GradientSource; readonly batch: PlacedBatch; readonly prng: Prng },
  { learningRate, clipNorm, profile }: {
    readonly learningRate: number;
    readonly clipNorm: number;
    readonly profile?: StepWatcher | undefined;
  },
): Promise<Record<string, tf.Scalar>> {
  const scalars: Record<string, tf.Scalar> = {};
  for (const [i, objective] of model.objectives.entries()) {
    const { loss, metrics, gradients } = await threads.gradients(objective, input);
    profile?.enter("optimizer");
    const { scale, norm } = clipByGlobalNorm(gradients, clipNorm || 1);
    optimizers[i].learningRate = learningRate;
    optimizers[i].apply(model.variables, gradients, clipNorm > 0 ? scale : undefined);
    tf.dispose([gradients, scale]);
    const prefix = i === 0 ? "" : `${objective.name}.`;
    for (const [name, scalar] of Object.entries({ loss, ...metrics, gradientNorm: norm })) {
      scalars[prefix + name] = scalar;
    }
  }
  return scalars;
}

/** A step of a model and optimizers that are thrown away. */
async function takeStandInStep(
  { model, modelOptions, loop }: TrainSettings,
  shape: DataShape,
  batch: PlacedBatch,
): Promise<void> {
  const standIn = MODELS[model].build(modelOptions, shape, new Prng(0));
  const optimizers = standIn.objectives.map(() => OPTIMIZERS[loop.optimizer]());
  const threads = ownGradients(standIn);
  const input = { threads, batch, prng: new Prng(0) };
  tf.dispose(await takeStep({ model: standIn, optimizers }, input, { learningRate: 0, clipNorm: loop.clipNorm }));
  for (const optimizer of optimizers) optimizer.dispose();
  standIn.dispose();
}
