/**
 * How a batch is cut into the shares of several threads or processes.
 *
 * @module
 */
import { sliceBatch } from "../../pipelines/batches/batch_builder.ts";
import type { Batch } from "../../pipelines/dataset.ts";

/** Some examples of a batch. */
export interface Share {
  readonly batch: Batch;
  /** The place of its first example in the whole batch, 0-based. */
  readonly firstExample: number;
  /** How many examples it counts as beside other batches; as many as it has when left out. */
  readonly weight?: number;
}

/** A batch as one share. */
export function wholeOf(batch: Batch): Share {
  return { batch, firstExample: 0 };
}

/**
 * Cuts a batch into contiguous shares of as much work as can be, none of them empty.
 *
 * @param count Shares, 1 or more; a batch of fewer examples has one share each.
 * @param work How much work each example is beside the others, [B]; all the same when left out.
 * @throws {RangeError} When it is not said of each.
 */
export function sharesOf(batch: Batch, count: number, work?: ArrayLike<number>): Share[] {
  if (work !== undefined && work.length !== batch.size) {
    throw new RangeError(`the work of a batch: expected ${batch.size} numbers, found ${work.length}`);
  }
  const bounds = boundsOf(work ?? new Float32Array(batch.size).fill(1), Math.min(count, batch.size));
  return bounds.slice(1).map((end, i) => {
    return { batch: sliceBatch(batch, bounds[i], end), firstExample: bounds[i] };
  });
}

/** Where shares begin and the last one ends: each bound as near as it can be to its part of the work, at a tie before it. */
function boundsOf(work: ArrayLike<number>, count: number): number[] {
  const done = [0]; // before each example
  for (let i = 0; i < work.length; i++) done.push(done[i] + work[i]);
  const bounds = [0];
  for (let share = 1; share < count; share++) {
    const goal = share * done[work.length] / count;
    const last = work.length - (count - share); // leaves one example for each share to come
    let bound = bounds[share - 1] + 1;
    while (bound < last && (done[bound + 1] <= goal || done[bound + 1] - goal < goal - done[bound])) bound++;
    bounds.push(bound);
  }
  return [...bounds, work.length];
}
