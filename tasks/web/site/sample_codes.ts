/**
 * Where the latents of samples are drawn from on the page, other than from a prior: the training examples tell, and the page
 * has none, so what they tell goes into the run's file.
 *
 * @module
 */
import type { NamedArray } from "../../../models/checkpoint.ts";
import { fieldsRead } from "../../../models/model_spec.ts";
import { InputError } from "../../../pipelines/base/errors.ts";
import { exists } from "../../../pipelines/base/files.ts";
import { readBatches } from "../../../pipelines/batches/batch.ts";
import type { Batch } from "../../../pipelines/dataset.ts";
import { readShardIndex } from "../../../pipelines/shards/shard_reader.ts";
import { drawsByCodes, type LatentChoice, latentSource } from "../../evaluation/latent_source.ts";
import { CODED, isEncoder, readCodes } from "../../evaluation/picture_codes.ts";
import { checkSameData, type SavedData } from "../../runs/run_data.ts";
import { type BuiltRun, CODES_TENSOR } from "../engine/built_run.ts";

/** What there is for a run's file, and what is to be said of it. */
export interface SampleCodes {
  readonly tensors: Readonly<Record<string, NamedArray>>;
  readonly notes: readonly string[];
}

/** What a run learnt from. */
export interface LearntFrom {
  /** The folder of shards; it may be gone, or empty where there was none. */
  readonly data: string;
  readonly learnt: SavedData;
  /** The run's folder, for messages. */
  readonly folder: string;
  /** What latents are to be drawn from. */
  readonly latents: LatentChoice;
}

const BATCH = 500;

/**
 * Codes of training examples, by which samples are drawn where the run's model draws images and has no prior, or codes are
 * asked for and it finds some.
 *
 * @returns Nothing for any other model, and of one that finds no codes.
 * @throws {InputError} When the data is not there any more, or is other data.
 */
export async function sampleCodes({ model, spec, state }: BuiltRun, from: LearntFrom): Promise<SampleCodes> {
  const { images } = model;
  if (images === undefined || !isEncoder(images) || !drawsByCodes(images, from)) return { tensors: {}, notes: [] };
  try {
    const fields = fieldsRead(spec, state.settings.modelOptions, state.data);
    const batches = await trainBatches(from, fields);
    const codes = await readCodes(images, batches, { most: CODED, seed: 0 });
    const { values, size } = codes;
    return {
      tensors: { [CODES_TENSOR]: { shape: [values.length / size, size], data: Float32Array.from(values) } },
      notes: [`its samples are drawn from ${latentSource(images, codes)!.name}`],
    };
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    const why = `samples of ${spec.name} on the page need its training pictures`;
    throw new InputError(`run ${from.folder}: ${why}: ${error.message}`);
  }
}

async function trainBatches(from: LearntFrom, fields: readonly string[]): Promise<AsyncIterable<Batch>> {
  const { data } = from;
  if (data === "" || !await exists(`${data}/index.json`)) {
    throw new InputError(
      data === ""
        ? "the run came without them"
        : `data ${data}: not there any more; put it back, or prepare it there again`,
    );
  }
  checkSameData(await readShardIndex(data), from);
  return readBatches({ folder: data, split: "train", batchSize: BATCH, fields, epochs: 1 });
}
