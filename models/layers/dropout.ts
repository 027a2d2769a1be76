/**
 * Dropout (Srivastava et al. 2014), inverted: what is kept is scaled up in training, so that evaluation needs nothing.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { type RandomKey, randomUniform } from "../ops/random.ts";
import type { Tensor2D } from "../tensors.ts";

/**
 * Sets features to 0 at random and divides the others by the share that is kept.
 *
 * @param x float32 [N, features].
 * @param dropoutRate The probability of dropping a feature, 0 to below 1; 0 returns `x` itself.
 * @param random What is dropped depends on `key` and on the id of the row, int32 [N], alone.
 * @returns float32 [N, features].
 * @throws {RangeError} When the rate is not in that range.
 *
 * @example
 * ```ts
 * import { Prng, startBackend } from "@strokewise/strokewise";
 * import { dropout } from "@strokewise/strokewise/models";
 * import * as tf from "@tensorflow/tfjs-core";
 * import { assertEquals } from "@std/assert";
 *
 * await startBackend("cpu");
 * const random = { key: new Prng(1).key(), rows: Int32Array.of(0, 1) };
 * const kept = dropout(tf.ones([2, 500]), 0.75, random).dataSync();
 * assertEquals(new Set(kept), new Set([0, 4]));
 * ```
 */
export function dropout(
  x: Tensor2D,
  dropoutRate: number,
  { key, rows }: { readonly key: RandomKey; readonly rows: Int32Array },
): Tensor2D {
  if (!(dropoutRate >= 0 && dropoutRate < 1)) {
    throw new RangeError(`cannot drop at a rate of ${dropoutRate}: expected 0 to below 1`);
  }
  if (dropoutRate === 0) return x;
  return tf.tidy(() => {
    // Not greaterEqual: on wasm it takes as long as drawing the numbers.
    const kept = tf.step(tf.sub(randomUniform(key, rows, x.shape[1]), dropoutRate)); // [N, features]
    return tf.mul(x, tf.mul(kept, 1 / (1 - dropoutRate)));
  });
}
