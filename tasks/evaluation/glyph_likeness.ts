/**
 * How pictures of characters look beside real ones: their structural similarity, and how varied they are.
 *
 * S pixels a side.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { ssim } from "../../models/ops/ssim.ts";
import type { GlyphPool } from "./glyph_pool.ts";

/** A drawn picture, and the data's own of the same character. */
export interface GlyphPair {
  readonly character: number;
  /** 0 paper to 1 ink, [S S]. */
  readonly drawn: Float32Array;
  /** Likewise. */
  readonly real: Float32Array;
}

/** Mean structural similarities, 1 where pictures are equal: of what is drawn, and for comparison. */
export interface Similarities {
  /** Of pictures drawn. */
  readonly drawn: number;
  /** Of other real pictures. */
  readonly real: number;
  /** Of the mean of the character's real pictures. */
  readonly mean: number;
}

/** What is told of likeness. */
export interface GlyphLikeness {
  /** How many pictures were compared, all with some ink. */
  readonly pictures: number;
  /** To the nearest of the real pictures of the character. */
  readonly nearest: Similarities;
  /** To the picture of it in the data, which the model did not see. */
  readonly own: Similarities;
  /** Real pictures of a character that the nearest is of, at most. */
  readonly among: number;
}

/** How varied the pictures of a character are. */
export interface GlyphVariety {
  /** Place in the alphabet. */
  readonly character: number;
  /** The mean distance of two of its pictures, the length of the difference of their pixels: of those drawn. */
  readonly drawn: number;
  /** Of real ones. */
  readonly real: number;
}

/**
 * Compares pictures with real ones; blank characters are left out.
 *
 * @returns Undefined where none is left.
 */
export async function likenessOf(
  pairs: readonly GlyphPair[],
  pool: GlyphPool,
  side: number,
): Promise<GlyphLikeness | undefined> {
  const totals = Array.from({ length: 6 }, () => 0);
  let [pictures, among] = [0, 0];
  for (const { character, drawn, real } of pairs) {
    const known = pool.of(character);
    if (known.length < 2 || known.every((picture) => picture.every((ink) => ink === 0))) continue;
    // The real picture that stands in for one drawn is none of those that are compared with.
    const mean = pool.meanOf(character), other = known[pictures % known.length];
    const nearest = await Promise.all(
      [drawn, real, mean].map(async (one) => Math.max(...await similarities(one, known, side))),
    );
    const own = await similarities(real, [drawn, other, mean], side);
    [...nearest, ...own].forEach((value, i) => totals[i] += value);
    among = Math.max(among, known.length);
    pictures++;
  }
  if (pictures === 0) return undefined;
  const [toNearest, toOwn] = [0, 3].map((from): Similarities => {
    const [drawn, real, mean] = totals.slice(from, from + 3).map((total) => total / pictures);
    return { drawn, real, mean };
  });
  return { pictures, nearest: toNearest, own: toOwn, among };
}

async function similarities(one: Float32Array, others: readonly Float32Array[], side: number): Promise<Float32Array> {
  const values = tf.tidy(() => {
    const stack = (pictures: readonly Float32Array[]) => {
      const pixels = new Float32Array(pictures.length * side ** 2);
      pictures.forEach((picture, i) => pixels.set(picture, i * side ** 2));
      return tf.tensor3d(pixels, [pictures.length, side, side]); // [N, S, S]
    };
    return ssim(stack(others.map(() => one)), stack(others));
  });
  const found = await values.data<"float32">();
  values.dispose();
  return found;
}

/** Pictures of a character whose distances are taken, at most. */
const VARIED = 60;

/** How varied drawn and real pictures of each character are, of which there are two or more of both. */
export function varietyOf(pairs: readonly GlyphPair[], pool: GlyphPool): GlyphVariety[] {
  return pool.characters.flatMap((character) => {
    const drawn = pairs.filter((pair) => pair.character === character).map((pair) => pair.drawn);
    const real = pool.of(character);
    return Math.min(drawn.length, real.length) < 2 ? [] : [{
      character,
      drawn: meanDistance(drawn.slice(0, VARIED)),
      real: meanDistance(real.slice(0, VARIED)),
    }];
  });
}

/** The mean distance of two of some pictures, 2 or more. */
function meanDistance(pictures: readonly Float32Array[]): number {
  let sum = 0;
  pictures.forEach((one, i) => {
    for (const other of pictures.slice(0, i)) {
      sum += Math.sqrt(one.reduce((total, ink, at) => total + (ink - other[at]) ** 2, 0));
    }
  });
  return sum / (pictures.length * (pictures.length - 1) / 2);
}
