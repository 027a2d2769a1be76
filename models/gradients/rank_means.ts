/**
 * The means of a model's losses over batches that several processes share out.
 *
 * @module
 */
import type { Batch } from "../../pipelines/dataset.ts";
import type { Prng } from "../../pipelines/base/prng.ts";
import type { Model } from "../model.ts";
import { meansOf, objectiveMeans } from "./evaluate_objective.ts";
import { type Ranks, shareOfRank } from "./ranks.ts";
import { wholeOf } from "./shares.ts";

/**
 * As `evaluateObjectives` does, each rank with its shares of the batches, or the first one for all: up to rounding the same means, and the same bits
 * on each rank. The ranks wait for each other once, at the end.
 *
 * @param batches The whole batches, the same on each rank.
 * @throws {InputError} When a rank does not answer.
 */
export async function evaluateOnRanks(
  model: Pick<Model, "objectives" | "workOf" | "judgedWhole">,
  batches: AsyncIterable<Batch>,
  { prng, ranks }: { readonly prng: Prng; readonly ranks: Ranks },
): Promise<Record<string, number>> {
  const own = objectiveMeans(model, prng);
  for await (const batch of batches) {
    const whole = wholeOf(batch);
    const share = model.judgedWhole
      ? { ...whole, weight: ranks.rank === 0 ? batch.size : 0 }
      : shareOfRank(ranks, whole, model.workOf?.(batch)).share;
    await own.add(share.batch, share);
  }
  const names = Object.keys(own.counted);
  const values = Object.values(own.counted).flatMap(({ sum, examples }) => [sum, examples]);
  const all = await ranks.gather(new Uint8Array(Float64Array.from(values).buffer));
  return meansOf(all.map((bytes) => {
    const told = new Float64Array(bytes.buffer);
    return Object.fromEntries(names.map((name, i) => [name, { sum: told[2 * i], examples: told[2 * i + 1] }]));
  }));
}
