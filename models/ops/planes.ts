/**
 * Images a plane a channel: red, then green, then blue, or the one of a grey image.
 *
 * N images, S cells a side, C channels.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { ImageSize } from "../../pipelines/batches/batch_fields.ts";
import type { Tensor2D, Tensor4D } from "../tensors.ts";

/** Takes images apart into planes: float32 [N, S, S, C] -> [N, C S S]. */
export function toPlanes(images: Tensor4D): Tensor2D {
  const [count, , , channels] = images.shape;
  // Of one channel the numbers lie in the same order.
  const apart = channels === 1 ? images : tf.transpose(images, [0, 3, 1, 2]); // [N, C, S, S]
  return tf.reshape(apart, [count, -1]); // [N, C S S]
}

/** Puts images together from planes: float32 [N, C S S] -> [N, S, S, C]. */
export function fromPlanes(planes: Tensor2D, { side, channels }: ImageSize): Tensor4D {
  if (channels === 1) return tf.reshape(planes, [-1, side, side, 1]); // [N, S, S, 1]
  return tf.transpose(tf.reshape(planes, [-1, channels, side, side]), [0, 2, 3, 1]) as Tensor4D; // [N, S, S, C]
}
