/**
 * Images by a model that draws them, as numbers in memory. Browser safe.
 *
 * T steps, N images, S cells a side, C channels, Z size of a latent.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { DrawnImages, ImageDrawer } from "../../models/model.ts";
import { randomNormal } from "../../models/ops/random.ts";
import { Prng } from "../../pipelines/base/prng.ts";

/** Values of {@linkcode DrawnImages} in memory. */
export interface DrawnArrays {
  /** Each cell's probability of being on, or its channels' brightness, 0 to 1: [T, N, S, S, C]. */
  readonly canvases: Float32Array;
  /** [T, N, 4]. */
  readonly writes?: Float32Array;
  readonly reads?: Float32Array;
  readonly images: number;
  readonly side: number;
  readonly channels: number;
}

/** Reads what was drawn back from the device, and frees it. */
export async function readDrawn(drawn: DrawnImages): Promise<DrawnArrays> {
  const [, images, side, , channels] = drawn.canvases.shape;
  const values: Record<string, Float32Array> = {};
  for (const [name, tensor] of Object.entries(drawn)) values[name] = await tensor.data<"float32">();
  tf.dispose(drawn);
  const canvases = values.canvases.map((logOdds) => 1 / (1 + Math.exp(-logOdds)));
  return { ...values, canvases, images, side, channels };
}

/** Standard normal latents, float32 [T, N, Z]; an image's do not depend on how many there are. */
export function priorLatents({ latentShape: [steps, size] }: ImageDrawer, images: number, seed: number): tf.Tensor3D {
  return tf.tidy(() => {
    const rows = Int32Array.from({ length: images }, (_, i) => i);
    const noise = randomNormal(new Prng(seed).key(), rows, steps * size); // [N, TZ]
    return tf.transpose(tf.reshape(noise, [images, steps, size]), [1, 0, 2]) as tf.Tensor3D; // [T, N, Z]
  });
}
