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
import type { DataShape, Model, ModelSpec } from "../../models/model.ts";
import { restoreVariables } from "../../models/zoo/trained_model.ts";
import { SPLITS } from "../../pipelines/base/split.ts";
import type { TrainSettings } from "./settings.ts";

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

/** What a run's checkpoint says beside the tensors. */
export interface RunState {
  /** What the run was started with. */
  readonly settings: TrainSettings;
  /** The shape of the data, the dataset's name, and what tells these shards from others. */
  readonly data: DataShape & { readonly dataset: string; readonly identity: string };
  /** The name of the backend that computed. */
  readonly backend: string;
  /** Where the run was when it was saved. */
  readonly position: Position;
}

/** A model with the optimizer of each of its objectives. */
export interface Trainee {
  readonly model: Model;
  readonly optimizers: readonly Optimizer[];
}

/** Copies every variable and optimizer slot out of tfjs. */
export async function snapshot({ model, optimizers }: Trainee, state: RunState): Promise<Checkpoint<RunState>> {
  const tensors: Record<string, NamedArray> = {};
  for (const [name, tensor] of Object.entries(model.variables)) tensors[`model/${name}`] = await toArray(tensor);
  for (const [i, optimizer] of optimizers.entries()) {
    for (const [name, tensor] of Object.entries(optimizer.state.slots)) {
      tensors[`${slotPrefix(model, i)}${name}`] = await toArray(tensor);
    }
  }
  return { tensors, state };
}

/** Puts a checkpoint's variables and slots in the place of a new model's. */
export function restore({ model, optimizers }: Trainee, { tensors, state }: Checkpoint<RunState>): void {
  restoreVariables(model, tensors);
  for (const [i, optimizer] of optimizers.entries()) {
    const prefix = slotPrefix(model, i);
    const names = Object.keys(tensors).filter((name) => name.startsWith(prefix));
    const slots = Object.fromEntries(names.map((name) => [name.slice(prefix.length), toTensor(tensors[name])]));
    optimizer.state = { step: state.position.step, slots };
    tf.dispose(slots);
  }
}

const slotPrefix = (model: Model, i: number) => `optimizer/${model.objectives[i].name}/`;

async function toArray(tensor: tf.Tensor): Promise<NamedArray> {
  return { shape: tensor.shape, data: Float32Array.from(await tensor.data<"float32">()) };
}

function toTensor({ shape, data }: NamedArray): tf.Tensor {
  return tf.tensor(data, [...shape], "float32");
}

/**
 * What a model must know of prepared data.
 *
 * @param spec Says which fields the model reads; the data must hold them.
 */
export function dataShapeOf({ classes, fields, options }: ShardIndex, spec: ModelSpec): DataShape {
  const map = spec.fields.map((name) => fields[name].shape).find(({ length, 0: rows }) => length === 2 && rows > 0);
  return { classes, size: map?.[0] ?? 0, frames: Number(options.maxStrokes ?? 1) };
}

/**
 * Checks that a model can be trained on prepared data.
 *
 * @param folder Names the data in messages.
 * @throws {InputError} When fields are missing, there are too few classes, or train or valid is empty.
 */
export function checkData({ dataset, classes, fields, splits }: ShardIndex, spec: ModelSpec, folder: string): void {
  const missing = spec.fields.filter((name) => !Object.hasOwn(fields, name));
  if (missing.length > 0) {
    throw new InputError(
      `data ${folder}: the ${dataset} shards lack ${missing.join(" and ")}, which ${spec.name} reads`,
    );
  }
  if (classes.length < 2 && !spec.oneClass) {
    throw new InputError(`data ${folder}: one class, ${classes[0]}; there is nothing to learn`);
  }
  for (const split of ["train", "valid"] as const) {
    if (splits[split].examples === 0) throw new InputError(`data ${folder}: the ${split} split holds no example`);
  }
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
