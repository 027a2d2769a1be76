/**
 * Ways through the space of latents. Browser safe.
 *
 * Z latent.
 *
 * @module
 */

/**
 * A place between two latents, on the arc between their directions (White 2016, arXiv:1609.04468): where Gaussian latents
 * are, a straight line would lead through the middle, where none is.
 *
 * @param share 0 is the first, 1 the second.
 * @returns Float32 [Z]; on the straight line where both have the same direction or the opposite one.
 *
 * @example Half of a right angle
 * ```ts
 * import { slerp } from "./latent_paths.ts";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const [x, y] = slerp([1, 0], [0, 1], 0.5);
 * assertAlmostEquals(x, Math.SQRT1_2, 1e-7);
 * assertAlmostEquals(y, Math.SQRT1_2, 1e-7);
 * ```
 */
export function slerp(from: ArrayLike<number>, to: ArrayLike<number>, share: number): Float32Array {
  let [dot, fromSquare, toSquare] = [0, 0, 0];
  for (let i = 0; i < from.length; i++) {
    dot += from[i] * to[i];
    fromSquare += from[i] ** 2;
    toSquare += to[i] ** 2;
  }
  const cosine = dot / Math.sqrt(fromSquare * toSquare);
  const angle = Math.acos(Math.min(Math.max(cosine, -1), 1));
  const sine = Math.sin(angle);
  const [a, b] = sine > 1e-6
    ? [Math.sin((1 - share) * angle) / sine, Math.sin(share * angle) / sine]
    : [1 - share, share];
  return Float32Array.from(from, (value, i) => a * value + b * to[i]);
}

/** A place between two latents on the straight line: 0 is the first, 1 the second. */
export function lerp(from: ArrayLike<number>, to: ArrayLike<number>, share: number): Float32Array {
  return Float32Array.from(from, (value, i) => (1 - share) * value + share * to[i]);
}

/** z1 - z2 + z3: what the first has and the second has not, given to the third. */
export function transfer(
  first: ArrayLike<number>,
  second: ArrayLike<number>,
  third: ArrayLike<number>,
): Float32Array {
  return Float32Array.from(first, (value, i) => value - second[i] + third[i]);
}
