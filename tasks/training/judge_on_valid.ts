/**
 * What a model that is being trained is worth on valid.
 *
 * @module
 */
import { evaluateObjectives } from "../../models/gradients/evaluate_objective.ts";
import { evaluateOnRanks } from "../../models/gradients/rank_means.ts";
import type { Ranks } from "../../models/gradients/ranks.ts";
import type { Model } from "../../models/model.ts";
import type { ModelSpec } from "../../models/model_spec.ts";
import { InputError } from "../../pipelines/base/errors.ts";
import { nearest } from "../../pipelines/base/nearest.ts";
import { Prng } from "../../pipelines/base/prng.ts";
import type { BatchWorkers } from "../../pipelines/batches/prefetch.ts";
import { Diverged } from "../runs/divergence.ts";
import type { RunSettings } from "../runs/settings.ts";

/** What is judged, and who shares it out. */
interface OnValid {
  readonly run: Pick<RunSettings, "model" | "data" | "seed" | "loop">;
  /** Those that the model reads. */
  readonly fields: readonly string[];
  /** Training steps of the weights, for messages. */
  readonly step: number;
  readonly ranks?: Ranks | undefined;
  /** Who reads the examples. */
  readonly readers: BatchWorkers;
}

/**
 * Judges a model on every example of valid, each time with the same random numbers.
 *
 * @returns Means by name, and among them the one by which the best weights are told.
 * @throws {Diverged} When one is not a finite number.
 * @throws {InputError} When there is none of the best's name.
 */
export async function judgeOnValid(
  model: Model,
  { run: { model: spec, data: folder, seed, loop: { batchSize } }, fields, step, ranks, readers }: OnValid,
): Promise<{ readonly values: Readonly<Record<string, number>>; readonly value: number }> {
  const valid = readers.read({ folder, split: "valid", batchSize, fields, epochs: 1 });
  const prng = new Prng(seed, 2);
  const values = ranks
    ? await evaluateOnRanks(model, valid, { prng, ranks })
    : await evaluateObjectives(model, valid, prng);
  for (const [name, value] of Object.entries(values)) {
    if (!Number.isFinite(value)) throw new Diverged(`${name} on valid is ${value} after step ${step}`);
  }
  return { values, value: judgedBy(spec, values, batchSize) };
}

/** What a model's evaluations are compared by. */
function judgedBy(
  { name, best: { metric } }: ModelSpec,
  values: Readonly<Record<string, number>>,
  batchSize: number,
): number {
  const value = values[metric];
  if (value !== undefined) return value;
  const known = Object.keys(values);
  const larger = batchSize === 1 ? "; --train.batch-size 2 or more may tell it" : "";
  throw new InputError(
    `model ${name}: there is no ${metric} to tell the best by, only ${known.join(", ")}${
      nearest(metric, known)
    }${larger}`,
  );
}
