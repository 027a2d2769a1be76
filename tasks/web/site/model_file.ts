/**
 * The file of a run that the page loads: the weights by which the run is judged and what its model is built from, without
 * optimizer, paths and positions.
 *
 * @module
 */
import { startBackend } from "../../../models/backends/backend.ts";
import { type Checkpoint, encodeCheckpoint, faultyNumber } from "../../../models/checkpoint.ts";
import { type TrainedState, usedWeights } from "../../../models/zoo/trained_model.ts";
import { InputError } from "../../../pipelines/base/errors.ts";
import { type CheckpointName, checkpointPath, loadRunCheckpoint } from "../../runs/run_directory.ts";
import type { LatentChoice } from "../../evaluation/latent_source.ts";
import { buildRun } from "../engine/built_run.ts";
import { sampleCodes } from "./sample_codes.ts";

/**
 * The part of a checkpoint that the page needs.
 *
 * @param path Names it in messages.
 * @throws {InputError} When its model is a user's own, which is in no page, or a number is not finite.
 */
export function pagePart({ tensors, state }: Checkpoint<TrainedState>, path: string): Checkpoint<TrainedState> {
  const { settings: { model: { name, url }, modelOptions, seed }, data } = state;
  if (url !== undefined) {
    throw new InputError(
      `${path}: its model ${name} is one of your own, from ${url}; the page has the built-in ones alone`,
    );
  }
  const fault = faultyNumber(tensors);
  if (fault !== undefined) throw new InputError(`checkpoint ${path}: ${fault}: it is of no use`);
  const { classes, fields, dataset, statistics, options } = data;
  return {
    tensors: usedWeights(tensors),
    state: {
      settings: { model: { name }, modelOptions, seed },
      data: {
        ...{ classes, fields },
        ...(dataset === undefined ? {} : { dataset }),
        ...(statistics === undefined ? {} : { statistics }),
        ...(options === undefined ? {} : { options }),
      },
    },
  };
}

/** A run's file for the page. */
export interface ModelFile {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** The folder of shards that the run learnt from; it may be gone, or empty where there was none. */
  readonly data: string;
  /** What is worth saying: that there are no best weights, and where samples come from. */
  readonly notes: readonly string[];
}

/**
 * Encodes the page's file of a run.
 *
 * @param folder The run's folder.
 * @param about `checkpoint`: which weights, `best` when left out. `latents`: what those of its samples are drawn from.
 * @throws {InputError} As {@linkcode pagePart}, and when there is no such run.
 */
export async function readModelFile(
  folder: string,
  { checkpoint = "best", latents = "auto" }: { readonly checkpoint?: CheckpointName; readonly latents?: LatentChoice } =
    {},
): Promise<ModelFile> {
  const { path, note } = await checkpointPath(folder, checkpoint);
  const saved = await loadRunCheckpoint(path);
  const part = pagePart(saved, path);
  const bytes = await encodeCheckpoint(part);
  const { settings: { data }, data: learnt } = saved.state;
  await startBackend("wasm");
  const built = await buildRun(bytes, folder);
  try {
    const { tensors, notes } = await sampleCodes(built, { data, learnt, folder, latents });
    return {
      bytes: Object.keys(tensors).length === 0
        ? bytes
        : await encodeCheckpoint({ ...part, tensors: { ...part.tensors, ...tensors } }),
      data,
      notes: [...note === undefined ? [] : [note], ...notes],
    };
  } finally {
    built.model.dispose();
  }
}
