/**
 * Dropout (Srivastava et al. 2014), inverted: what is kept is scaled up in training, so that evaluation needs nothing.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import type { Prng } from "../../pipelines/prng.ts";
import type { Tensor } from "../tensors.ts";

/**
 * Sets elements to 0 at random and divides the others by the share that is kept.
 *
 * @param x float32, any shape.
 * @param dropoutRate The probability of dropping an element, 0 to below 1; 0 returns `x` itself and draws nothing.
 * @param prng Draws the mask, so that a resumed run drops the same elements.
 * @returns float32, the shape of `x`.
 * @throws {RangeError} When the rate is not in that range.
 *
 * @example
 * ```ts
 * import { dropout, Prng, startBackend } from "@strokewise/strokewise";
 * import * as tf from "@tensorflow/tfjs";
 * import { assertEquals } from "@std/assert";
 *
 * await startBackend("cpu");
 * const kept = dropout(tf.ones([1000]), 0.75, new Prng(1)).dataSync();
 * assertEquals(new Set(kept), new Set([0, 4]));
 * ```
 */
export function dropout<T extends Tensor>(x: T, dropoutRate: number, prng: Prng): T {
  if (!(dropoutRate >= 0 && dropoutRate < 1)) {
    throw new RangeError(`cannot drop at a rate of ${dropoutRate}: expected 0 to below 1`);
  }
  if (dropoutRate === 0) return x;
  const mask = new Float32Array(x.size);
  for (let i = 0; i < mask.length; i++) mask[i] = prng.uniform() < dropoutRate ? 0 : 1 / (1 - dropoutRate);
  return tf.mul(x, tf.tensor(mask, x.shape, "float32"));
}
