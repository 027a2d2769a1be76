/**
 * The examples that a model of images is shown: of a split, and those that it learnt from.
 *
 * @module
 */
import { InputError } from "../../pipelines/base/errors.ts";
import type { Split } from "../../pipelines/base/split.ts";
import { readBatches } from "../../pipelines/batches/batch.ts";
import { prefetchBatches } from "../../pipelines/batches/prefetch.ts";
import type { Batch } from "../../pipelines/dataset.ts";
import { checkHasExamples } from "../../pipelines/shards/shard_index.ts";
import { readShardIndex } from "../../pipelines/shards/shard_reader.ts";
import { checkShapes, readLearntIndex } from "../runs/run_data.ts";
import { judgedClasses } from "./judged_classes.ts";
import { learntPlace } from "./learnt_examples.ts";
import type { SampledRun } from "./sampler.ts";

/** Where examples are. */
export interface ExamplePlace {
  /** Another folder of shards than that of the training; that one when empty. */
  readonly data: string;
  readonly split: Split;
}

/** Examples of a folder of shards. */
export interface ImageExamples {
  /** The first so many of the split, in an order by the seed; fewer where it holds fewer. */
  some(count: number): Promise<Batch>;
  /** Whether the split holds none. */
  readonly isEmpty: boolean;
  /** What the model learnt from, in the order of the shards, from the first on at each reading; see {@linkcode learntPlace}. */
  readonly train: AsyncIterable<Batch>;
}

const TRAIN_BATCH = 500;

/**
 * Opens the examples of a folder.
 *
 * @throws {InputError} When they are not there, or are not what the model reads.
 */
export async function openExamples(
  { data: other, split }: ExamplePlace,
  { learnt, data: trained, seed, model, onNote }: Pick<SampledRun, "learnt" | "data" | "seed" | "model" | "onNote">,
): Promise<ImageExamples> {
  const data = other || trained;
  if (data === "") throw new InputError("the run came without the data that it was trained on; --data names some");
  const folder = "the run";
  const index = other === "" ? await readLearntIndex({ data, folder }) : await readShardIndex(data);
  const { relabel } = judgedClasses(index, { data, folder: "the model", learnt });
  checkShapes(model, index, { data, learnt, folder });
  const place = await learntPlace({ data, index }, { data: trained, identity: learnt.identity });
  const ofTrain = judgedClasses(place.index, { data: place.data, folder: "the model", learnt });
  const fields = [...new Set([...model.fields, "label"])];
  const { examples } = index.splits[split];
  let isNoted = place.note === undefined;
  return {
    isEmpty: examples === 0,
    async some(count) {
      checkHasExamples(index, split, data);
      const wanted = {
        folder: data,
        split,
        batchSize: Math.min(count, examples),
        fields,
        epochs: 1,
        shuffleSeed: seed,
      };
      for await (const batch of readBatches(wanted)) return relabel(batch);
      throw new InputError(`data ${data}: no batch of the ${split} split`);
    },
    train: {
      async *[Symbol.asyncIterator]() {
        checkHasExamples(place.index, "train", place.data);
        if (!isNoted) onNote(place.note!);
        isNoted = true;
        const wanted = { folder: place.data, split: "train", batchSize: TRAIN_BATCH, fields, epochs: 1 } as const;
        for await (const batch of prefetchBatches(wanted)) yield ofTrain.relabel(batch);
      },
    },
  };
}
