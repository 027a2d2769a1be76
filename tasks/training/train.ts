/**
 * THE loop: data in, a trained model's checkpoints and metrics out.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { warmUp } from "../../models/backends/warm_up.ts";
import { type Checkpoint, faultyNumber } from "../../models/checkpoint.ts";
import { balancedWeights } from "../../models/losses.ts";
import { gradientSource } from "../../models/gradients/gradient_source.ts";
import { rankGradients } from "../../models/gradients/rank_gradients.ts";
import type { Ranks } from "../../models/gradients/ranks.ts";
import { learningRateAt } from "../../models/optimizers/schedule.ts";
import { addressOf, refuseInWorker } from "../../pipelines/base/spec_module.ts";
import type { DataDescription } from "../../pipelines/dataset.ts";
import { BatchWorkers, prefetchBatches } from "../../pipelines/batches/prefetch.ts";
import { InputError, isMachineFault } from "../../pipelines/base/errors.ts";
import { exists } from "../../pipelines/base/files.ts";
import type { OptionTable } from "../../pipelines/base/option_table.ts";
import { Prng } from "../../pipelines/base/prng.ts";
import { readShardIndex } from "../../pipelines/shards/shard_reader.ts";
import type { AUGMENT_OPTIONS } from "../../pipelines/strokes/augment.ts";
import type { EvaluationMetrics, Metrics, StepMetrics } from "../runs/metrics.ts";
import { Diverged, forgetDivergence, recordDivergence } from "../runs/divergence.ts";
import { RunClaim } from "../runs/run_claim.ts";
import { checkData, checkSameData, measureData, savedData } from "../runs/run_data.ts";
import { appendMetrics, checkNoRun, rewindMetrics, saveCheckpoint } from "../runs/run_directory.ts";
import type { SavedModel } from "../runs/saved_model.ts";
import { rewindEvents } from "../runs/tfevents/event_files.ts";
import {
  buildToTrain,
  type Position,
  restore,
  type RunState,
  snapshot,
  traineeOf,
  type TrainOutcome,
} from "../runs/run_state.ts";
import {
  isOutOfPatience,
  mergeSettings,
  refuseIdleOptions,
  type RunSettings,
  stepsOf,
  type TrainSettings,
} from "../runs/settings.ts";
import { EventLog } from "./event_log.ts";
import { describeAgain, flatOptions, savedSettings } from "./open_run.ts";
import { checkSameWeights, startTogether } from "./same_weights.ts";
import { judgeOnValid } from "./judge_on_valid.ts";
import { inheritanceOf } from "./origin.ts";
import type { StepWatcher } from "./profile.ts";
import { checkShares, settleWorkers } from "./settle_workers.ts";
import { stepBatches, trainingBatches } from "./step_batches.ts";
import { StepLog } from "./step_log.ts";
import { takeStandInStep, takeStep } from "./take_step.ts";

/** What a run is at before its first step, on webgpu, and from then on. */
export type TrainPhase = "compiling" | "training";

/** What a training is given beside its settings; all of it may be left out. */
export interface TrainContext {
  /** The checkpoint to go on from. */
  readonly resume?: Checkpoint<RunState>;
  /** Ends the run after the step at hand. */
  readonly signal?: AbortSignal;
  /** Finds out where the time goes. */
  readonly profile?: StepWatcher;
  /** Keeps others from the folder; made here when left out. */
  readonly claim?: Disposable;
  /** What the model is told of the data; found out here when left out. */
  readonly described?: DataDescription;
  /** The processes that share out each batch: the first one writes the folder, and its state is that of all. */
  readonly ranks?: Ranks | undefined;
  /** Makes what TensorBoard shows of the model at each evaluation, PNG files by name. */
  readonly pictures?: (trained: Omit<SavedModel, "notes">) => Promise<Readonly<Record<string, Uint8Array>>>;
  /** Is told when each phase begins. */
  readonly onPhase?: (phase: TrainPhase) => void;
  /** Is told the names of the model's objectives, before the first line. */
  readonly onObjectives?: (names: readonly string[]) => void;
}

const START: Omit<Position, "prng"> = { step: 0, epoch: 0, seen: 0, best: null, sinceBest: 0, seconds: 0 };

/**
 * Trains a model. N steps give the same weights bit for bit however often the run was interrupted and resumed, on one
 * machine and backend. The backend must have been started.
 *
 * @param settings What is trained on what, and the folder, which must exist: it gets `last.safetensors`,
 * `best.safetensors` and `metrics.jsonl`, and TensorBoard's event files unless `loop.tensorboard` is false.
 * @param context What it goes on from, ends by, tells and shares its work with.
 * @returns Yields each line of metrics; returns how the run ended.
 * @throws {InputError} When the data cannot be used, the folder is missing, it holds a run and `resume` is left out, another
 * training writes it, or a loss is not a finite number; the last good checkpoint stays, and `diverged.json` says what was no
 * number.
 * @throws {TypeError} When there is no option of a name.
 * @throws {RangeError} When an option does not take its value, or nothing reads it beside the others.
 *
 * @example
 * ```ts
 * import { cnn, prepare, quickdraw, startBackend, train } from "@strokewise/strokewise";
 * import { assertEquals } from "@std/assert";
 *
 * const folder = await Deno.makeTempDir();
 * const data = `${folder}/data`;
 * await prepare({ dataset: quickdraw, options: { classes: ["circle", "line"], size: 16 }, perClass: 20, output: data });
 *
 * await startBackend("wasm");
 * const loop = { steps: 2, logEvery: 1 };
 * const lines = await Array.fromAsync(train({ data, folder, model: cnn, modelOptions: { denseUnits: 8 }, loop }));
 * assertEquals(lines.map(({ kind, step }) => `${kind} ${step}`), ["step 1", "step 2", "evaluation 2"]);
 * await Deno.remove(folder, { recursive: true });
 * ```
 */
export async function* train<M extends OptionTable, A extends OptionTable = typeof AUGMENT_OPTIONS>(
  settings: TrainSettings<M, A>,
  { resume, signal, profile, claim, described, onPhase, onObjectives, ranks, pictures }: TrainContext = {},
): AsyncGenerator<Metrics, TrainOutcome> {
  refuseInWorker("train");
  using _mine = claim;
  const named = mergeSettings(settings);
  if (!resume) refuseIdleOptions(named);
  const unnamed: RunSettings["workers"] = resume?.state.settings.workers ?? (profile ? 1 : "auto"); // one is watched
  const given = named.workers === "auto" ? { ...named, workers: unnamed } : named;
  const { model: spec, loop, seed, folder, data } = given;
  const index = await readShardIndex(data);
  const fields = checkData(index, given);
  if (resume) checkSameData(index, { data, folder, learnt: resume.state.data });
  else checkShares(given, index);
  const isFirst = (ranks?.rank ?? 0) === 0;
  using _claimed = claim || !isFirst ? undefined : await RunClaim.of(folder);
  if (isFirst && !resume) await checkNoRun(folder);
  const shape = described ?? (resume ? describeAgain(index, resume) : await measureData(index, given));
  const { settings: run } = await settleWorkers(given, { index, described: shape, ranks: ranks?.size });
  const inherited = resume || !isFirst ? undefined : await inheritanceOf(run, index, shape);
  const origin = resume?.state.origin ?? inherited?.origin;
  const build = (seed: number) => traineeOf(buildToTrain(run, shape, seed), loop, inherited?.weights);
  const built = build(seed);
  using trainee = { ...built, model: profile?.watchModel(built.model) ?? built.model };
  const { model, ema } = trainee;
  onObjectives?.(model.objectives.map(({ name }) => name));
  const prng = new Prng(seed, 1);
  if (resume) restore(trainee, resume);
  const saved = await savedSettings(run);
  const about = {
    ...{ settings: saved, data: savedData(index, shape), backend: tf.getBackend() },
    ...(origin ? { origin } : {}),
    ...(ranks && ranks.size > 1 ? { ranks: ranks.size } : {}),
  };
  const begun = { ...about, position: resume?.state.position ?? { ...START, prng: prng.state } };
  const start = ranks ? await startTogether(trainee, begun, ranks) : begun.position;
  let { step, epoch, seen, best, sinceBest, seconds } = start;
  prng.state = start.prng;
  if (isFirst) {
    await forgetDivergence(folder);
    await rewindMetrics(folder, step);
    await rewindEvents(folder, step);
  }
  const replica = { model: await addressOf(spec, "model"), options: run.modelOptions, data: shape, seed };
  using own = gradientSource(model, { workers: run.workers, signal, replica });
  const shared = ranks && rankGradients(model, { ranks, own, signal });

  const examples = index.splits.train.examples;
  const totalSteps = stepsOf(examples, loop);
  const position = (): Position => ({ step, epoch, seen, prng: prng.state, best, sinceBest, seconds });
  const state = (): RunState => ({ ...about, position: position() });
  const save = async (name: string) => {
    if (!isFirst) return;
    const checkpoint = await snapshot(trainee, state());
    const fault = faultyNumber(checkpoint.tensors);
    if (fault !== undefined) throw new Diverged(`${fault} after step ${step}`);
    await saveCheckpoint(`${folder}/${name}.safetensors`, checkpoint);
  };
  const labelWeights = loop.classWeights === "balanced" ? balancedWeights(index.splits.train.perClass) : undefined;
  const shuffled = await trainingBatches(run, fields);
  using readers = new BatchWorkers(); // of valid, again and again
  const log = new StepLog();
  const events = isFirst && loop.tensorboard ? new EventLog(folder, flatOptions(saved, about.backend)) : undefined;
  let end: TrainOutcome["end"] = "finished";

  try {
    if (step >= totalSteps) return { end, position: position() };
    if (isOutOfPatience(sinceBest, loop)) return { end: "stopped early", position: position() };
    if (!resume) await save("last"); // so that a run can be resumed from its first step on
    let clock = performance.now();
    const lap = () => {
      const before = clock;
      clock = performance.now();
      return (clock - before) / 1000;
    };
    let isWarm = false;
    const source = stepBatches(prefetchBatches({ ...shuffled, firstEpoch: epoch, skip: seen }), { ...loop, examples });
    for await (const parts of profile?.watchBatches(source) ?? source) {
      if (!isWarm) {
        await warmUp(() => {
          onPhase?.("compiling");
          return takeStandInStep(build(0), parts, { ...loop, labelWeights });
        });
        onPhase?.("training");
        lap(); // what was compiled does not count as training time
        isWarm = true;
      }
      const { epoch: now, seen: done } = parts[parts.length - 1];
      const epochEnds = done === examples;
      const last = step + 1 === totalSteps;
      const evaluating = last || (loop.evaluateEvery > 0 ? (step + 1) % loop.evaluateEvery === 0 : epochEnds);
      const learningRate = learningRateAt(step, totalSteps, loop);
      const onGradients = evaluating ? events?.keep.bind(events) : undefined;
      const told = { ...loop, learningRate, labelWeights, stepsTaken: step, profile, onGradients };
      const scalars = await takeStep(trainee, { threads: shared ?? own, parts, prng }, told);
      profile?.enter("other");
      model.update?.();
      step++;
      log.add(step, parts, scalars);
      [epoch, seen] = epochEnds ? [now + 1, 0] : [now, done];

      const stopping = shared?.isStopping ?? signal?.aborted === true;
      const saving = evaluating || stopping || step % loop.checkpointEvery === 0;
      if (!saving && step % loop.logEvery !== 0) continue;

      const place = { step, epoch: now + done / examples };
      const { steps, means, examples: logged } = await log.flush();
      const taken = lap();
      seconds += taken;
      const rates = { learningRate, examplesPerSecond: logged / taken };
      const line: StepMetrics = { kind: "step", ...place, steps, train: means, rates, clock: moment() };
      await events?.logSteps(line);
      yield await write(line);

      if (evaluating) {
        using _average = ema?.lend(); // the weights that are judged and used
        const { values, value } = await judgeOnValid(model, { run, fields, step, ranks, readers });
        const isBest = best === null || (spec.best.better === "higher" ? value > best : value < best);
        [best, sinceBest] = isBest ? [value, 0] : [best, sinceBest + 1];
        seconds += lap();
        const worries = spec.worries?.({ train: means, valid: values }) ?? [];
        const judged = { valid: values, best: isBest, ...(worries.length > 0 ? { worries } : {}) };
        const line: EvaluationMetrics = { kind: "evaluation", ...place, ...judged, clock: moment() };
        const drawnNow = () => pictures?.({ model, spec, state: state(), options: run.modelOptions });
        await events?.logEvaluation(line, model, await drawnNow());
        yield await write(line);
      }
      if (ranks && saving) await checkSameWeights(model, { ranks, step });
      if (evaluating && sinceBest === 0) await save("best");
      if (saving) await save("last");
      if (!last && isOutOfPatience(sinceBest, loop)) end = "stopped early";
      else if (!last && stopping) end = "interrupted";
      if (last || end !== "finished") break;
      lap(); // what was written does not count as training time
    }
    return { end, position: position() };
  } catch (error) {
    if (isFirst && error instanceof Diverged) await recordDivergence(folder, error.message);
    throw await endOf(folder, error);
  }

  function moment() {
    return { seconds, at: new Date().toISOString() };
  }

  async function write(line: Metrics): Promise<Metrics> {
    if (isFirst) await appendMetrics(folder, line);
    return line;
  }
}

/** Why a run ends, with what is left of it: a defect as it is. */
async function endOf(folder: string, error: unknown): Promise<unknown> {
  if (!(error instanceof Error)) return error;
  const { message } = error;
  const isInputs = error instanceof InputError;
  if (!isInputs && !isMachineFault(message)) return error;
  const kept = `${folder}/last.safetensors`;
  const left = await exists(kept) ? `; the last good checkpoint is kept: ${kept}` : "";
  return new InputError(`${isInputs ? "" : `run ${folder}: `}${message}${left}`);
}
