/**
 * The layer of attention.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Prng } from "../../pipelines/base/prng.ts";
import { type Attended, attention, type AttentionOptions } from "../ops/attention.ts";
import type { Tensor2D } from "../tensors.ts";
import { uniformVariable, type Variables } from "./layer.ts";
import { type Linear, linear } from "./linear.ts";

/** Attention of several heads between linear maps. */
export interface AttentionLayer {
  /**
   * `name/queries`, `name/keys`, `name/values` and `name/output`, each /weights [D, D] and, but for the keys, /bias [D]: what
   * is added to all keys alike changes nothing.
   */
  readonly variables: Variables;
  /** Keys and values of what is looked at: float32 [S B, D], the rows of a step one after the other. */
  attend(seen: Tensor2D): Attended;
  /** Looks: float32 [T B, D] -> [T B, D], B sequences side by side. */
  apply(x: Tensor2D, attended: Attended, batch: number): Tensor2D;
}

/** The size of an {@linkcode AttentionLayer}. */
export interface AttentionLayerOptions extends Omit<AttentionOptions, "batch"> {
  /** D. */
  readonly width: number;
}

/**
 * Creates an attention layer (Vaswani et al. 2017, arXiv:1706.03762, section 3.2.2).
 *
 * @param name Starts the variables' names.
 *
 * @example A sequence looks at itself
 * ```ts
 * import { Prng, startBackend } from "@strokewise/strokewise";
 * import { attentionLayer } from "@strokewise/strokewise/models";
 * import * as tf from "@tensorflow/tfjs-core";
 * import { assertEquals } from "@std/assert";
 *
 * await startBackend("cpu");
 * const layer = attentionLayer("attention", { width: 8, heads: 2, causal: true }, new Prng(1));
 * const x = tf.ones<tf.Rank.R2>([5 * 3, 8]); // 5 steps of 3 sequences
 * assertEquals(layer.apply(x, layer.attend(x), 3).shape, [15, 8]);
 * ```
 */
export function attentionLayer(name: string, options: AttentionLayerOptions, prng: Prng): AttentionLayer {
  const { width } = options;
  const layer = (part: string) => linear(`${name}/${part}`, { inputs: width, outputs: width }, prng);
  const queries = layer("queries");
  const keys = keyLayer(`${name}/keys`, { inputs: width, outputs: width }, prng);
  const [values, output] = ["values", "output"].map(layer);
  return {
    variables: Object.assign({}, ...[queries, keys, values, output].map(({ variables }) => variables)),
    attend: (seen) => ({ keys: keys.apply(seen), values: values.apply(seen) }),
    apply: (x, attended, batch) => output.apply(attention(queries.apply(x), attended, { ...options, batch })),
  };
}

/** A linear layer without a bias, by which keys are made. */
export function keyLayer(
  name: string,
  { inputs, outputs }: { readonly inputs: number; readonly outputs: number },
  prng: Prng,
): Pick<Linear, "variables" | "apply"> {
  const weights = uniformVariable<tf.Rank.R2>([inputs, outputs], 1 / Math.sqrt(inputs), prng);
  return { variables: { [`${name}/weights`]: weights }, apply: (x) => tf.matMul(x, weights) };
}
