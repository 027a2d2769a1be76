/**
 * Latents like the codes of pictures: where those of samples are drawn from that no prior tells of. Browser safe.
 *
 * N codes, T steps, Z size of a latent, D = T Z numbers of a code, K neighbours.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { Prng } from "../../pipelines/base/prng.ts";

/** Codes, float32. */
export interface Codes {
  /** [N, D], N 1 or more. */
  readonly values: Float32Array;
  /** D. */
  readonly size: number;
}

/** K: more would lead away from where codes are, fewer would give little but the codes again. */
const NEIGHBOURS = 10;

/**
 * Latents drawn by a seed, float32 [T, count, Z]: each is a code x, any is as likely, moved by a normal number times
 * (y - x) / sqrt(K) for each of the K codes y nearest to it. So a code's neighbourhood is a Gaussian that is as wide, and
 * lies as flat, as its neighbours do: manifold Parzen windows without their noise across (Vincent and Bengio, 2002,
 * section 3), over a model's codes as Ghosh and others fit a density to them after training (arXiv:1903.12436, section 4).
 * Those of an image do not depend on how many there are.
 *
 * @param codes Of training examples; N - 1 neighbours are taken where these are fewer than K.
 * @param latentShape T and Z.
 *
 * @example Codes on a line give latents on that line
 * ```ts
 * import { likeCodes } from "./code_neighbourhoods.ts";
 * import { startBackend } from "@strokewise/strokewise";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * await startBackend("cpu");
 * const codes = { values: Float32Array.of(0, 0, 1, 2, 2, 4, 3, 6), size: 2 };
 * const latents = likeCodes(codes, [1, 2], { count: 5, seed: 1 });
 * for (const [x, y] of latents.arraySync()[0]) assertAlmostEquals(y, 2 * x, 1e-5);
 * latents.dispose();
 * ```
 */
export function likeCodes(
  { values, size }: Codes,
  [steps, each]: readonly [steps: number, size: number],
  { count, seed }: { readonly count: number; readonly seed: number },
): tf.Tensor3D {
  const latents = new Float32Array(count * size); // [count, D]
  for (let n = 0; n < count; n++) {
    const prng = new Prng(seed, n);
    const centre = prng.integer(values.length / size);
    const near = nearest({ values, size }, centre);
    const moves = near.map(() => prng.normal() / Math.sqrt(near.length));
    for (let i = 0; i < size; i++) {
      const at = values[centre * size + i];
      latents[n * size + i] = near.reduce((sum, other, k) => sum + moves[k] * (values[other * size + i] - at), at);
    }
  }
  return tf.tidy(() => tf.transpose(tf.tensor3d(latents, [count, steps, each]), [1, 0, 2]) as tf.Tensor3D);
}

/** The codes nearest to one of them, which is not among them; of equally far ones the first. */
function nearest({ values, size }: Codes, centre: number): number[] {
  const found: { readonly code: number; readonly distance: number }[] = []; // the nearest first
  for (let code = 0; code < values.length / size; code++) {
    if (code === centre) continue;
    const most = found.length < NEIGHBOURS ? Infinity : found[NEIGHBOURS - 1].distance;
    let distance = 0;
    for (let i = 0; i < size && distance < most; i++) {
      distance += (values[code * size + i] - values[centre * size + i]) ** 2;
    }
    if (distance >= most) continue;
    const place = found.findIndex((other) => other.distance > distance);
    found.splice(place < 0 ? found.length : place, 0, { code, distance });
    found.length = Math.min(found.length, NEIGHBOURS);
  }
  return found.map(({ code }) => code);
}
