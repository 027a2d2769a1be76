/**
 * The model of a checkpoint. Browser safe.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Fields } from "../../pipelines/base/arrays.ts";
import { InputError } from "../../pipelines/base/errors.ts";
import type { OptionTable, OptionValue, OptionValues } from "../../pipelines/base/option_table.ts";
import { Prng } from "../../pipelines/base/prng.ts";
import type { DataDescription } from "../../pipelines/dataset.ts";
import type { Checkpoint, NamedArray } from "../checkpoint.ts";
import { withRoom } from "../layers/variable_room.ts";
import type { Model } from "../model.ts";
import type { ModelSpec } from "../model_spec.ts";
import type { Variable } from "../tensors.ts";

/** What a file says of a model, dataset or augmentation. */
export interface SpecReference {
  /** The spec's own name. */
  readonly name: string;
  /** The address of its module; missing for a built-in one. */
  readonly url?: string;
  /** The name of the module's export; missing where it is found by its own. */
  readonly export?: string;
  /** SHA-256 of the module's text when the run began, 64 hexadecimal digits. */
  readonly sha256?: string;
}

/** What a checkpoint says of the data. */
export interface TrainedData extends DataDescription {
  /** The dataset's name; missing where it is not known. */
  readonly dataset?: string;
  /** What the data was prepared with; missing in checkpoints from before this was kept. */
  readonly options?: Readonly<Record<string, OptionValue>>;
}

/** What a checkpoint's state says of its model. */
export interface TrainedState {
  /** What the run was started with. */
  readonly settings: {
    readonly model: SpecReference;
    readonly modelOptions: OptionValues<OptionTable>;
    /** Of the first values of the weights. */
    readonly seed: number;
  };
  /** What the model learnt from. */
  readonly data: TrainedData;
}

/** The part of a state in which models were names, and data a size, before version 0.1. */
interface OlderState {
  readonly settings: Omit<TrainedState["settings"], "model"> & { readonly model: string };
  readonly data: { readonly classes: readonly string[]; readonly size: number; readonly frames: number };
}

/** The state of a checkpoint of this version or an earlier one. */
export function upgradeTrained<State extends TrainedState>(state: State): State {
  const { settings, data } = state as TrainedState | OlderState;
  const model = typeof settings.model === "string" ? { name: settings.model } : settings.model;
  if ("fields" in data) return { ...state, settings: { ...settings, model } };
  const { size, frames, ...rest } = data;
  const map = { dtype: "uint8", shape: [size, size] } as const;
  const fields: Fields = {
    stroke_index: { ...map, max: frames },
    stroke_count: { dtype: "uint8", shape: [], max: frames },
    image: map,
    label: { dtype: "uint16", shape: [] },
  };
  return { ...state, settings: { ...settings, model }, data: { ...rest, fields } };
}

/** Bytes that a model may take beyond those of its checkpoint: so much more is made, and told by the shapes. */
const SPARE = 2 ** 28;

/**
 * Builds the model of a checkpoint, with the weights by which its run was judged: their running mean, where it kept one.
 *
 * @param spec The kind of model that `state.settings.model` names.
 * @param checkpoint Such as one of `deno task train`.
 * @param path Names the checkpoint in messages.
 * @returns The model; the caller disposes of it.
 * @throws {InputError} When it is of another kind, cannot be built with these options, or has other variables.
 *
 * @example
 * ```ts
 * import { cnn, InputError, startBackend } from "@strokewise/strokewise";
 * import { buildTrained } from "@strokewise/strokewise/models";
 * import { assertThrows } from "@std/assert";
 *
 * await startBackend("cpu");
 * const fields = {
 *   stroke_index: { dtype: "uint8", shape: [16, 16], max: 4 },
 *   stroke_count: { dtype: "uint8", shape: [], max: 4 },
 *   label: { dtype: "uint8", shape: [] },
 * } as const;
 * const settings = { model: { name: "cnn" }, modelOptions: cnn.tiny, seed: 0 };
 * const state = { settings, data: { classes: ["fish", "sun"], fields } };
 * assertThrows(() => buildTrained(cnn, { tensors: {}, state }, "a.safetensors"), InputError, "has conv1/filter [missing]");
 * ```
 */
export function buildTrained(spec: ModelSpec, { tensors, state }: Checkpoint<TrainedState>, path: string): Model {
  const { settings, data } = upgradeTrained(state);
  if (settings.model.name !== spec.name) {
    throw new InputError(`${path}: its model is ${settings.model.name}, not ${spec.name}`);
  }
  let model: Model;
  try {
    const saved = Object.values(tensors).reduce((sum, { data }) => sum + data.length, 0);
    const bytes = 4 * saved + SPARE;
    model = withRoom({ bytes, copies: 1 }, () => spec.build(settings.modelOptions, data, new Prng(settings.seed)));
  } catch (error) {
    if (!(error instanceof RangeError || error instanceof TypeError)) throw error;
    throw new InputError(`${path}: its model cannot be built: ${error.message}`);
  }
  try {
    restoreVariables(model, usedWeights(tensors), path);
  } catch (error) {
    model.dispose();
    throw error;
  }
  return model;
}

/**
 * Puts a checkpoint's variables in the place of a model's.
 *
 * @param tensors With each variable under `model/` and its name.
 * @throws {InputError} When a variable is missing or of another shape.
 */
export function restoreVariables(
  model: Model,
  tensors: Readonly<Record<string, NamedArray>>,
  path = "the checkpoint",
): void {
  for (const [name, variable] of Object.entries(model.variables)) {
    const saved = tensors[`model/${name}`];
    if (saved?.shape.join() !== variable.shape.join()) {
      throw new InputError(`${path} has ${name} [${saved?.shape ?? "missing"}], the model [${variable.shape}]`);
    }
    assignArray(variable, saved);
  }
}

/** Gives a variable other values, of its shape. */
export function assignArray(variable: Variable, { shape, data }: NamedArray): void {
  const tensor = tf.tensor(data, [...shape], "float32");
  variable.assign(tensor);
  tensor.dispose();
}

/**
 * The weights by which a run's model is judged and used: their running mean where there is one.
 *
 * @returns Each under `model/` and the variable's name.
 */
export function usedWeights(tensors: Readonly<Record<string, NamedArray>>): Record<string, NamedArray> {
  return Object.fromEntries(
    Object.keys(tensors).filter((name) => name.startsWith("model/"))
      .map((name) => [name, tensors[`ema/${name.slice("model/".length)}/average`] ?? tensors[name]]),
  );
}
