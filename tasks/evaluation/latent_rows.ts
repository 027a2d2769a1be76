/**
 * Latents of pictures as rows of numbers, and the pictures that a model draws of them, some at a time. Browser safe.
 *
 * T steps, N pictures, S cells a side, C channels, Z size of a latent.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { ImageDrawer } from "../../models/model.ts";

/** Pictures drawn at a time: more would need much memory at once. */
const AT_ONCE = 100;

/** Each picture's latents of all steps, [T Z] each; the tensor, float32 [T, N, Z], is freed. */
export async function rowsOf(latents: tf.Tensor3D): Promise<Float32Array[]> {
  const [steps, count, size] = latents.shape;
  const rows = tf.tidy(() => tf.reshape(tf.transpose(latents, [1, 0, 2]), [-1])); // [N T Z]
  latents.dispose();
  const values = await rows.data<"float32">();
  rows.dispose();
  return Array.from({ length: count }, (_, n) => values.subarray(n * steps * size, (n + 1) * steps * size));
}

/** Latents, float32 [T, N, Z], of rows [T Z]; the caller's. */
export function latentsOf(rows: readonly Float32Array[], [steps, size]: readonly [number, number]): tf.Tensor3D {
  const values = new Float32Array(rows.length * steps * size);
  rows.forEach((row, n) => values.set(row, n * steps * size));
  return tf.tidy(() => tf.transpose(tf.tensor3d(values, [rows.length, steps, size]), [1, 0, 2]) as tf.Tensor3D);
}

/** The log odds of the finished pictures that a model draws from latents, float32 [N, S S C]; both are the caller's. */
export function drawLogOdds(drawer: ImageDrawer, latents: tf.Tensor3D): tf.Tensor2D {
  const [steps, count, size] = latents.shape;
  return tf.tidy(() => {
    const parts: tf.Tensor2D[] = [];
    for (let from = 0; from < count; from += AT_ONCE) {
      parts.push(tf.tidy(() => {
        const part = Math.min(AT_ONCE, count - from);
        const { canvases } = drawer.draw(tf.slice(latents, [0, from, 0], [steps, part, size])); // [T, N, S, S, C]
        const last = tf.slice(tf.reshape(canvases, [steps, -1]), [steps - 1, 0], [1, -1]); // [1, N S S C]
        return tf.reshape(last, [part, -1]) as tf.Tensor2D;
      }));
    }
    return tf.concat(parts) as tf.Tensor2D;
  });
}

/** The finished pictures that a model draws from rows of latents, 0 to 1, [S S C] each. */
export async function picturesOf(drawer: ImageDrawer, rows: readonly Float32Array[]): Promise<Float32Array[]> {
  const latents = latentsOf(rows, drawer.latentShape);
  const drawn = tf.tidy(() => tf.sigmoid(drawLogOdds(drawer, latents)));
  latents.dispose();
  const values = await drawn.data<"float32">();
  drawn.dispose();
  const cells = values.length / rows.length;
  return rows.map((_, n) => values.subarray(n * cells, (n + 1) * cells));
}
