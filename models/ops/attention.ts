/**
 * Attention of several heads over sequences.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Tensor2D } from "../tensors.ts";
import { hasFusedKernel, runFusedKernel, runFusedOp } from "./fused_op.ts";

/** What is looked at, and by which words it is found. */
export interface Attended {
  /** float32 [S B, D], the rows of a step one after the other. */
  readonly keys: Tensor2D;
  /** float32 [S B, D]. */
  readonly values: Tensor2D;
}

/** How attention looks. */
export interface AttentionOptions {
  /** B, sequences side by side. */
  readonly batch: number;
  /** Heads that look each with its own part of the columns, 1 or more; they divide D. */
  readonly heads: number;
  /** Whether step t sees the steps up to t alone; false when left out. */
  readonly causal?: boolean;
}

/** What is taken from a score that must not count: e to it is 0, and it is no infinity. */
const HIDDEN = 1e9;

/**
 * Scaled dot-product attention: of each head softmax(Q K^T / sqrt(D / heads)) V, the heads' results side by side (Vaswani et
 * al. 2017, arXiv:1706.03762, equation 1).
 *
 * @param queries float32 [T B, D], the rows of a step one after the other.
 * @param attended Keys and values of S steps.
 * @returns float32 [T B, D].
 * @throws {RangeError} If the shapes do not fit together, or the heads do not divide D.
 *
 * @example What finds no key gets the mean of the values
 * ```ts
 * import { startBackend } from "@strokewise/strokewise";
 * import { attention } from "@strokewise/strokewise/models";
 * import * as tf from "@tensorflow/tfjs-core";
 * import { assertEquals } from "@std/assert";
 *
 * await startBackend("cpu");
 * const values = tf.tensor2d([[1, 2], [3, 6]]); // two steps of one example
 * const queries = tf.zeros<tf.Rank.R2>([2, 2]);
 * assertEquals(attention(queries, { keys: values, values }, { batch: 1, heads: 2 }).arraySync(), [[2, 4], [2, 4]]);
 * const causal = attention(queries, { keys: values, values }, { batch: 1, heads: 2, causal: true });
 * assertEquals(causal.arraySync(), [[1, 2], [2, 4]]); // the first step does not see the second
 * ```
 */
export function attention(queries: Tensor2D, { keys, values }: Attended, options: AttentionOptions): Tensor2D {
  const { batch, heads, causal = false } = options;
  const [, width] = queries.shape;
  if (keys.shape.join() !== values.shape.join() || keys.shape[1] !== width) {
    throw new RangeError(
      `attention needs keys and values [SB, ${width}], found [${keys.shape.join(", ")}] and [${
        values.shape.join(", ")
      }]`,
    );
  }
  for (const [rows] of [queries.shape, keys.shape]) {
    if (rows % batch === 0) continue;
    throw new RangeError(`attention needs the rows of ${batch} sequences, found ${rows}`);
  }
  if (!(Number.isSafeInteger(heads) && heads > 0 && width % heads === 0)) {
    throw new RangeError(`attention needs a number of heads that divides ${width}, found ${heads}`);
  }
  if (!hasFusedKernel("StrokewiseAttention")) return tf.tidy(() => composed(queries, { keys, values }, options));
  const attributes = { batch, heads, causal: Number(causal) };
  return runFusedOp({
    forward(save) {
      const [seen, weights] = runFusedKernel("StrokewiseAttention", { queries, keys, values }, attributes);
      save([queries, keys, values, weights]); // [B, heads, T, S]
      return seen as tf.Tensor2D;
    },
    gradients(dy, [queries, keys, values, weights]) {
      const given = { dy, queries, keys, values, weights };
      const [dQueries, dKeys, dValues] = runFusedKernel("StrokewiseAttentionGrad", given, attributes);
      return { queries: () => dQueries, keys: () => dKeys, values: () => dValues };
    },
  }, { queries, keys, values });
}

/** {@linkcode attention} made of products. */
function composed(queries: Tensor2D, { keys, values }: Attended, { batch, heads, causal }: AttentionOptions): Tensor2D {
  const [rows, width] = queries.shape;
  const [q, k, v] = [queries, keys, values].map((x) => {
    const parts = tf.reshape(x, [-1, batch, heads, width / heads]); // [T, B, heads, D / heads]
    return tf.transpose(parts, [1, 2, 0, 3]); // [B, heads, T, D / heads]
  });
  const scores = tf.mul(tf.matMul(q, k, false, true), Math.sqrt(heads / width)); // [B, heads, T, S]
  const weights = tf.softmax(causal ? tf.sub(scores, maskOf(rows / batch, k.shape[2]!)) : scores);
  const seen = tf.transpose(tf.matMul(weights, v), [2, 0, 1, 3]); // [T, B, heads, D / heads]
  return tf.reshape(seen, [rows, width]);
}

/** What is taken from the scores so that no step sees what follows it: float32 [T, S]. */
function maskOf(steps: number, seen: number): tf.Tensor2D {
  const values = Float32Array.from(
    { length: steps * seen },
    (_, i) => i % seen > Math.floor(i / seen) ? HIDDEN : 0,
  );
  return tf.tensor2d(values, [steps, seen]);
}
