/**
 * Spectral normalization (Miyato et al. 2018, arXiv:1802.05957): weights are divided by their largest singular value, so
 * that a layer stretches no direction by more than 1.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Prng } from "../../pipelines/base/prng.ts";
import type { Tensor, Variable } from "../tensors.ts";
import { normalVariable } from "./initial_values.ts";
import type { Variables } from "./layer.ts";

/** Iterations before the first step, as many as PyTorch's parametrization makes. */
const FIRST_ITERATIONS = 15;

/** Weights divided by their largest singular value. */
export interface SpectralNorm {
  /** `name/u` [outputs], the direction that is stretched most, as far as it is known; no gradient changes it. */
  readonly variables: Variables;
  /**
   * The weights over sigma, of their shape; the gradient goes through sigma too.
   */
  normalized(): Tensor;
  /** Takes one step of the power iteration towards the largest singular value of the weights as they are now. */
  update(): void;
}

/**
 * Normalizes weights by the largest singular value of W: all their dimensions but the last make its rows.
 *
 * Power iteration is algorithm 1 of the paper, a step of it an update. sigma is |W u| for the unit vector u, which is
 * v' W u for v = W u / |W u|; its gradient is v u', as with both held fixed.
 *
 * @param name Starts the variable's name.
 * @param weights float32, rank 2 or more; they stay the caller's.
 * @param prng Draws where the iteration begins.
 *
 * @example Of a diagonal matrix the largest number becomes 1
 * ```ts
 * import { Prng, startBackend } from "@strokewise/strokewise";
 * import { spectralNorm } from "@strokewise/strokewise/models";
 * import * as tf from "@tensorflow/tfjs-core";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * await startBackend("cpu");
 * const norm = spectralNorm("dense", tf.variable(tf.tensor2d([[4, 0], [0, 1]])), new Prng(1));
 * assertAlmostEquals(norm.normalized().dataSync()[0], 1, 1e-5);
 * ```
 */
export function spectralNorm(name: string, weights: Variable, prng: Prng): SpectralNorm {
  const outputs = weights.shape[weights.rank - 1];
  const u = normalVariable<tf.Rank.R1>([outputs], 1, prng);
  const rows = () => tf.reshape(weights, [-1, outputs]) as tf.Tensor2D; // [R, outputs]
  const unit = (x: tf.Tensor) => tf.div(x, tf.maximum(tf.norm(x), 1e-12));
  const column = () => tf.reshape(unit(u), [outputs, 1]); // [outputs, 1]
  const update = () =>
    tf.tidy(() => {
      const v = unit(tf.matMul(rows(), column())); // [R, 1]
      u.assign(tf.reshape(unit(tf.matMul(rows(), v, true)), [outputs])); // [outputs]
    });
  for (let i = 0; i < FIRST_ITERATIONS; i++) update();
  return {
    variables: { [`${name}/u`]: u },
    normalized: () => tf.div(weights, tf.sqrt(tf.sum(tf.square(tf.matMul(rows(), column()))))),
    update,
  };
}
