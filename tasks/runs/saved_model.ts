/**
 * The model of a run, built anew from its checkpoint.
 *
 * @module
 */
import { type Checkpoint, faultyNumber } from "../../models/checkpoint.ts";
import type { Model, ModelSpec } from "../../models/model.ts";
import { MODELS } from "../../models/zoo/registry.ts";
import { InputError } from "../../pipelines/base/errors.ts";
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
 * @throws {InputError} When there is no such checkpoint or model, it has other variables, or a number that is not finite.
 *
 * @example
 * ```ts
 * import { InputError, loadModel } from "@strokewise/strokewise";
 * import { assertRejects } from "@std/assert";
 *
 * await assertRejects(() => loadModel("runs/none"), InputError, "run runs/none: no such folder");
 * ```
 */
export async function loadModel(folder: string, checkpoint: CheckpointName = "best"): Promise<SavedModel> {
  const { path, note } = await checkpointPath(folder, checkpoint);
  const saved = await modelOf(await loadRunCheckpoint(path), path);
  return note === undefined ? saved : { ...saved, notes: [...saved.notes, note] };
}

/** {@linkcode loadModel} of a checkpoint that is loaded already. */
export async function modelOf(saved: Checkpoint<RunState>, path: string): Promise<SavedModel> {
  const fault = faultyNumber(saved.tensors);
  if (fault !== undefined) throw new InputError(`checkpoint ${path}: ${fault}: it is of no use`);
  const { spec, note } = await referred<ModelSpec>(saved.state.settings.model, REGISTERED_MODELS, path);
  const model = buildTrained(spec, saved, path);
  return { model, spec, state: saved.state, notes: note === undefined ? [] : [note] };
}
