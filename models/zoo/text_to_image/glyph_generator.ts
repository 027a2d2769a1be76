/**
 * Pictures of characters by a conditional variational autoencoder (Kingma & Welling 2014, arXiv:1312.6114; Sohn et al. 2015,
 * "Learning Structured Output Representation using Deep Conditional Generative Models"): what a latent is before a picture
 * is seen depends on the character, a Gaussian each.
 *
 * N pictures, S pixels a side, V characters of the alphabet, Z size of a latent, H hidden units.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Prng } from "../../../pipelines/base/prng.ts";
import type { Variables } from "../../layers/layer.ts";
import { linear } from "../../layers/linear.ts";
import { sampleLatent } from "../../ops/sample_latent.ts";
import { ssim } from "../../ops/ssim.ts";

/** The size of a {@linkcode GlyphGenerator}. */
export interface GlyphSize {
  /** S. */
  readonly side: number;
  /** V. */
  readonly alphabetSize: number;
  /** Z. */
  readonly latentSize: number;
  /** H. */
  readonly units: number;
}

/** What it takes to learn from pictures. */
export interface GlyphExamples {
  /** 0 to 1, float32 [N, S S]. */
  readonly pixels: tf.Tensor2D;
  /** Of which character each is, one-hot or probabilities: float32 [N, V]. */
  readonly characters: tf.Tensor2D;
  /** Standard normal numbers, float32 [N, Z]. */
  readonly epsilon: tf.Tensor2D;
}

/** How {@linkcode GlyphGenerator.loss} weighs its parts. */
export interface GlyphLossOptions {
  readonly likelihood: "bernoulli" | "ssim" | "both";
  readonly ssimWeight: number;
  readonly klWeight: number;
}

/** Draws characters. */
export interface GlyphGenerator {
  readonly variables: Variables;
  /**
   * Log odds of ink, float32 [N, S S], of characters written at random.
   *
   * @param characters One-hot or probabilities, float32 [N, V].
   * @param epsilon Standard normal numbers, float32 [N, Z]; zeros draw the most ordinary picture.
   */
  draw(characters: tf.Tensor2D, epsilon: tf.Tensor2D): tf.Tensor2D;
  /**
   * What pictures cost, means a picture: `kl` in nats, of `bernoulli`, nats, and `ssim`, a similarity, those that count.
   *
   * @returns With `loss`, their weighted sum; with likelihood `bernoulli` and weight 1 a bound on -log p(x | character).
   */
  loss(examples: GlyphExamples, options: GlyphLossOptions): { loss: tf.Scalar; metrics: Record<string, tf.Scalar> };
}

/** Builds a generator; its variables' names start with `glyph/`. */
export function glyphGenerator({ side, alphabetSize, latentSize, units }: GlyphSize, prng: Prng): GlyphGenerator {
  const cells = side * side;
  const layer = (name: string, inputs: number, outputs: number) => linear(`glyph/${name}`, { inputs, outputs }, prng);
  const looks = [
    layer("look1", cells + alphabetSize, units),
    layer("look2", units + alphabetSize, units),
    layer("posterior", units + alphabetSize, 2 * latentSize),
  ];
  const draws = [
    layer("draw1", latentSize + alphabetSize, units),
    layer("draw2", units + alphabetSize, units),
    layer("canvas", units + alphabetSize, cells),
  ];
  // Latents differ by character from the start, so what they say of it is not missing when they are drawn at random.
  const prior = layer("prior", alphabetSize, 2 * latentSize);
  /** Each layer is told the character, which the latent would say otherwise. */
  const run = (layers: typeof looks, input: tf.Tensor2D, characters: tf.Tensor2D) =>
    layers.reduce(
      (x, layer, i) => layer.apply(tf.concat([i === 0 ? x : tf.relu(x), characters], 1) as tf.Tensor2D),
      input,
    );
  return {
    variables: Object.assign({}, ...[...looks, ...draws, prior].map(({ variables }) => variables)),
    draw: (characters, epsilon) => run(draws, sampleLatent(prior.apply(characters), epsilon).latent, characters),
    loss({ pixels, characters, epsilon }, { likelihood, ssimWeight, klWeight }) {
      const posterior = sampleLatent(run(looks, pixels, characters), epsilon); // [N, Z] each
      const before = sampleLatent(prior.apply(characters), epsilon); // [N, Z] each
      const logits = run(draws, posterior.latent, characters); // [N, SS]
      // The divergence of one Gaussian from another: twice the sum's terms, in nats; [N, Z]
      const spread = tf.sub(posterior.logVar, before.logVar);
      const shift = tf.div(tf.square(tf.sub(posterior.mu, before.mu)), tf.exp(before.logVar));
      const divergences = tf.sub(tf.add(tf.exp(spread), shift), tf.add(spread, 1));
      const kl = tf.mul(tf.mean(tf.sum(divergences, 1)), 0.5) as tf.Scalar;
      const metrics: Record<string, tf.Scalar> = { kl };
      let loss = tf.mul(kl, klWeight) as tf.Scalar;
      if (likelihood !== "ssim") {
        metrics.bernoulli = tf.mean(tf.sum(tf.sub(tf.softplus(logits), tf.mul(pixels, logits)), 1));
        loss = tf.add(loss, metrics.bernoulli);
      }
      if (likelihood !== "bernoulli") {
        const square = (x: tf.Tensor) => tf.reshape(x, [-1, side, side]) as tf.Tensor3D; // [N, S, S]
        metrics.ssim = tf.mean(ssim(square(tf.sigmoid(logits)), square(pixels)));
        loss = tf.add(loss, tf.mul(tf.sub(1, metrics.ssim), ssimWeight));
      }
      return { loss, metrics };
    },
  };
}
