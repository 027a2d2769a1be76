/**
 * The model of a run, built anew from its checkpoint.
 *
 * @module
 */
import { type Checkpoint, faultyNumber } from "../../models/checkpoint.ts";
import type { Model } from "../../models/model.ts";
import type { ModelSpec } from "../../models/model_spec.ts";
import { MODELS } from "../../models/zoo/registry.ts";
import { InputError } from "../../pipelines/base/errors.ts";
import {
  mergeOptions,
  type OptionTable,
  type OptionValues,
  type PartialOptions,
  refuseIdle,
} from "../../pipelines/base/option_table.ts";
import { flagOf } from "../cli/option_values.ts";
import { type CheckpointName, checkpointPath, loadRunCheckpoint } from "./run_directory.ts";
import type { RunState } from "./run_state.ts";
import { referred } from "./spec_reference.ts";
import { buildTrained } from "../../models/zoo/trained_model.ts";

/** The built-in models, for references. */
export const REGISTERED_MODELS = { what: "model", specs: MODELS } as const;

/** A run's model, ready for use. */
export interface SavedModel {
  /** The caller disposes of it. */
  readonly model: Model;
  /** The kind of model. */
  readonly spec: ModelSpec;
  /** The checkpoint's state. */
  readonly state: RunState;
  /** The options that the model was built with: the run's, or those that were told. */
  readonly options: OptionValues<OptionTable>;
  /** What is worth saying: that the model's own file was changed, or that there are no best weights. */
  readonly notes: readonly string[];
}

/**
 * Builds the model of a run with the weights that it was judged by: their running mean, where the run kept one. The
 * backend must have been started.
 *
 * @param folder The run's folder.
 * @param checkpoint Which weights: those of the best evaluation on valid, or the last; `best` when left out. Of a run that
 * was stopped before its first evaluation the last ones are taken, and a note says so.
 * @param told Options of the model in place of the run's, such as `binarize` of DRAW: some on which the weights do not
 * depend.
 * @throws {TypeError} When the model has no option of a name.
 * @throws {RangeError} When an option does not take its value.
 * @throws {InputError} When there is no such checkpoint or model, it has other variables, or a number that is not finite; or
 * when an option is told that is read in training alone.
 *
 * @example
 * ```ts
 * import { InputError, loadModel } from "@strokewise/strokewise";
 * import { assertRejects } from "@std/assert";
 *
 * await assertRejects(() => loadModel("runs/none"), InputError, "run runs/none: no such folder");
 * ```
 */
export async function loadModel(
  folder: string,
  checkpoint: CheckpointName = "best",
  told: PartialOptions<OptionTable> = {},
): Promise<SavedModel> {
  const { path, note } = await checkpointPath(folder, checkpoint);
  const saved = await modelOf(await loadRunCheckpoint(path), path, told);
  return note === undefined ? saved : { ...saved, notes: [...saved.notes, note] };
}

/** {@linkcode loadModel} of a checkpoint that is loaded already. */
export async function modelOf(
  saved: Checkpoint<RunState>,
  path: string,
  told: PartialOptions<OptionTable> = {},
): Promise<SavedModel> {
  const fault = faultyNumber(saved.tensors);
  if (fault !== undefined) throw new InputError(`checkpoint ${path}: ${fault}: it is of no use`);
  const { spec, note } = await referred<ModelSpec>(saved.state.settings.model, REGISTERED_MODELS, path);
  const { settings } = saved.state;
  const isTold = Object.keys(told).length > 0;
  const options = isTold
    ? mergeOptions(spec.options, { ...settings.modelOptions, ...told }, `model ${spec.name}`)
    : settings.modelOptions;
  const toldOf = Object.fromEntries(Object.entries(spec.options).filter(([name]) => told[name] !== undefined));
  refuseIdle(toldOf, options, `model ${spec.name}`);
  refuseOfTraining(spec, told, settings.modelOptions);
  const model = isTold
    ? buildOtherwise(spec, { ...saved, state: { ...saved.state, settings: { ...settings, modelOptions: options } } }, {
      path,
      told,
    })
    : buildTrained(spec, saved, path);
  return { model, spec, state: saved.state, options, notes: note === undefined ? [] : [note] };
}

/** @throws {InputError} When an option is told that is not what it was in training, where alone it is read. */
function refuseOfTraining(
  { name: model, options }: ModelSpec,
  told: PartialOptions<OptionTable>,
  trained: PartialOptions<OptionTable>,
): void {
  for (const [name, value] of Object.entries(told)) {
    const was = trained[name] ?? options[name].value;
    if (value === undefined || !options[name].inTraining || String(value) === String(was)) continue;
    throw new InputError(
      `${
        flagOf(`model.${name}`)
      } ${value}: ${model} reads it in training alone, and what is trained does not change by it`,
    );
  }
}

/**
 * Builds a model with other options than those that its weights were learnt with.
 *
 * @throws {InputError} When the weights depend on them: such a model has other variables.
 */
function buildOtherwise(
  spec: ModelSpec,
  saved: Checkpoint<RunState>,
  { path, told }: { readonly path: string; readonly told: PartialOptions<OptionTable> },
): Model {
  const flags = Object.entries(told).map(([name, value]) => `${flagOf(`model.${name}`)} ${value}`).join(" ");
  let model: Model;
  try {
    model = buildTrained(spec, saved, path);
  } catch (error) {
    throw error instanceof InputError ? new InputError(`${flags}: not with these weights: ${error.message}`) : error;
  }
  const unused = Object.keys(saved.tensors).find((name) =>
    name.startsWith("model/") && !Object.hasOwn(model.variables, name.slice("model/".length))
  );
  if (unused === undefined) return model;
  model.dispose();
  throw new InputError(`${flags}: ${path} has weights of ${unused.slice("model/".length)}, which such a model lacks`);
}
