/**
 * Latents drawn from the Gaussians that an encoder gives.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Tensor2D } from "../tensors.ts";
import { hasFusedKernel, runFusedKernel, runFusedOp } from "./fused_op.ts";
import { bend } from "./window_filters.ts";

/** Latents and the Gaussians that they were drawn from, float32 [B, Z] each. */
export type SampledLatent = {
  readonly mu: Tensor2D;
  readonly logVar: Tensor2D;
  readonly latent: Tensor2D;
};

/**
 * Draws latents z = mu + sigma epsilon (equation 6, arXiv:1502.04623), so that their gradients reach the Gaussians.
 *
 * @param parameters mu, then the logarithm of the variance before it is bent into (-10, 10): float32 [B, 2Z].
 * @param epsilon Standard normal numbers, float32 [B, Z]; they get no gradient.
 */
export function sampleLatent(parameters: Tensor2D, epsilon: Tensor2D): SampledLatent {
  if (!hasFusedKernel("StrokewiseSampleLatent")) return composedSample(parameters, epsilon);
  const [mu, logVar, latent] = runFusedOp({
    forward(save) {
      const results = runFusedKernel("StrokewiseSampleLatent", { parameters, epsilon });
      save([results[1], epsilon]);
      return results;
    },
    gradients([dMu, dLogVar, dLatent], [logVar, epsilon]) {
      const given = { dMu, dLogVar, dLatent, logVar, epsilon };
      return { parameters: () => runFusedKernel("StrokewiseSampleLatentGrad", given)[0] };
    },
  }, { parameters }) as tf.Tensor2D[];
  return { mu, logVar, latent };
}

/** {@linkcode sampleLatent} made of stock operations. */
function composedSample(parameters: tf.Tensor2D, epsilon: tf.Tensor2D): SampledLatent {
  const [mu, raw] = tf.split(parameters, 2, 1) as tf.Tensor2D[]; // [B, Z] twice
  const logVar = bend(raw);
  return { mu, logVar, latent: tf.add(mu, tf.mul(tf.exp(tf.mul(logVar, 0.5)), epsilon)) };
}
