/**
 * What a run's checkpoint holds, and the way from model and optimizers to it and back.
 *
 * @module
 */
import { createHash } from "node:crypto";
import * as tf from "@tensorflow/tfjs-core";
import type { Checkpoint, NamedArray } from "../../models/checkpoint.ts";
import type { Optimizer } from "../../models/optimizers/optimizer.ts";
import { InputError } from "../../pipelines/base/errors.ts";
import type { PrngState } from "../../pipelines/base/prng.ts";
import type { ShardIndex } from "../../pipelines/shards/shard_index.ts";
import { checkParts, fieldsRead, type Model } from "../../models/model.ts";
import { MODELS } from "../../models/zoo/registry.ts";
import { listWords } from "../../pipelines/base/text.ts";
import { SPLITS } from "../../pipelines/base/split.ts";
import { LOOP_OPTIONS, type RunSettings } from "./settings.ts";
import type { DataDescription } from "../../pipelines/dataset.ts";
import { type Ema, ema } from "../../models/optimizers/ema.ts";
import type { StepOptions } from "../../models/step_options.ts";
import { OPTIMIZERS } from "../../models/optimizers/optimizers.ts";
import { defaultsOf } from "../../pipelines/base/option_table.ts";
import {
  restoreVariables,
  type SpecReference,
  type TrainedData,
  upgradeTrained,
} from "../../models/zoo/trained_model.ts";

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

/** The settings of a run as its checkpoint holds them: specs by name or file. */
export type SavedSettings = Omit<RunSettings, "model" | "augmentation"> & {
  readonly model: SpecReference;
  readonly augmentation: SpecReference;
};

/** What a checkpoint says of the data. */
export interface SavedData extends TrainedData {
  /** The dataset's name. */
  readonly dataset: string;
  /** Tells these shards from others. */
  readonly identity: string;
}

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
}

/** A model with the optimizer of each of its objectives, and the running mean of its weights. */
export interface Trainee extends Pick<Model, "dispose"> {
  readonly model: Model;
  readonly optimizers: readonly Optimizer[];
  /** Where the run keeps one. */
  readonly ema?: Ema;
}

/**
 * What is needed to train a model.
 *
 * @throws {RangeError} When the model is not made as one must be.
 */
export function traineeOf(model: Model, step: StepOptions): Trainee {
  checkParts(model);
  const optimizers = model.objectives.map(() => OPTIMIZERS[step.optimizer](step));
  const average = step.emaDecay > 0 ? ema(model.variables, step.emaDecay) : undefined;
  return {
    model,
    optimizers,
    ...(average ? { ema: average } : {}),
    dispose() {
      for (const part of [...optimizers, average, model]) part?.dispose();
    },
  };
}

/** Copies every variable, optimizer slot and running mean out of tfjs. */
export async function snapshot(trainee: Trainee, state: RunState): Promise<Checkpoint<RunState>> {
  const { model, optimizers, ema } = trainee;
  const tensors: Record<string, NamedArray> = {};
  for (const [name, tensor] of Object.entries(model.variables)) tensors[`model/${name}`] = await toArray(tensor);
  for (const [i, optimizer] of optimizers.entries()) {
    for (const [name, tensor] of Object.entries(optimizer.state.slots)) {
      tensors[`${slotPrefix(model, i)}${name}`] = await toArray(tensor);
    }
  }
  for (const [name, tensor] of Object.entries(ema?.state.slots ?? {})) tensors[`ema/${name}`] = await toArray(tensor);
  return { tensors, state };
}

/** Puts a checkpoint's variables, slots and running means in the place of a new model's. */
export function restore({ model, optimizers, ema }: Trainee, { tensors, state }: Checkpoint<RunState>): void {
  restoreVariables(model, tensors);
  const stateOf = (prefix: string) => {
    const names = Object.keys(tensors).filter((name) => name.startsWith(prefix));
    const slots = Object.fromEntries(names.map((name) => [name.slice(prefix.length), toTensor(tensors[name])]));
    return { step: state.position.step, slots };
  };
  for (
    const [part, prefix] of [
      ...optimizers.map((optimizer, i) => [optimizer, slotPrefix(model, i)] as const),
      ...(ema ? [[ema, "ema/"] as const] : []),
    ]
  ) {
    const saved = stateOf(prefix);
    part.state = saved;
    tf.dispose(saved.slots);
  }
}

const slotPrefix = (model: Model, i: number) => `optimizer/${model.objectives[i].name}/`;

async function toArray(tensor: tf.Tensor): Promise<NamedArray> {
  return { shape: tensor.shape, data: Float32Array.from(await tensor.data<"float32">()) };
}

function toTensor({ shape, data }: NamedArray): tf.Tensor {
  return tf.tensor(data, [...shape], "float32");
}

/** What a model is told of prepared data. */
export function describeData({ fields, classes }: ShardIndex): DataDescription {
  return { fields, classes };
}

/**
 * Checks that a model can be trained on prepared data.
 *
 * @param run What is trained, and on which folder.
 * @returns The fields that it reads.
 * @throws {InputError} When fields are missing, there are too few classes, or train or valid is empty.
 */
export function checkData(
  index: ShardIndex,
  { model, modelOptions, data: folder }: Pick<RunSettings, "model" | "modelOptions" | "data">,
): readonly string[] {
  const fields = fieldsRead(model, modelOptions, describeData(index));
  checkFieldsOf(index, { name: model.name, fields }, { folder, advice: fittingModels(index) });
  const { classes, splits } = index;
  if (classes.length < 2 && !model.oneClass) {
    throw new InputError(`data ${folder}: one class, ${classes[0]}; there is nothing to learn`);
  }
  for (const split of ["train", "valid"] as const) {
    if (splits[split].examples === 0) throw new InputError(`data ${folder}: the ${split} split holds no example`);
  }
  return fields;
}

/** The built-in models that read nothing but what the data has, in words behind a message. */
function fittingModels(index: ShardIndex): string {
  const data = describeData(index);
  const fitting = Object.values(MODELS).filter((model) =>
    fieldsRead(model, {}, data).every((name) => Object.hasOwn(data.fields, name))
  );
  return fitting.length === 0
    ? ""
    : `; of the built-in models ${listWords(fitting.map(({ name }) => name))} can read it`;
}

/**
 * Checks that prepared data has what a model reads.
 *
 * @param model Its name, and the fields that it reads.
 * @param advice Ends the message.
 * @throws {InputError} When fields are missing.
 */
export function checkFieldsOf(
  { dataset, fields }: ShardIndex,
  model: { readonly name: string; readonly fields: readonly string[] },
  { folder, advice = "" }: { readonly folder: string; readonly advice?: string },
): void {
  const missing = model.fields.filter((name) => !Object.hasOwn(fields, name));
  if (missing.length === 0) return;
  throw new InputError(
    `data ${folder}: the ${dataset} shards lack ${listWords(missing)}, which ${model.name} reads${advice}`,
  );
}

/** Tells one folder of shards from another: SHA-256 of the hashes of all shards of all splits, in hexadecimal digits. */
export function dataIdentity({ splits }: ShardIndex): string {
  const hashes = SPLITS.map((split) => [split, ...splits[split].shards.map(({ sha256 }) => sha256)]);
  return createHash("sha256").update(JSON.stringify(hashes)).digest("hex");
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
      loop: { ...defaultsOf(LOOP_OPTIONS), ...settings.loop }, // a run from before an option was there has its default
      workers: settings.workers ?? 1,
    },
  };
}
