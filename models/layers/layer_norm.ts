/**
 * The layer of layer normalization.
 *
 * @module
 */
import type * as tf from "@tensorflow/tfjs-core";
import { layerNorm } from "../ops/layer_norm.ts";
import type { Tensor2D } from "../tensors.ts";
import { constantVariable } from "./initial_values.ts";
import type { Variables } from "./layer.ts";

/** Normalizes rows and scales their columns. */
export interface LayerNormLayer {
  /** `name/gamma` and `name/beta`, [D] each. */
  readonly variables: Variables;
  /** float32 [N, D] -> [N, D]. */
  apply(x: Tensor2D): Tensor2D;
}

/**
 * Creates the layer, gamma 1 and beta 0; see {@linkcode layerNorm}.
 *
 * @param name Starts the variables' names.
 * @param width D.
 *
 * @example
 * ```ts
 * import { startBackend } from "@strokewise/strokewise";
 * import { layerNormLayer } from "@strokewise/strokewise/models";
 * import * as tf from "@tensorflow/tfjs-core";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * await startBackend("cpu");
 * const [low, high] = layerNormLayer("norm", 2).apply(tf.tensor2d([[10, 30]])).dataSync();
 * assertAlmostEquals(low, -1, 1e-5);
 * assertAlmostEquals(high, 1, 1e-5);
 * ```
 */
export function layerNormLayer(name: string, width: number): LayerNormLayer {
  const [gamma, beta] = [constantVariable<tf.Rank.R1>([width], 1), constantVariable<tf.Rank.R1>([width], 0)];
  return {
    variables: { [`${name}/gamma`]: gamma, [`${name}/beta`]: beta },
    apply: (x) => layerNorm(x, gamma, beta),
  };
}
