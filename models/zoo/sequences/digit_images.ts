/**
 * Sequences of pictures, as of handwritten digits, and the small CNN that may look at each of them.
 *
 * B batch, T pictures of an example, N pictures that are looked at.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { defaultsOf } from "../../../pipelines/base/option_table.ts";
import { Prng } from "../../../pipelines/base/prng.ts";
import { fieldOf } from "../../../pipelines/batches/batch_fields.ts";
import type { Batch, DataDescription } from "../../../pipelines/dataset.ts";
import { WARP_OPTIONS, Warper } from "../../../pipelines/images/warp.ts";
import { convBlock } from "../../layers/conv_block.ts";
import type { Variables } from "../../layers/layer.ts";
import { linear } from "../../layers/linear.ts";
import type { RandomKey } from "../../ops/random.ts";
import { rowsAtOnce } from "../../ops/rows_at_once.ts";

/** Pictures in the order in which they are read. */
export interface PictureSequence {
  /** Their field, uint8 [T, S, S]. */
  readonly field: string;
  /** T. */
  readonly length: number;
  /** S. */
  readonly side: number;
  /** From the last picture to the first. */
  readonly reversed: boolean;
}

/**
 * The pictures of a field, uint8 [T, S, S].
 *
 * @throws {RangeError} When it is another field.
 */
export function picturesOf(data: DataDescription, field: string, reversed: boolean): PictureSequence {
  const { dtype, shape: [length, side, width, ...more] } = data.fields[field];
  if (dtype !== "uint8" || !(length > 0) || !(side > 0) || side !== width || more.length > 0) {
    throw new RangeError(
      `field ${field} is ${dtype} [${data.fields[field].shape}], expected pictures, uint8 [T, S, S]`,
    );
  }
  return { field, length, side, reversed };
}

/** How pictures are warped, each another way. */
export interface PictureWarp {
  /** As a multiple of {@linkcode WARP_OPTIONS}' defaults; 0 leaves them. */
  readonly strength: number;
  readonly key: RandomKey;
  /** The place of the batch's first example, on which random numbers depend. */
  readonly firstExample: number;
}

/** Pictures to be looked at: those with ink, and a blank one for all the others. */
export interface SeenPictures {
  /** 0 to 1, float32 [N, S S]; the last is blank. */
  readonly pixels: tf.Tensor2D;
  /** The picture at each step of each example, a row of `pixels`: int32 [T, B]. */
  readonly rows: tf.Tensor1D;
}

/** The pictures of a batch. */
export function seePictures(batch: Batch, pictures: PictureSequence, warp?: PictureWarp): SeenPictures {
  const { field, length, side, reversed } = pictures;
  const size = side * side;
  const bytes = Uint8Array.from(fieldOf(batch, field)); // [B, T, S, S]
  const inked = Array.from({ length: batch.size * length }, (_, i) => i)
    .filter((i) => bytes.subarray(i * size, (i + 1) * size).some((value) => value > 0));
  const count = Math.ceil((inked.length + 1) / rowsAtOnce()) * rowsAtOnce();
  const pixels = new Float32Array(count * size); // [N, S, S]
  const rows = new Int32Array(batch.size * length).fill(count - 1); // [T, B]
  const warped = warp && warping(side, warp);
  inked.forEach((i, row) => {
    const [b, place] = [Math.floor(i / length), i % length];
    rows[(reversed ? length - 1 - place : place) * batch.size + b] = row;
    const picture = bytes.subarray(i * size, (i + 1) * size); // [S, S]
    const shown = warped?.(picture, b, place) ?? picture;
    for (let at = 0; at < size; at++) pixels[row * size + at] = shown[at] / 255;
  });
  return { pixels: tf.tensor2d(pixels, [count, size]), rows: tf.tensor1d(rows) };
}

/** Warps the picture at a place of an example, uint8 [S, S]; what it gives is overwritten by the next. */
function warping(
  side: number,
  { strength, key, firstExample }: PictureWarp,
): (picture: Uint8Array, b: number, place: number) => Uint8Array {
  const { rotate, scale, shear, shift, elastic } = defaultsOf(WARP_OPTIONS);
  const warper = new Warper(side, {
    rotate: strength * rotate,
    scale: strength * scale,
    shear: strength * shear,
    shift: strength * shift,
    elastic: strength * elastic,
  });
  const room = new Uint8Array(side * side); // [S, S]
  return (picture, b, place) => warper.warp(picture, new Prng(...key, firstExample + b, place), room);
}

/** Makes something of each picture. */
export interface PictureReader {
  readonly variables: Variables;
  /** float32 [N, S S] -> [N, F]. */
  apply(pixels: tf.Tensor2D): tf.Tensor2D;
}

/** The size of a CNN: the filters of each 3x3 convolution, which ReLU and 2x2 max-pooling follow; F. */
export interface CnnSize {
  readonly side: number;
  readonly filters: readonly number[];
  readonly features: number;
}

/**
 * A CNN that looks at each picture alone.
 *
 * @throws {RangeError} When the pictures are too small for so many convolutions.
 */
export function pictureCnn(name: string, { side, filters, features }: CnnSize, prng: Prng): PictureReader {
  const blocks = filters.map((outputs, i) =>
    convBlock(`${name}/conv${i + 1}`, { inputs: filters[i - 1] ?? 1, outputs }, prng)
  );
  const left = Math.floor(side / 2 ** filters.length);
  if (left === 0) throw new RangeError(`convFilters: pictures of ${side} cannot be halved ${filters.length} times`);
  const dense = linear(`${name}/dense`, { inputs: left * left * (filters.at(-1) ?? 1), outputs: features }, prng);
  return {
    variables: Object.assign({}, ...[...blocks, dense].map(({ variables }) => variables)),
    apply(pixels) {
      let maps = tf.reshape(pixels, [-1, side, side, 1]) as tf.Tensor4D;
      for (const block of blocks) maps = block.apply(maps); // [N, S / 2^n, S / 2^n, filters]
      return tf.relu(dense.apply(tf.reshape(maps, [pixels.shape[0], -1]))); // [N, F]
    },
  };
}
