/**
 * The images that autoencoders read, and the noise of each.
 *
 * B batch, S the image's side, C its channels.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { fieldOf, type ImageSize } from "../../../pipelines/batches/batch_fields.ts";
import type { Batch } from "../../../pipelines/dataset.ts";
import type { DrawnImages, Pass } from "../../model.ts";
import { randomNormal, randomUniform } from "../../ops/random.ts";
import { SSIM_SIDE } from "../../ops/ssim.ts";

/** The field of images. */
export const IMAGE = "image";

/** A batch's images, float32 [B, S, S, C], 0 to 1. */
export function imagesOf(batch: Batch, size: ImageSize): tf.Tensor4D {
  return tf.div(levelsOf(batch, size), 255);
}

/** A batch's images as bytes, float32 [B, S, S, C], 0 to 255. */
export function levelsOf(batch: Batch, { side, channels }: ImageSize): tf.Tensor4D {
  return tf.tensor4d(new Float32Array(fieldOf(batch, IMAGE)), [batch.size, side, side, channels]);
}

/**
 * Whether structural similarity is told of images.
 *
 * @throws {RangeError} If a loss is to have it, and they are smaller than its window.
 */
export function hasStructure(side: number, ssimWeight: number): boolean {
  if (side < SSIM_SIDE && ssimWeight > 0) {
    throw new RangeError(`ssimWeight: images are ${side} pixels a side, expected ${SSIM_SIDE} or more`);
  }
  return side >= SSIM_SIDE;
}

/** The ids of a pass's examples, on which random numbers depend. */
function rowsOf(batch: number, { firstExample }: Pass): Int32Array {
  return Int32Array.from({ length: batch }, (_, b) => firstExample + b);
}

/** Standard normal numbers for each example of a pass, float32 [B, columns]. */
export function normalNoise([batch, columns]: readonly [number, number], pass: Pass): tf.Tensor2D {
  return randomNormal(pass.prng.key(), rowsOf(batch, pass), columns);
}

/** Uniform numbers in [0, 1) for each example of a pass, float32 [B, columns]. */
export function uniformNoise([batch, columns]: readonly [number, number], pass: Pass): tf.Tensor2D {
  return randomUniform(pass.prng.key(), rowsOf(batch, pass), columns);
}

/** What is drawn in one step. */
export function drawnAtOnce(logOdds: tf.Tensor4D): DrawnImages {
  return { canvases: tf.expandDims(logOdds, 0) }; // [1, N, S, S, C]
}
