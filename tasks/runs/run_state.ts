/**
 * What a run's checkpoint holds, and the way from model and optimizers to it and back.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { type Checkpoint, faultyNumber, type NamedArray } from "../../models/checkpoint.ts";
import type { Optimizer } from "../../models/optimizers/optimizer.ts";
import { InputError } from "../../pipelines/base/errors.ts";
import { isCount } from "../../pipelines/base/json_values.ts";
import { Prng, type PrngState } from "../../pipelines/base/prng.ts";
import type { DataDescription } from "../../pipelines/dataset.ts";
import { backendBytes, withRoom } from "../../models/layers/variable_room.ts";
import { checkParts, type Model } from "../../models/model.ts";
import type { SavedData } from "./run_data.ts";
import { LOOP_OPTIONS, type RunSettings, type SettledSettings } from "./settings.ts";
import { type Ema, ema } from "../../models/optimizers/ema.ts";
import type { StepOptions } from "../../models/step_options.ts";
import { OPTIMIZERS } from "../../models/optimizers/optimizers.ts";
import { defaultsOf } from "../../pipelines/base/option_table.ts";
import { assignArray, restoreVariables, type SpecReference, upgradeTrained } from "../../models/zoo/trained_model.ts";

/** Where a run is: with the tensors, all that the next step depends on. */
export interface Position {
  /** Optimizer steps taken. */
  readonly step: number;
  /** The epoch that the next batch belongs to, 0-based. */
  readonly epoch: number;
  /** How many examples of that epoch were seen. */
  readonly seen: number;
  /** The state of the generator that the losses draw from. */
  readonly prng: PrngState;
  /** The best value so far of the metric by which the model is judged; null before the first evaluation. */
  readonly best: number | null;
  /** How many evaluations there were since the best one. */
  readonly sinceBest: number;
  /** Time spent training, in seconds. */
  readonly seconds: number;
}

/** What is wrong with a position that was read, in words; undefined where nothing is. */
export function positionFault(position: Partial<Readonly<Record<keyof Position, unknown>>>): string | undefined {
  const { prng, best, seconds } = position;
  const count = (["step", "epoch", "seen", "sinceBest"] as const).find((name) => !isCount(position[name]));
  if (count !== undefined) return `${count} is ${JSON.stringify(position[count])}, expected a count`;
  const isWord = (word: unknown) => isCount(word) && word < 2 ** 32;
  if (!Array.isArray(prng) || prng.length !== 4 || !prng.every(isWord)) {
    return `prng is ${JSON.stringify(prng)}, expected 4 words of 32 bits`;
  }
  if (best !== null && !Number.isFinite(best)) return `best is ${JSON.stringify(best)}, expected a number or null`;
  const isTime = Number.isFinite(seconds) && Number(seconds) >= 0;
  return isTime ? undefined : `seconds is ${JSON.stringify(seconds)}, expected a time`;
}

/** The settings of a run as its checkpoint holds them: specs by name or file. */
export type SavedSettings = Omit<SettledSettings, "model" | "augmentation"> & {
  readonly model: SpecReference;
  readonly augmentation: SpecReference;
};

/** What a run's checkpoint says beside the tensors. */
export interface RunState {
  /** What the run was started with. */
  readonly settings: SavedSettings;
  /** What it was trained on. */
  readonly data: SavedData;
  /** The name of the backend that computed. */
  readonly backend: string;
  /** Where the run was when it was saved. */
  readonly position: Position;
  /** Where its first weights came from; missing where they were drawn. */
  readonly origin?: Origin;
  /** How many processes shared out each batch; missing where it was one. */
  readonly ranks?: number;
}

/** The run whose weights another one began with. */
export interface Origin {
  /** The checkpoint's file. */
  readonly checkpoint: string;
  /** SHA-256 of the file, 64 hexadecimal digits. */
  readonly sha256: string;
  /** The training step of the weights. */
  readonly step: number;
  /** The name of the kind of model. */
  readonly model: string;
}

/** A model with the optimizer of each of its objectives, and the running mean of its weights. */
export interface Trainee extends Disposable {
  readonly model: Model;
  readonly optimizers: readonly Optimizer[];
  /** Where the run keeps one. */
  readonly ema?: Ema;
}

/**
 * What is needed to train a model, which is the trainee's from now on.
 *
 * @param weights Values for some of its variables, by name.
 * @throws {RangeError} When the model is not made as one must be.
 */
export function traineeOf(model: Model, step: StepOptions, weights: Checkpoint<unknown>["tensors"] = {}): Trainee {
  try {
    checkParts(model);
    for (const [name, values] of Object.entries(weights)) assignArray(model.variables[name], values);
    const optimizers = model.objectives.map(() => OPTIMIZERS[step.optimizer](step));
    const average = step.emaDecay > 0 ? ema(model.variables, step.emaDecay) : undefined;
    return {
      model,
      optimizers,
      ...(average ? { ema: average } : {}),
      [Symbol.dispose]() {
        for (const part of [...optimizers, average, model]) part?.dispose();
      },
    };
  } catch (error) {
    model.dispose();
    throw error;
  }
}

/**
 * Builds a model to be trained.
 *
 * @param run What is built, and how it is trained.
 * @param data What the model is told of its data.
 * @param seed Of the initial values.
 * @throws {RangeError} When options and data do not go together, or there is no room for its parameters, their gradients and
 * what is kept beside them.
 */
export function buildToTrain(
  { model, modelOptions, loop }: Pick<RunSettings, "model" | "modelOptions" | "loop">,
  data: DataDescription,
  seed: number,
): Model {
  const optimizer = OPTIMIZERS[loop.optimizer](loop);
  const copies = 2 + optimizer.slotNames.length + (loop.emaDecay > 0 ? 1 : 0); // itself and its gradient
  optimizer.dispose();
  const bytes = Math.min(backendBytes(), machineBytes());
  return withRoom({ bytes, copies }, () => model.build(modelOptions, data, new Prng(seed)));
}

/** The machine's memory in bytes; Infinity where nobody may ask. */
function machineBytes(): number {
  const { state } = Deno.permissions.querySync({ name: "sys", kind: "systemMemoryInfo" });
  return state === "granted" ? Deno.systemMemoryInfo().total : Infinity;
}

/** Copies every variable, optimizer slot and running mean out of tfjs. */
export async function snapshot(trainee: Trainee, state: RunState): Promise<Checkpoint<RunState>> {
  const { model, optimizers, ema } = trainee;
  const under = (prefix: string, tensors: Readonly<Record<string, tf.Tensor>>) =>
    Object.entries(tensors).map(([name, tensor]) => [prefix + name, tensor] as const);
  const named = [
    ...under("model/", model.variables),
    ...optimizers.flatMap(({ state }, i) => under(slotPrefix(model, i), state.slots)),
    ...under("ema/", ema?.state.slots ?? {}),
  ];
  // All at once: a graphics device is waited for once.
  const arrays = await Promise.all(named.map(async ([name, tensor]) => [name, await toArray(tensor)] as const));
  return { tensors: Object.fromEntries(arrays), state };
}

/**
 * Puts a checkpoint's variables, slots and running means in the place of a new model's.
 *
 * @throws {InputError} When it is of another model, lacks what an optimizer or a running mean has kept, or holds a number that
 * is not finite.
 */
export function restore({ model, optimizers, ema }: Trainee, { tensors, state }: Checkpoint<RunState>): void {
  const fault = faultyNumber(tensors);
  if (fault !== undefined) throw new InputError(`the checkpoint: ${fault}: there is no going on from it`);
  const { step } = state.position;
  const parts = [
    ...optimizers.map((optimizer, i) => {
      const trained = step === 0 ? [] : model.objectives[i].trains; // slots are made by the first step
      return { part: optimizer, prefix: slotPrefix(model, i), variables: trained, slots: optimizer.slotNames };
    }),
    ...(ema ? [{ part: ema, prefix: "ema/", variables: Object.keys(model.variables), slots: ["average"] }] : []),
  ];
  restoreVariables(model, tensors);
  for (const kept of parts) checkSlots(model, kept, tensors);
  for (const { part, prefix } of parts) {
    const names = Object.keys(tensors).filter((name) => name.startsWith(prefix));
    const slots = Object.fromEntries(names.map((name) => [name.slice(prefix.length), toTensor(tensors[name])]));
    const saved = { step, slots };
    try {
      part.state = saved;
    } finally {
      tf.dispose(saved.slots);
    }
  }
}

/** What is kept beside some variables of a model, under which names. */
interface KeptSlots {
  readonly prefix: string;
  readonly variables: readonly string[];
  readonly slots: readonly string[];
}

/** @throws {InputError} When a checkpoint has other slots than these, or one of another shape than its variable. */
function checkSlots(
  model: Model,
  { prefix, variables, slots }: KeptSlots,
  tensors: Checkpoint<RunState>["tensors"],
): void {
  const refuse = (found: string) =>
    new InputError(
      `the checkpoint has ${found}: there is no going on from it; --from begins a new run with its weights`,
    );
  const expected = new Map<string, readonly number[]>(
    variables.flatMap((name) => slots.map((slot) => [`${prefix}${name}/${slot}`, model.variables[name].shape])),
  );
  for (const [name, shape] of expected) {
    const found = Object.hasOwn(tensors, name) ? tensors[name].shape : undefined;
    if (found?.join() !== shape.join()) throw refuse(`${name} [${found ?? "missing"}], the model [${shape}]`);
  }
  const other = Object.keys(tensors).find((name) => name.startsWith(prefix) && !expected.has(name));
  if (other !== undefined) throw refuse(`${other}, which nothing reads here`);
}

const slotPrefix = (model: Model, i: number) => `optimizer/${model.objectives[i].name}/`;

async function toArray(tensor: tf.Tensor): Promise<NamedArray> {
  return { shape: tensor.shape, data: new Float32Array(await tensor.data<"float32">()) };
}

function toTensor({ shape, data }: NamedArray): tf.Tensor {
  return tf.tensor(data, [...shape], "float32");
}

/** How a run ended. */
export interface TrainOutcome {
  /** All steps were taken, `patience` ran out, or the signal came. */
  readonly end: "finished" | "stopped early" | "interrupted";
  /** Where the run is now: what a resumed one goes on from. */
  readonly position: Position;
}

/** The state of a run's checkpoint of this version or an earlier one. */
export function upgradeState(state: RunState): RunState {
  const upgraded = upgradeTrained(state);
  const { settings } = upgraded;
  return {
    ...upgraded,
    settings: {
      ...settings,
      augmentation: settings.augmentation ?? { name: "affine" },
      from: settings.from ?? "",
      loop: { ...defaultsOf(LOOP_OPTIONS), ...settings.loop }, // a run from before an option was there has its default
      workers: settings.workers ?? 1,
    },
  };
}
