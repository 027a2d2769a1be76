/**
 * Sequences of pictures, as of handwritten digits, and the small CNN that may look at each of them.
 *
 * B batch, T pictures of an example.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { Prng } from "../../../pipelines/base/prng.ts";
import { fieldOf } from "../../../pipelines/batches/batch_fields.ts";
import type { Batch, DataDescription } from "../../../pipelines/dataset.ts";
import { convBlock } from "../../layers/conv_block.ts";
import type { Variables } from "../../layers/layer.ts";
import { linear } from "../../layers/linear.ts";
import type { RandomKey } from "../../ops/random.ts";

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

/** How pictures are moved, each by another number of pixels. */
export interface PictureShift {
  /** The most pixels to any side; 0 leaves them. */
  readonly most: number;
  readonly key: RandomKey;
  /** The place of the batch's first example, on which random numbers depend. */
  readonly firstExample: number;
}

/** The pixels of a batch's pictures, 0 to 1, what is moved over an edge cut off: float32 [T, B, S S]. */
export function pixelSteps(batch: Batch, pictures: PictureSequence, shift?: PictureShift): tf.Tensor3D {
  const { field, length, side, reversed } = pictures;
  const bytes = fieldOf(batch, field); // [B, T, S, S]
  const pixels = new Float32Array(bytes.length); // [T, B, S, S]
  for (let b = 0; b < batch.size; b++) {
    const prng = shift && new Prng(...shift.key, shift.firstExample + b);
    const moved = () => prng && shift ? prng.integer(2 * shift.most + 1) - shift.most : 0;
    for (let place = 0; place < length; place++) {
      const [dx, dy] = [moved(), moved()];
      const from = (b * length + place) * side;
      const to = ((reversed ? length - 1 - place : place) * batch.size + b) * side;
      for (let y = Math.max(0, -dy); y < side - Math.max(0, dy); y++) {
        for (let x = Math.max(0, -dx); x < side - Math.max(0, dx); x++) {
          pixels[(to + y + dy) * side + x + dx] = bytes[(from + y) * side + x] / 255;
        }
      }
    }
  }
  return tf.tensor3d(pixels, [length, batch.size, side * side]);
}

/** What is made of each picture. */
export interface PictureReader {
  readonly variables: Variables;
  /** float32 [T, B, S S] -> [T, B, F]. */
  apply(pixels: tf.Tensor3D): tf.Tensor3D;
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
      const [steps, batch] = pixels.shape;
      let maps = tf.reshape(pixels, [steps * batch, side, side, 1]) as tf.Tensor4D;
      for (const block of blocks) maps = block.apply(maps); // [TB, S / 2^n, S / 2^n, filters]
      const flat = tf.reshape(maps, [steps * batch, -1]) as tf.Tensor2D;
      return tf.reshape(tf.relu(dense.apply(flat)), [steps, batch, features]);
    },
  };
}
