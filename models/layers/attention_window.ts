/**
 * DRAW's attention window: a grid of Gaussian filters with which an image is read and a canvas written (section 3.2,
 * arXiv:1502.04623). B batch, N filters a side, S the image's side.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { bend, windowFilters, type WindowSize } from "../ops/window_filters.ts";
import type { Tensor2D, Tensor3D } from "../tensors.ts";

/** How many numbers place a window. */
export const WINDOW_PARAMETERS = 5;

/** The windows of a batch. */
export interface AttentionWindow {
  /** g~_X, g~_Y, log sigma^2, log delta~ and log gamma, float32 [B, 5]. */
  readonly raw: Tensor2D;
  /** gamma, the intensity: float32 [B, 1]. */
  readonly intensity: Tensor2D;
  /** F_X, the filters over columns: float32 [B, N, S]. */
  readonly x: Tensor3D;
  /** F_Y, those over rows: float32 [B, N, S]. */
  readonly y: Tensor3D;
}

/**
 * Opens windows by what a network says (equations 21 to 26).
 *
 * @param raw float32 [B, 5]; all 0 is a window over the whole image, of intensity 1.
 */
export function openWindow(raw: Tensor2D, size: WindowSize): AttentionWindow {
  const banks = windowFilters(raw, size); // [2, B, N, S]
  const [x, y] = [0, 1].map((axis) =>
    tf.squeeze(tf.slice(banks, [axis, 0, 0, 0], [1, -1, -1, -1]), [0]) as tf.Tensor3D
  );
  return { raw, intensity: tf.exp(bend(tf.slice(raw, [0, 4], [-1, 1]))), x, y };
}

/**
 * Reads images through windows, without the intensity: F_Y x F_X^T (equation 27).
 *
 * @param images float32 [B, S, S], rows first.
 * @returns float32 [B, N, N].
 */
export function readWindow(images: Tensor3D, { x, y }: Pick<AttentionWindow, "x" | "y">): Tensor3D {
  return tf.matMul(tf.matMul(y, images), x, false, true); // [B, N, S], [B, N, N]
}

/**
 * Writes patches through windows, without the intensity: F_Y^T w F_X (equation 29).
 *
 * @param patches float32 [B, N, N].
 * @returns float32 [B, S, S].
 */
export function writeWindow(patches: Tensor3D, { x, y }: Pick<AttentionWindow, "x" | "y">): Tensor3D {
  return tf.matMul(tf.matMul(y, patches, true), x); // [B, S, N], [B, S, S]
}
