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
  readonly importance: ImportanceBound & {
    /** The examples that it is of, the first of the split; all of them where it is missing. */
    readonly examples?: number;
    /** The same of the same examples by fewer latents, of 1, 10, 100 and so on up to K, and by K, where that is above 1. */
    readonly bounds?: readonly ImportanceBound[];
  };
}

/** A bound by so many latents an example, nats. */
export interface ImportanceBound {
  /** Latents of each example. */
  readonly samples: number;
  /** Nats, the mean over the examples. */
  readonly bound: number;
  /** The standard error of the bound, a mean over examples, nats; missing where there is one example. */
  readonly error?: number;
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
  importanceExamples: {
    value: 0,
    help:
      "of a model that scores likelihood: the first examples that so many latents are drawn for, the others have one; 0 for " +
      "all",
    min: 0,
    whole: true,
  },
} as const;

/**
 * Judges a model that scores likelihood: every example is seen once, such as binarized, and encoded K times; where the first
 * ones alone are, the others are encoded once.
 */
export const likelihoodJudge: Judge<"likelihood", LikelihoodScore, undefined, typeof LIKELIHOOD_OPTIONS> = {
  ability: "likelihood",
  lacking: "scores no likelihood",
  options: LIKELIHOOD_OPTIONS,
  begin({ likelihood }, { seed }, { importanceSamples: samples, importanceExamples }) {
    // The first latents are those of the objective's own loss, whose generator the others leave alone.
    const [first, others] = [new Prng(seed, 2), new Prng(seed, 4)];
    const weighted = importanceExamples || Infinity;
    const sizes = groupSizes(samples);
    const tallies = sizes.map(() => ({ sum: 0, squares: 0 }));
    const klSums: number[] = []; // [T]
    let [reconstruction, examples, counted] = [0, 0, 0];
    return {
      fields: [],
      readsTrain: false,
      runs: (examples) => examples + (samples - 1) * Math.min(examples, weighted),
      async add(batch) {
        const logWeights: Float32Array[] = []; // up to K times [B]
        const pass = (prng: Prng) => ({ prng, training: undefined, firstExample: 0 });
        const seen = likelihood.see(batch, pass(first)); // one x for all latents: eq. 8, arXiv:1509.00519
        const times = counted < weighted ? samples : 1;
        try {
          for (let k = 0; k < times; k++) {
            const parts = tf.tidy(() => {
              const { kl, reconstruction, logWeight } = likelihood.encode(seen, pass(k === 0 ? first : others));
              return { kl: tf.sum(kl, 1), reconstruction: tf.sum(reconstruction), logWeight }; // [T], [], [B]
            });
            (await parts.kl.data()).forEach((kl, t) => klSums[t] = (klSums[t] ?? 0) + kl / times);
            reconstruction += (await parts.reconstruction.data())[0] / times;
            logWeights.push(await parts.logWeight.data<"float32">());
            tf.dispose(parts);
          }
        } finally {
          seen.dispose();
        }
        const more = Math.min(batch.size, weighted - counted); // a batch may have some of the first and some of the others
        for (let b = 0; b < more; b++) {
          const values = logWeights.map((weights) => weights[b]);
          for (const [i, size] of sizes.entries()) {
            const bound = -groupedLogMean(values, size);
            tallies[i].sum += bound;
            tallies[i].squares += bound ** 2;
          }
        }
        counted += more;
        examples += batch.size;
      },
      finish() {
        if (examples === 0) throw new RangeError("Cannot evaluate: there are no examples");
        const klPerStep = klSums.map((sum) => sum / examples);
        const kl = klPerStep.reduce((sum, value) => sum + value, 0);
        const bounds = tallies.map(({ sum, squares }, i): ImportanceBound => {
          const bound = sum / counted;
          const variance = Math.max(0, squares / counted - bound ** 2) * counted / (counted - 1);
          return { samples: sizes[i], bound, ...(counted > 1 ? { error: Math.sqrt(variance / counted) } : {}) };
        });
        const importance = {
          ...bounds.at(-1)!,
          ...(counted < examples ? { examples: counted } : {}),
          ...(bounds.length > 1 ? { bounds } : {}),
        };
        const score = {
          bound: reconstruction / examples + kl,
          reconstruction: reconstruction / examples,
          ...{ kl, klPerStep, importance },
        };
        return { score, pictures: undefined };
      },
    };
  },
};

/** 1, 10, 100 and so on below a number of latents, and that number. */
function groupSizes(samples: number): number[] {
  const sizes = [];
  for (let size = 1; size < samples; size *= 10) sizes.push(size);
  return [...sizes, samples];
}

/** The mean over groups of so many, as many as are whole, of the logarithm of a group's mean weight. */
function groupedLogMean(logWeights: readonly number[], size: number): number {
  const groups = Math.floor(logWeights.length / size);
  let sum = 0;
  for (let group = 0; group < groups; group++) sum += logMeanExp(logWeights.slice(group * size, (group + 1) * size));
  return sum / groups;
}

/** ln of the mean of e^x, without overflow. */
export function logMeanExp(values: readonly number[]): number {
  const largest = Math.max(...values);
  return largest + Math.log(values.reduce((sum, value) => sum + Math.exp(value - largest), 0) / values.length);
}
