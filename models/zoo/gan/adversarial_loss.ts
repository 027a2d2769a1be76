/**
 * What discriminator and generator of a GAN minimise, from the scores that the discriminator gives.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Scalar, Tensor1D } from "../../tensors.ts";

/** Scores of images, float32 [B] each; the higher, the more they are taken for real. */
export interface Scores {
  readonly real: Tensor1D;
  readonly fake: Tensor1D;
}

/** The losses of both sides, means over images. */
export interface AdversarialLoss {
  discriminator(scores: Scores): Scalar;
  generator(fake: Tensor1D): Scalar;
}

/**
 * The losses of a kind, in nats an image of each sort where they are `non-saturating`: cross-entropies with scores as log
 * odds, and the generator is to be taken for real (Goodfellow et al. 2014, arXiv:1406.2661, section 3). `hinge`: Lim and Ye
 * 2017, arXiv:1705.02894.
 *
 * @param realTarget The probability that a real image is to be given, 0 to 1; `hinge` knows none.
 */
export function adversarialLoss(kind: "non-saturating" | "hinge", realTarget: number): AdversarialLoss {
  const mean = (x: tf.Tensor) => tf.mean(x) as tf.Scalar;
  if (kind === "hinge") {
    return {
      discriminator: ({ real, fake }) => tf.add(mean(tf.relu(tf.sub(1, real))), mean(tf.relu(tf.add(fake, 1)))),
      generator: (fake) => tf.neg(mean(fake)),
    };
  }
  return {
    discriminator: ({ real, fake }) =>
      tf.add(mean(tf.sub(tf.softplus(real), tf.mul(real, realTarget))), mean(tf.softplus(fake))),
    generator: (fake) => mean(tf.softplus(tf.neg(fake))),
  };
}
