/**
 * How likely a point of a drawing is under a mixture of bivariate normal densities and three pen states.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Tensor1D, Tensor2D } from "../tensors.ts";
import { hasFusedKernel, runFusedKernel, runFusedOp } from "./fused_op.ts";

/** What {@linkcode mixtureDensity} gives for each of N points, in nats. */
export type PointNll = {
  /** Minus the log density of (dx, dy), float32 [N]; negative where the density is above 1. */
  readonly offsets: Tensor1D;
  /** Minus the log probability of the pen state, float32 [N]. */
  readonly pen: Tensor1D;
};

/**
 * Beyond this, log sigma and rho's logit count as the bound itself: sigma lies in 3e-7 .. 3e6, and 1 - |rho| reaches
 * 2e-13. Within it everything is finite in float32 for offsets up to 1e5 from their means.
 */
const BOUND = 15;

/**
 * The negative log densities of the offsets and of the pen states, in nats a point, with nothing masked or averaged.
 *
 * The density is that of eq. 24 to 26 of arXiv:1308.0850: sum over m of pi_m N(dx, dy; mu, sigma, rho), pi a softmax and
 * rho = tanh r. No epsilon is added to it, so that no point is too unlikely to learn from: sums are taken of logarithms,
 * and with z the standardized offsets the exponent is ((z_x + z_y)^2 (1 + e^-2r) + (z_x - z_y)^2 (1 + e^2r)) / 8, in
 * which nothing cancels where rho is near 1 (1 / (1 - rho) = (1 + e^2r) / 2). Log sigma and r count as -15 or 15 where
 * they are beyond, with a gradient of 0.
 *
 * @param outputs float32 [N, 3 + 6M]: 3 pen logits, then M each of the logits of pi, mu_x, mu_y, log sigma_x,
 * log sigma_y and r, as Google's models have them.
 * @param targets float32 [N, 5], stroke-5: dx, dy and the pen's state, one of three. No gradient is taken of them.
 * @throws {RangeError} If the shapes are not these, M 1 or more.
 *
 * @example
 * ```ts
 * import { startBackend } from "@strokewise/strokewise";
 * import { mixtureDensity } from "@strokewise/strokewise/models";
 * import * as tf from "@tensorflow/tfjs-core";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * await startBackend("cpu");
 * const { offsets, pen } = mixtureDensity(tf.zeros([1, 9]), tf.tensor2d([[1, 0, 0, 1, 0]])); // M 1, all standard
 * assertAlmostEquals(offsets.dataSync()[0], Math.log(2 * Math.PI) + 1 / 2, 1e-6);
 * assertAlmostEquals(pen.dataSync()[0], Math.log(3), 1e-6);
 * ```
 */
export function mixtureDensity(outputs: Tensor2D, targets: Tensor2D): PointNll {
  const [points, columns] = outputs.shape;
  if (columns < 9 || (columns - 3) % 6 !== 0 || targets.shape[0] !== points || targets.shape[1] !== 5) {
    throw new RangeError(
      `mixtureDensity needs outputs [N, 3 + 6M] and targets [N, 5], found [${outputs.shape.join(", ")}] and ` +
        `[${targets.shape.join(", ")}]`,
    );
  }
  return hasFusedKernel("StrokewiseMixtureDensity")
    ? fusedMixtureDensity(outputs, targets)
    : tf.tidy(() => composedMixtureDensity(outputs, targets));
}

/** Computes the slopes along with the densities, which share their exponentials. */
function fusedMixtureDensity(outputs: Tensor2D, targets: Tensor2D): PointNll {
  const [offsets, pen] = runFusedOp({
    forward(save) {
      const [offsets, pen, slopes] = runFusedKernel("StrokewiseMixtureDensity", { outputs, targets });
      save([slopes]);
      return [offsets, pen];
    },
    gradients([dOffsets, dPen], [slopes]) {
      return {
        outputs() {
          runFusedKernel("StrokewiseMixtureDensityGrad", { dOffsets, dPen, slopes });
          return slopes.clone(); // the kernel has put the gradient there
        },
      };
    },
  }, { outputs }) as tf.Tensor1D[];
  return { offsets, pen };
}

/** {@linkcode mixtureDensity} made of stock operations. */
export function composedMixtureDensity(outputs: tf.Tensor2D, targets: tf.Tensor2D): PointNll {
  const mixtures = (outputs.shape[1] - 3) / 6;
  const [penLogits, ...parts] = tf.split(outputs, [3, ...Array<number>(6).fill(mixtures)], 1);
  const [piLogits, muX, muY, logSigmaX, logSigmaY, rhoLogit] = parts; // [N, M] each
  const [x, y, penStates] = tf.split(targets, [1, 1, 3], 1); // [N, 1], [N, 1], [N, 3]
  const [logX, logY, r] = [logSigmaX, logSigmaY, rhoLogit].map((part) => tf.clipByValue(part, -BOUND, BOUND));
  const zX = tf.mul(tf.sub(x, muX), tf.exp(tf.neg(logX)));
  const zY = tf.mul(tf.sub(y, muY), tf.exp(tf.neg(logY)));
  const r2 = tf.mul(r, 2);
  const along = tf.mul(tf.square(tf.add(zX, zY)), tf.add(tf.exp(tf.neg(r2)), 1));
  const across = tf.mul(tf.square(tf.sub(zX, zY)), tf.add(tf.exp(r2), 1));
  // -ln(1 - rho^2) / 2 = ln cosh r.
  const distance = tf.abs(r);
  const logCosh = tf.add(tf.sub(distance, Math.LN2), tf.log1p(tf.exp(tf.mul(distance, -2))));
  const logNormal = tf.sub(
    tf.sub(tf.sub(logCosh, Math.log(2 * Math.PI)), tf.add(logX, logY)),
    tf.mul(tf.add(along, across), 1 / 8),
  ); // [N, M]
  return {
    offsets: tf.sub(tf.logSumExp(piLogits, 1), tf.logSumExp(tf.add(piLogits, logNormal), 1)) as tf.Tensor1D, // [N]
    pen: tf.sum(tf.mul(penStates, tf.sub(tf.logSumExp(penLogits, 1, true), penLogits)), 1) as tf.Tensor1D, // [N]
  };
}
