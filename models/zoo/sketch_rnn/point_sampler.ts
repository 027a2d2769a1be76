/**
 * One point of a drawing, drawn from what the decoder says of it. Browser safe.
 *
 * @module
 */
import type { Prng } from "../../../pipelines/base/prng.ts";
import type { TemperatureRule } from "../../stroke_drawer.ts";

/** A point that was drawn. */
export interface DrawnPoint {
  readonly dx: number;
  readonly dy: number;
  /** The pen after it: 0 down, 1 lifted, 2 the drawing has ended. */
  readonly pen: number;
}

/** How a temperature tau changes the distributions. */
interface Tempered {
  /** What logits are divided by. */
  readonly logits: number;
  /** What standard deviations are multiplied by. */
  readonly sigma: number;
}

const RULES: Readonly<Record<TemperatureRule, (tau: number) => Tempered>> = {
  "paper": (tau) => ({ logits: tau, sigma: Math.sqrt(tau) }),
  "magenta": (tau) => ({ logits: tau, sigma: tau }),
  "sketch-rnn-js": (tau) => ({ logits: 0.5 + 0.5 * tau, sigma: Math.sqrt(tau) }),
};

/** The bound of log sigma and of rho's logit, as in `mixtureDensity`. */
const BOUND = 15;

/**
 * Draws a point; four numbers of the generator are used, whatever they are.
 *
 * @param outputs [3 + 6M]: 3 pen logits, then M each of the logits of pi, mu_x, mu_y, log sigma_x, log sigma_y and rho's
 * logit.
 * @param how The temperature, above 0, and what it does.
 */
export function drawPoint(
  outputs: Float32Array,
  { temperature, rule }: { readonly temperature: number; readonly rule: TemperatureRule },
  prng: Prng,
): DrawnPoint {
  const tempered = RULES[rule](temperature);
  const mixtures = (outputs.length - 3) / 6;
  const pen = choose(outputs.subarray(0, 3), tempered.logits, prng.uniform());
  const m = choose(outputs.subarray(3, 3 + mixtures), tempered.logits, prng.uniform());
  const part = (k: number) => outputs[3 + k * mixtures + m];
  const sigmaOf = (k: number) => tempered.sigma * Math.exp(Math.min(BOUND, Math.max(-BOUND, part(k))));
  const rho = Math.tanh(Math.min(BOUND, Math.max(-BOUND, part(5))));
  // Box and Muller 1958, both of the pair
  const radius = Math.sqrt(-2 * Math.log(1 - prng.uniform()));
  const angle = 2 * Math.PI * prng.uniform();
  const [a, b] = [radius * Math.cos(angle), radius * Math.sin(angle)];
  return {
    dx: part(1) + sigmaOf(3) * a,
    dy: part(2) + sigmaOf(4) * (rho * a + Math.sqrt(1 - rho * rho) * b), // eq. 1: correlation rho
    pen,
  };
}

/** The place that a uniform number falls on, among those of a softmax of logits divided by tau. */
function choose(logits: Float32Array, tau: number, uniform: number): number {
  const largest = logits.reduce((most, logit) => Math.max(most, logit), -Infinity);
  const weights = Array.from(logits, (logit) => Math.exp((logit - largest) / tau));
  let left = uniform * weights.reduce((sum, weight) => sum + weight, 0);
  const found = weights.findIndex((weight) => (left -= weight) < 0);
  return found < 0 ? logits.indexOf(largest) : found; // rounding can leave a rest
}
