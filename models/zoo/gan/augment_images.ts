/**
 * Differentiable augmentation (Zhao et al. 2020, arXiv:2006.10738): what the discriminator sees, real or made, is changed
 * at random, so that it cannot learn few images by heart; the generator's gradient goes through the change.
 *
 * What is moved in and what is cut out is 0, as in the paper's code: half way from black to white, pixels being -1 to 1.
 *
 * N images, S pixels a side, C their channels.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { type RandomKey, threefry2x32 } from "../../ops/random.ts";
import type { Tensor4D } from "../../tensors.ts";

/** How much is changed; 0 leaves it. */
export interface ImageChanges {
  /** Of brightness (by up to half of the way from black to white, over 2), saturation (0 to 2) and contrast (0.5 to 1.5). */
  readonly color: number;
  /** By how much of a side an image is moved at most, either way; what comes in is 0. */
  readonly translation: number;
  /** The side of the square that becomes 0, as a share of the image's; its centre is anywhere in the image. */
  readonly cutout: number;
}

/** Where random numbers come from: those of an image depend on `key` and its id alone. */
export interface ImageRandom {
  readonly key: RandomKey;
  /** [N]. */
  readonly rows: Int32Array;
}

/** Changes images, float32 [N, S, S, C], -1 to 1; each in its own way. */
export function augmentImages(
  images: Tensor4D,
  { color, translation, cutout }: ImageChanges,
  random: ImageRandom,
): Tensor4D {
  const uniforms = uniformsOf(random);
  let changed = images;
  if (color > 0) changed = changeColor(changed, color, uniforms);
  if (translation > 0) changed = translate(changed, translation, uniforms);
  return cutout > 0 ? cutOut(changed, cutout, uniforms) : changed;
}

/** The numbers that change an image, 0 to 1, [N] each; the numbers of pixels are whole in double precision, so not on the device. */
type Uniforms = readonly [
  brightness: Float64Array,
  saturation: Float64Array,
  contrast: Float64Array,
  right: Float64Array,
  down: Float64Array,
  column: Float64Array,
  row: Float64Array,
];

function uniformsOf({ key, rows }: ImageRandom): Uniforms {
  const columns = Array.from({ length: 7 }, () => new Float64Array(rows.length));
  const words = new Int32Array(2);
  rows.forEach((row, n) => {
    for (let j = 0; j < columns.length; j++) {
      words[0] = row;
      words[1] = j;
      threefry2x32(key, words);
      columns[j][n] = (words[0] >>> 0) / 2 ** 32;
    }
  });
  return columns as unknown as Uniforms;
}

function changeColor(images: Tensor4D, strength: number, [brightness, saturation, contrast]: Uniforms): Tensor4D {
  /** A number for each image. */
  const each = (values: Float64Array, of: (uniform: number) => number) =>
    tf.tensor4d(Float32Array.from(values, of), [values.length, 1, 1, 1]); // [N, 1, 1, 1]
  const brighter = tf.add(images, each(brightness, (u) => strength * (u - 0.5)));
  const grey = tf.mean(brighter, 3, true); // [N, S, S, 1]
  const coloured = images.shape[3] === 1
    ? brighter
    : tf.add(grey, tf.mul(tf.sub(brighter, grey), each(saturation, (u) => 1 + strength * (2 * u - 1))));
  const mean = tf.mean(coloured, [1, 2, 3], true); // [N, 1, 1, 1]
  return tf.add(mean, tf.mul(tf.sub(coloured, mean), each(contrast, (u) => 1 + strength * (u - 0.5))));
}

/** Moves each image by whole pixels: products with matrices that pick a row, or a column, for each. */
function translate(images: Tensor4D, share: number, { 3: right, 4: down }: Uniforms): Tensor4D {
  const [count, side, , channels] = images.shape;
  const most = Math.round(share * side);
  const picks = (uniforms: Float64Array) => {
    const matrices = new Float32Array(count * side * side); // [N, S, S]: 1 where a row (first) is another (second)
    uniforms.forEach((uniform, n) => {
      const by = Math.floor(uniform * (2 * most + 1)) - most;
      for (let i = Math.max(0, by); i < Math.min(side, side + by); i++) matrices[(n * side + i) * side + i - by] = 1;
    });
    return tf.tensor3d(matrices, [count, side, side]);
  };
  const rows = tf.reshape(images, [count, side, side * channels]) as tf.Tensor3D; // [N, S, S C]
  const moved = tf.reshape(tf.matMul(picks(down), rows), [count, side, side, channels]);
  const columns = tf.reshape(tf.transpose(moved, [0, 2, 1, 3]), [count, side, side * channels]) as tf.Tensor3D;
  const both = tf.reshape(tf.matMul(picks(right), columns), [count, side, side, channels]);
  return tf.transpose(both, [0, 2, 1, 3]) as tf.Tensor4D; // [N, S, S, C]
}

function cutOut(images: Tensor4D, share: number, { 5: column, 6: row }: Uniforms): Tensor4D {
  const [count, side] = images.shape;
  const size = Math.round(share * side);
  const places = side + 1 - size % 2; // the centre of an even square lies between pixels or at an edge, of an odd one on one
  const kept = new Float32Array(count * side * side).fill(1); // [N, S, S]
  for (let n = 0; n < count; n++) {
    const [left, top] = [column, row].map((uniforms) => Math.floor(uniforms[n] * places) - (size >> 1));
    for (let y = Math.max(0, top); y < Math.min(side, top + size); y++) {
      const start = (n * side + y) * side;
      kept.fill(0, start + Math.max(0, left), start + Math.max(0, Math.min(side, left + size)));
    }
  }
  return tf.mul(images, tf.tensor4d(kept, [count, side, side, 1]));
}
