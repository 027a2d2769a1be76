/**
 * The batches of each step: one, or several whose gradients are accumulated.
 *
 * @module
 */
import { addressOf } from "../../pipelines/base/spec_module.ts";
import type { BatchOptions, PlacedBatch } from "../../pipelines/batches/batch.ts";
import type { RunSettings } from "../runs/settings.ts";

/** The training batches of a run, from its first epoch on. */
export async function trainingBatches(
  { data, model, loop: { batchSize, balance, bucket }, seed, augmentation, augment: options }: RunSettings,
  fields: readonly string[],
): Promise<BatchOptions> {
  const augment = { address: await addressOf(augmentation, "augmentation"), options };
  const alike = bucket && model.sequence !== undefined ? { alikeBy: model.sequence } : {};
  return { folder: data, split: "train", batchSize, fields, ...alike, shuffleSeed: seed, balance, augment };
}

/**
 * Groups batches into steps of `accumulate` each; the last step of an epoch takes what is left of it.
 *
 * @param examples Of an epoch.
 */
export async function* stepBatches(
  batches: AsyncIterable<PlacedBatch>,
  { accumulate, examples }: { readonly accumulate: number; readonly examples: number },
): AsyncGenerator<PlacedBatch[]> {
  let parts: PlacedBatch[] = [];
  for await (const batch of batches) {
    parts.push(batch);
    if (parts.length < accumulate && batch.seen < examples) continue;
    yield parts;
    parts = [];
  }
}
