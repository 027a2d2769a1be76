/**
 * The mean of an objective's loss and metrics over many batches.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Batch } from "../../pipelines/dataset.ts";
import type { Prng } from "../../pipelines/base/prng.ts";
import type { Objective } from "../model.ts";

/**
 * Means over all examples of some batches, each example with the same weight.
 *
 * @param prng Draws whatever is random in the loss.
 * @returns `loss` and each of the objective's metrics, in their own units.
 * @throws {RangeError} When there is no batch.
 *
 * @example
 * ```ts
 * import { evaluateObjective, MODELS, Prng, startBackend } from "@strokewise/strokewise";
 * import { assertEquals } from "@std/assert";
 *
 * await startBackend("cpu");
 * const spec = MODELS.cnn;
 * const model = spec.build(spec.tiny, { classes: ["fish", "sun"], size: 8, frames: 2 }, new Prng(1));
 * async function* batches() {
 *   yield { size: 1, fields: { stroke_index: new Uint8Array(64), stroke_count: Uint8Array.of(0), label: Uint16Array.of(1) } };
 * }
 * const means = await evaluateObjective(model.objectives[0], batches(), new Prng(2));
 * assertEquals(Object.keys(means), ["loss", "accuracy"]);
 * ```
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
      const { loss, metrics } = objective.loss(batch, { prng, training: false, firstExample: 0 });
      return { loss, ...metrics };
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
