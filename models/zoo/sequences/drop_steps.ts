/**
 * Dropout of what a layer says at each step.
 *
 * @module
 */
import type * as tf from "@tensorflow/tfjs-core";
import { dropout } from "../../layers/dropout.ts";
import type { Pass } from "../../model.ts";

/** B, and the pass. */
export interface StepsPass extends Pass {
  readonly batch: number;
}

/**
 * Drops units in training.
 *
 * @param x float32 [T B, H], the rows of a step one after the other.
 */
export function dropSteps(
  x: tf.Tensor2D,
  rate: number,
  { training, prng, firstExample, batch }: StepsPass,
): tf.Tensor2D {
  if (training === undefined || rate === 0) return x;
  const [count] = x.shape;
  const steps = count / batch;
  const rows = Int32Array.from(
    { length: count },
    (_, i) => (firstExample + i % batch) * steps + Math.floor(i / batch),
  );
  return dropout(x, rate, { key: prng.key(), rows });
}
