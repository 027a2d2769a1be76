/**
 * The model of a checkpoint.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Checkpoint, NamedArray } from "../checkpoint.ts";
import type { DataShape, Model } from "../model.ts";
import { InputError } from "../../pipelines/base/errors.ts";
import { Prng } from "../../pipelines/base/prng.ts";
import { MODELS } from "./registry.ts";

/** What a checkpoint's state says of its model. */
export interface TrainedState {
  /** The model's name in {@linkcode MODELS}, what differs from its default options, and the seed of its first values. */
  readonly settings: {
    readonly model: string;
    readonly modelOptions: Readonly<Record<string, unknown>>;
    readonly seed: number;
  };
  /** The classes and shape of the data that it learnt from. */
  readonly data: DataShape;
}

/**
 * Builds the model of a checkpoint, with its variables.
 *
 * @param checkpoint Such as one of `deno task train`.
 * @returns The model; the caller disposes of it.
 * @throws {InputError} When there is no such model, or it has other variables.
 *
 * @example
 * ```ts
 * import { buildModel, cnn, decodeCheckpoint, encodeCheckpoint, startBackend } from "@strokewise/strokewise/models";
 * import { InputError } from "@strokewise/strokewise";
 * import { assertThrows } from "@std/assert";
 *
 * const settings = { model: "cnn", modelOptions: cnn.tiny, seed: 0 };
 * const state = { settings, data: { classes: ["fish", "sun"], size: 16, frames: 4 } };
 * const bytes = await encodeCheckpoint({ tensors: {}, state });
 *
 * await startBackend("cpu");
 * const checkpoint = await decodeCheckpoint<typeof state>(bytes, "empty.safetensors");
 * assertThrows(() => buildModel(checkpoint), InputError, "the checkpoint has conv1/kernel [missing]");
 * ```
 */
export function buildModel({ tensors, state }: Checkpoint<TrainedState>): Model {
  const { settings, data } = state;
  const spec = MODELS[settings.model];
  if (spec === undefined) throw new InputError(`the checkpoint's model ${settings.model} is unknown here`);
  const model = spec.build(settings.modelOptions, data, new Prng(settings.seed));
  restoreVariables(model, tensors);
  return model;
}

/**
 * Puts a checkpoint's variables in the place of a model's.
 *
 * @param tensors With each variable under `model/` and its name.
 * @throws {InputError} When a variable is missing or of another shape.
 */
export function restoreVariables(model: Model, tensors: Readonly<Record<string, NamedArray>>): void {
  for (const [name, variable] of Object.entries(model.variables)) {
    const saved = tensors[`model/${name}`];
    if (saved?.shape.join() !== variable.shape.join()) {
      throw new InputError(`the checkpoint has ${name} [${saved?.shape ?? "missing"}], the model [${variable.shape}]`);
    }
    const tensor = tf.tensor(saved.data, [...saved.shape], "float32");
    variable.assign(tensor);
    tensor.dispose();
  }
}
