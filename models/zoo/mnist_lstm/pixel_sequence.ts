/**
 * Grey pictures as sequences: in which order their pixels are read, and the values in that order.
 *
 * @module
 */
import { Prng } from "../../../pipelines/base/prng.ts";

/** How a square picture becomes a sequence. */
export interface PixelOrder {
  /** The side of the picture, in pixels. */
  readonly size: number;
  /** What a step reads. */
  readonly input: "rows" | "pixels";
  /** The seed of a fixed order of the pixels; 0 for left to right, top to bottom. */
  readonly permutation: number;
  /** Whether the last step comes first. */
  readonly reversed: boolean;
}

/** The places of the pixels in the picture, in the order in which they are read, [size x size]. */
export function readingOrder({ size, input, permutation, reversed }: PixelOrder): Uint32Array {
  const order = permutation === 0
    ? Uint32Array.from({ length: size * size }, (_, i) => i)
    : new Prng(permutation).permutation(size * size);
  if (!reversed) return order;
  const width = input === "rows" ? size : 1;
  return order.map((_, i) => order[order.length - width - i + 2 * (i % width)]); // within a step nothing changes
}

/**
 * The pixels of a batch step by step. Putting the bytes in order here is cheaper than a transpose of floats on the
 * device.
 *
 * @param images Bytes, [B, size, size].
 * @param sequence The order, and F, how many pixels a step reads.
 * @returns 0 to 1, [T, B, F].
 */
export function sequenceOf(
  images: ArrayLike<number>,
  { order, width }: { readonly order: Uint32Array; readonly width: number },
): Float32Array {
  const batch = images.length / order.length;
  const pixels = new Float32Array(images.length); // [T, B, F]
  let at = 0;
  for (let start = 0; start < order.length; start += width) {
    for (let b = 0; b < batch; b++) {
      for (let f = 0; f < width; f++) pixels[at++] = images[b * order.length + order[start + f]] / 255;
    }
  }
  return pixels;
}
