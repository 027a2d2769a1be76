/**
 * How like pictures are to others, pixel by pixel and by structure.
 *
 * N pictures, S pixels a side, C channels.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { ssim, SSIM_SIDE } from "../../models/ops/ssim.ts";

/** How like pictures are to others, means over pictures whose pixels are 0 to 1. */
export interface Likeness {
  /** The mean squared difference of pixels. */
  readonly mse: number;
  /** The peak signal-to-noise ratio, -10 log10 of a picture's squared difference: decibels, at most 100 of a picture. */
  readonly psnr: number;
  /** Structural similarity, 1 for equal pictures, a channel's mean; missing where pictures are smaller than its window. */
  readonly ssim?: number;
}

/** What stands for no difference at all, which is infinitely many decibels. */
const LEAST = 1e-10;

/** Adds up how like pictures are to others. */
export class LikenessTally {
  #count = 0;
  readonly #sums = { mse: 0, psnr: 0, ssim: 0 };
  #hasSsim = false;

  /**
   * Compares pictures one by one.
   *
   * @param drawn float32 [N, S, S, C], 0 to 1; the caller's.
   * @param real Likewise.
   */
  async add(drawn: tf.Tensor4D, real: tf.Tensor4D): Promise<void> {
    const [count, side] = drawn.shape;
    const errors = tf.tidy(() => tf.mean(tf.squaredDifference(drawn, real), [1, 2, 3])); // [N]
    for (const error of await errors.data()) {
      this.#sums.mse += error;
      this.#sums.psnr -= 10 * Math.log10(Math.max(error, LEAST));
    }
    errors.dispose();
    this.#count += count;
    this.#hasSsim = side >= SSIM_SIDE;
    if (!this.#hasSsim) return;
    const similarities = ssim(drawn, real); // [N]
    const values = await similarities.data<"float32">();
    similarities.dispose();
    this.#sums.ssim += values.reduce((sum, value) => sum + value, 0);
  }

  /** Of all that was added, 1 or more. */
  finish(): Likeness {
    const { mse, psnr, ssim } = this.#sums;
    const count = this.#count;
    return { mse: mse / count, psnr: psnr / count, ...(this.#hasSsim ? { ssim: ssim / count } : {}) };
  }
}
