/**
 * The means of a model's losses and metrics over many batches.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Batch } from "../../pipelines/dataset.ts";
import type { Prng } from "../../pipelines/base/prng.ts";
import { type Model, namedFor } from "../model.ts";
import { checkedLoss } from "./checked_loss.ts";

/** Sums of losses and metrics over examples, from which means are made, by name. */
export type ObjectiveSums = Readonly<
  Record<string, {
    readonly sum: number;
    /** How many examples there were, of batches that told it. */
    readonly examples: number;
  }>
>;

/** What may be known of a batch that is counted. */
export interface CountedBatch {
  /**
   * What the model's `classify` gave for it, float32 [B, classes]: an objective that takes no more needs no pass.
   */
  readonly logProbs?: Float32Array | undefined;
  /** The place of its first example in the whole batch of which it is a share, 0 when left out. */
  readonly firstExample?: number;
  /** How many examples it counts as; as many as it has when left out. */
  readonly weight?: number;
}

/** Collects batches; see {@linkcode objectiveMeans}. */
export interface ObjectiveMeans {
  /**
   * Counts a batch.
   *
   * @throws {InputError} When a loss gives something else than scalars, such as a promise.
   */
  add(batch: Batch, known?: CountedBatch): Promise<void>;
  /** What has been counted so far. */
  readonly counted: ObjectiveSums;
  /**
   * The means over all examples that were added, each with the same weight; of a metric that some batches do not tell, over
   * those of the others. Named as by {@linkcode evaluateObjectives}.
   *
   * @throws {RangeError} When there was no batch.
   */
  finish(): Record<string, number>;
}

/**
 * A collector of the means of all objectives, for a caller that does more than this with each batch.
 *
 * @param prng Draws whatever is random in the losses.
 */
export function objectiveMeans(model: Pick<Model, "objectives">, prng: Prng): ObjectiveMeans {
  const counted: Record<string, ObjectiveSums[string]> = {};
  return {
    async add(batch, { logProbs, firstExample = 0, weight = batch.size } = {}) {
      const means: Record<string, tf.Scalar> = {};
      for (const [i, objective] of model.objectives.entries()) {
        const found = tf.tidy(() => {
          const given = objective.lossOfAnswers && logProbs
            ? objective.lossOfAnswers(tf.tensor2d(logProbs, [batch.size, logProbs.length / batch.size]), batch)
            : objective.loss(batch, { prng, training: undefined, firstExample });
          const { loss, metrics } = checkedLoss(objective, given);
          return { loss, ...metrics };
        });
        Object.assign(means, namedFor(model, i, found));
      }
      // All at once: a wait for a graphics device takes longer than what it has computed.
      const values = await Promise.all(Object.values(means).map((mean) => mean.data()));
      for (const [i, name] of Object.keys(means).entries()) {
        const { sum, examples } = counted[name] ?? { sum: 0, examples: 0 };
        counted[name] = { sum: sum + weight * values[i][0], examples: examples + weight };
      }
      tf.dispose(means);
    },
    counted,
    finish: () => meansOf([counted]),
  };
}

/**
 * The means of what several have counted, such as the ranks of a training, added up in their order.
 *
 * @param parts Of the same names.
 * @throws {RangeError} When there was no batch.
 */
export function meansOf(parts: readonly ObjectiveSums[]): Record<string, number> {
  const names = Object.keys(parts[0]);
  if (names.length === 0) throw new RangeError("cannot evaluate: no batches");
  return Object.fromEntries(names.map((name) => {
    const total = (what: "sum" | "examples") => parts.reduce((sum, part) => sum + part[name][what], 0);
    return [name, total("sum") / total("examples")];
  }));
}

/**
 * Means of all objectives over all examples of some batches, each example with the same weight.
 *
 * @param prng Draws whatever is random in the losses.
 * @returns `loss` and each metric of the first objective, in their own units; those of others as `name.loss` and so on.
 * @throws {RangeError} When there is no batch.
 * @throws {InputError} When a loss gives something else than scalars, such as a promise.
 *
 * @example
 * ```ts
 * import { cnn, defaultsOf, Prng, quickdraw, startBackend } from "@strokewise/strokewise";
 * import { evaluateObjectives } from "@strokewise/strokewise/models";
 * import { assertEquals } from "@std/assert";
 *
 * await startBackend("cpu");
 * const fields = quickdraw.fields({ ...defaultsOf(quickdraw.options), size: 8 });
 * const model = cnn.build(cnn.tiny, { fields, classes: ["fish", "sun"] }, new Prng(1));
 * async function* batches() {
 *   yield { size: 1, fields: { stroke_index: new Uint8Array(64), stroke_count: Uint8Array.of(0), label: Uint16Array.of(1) } };
 * }
 * const means = await evaluateObjectives(model, batches(), new Prng(2));
 * assertEquals(Object.keys(means), ["loss", "accuracy"]);
 * ```
 */
export async function evaluateObjectives(
  model: Pick<Model, "objectives">,
  batches: AsyncIterable<Batch>,
  prng: Prng,
): Promise<Record<string, number>> {
  const means = objectiveMeans(model, prng);
  for await (const batch of batches) await means.add(batch);
  return means.finish();
}
