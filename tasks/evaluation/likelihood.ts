/**
 * The judging of a model that scores likelihood: its bound, what each step's latent holds, and a tighter bound by
 * importance weights.
 *
 * T steps, B batch, K latents drawn for each example.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { Prng } from "../../pipelines/base/prng.ts";
import type { Judge } from "./judge.ts";

/** The verdict on a model that scores likelihood, safe to store as JSON; nats per example, means over examples. */
export interface LikelihoodScore {
  /** Of -ln p from above: the sum of the next two. */
  readonly bound: number;
  /** -ln p(x | z), to say an example when its latents are known. */
  readonly reconstruction: number;
  /** The divergence of all steps' latents from the prior. */
  readonly kl: number;
  /** The divergence of each step's latent from the prior, [T]. */
  readonly klPerStep: readonly number[];
  /** The bound by K importance-weighted latents (arXiv:1509.00519, equation 8). */
  readonly importance: { readonly samples: number; readonly bound: number };
}

/** The options of {@linkcode likelihoodJudge}. */
export const LIKELIHOOD_OPTIONS = {
  importanceSamples: {
    value: 5,
    help:
      "of a model that scores likelihood: latents drawn for each example, whose weights make the bound tighter; time " +
      "grows with them; 1 or more, 1 for the bound alone",
    min: 1,
    whole: true,
  },
} as const;

/** Judges a model that scores likelihood: every example is seen once, such as binarized, and encoded K times. */
export const likelihoodJudge: Judge<"likelihood", LikelihoodScore, undefined, typeof LIKELIHOOD_OPTIONS> = {
  ability: "likelihood",
  lacking: "scores no likelihood",
  options: LIKELIHOOD_OPTIONS,
  begin({ likelihood }, { seed }, { importanceSamples: samples }) {
    // The first latents are those of the objective's own loss, whose generator the others leave alone.
    const [first, others] = [new Prng(seed, 2), new Prng(seed, 4)];
    const klSums: number[] = []; // [T]
    let [reconstruction, importance, examples] = [0, 0, 0];
    return {
      fields: [],
      readsTrain: false,
      async add(batch) {
        const logWeights: Float32Array[] = []; // K times [B]
        const pass = (prng: Prng) => ({ prng, training: undefined, firstExample: 0 });
        const seen = likelihood.see(batch, pass(first)); // one x for all latents: eq. 8, arXiv:1509.00519
        try {
          for (let k = 0; k < samples; k++) {
            const parts = tf.tidy(() => {
              const { kl, reconstruction, logWeight } = likelihood.encode(seen, pass(k === 0 ? first : others));
              return { kl: tf.sum(kl, 1), reconstruction: tf.sum(reconstruction), logWeight }; // [T], [], [B]
            });
            (await parts.kl.data()).forEach((kl, t) => klSums[t] = (klSums[t] ?? 0) + kl / samples);
            reconstruction += (await parts.reconstruction.data())[0] / samples;
            logWeights.push(await parts.logWeight.data<"float32">());
            tf.dispose(parts);
          }
        } finally {
          seen.dispose();
        }
        for (let b = 0; b < batch.size; b++) importance -= logMeanExp(logWeights.map((weights) => weights[b]));
        examples += batch.size;
      },
      finish() {
        if (examples === 0) throw new RangeError("Cannot evaluate: there are no examples");
        const klPerStep = klSums.map((sum) => sum / examples);
        const kl = klPerStep.reduce((sum, value) => sum + value, 0);
        const score = {
          bound: reconstruction / examples + kl,
          reconstruction: reconstruction / examples,
          ...{ kl, klPerStep, importance: { samples, bound: importance / examples } },
        };
        return { score, pictures: undefined };
      },
    };
  },
};

/** ln of the mean of e^x, without overflow. */
export function logMeanExp(values: readonly number[]): number {
  const largest = Math.max(...values);
  return largest + Math.log(values.reduce((sum, value) => sum + Math.exp(value - largest), 0) / values.length);
}
