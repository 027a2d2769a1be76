/**
 * How likely images are when a decoder has spoken: densities of each colour channel of each pixel, independent of each
 * other.
 *
 * - **Bernoulli**: how bright it is counts as a probability. That is a likelihood of black and white alone: of greys, the sum
 *   over all of them is not 1, so its nats compare with nothing.
 * - **Gaussian**: a density of the level with a uniform number in [0, 1) added, drawn anew each time: in units of a level,
 *   256 of them from black to white, so that minus its logarithm is a bound on what the level itself costs (Theis et al.
 *   2016, arXiv:1511.01844, section 3.1) and compares with the literature. Of brightnesses 0 to 1 it would be ln 256 less.
 * - **Discretized logistic**: the probability of the level itself, what a logistic density has between half a level below and
 *   above; the ends take all that lies beyond (Kingma et al. 2016, arXiv:1606.04934, section 5.2). Exact, and compares.
 *
 * The centre is the sigmoid of the log odds that the decoder gives; the scale is one number, one a channel that is learnt, or
 * the decoder's, one a channel of a pixel.
 *
 * B batch, S the image's side, C its channels.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { ImageSize } from "../../../pipelines/batches/batch_fields.ts";
import { constantVariable } from "../../layers/initial_values.ts";
import type { Variables } from "../../layers/layer.ts";
import type { Pass } from "../../model.ts";
import { uniformNoise } from "./coded_images.ts";

/** Which density. */
export type LikelihoodName = "bernoulli" | "gaussian" | "logistic";

/** What says how wide a density is. */
export type ScaleName = "fixed" | "channel" | "pixel";

/** A density and its scale. */
export interface LikelihoodOptions {
  readonly likelihood: LikelihoodName;
  readonly scale: ScaleName;
  /** Of brightnesses 0 to 1, above 0: the scale, or where it begins. */
  readonly scaleStart: number;
}

/** Scores images by what a decoder says of them. */
export interface PixelLikelihood {
  /** `scale/log` [C], where it is learnt. */
  readonly variables: Variables;
  /** The channels that the decoder is to give: C, or 2 C. */
  readonly outputs: number;
  /** Whether its nats are those of 256 levels, to be told in bits per dimension. */
  readonly isComparable: boolean;
  /** What is scored, of levels 0 to 255: float32 [B, S, S, C], 0 to 1. */
  see(levels: tf.Tensor4D, pass: Pass): tf.Tensor4D;
  /** The log odds of what the decoder gives: [B, S, S, outputs] -> [B, S, S, C]. */
  logOdds(decoded: tf.Tensor4D): tf.Tensor4D;
  /** -log p(x | z), nats an image: float32 [B]. */
  nats(seen: tf.Tensor4D, decoded: tf.Tensor4D): tf.Tensor1D;
}

const LEVELS = 256;
/** Scales are above this, so that none is 0 and no density without an end: a hundredth of a level. */
const LEAST_LOG_SCALE = Math.log(0.01 / LEVELS);

/** Builds a likelihood. */
export function pixelLikelihood(
  { likelihood, scale, scaleStart }: LikelihoodOptions,
  { channels }: ImageSize,
): PixelLikelihood {
  const isScaled = likelihood !== "bernoulli";
  const start = rawOf(Math.log(scaleStart));
  const learnt = isScaled && scale === "channel" ? constantVariable<tf.Rank.R1>([channels], start) : undefined;
  const outputs = isScaled && scale === "pixel" ? 2 * channels : channels;
  const part = (decoded: tf.Tensor4D, which: number): tf.Tensor4D =>
    outputs === channels ? decoded : tf.slice(decoded, [0, 0, 0, which * channels], [-1, -1, -1, channels]);

  /** The logarithm of the scale: [], [C] or [B, S, S, C]. */
  function logScale(decoded: tf.Tensor4D): tf.Tensor {
    if (scale === "fixed") return tf.scalar(Math.log(scaleStart));
    const raw = learnt ?? tf.add(part(decoded, 1), start);
    return tf.add(tf.softplus(tf.sub(raw, LEAST_LOG_SCALE)), LEAST_LOG_SCALE);
  }

  return {
    variables: learnt ? { "scale/log": learnt } : {},
    outputs,
    isComparable: isScaled,
    see(levels, pass) {
      if (likelihood !== "gaussian") return tf.div(levels, LEVELS - 1);
      const [batch, ...shape] = levels.shape;
      const noise = uniformNoise([batch, tf.util.sizeFromShape(shape)], pass);
      return tf.div(tf.add(levels, tf.reshape(noise, levels.shape)), LEVELS);
    },
    logOdds: (decoded) => part(decoded, 0),
    nats(seen, decoded) {
      const logOdds = part(decoded, 0);
      const each = likelihood === "bernoulli"
        ? bernoulliNats(seen, logOdds)
        : { gaussian: gaussianNats, logistic: logisticNats }[likelihood](seen, tf.sigmoid(logOdds), logScale(decoded));
      return tf.sum(tf.reshape(each, [seen.shape[0], -1]), 1); // [B]
    },
  };
}

/** What {@linkcode LEAST_LOG_SCALE} and a softplus turn into a scale's logarithm. */
function rawOf(logScale: number): number {
  return LEAST_LOG_SCALE + Math.log(Math.expm1(logScale - LEAST_LOG_SCALE));
}

/** softplus(l) - x l: -log of a Bernoulli variable with log odds l, without overflow. */
export function bernoulliNats(x: tf.Tensor4D, logOdds: tf.Tensor4D): tf.Tensor4D {
  return tf.sub(tf.softplus(logOdds), tf.mul(x, logOdds));
}

/** Minus the logarithm of a normal density in units of a level. */
function gaussianNats(x: tf.Tensor4D, mean: tf.Tensor4D, logScale: tf.Tensor): tf.Tensor4D {
  const squares = tf.square(tf.mul(tf.sub(x, mean), tf.exp(tf.neg(logScale))));
  return tf.add(tf.mul(squares, 0.5), tf.add(logScale, 0.5 * Math.log(2 * Math.PI) + Math.log(LEVELS)));
}

/**
 * Minus the logarithm of what a logistic density has within half a level of x: with a and b the distances from the mean to
 * the upper and the lower end, in scales, sigmoid(a) - sigmoid(b) = sigmoid(a) sigmoid(-b) (1 - e^(b - a)), of which no factor
 * is lost in rounding. Black has no lower end and white no upper one.
 */
function logisticNats(x: tf.Tensor4D, mean: tf.Tensor4D, logScale: tf.Tensor): tf.Tensor4D {
  const half = 0.5 / (LEVELS - 1);
  const inverse = tf.exp(tf.neg(logScale));
  const distance = tf.mul(tf.sub(x, mean), inverse);
  const reach = tf.mul(inverse, half);
  const [notBlack, notWhite] = [tf.step(tf.sub(x, half)), tf.step(tf.sub(1 - half, x))];
  const upper = tf.mul(tf.softplus(tf.neg(tf.add(distance, reach))), notWhite); // -log sigmoid(a)
  const lower = tf.mul(tf.softplus(tf.sub(distance, reach)), notBlack); // -log sigmoid(-b)
  const width = tf.log(tf.neg(tf.expm1(tf.mul(reach, -2)))); // log(1 - e^(b - a))
  return tf.sub(tf.add(upper, lower), tf.mul(width, tf.mul(notBlack, notWhite)));
}
