/**
 * The mean of an objective's loss and metrics over many batches.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import type { Batch } from "../pipelines/dataset.ts";
import type { Prng } from "../pipelines/prng.ts";
import type { Objective } from "./model.ts";

/**
 * Means over all examples of some batches, each example with the same weight.
 *
 * @returns `loss` and each of the objective's metrics.
 * @throws {RangeError} When there is no batch.
 */
export async function evaluateObjective(
  objective: Objective,
  batches: AsyncIterable<Batch>,
  prng: Prng,
): Promise<Record<string, number>> {
  const sums: Record<string, number> = {};
  let examples = 0;
  for await (const batch of batches) {
    const means = tf.tidy(() => {
      const { loss, metrics } = objective.loss(batch, prng);
      return { ...metrics, loss };
    });
    for (const [name, mean] of Object.entries(means)) {
      sums[name] = (sums[name] ?? 0) + batch.size * (await mean.data())[0];
    }
    tf.dispose(means);
    examples += batch.size;
  }
  if (examples === 0) throw new RangeError(`cannot evaluate ${objective.name}: no batches`);
  return Object.fromEntries(Object.entries(sums).map(([name, sum]) => [name, sum / examples]));
}
