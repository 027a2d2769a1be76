/**
 * Where the examples are that a model learnt from, where others are judged or shown.
 *
 * @module
 */
import { InputError } from "../../pipelines/base/errors.ts";
import type { ShardIndex } from "../../pipelines/shards/shard_index.ts";
import { dataIdentity, readLearntIndex } from "../runs/run_data.ts";

/** A folder of shards. */
export interface ShardPlace {
  readonly data: string;
  readonly index: ShardIndex;
}

/**
 * The folder whose train split is what a model learnt from.
 *
 * @param judged The folder whose examples are judged or shown.
 * @param run `data`: the folder of its training, empty where nobody knows it; `identity` of its data then.
 * @returns That of the training where its data is there still, else the judged one, and what is to be said of it.
 */
export async function learntPlace(
  judged: ShardPlace,
  { data, identity }: { readonly data: string; readonly identity: string },
): Promise<ShardPlace & { readonly note?: string }> {
  if (dataIdentity(judged.index) === identity) return judged;
  const index = data === "" || data === judged.data ? undefined : await found(data);
  if (index !== undefined && dataIdentity(index) === identity) return { data, index };
  const note =
    `the examples that the model learnt from are not there: where training examples are spoken of, those of ` +
    `${judged.data} are meant`;
  return { ...judged, note };
}

async function found(data: string): Promise<ShardIndex | undefined> {
  try {
    return await readLearntIndex({ data, folder: "the run" });
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return undefined;
  }
}
