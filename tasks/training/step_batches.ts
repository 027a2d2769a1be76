/**
 * The batches of each step: one, or several whose gradients are accumulated.
 *
 * @module
 */
import type { PlacedBatch } from "../../pipelines/batches/batch.ts";

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
