/**
 * Reading pictures of characters: digits by a classifier, signs and spaces, which none has learnt, by the nearest real
 * picture.
 *
 * N pictures, V characters of the alphabet, S pixels a side.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { InputError } from "../../pipelines/base/errors.ts";
import { listed } from "../runs/run_data.ts";
import type { ImageClassifier } from "./generation_classes.ts";
import type { GlyphPool } from "./glyph_pool.ts";

const AT_ONCE = 500;

/**
 * The place in the alphabet of each class, -1 of one that is no character.
 *
 * @throws {InputError} When none is.
 */
export function placesOf({ names }: Pick<ImageClassifier, "names">, characters: string): readonly number[] {
  const places = names.map((name) => name.length === 1 ? characters.indexOf(name) : -1);
  if (places.some((place) => place >= 0)) return places;
  throw new InputError(
    `--classifier: it knows ${listed(names)}, none of the characters of the answers, "${characters}"; ` +
      "expected one of digits",
  );
}

/**
 * Reads pictures. Whether one is a digit at all, the nearest real picture says (by the distance of pixels, of all
 * characters); which digit, the classifier.
 *
 * @param pictures 0 paper to 255 ink, [N, S, S].
 * @param by The classifier, real pictures, and the alphabet, `characters`; a class is the character of its name.
 * @returns Places in the alphabet, [N].
 * @throws {InputError} When no class is a character.
 */
export async function readGlyphs(
  pictures: Uint8Array<ArrayBuffer>,
  { classifier, pool, characters }: {
    readonly classifier: Pick<ImageClassifier, "names" | "read">;
    readonly pool: GlyphPool;
    readonly characters: string;
  },
): Promise<Int32Array<ArrayBuffer>> {
  const places = placesOf(classifier, characters);
  const real = pool.characters.flatMap((character) => pool.of(character).map((picture) => ({ character, picture })));
  const cells = real[0].picture.length, count = pictures.length / cells;
  const logProbs = await classifier.read(pictures); // [N, K]
  const read = new Int32Array(count);
  const known = tf.tensor2d(Float32Array.from(real.flatMap(({ picture }) => [...picture])), [real.length, cells]);
  try {
    for (let at = 0; at < count; at += AT_ONCE) {
      const size = Math.min(AT_ONCE, count - at);
      const nearest = tf.tidy(() => {
        const bytes = Float32Array.from(pictures.subarray(at * cells, (at + size) * cells), (byte) => byte / 255);
        const products = tf.matMul(tf.tensor2d(bytes, [size, cells]), known, false, true); // [N, real]
        return tf.argMin(tf.sub(tf.sum(tf.square(known), 1), tf.mul(products, 2)), 1); // [N]
      });
      (await nearest.data<"int32">()).forEach((row, i) => {
        const { character } = real[row];
        read[at + i] = places.includes(character) ? likeliest(at + i) : character;
      });
      nearest.dispose();
    }
  } finally {
    known.dispose();
  }
  return read;

  /** The character of the likeliest class that has one. */
  function likeliest(picture: number): number {
    const row = logProbs.subarray(picture * places.length, (picture + 1) * places.length);
    return places[
      row.reduce(
        (best, value, k) => places[k] >= 0 && value > row[best] ? k : best,
        places.findIndex((p) => p >= 0),
      )
    ];
  }
}
