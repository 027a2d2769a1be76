/**
 * What a run's last weights make: a part of the page an ability.
 *
 * @module
 */
import type { Abilities } from "../../../models/model.ts";
import type { PlacedBatch } from "../../../pipelines/batches/batch.ts";
import type { ShardIndex } from "../../../pipelines/shards/shard_index.ts";
import type { Html } from "../../report/html.ts";
import type { SavedModel } from "../../runs/saved_model.ts";

/** A run at one of its checkpoints. */
export interface LiveRun {
  /** The model, as long as it is shown. */
  readonly saved: SavedModel;
  /** Some examples of valid, the same at each checkpoint, of the fields that are asked for beside the model's. */
  examples(fields: readonly string[]): Promise<{ readonly batch: PlacedBatch; readonly index: ShardIndex }>;
  /** What was shown at earlier checkpoints, for whoever shows it again: the newest last. */
  readonly earlier: EarlierPicture[];
}

/** A picture of an earlier checkpoint. */
export interface EarlierPicture {
  readonly step: number;
  readonly url: string;
}

/** Shows what a model makes that has one of some abilities. */
export interface LiveWork {
  readonly abilities: readonly (keyof Abilities)[];
  /**
   * A section of the page.
   *
   * @throws {InputError} When it cannot be shown, such as when the data is not there.
   */
  show(run: LiveRun): Promise<Html>;
}
