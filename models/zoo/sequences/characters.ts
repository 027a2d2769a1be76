/**
 * Sequences of characters as models of sequences read and write them.
 *
 * B batch, T steps, V characters of the alphabet.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { DataDescription } from "../../../pipelines/dataset.ts";
import { maximumOf } from "../../../pipelines/batches/batch_fields.ts";

/** Characters in the order in which they are read or written, T and V with them. */
export interface CharacterSequence {
  /** T. */
  readonly length: number;
  /** V. */
  readonly alphabetSize: number;
  /** From the last character to the first. */
  readonly reversed: boolean;
}

/**
 * The length and the alphabet of a field of characters, uint8 [T], that says its largest value, V - 1.
 *
 * @throws {RangeError} When it is another field.
 */
export function charactersOf(data: DataDescription, field: string, reversed: boolean): CharacterSequence {
  const { dtype, shape: [length, ...more] } = data.fields[field];
  if (dtype !== "uint8" || !(length > 0) || more.length > 0) {
    throw new RangeError(`field ${field} is ${dtype} [${data.fields[field].shape}], expected characters, uint8 [T]`);
  }
  return { length, alphabetSize: maximumOf(data, field) + 1, reversed };
}

/**
 * Characters of examples in the order in which they are read, a step after the other.
 *
 * @param characters [B, T].
 * @returns int32 [T, B].
 */
export function bySteps(
  characters: ArrayLike<number>,
  { length, reversed }: Pick<CharacterSequence, "length" | "reversed">,
): Int32Array {
  const batch = characters.length / length;
  return Int32Array.from({ length: characters.length }, (_, i) => {
    const t = Math.floor(i / batch);
    return characters[(i % batch) * length + (reversed ? length - 1 - t : t)];
  });
}

/**
 * Each number as a row with 1 at its place and zeros elsewhere; a row of zeros where it is none of them.
 *
 * @param numbers [N], each below V, or below 0 for none.
 * @returns float32 [N, V].
 */
export function oneHotRows(numbers: ArrayLike<number>, alphabetSize: number): Float32Array<ArrayBuffer> {
  const rows = new Float32Array(numbers.length * alphabetSize);
  for (let i = 0; i < numbers.length; i++) if (numbers[i] >= 0) rows[i * alphabetSize + numbers[i]] = 1;
  return rows;
}

/** {@linkcode oneHotRows} of characters by steps, int32 [T, B], as a tensor, float32 [T, B, V]. */
export function oneHotSteps(
  characters: ArrayLike<number>,
  { length, alphabetSize }: Pick<CharacterSequence, "length" | "alphabetSize">,
): tf.Tensor3D {
  const batch = characters.length / length;
  return tf.tensor3d(oneHotRows(characters, alphabetSize), [length, batch, alphabetSize]);
}

/**
 * Where the likeliest character is the right one.
 *
 * @param logits float32 [N, V].
 * @param right int32 [N].
 * @returns float32 [N], 1 there and 0 elsewhere.
 */
export function hitsOf(logits: tf.Tensor2D, right: Int32Array): tf.Tensor1D {
  return tf.cast(tf.equal(tf.argMax(logits, 1), tf.tensor1d(right, "int32")), "float32");
}

/** The character before each, of characters by steps, [T, B]; -1 before the first. */
export function formerOf(characters: ArrayLike<number>, { length }: Pick<CharacterSequence, "length">): Int32Array {
  const batch = characters.length / length;
  return Int32Array.from({ length: characters.length }, (_, i) => i < batch ? -1 : characters[i - batch]);
}
