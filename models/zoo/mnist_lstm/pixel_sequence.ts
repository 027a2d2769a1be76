/**
 * Grey pictures as sequences: of which size they are, in which order their pixels are read, and the values in that order.
 *
 * @module
 */
import { shrinkByArea } from "../../../pipelines/images/grey.ts";
import { Prng } from "../../../pipelines/base/prng.ts";
import { grouped } from "../../../pipelines/base/text.ts";

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

/** How pictures grow while they are learnt from: a curriculum from short sequences to long ones (Bengio et al. 2009). */
export interface Growth {
  /** Their own side, in pixels. */
  readonly size: number;
  /** In so many training steps; 0 where they are whole from the start. */
  readonly growSteps: number;
  /** The first side, below `size`. */
  readonly growFrom: number;
}

/** The side of pictures in a training step: each of `growFrom`, `growFrom` + 1, … `size` - 1 for as long as the others. */
export function sideAt(stepsTaken: number, { size, growSteps, growFrom }: Growth): number {
  if (stepsTaken >= growSteps) return size;
  return growFrom + Math.floor(stepsTaken * (size - growFrom) / growSteps);
}

/**
 * Checks a growth against how pictures are read.
 *
 * @throws {RangeError} When they are not read pixel by pixel in their own order, or do not grow.
 */
export function checkGrowth(
  { size, growSteps, growFrom, input, permutation }: Growth & Pick<PixelOrder, "input" | "permutation">,
): void {
  if (growSteps === 0) return;
  const what = `growSteps ${growSteps}`;
  if (input !== "pixels") throw new RangeError(`${what} needs input "pixels", found "${input}"`);
  if (permutation !== 0) {
    throw new RangeError(`${what} needs permutation 0, found ${permutation}: an order is of one size alone`);
  }
  if (growFrom >= size) {
    throw new RangeError(`growFrom ${growFrom}: expected less than the ${size} pixels that a side has`);
  }
}

/** What is to be told where pictures are still growing when a training of so many steps ends. */
export function growthRemarks(
  { growSteps }: Pick<Growth, "growSteps">,
  { steps }: { readonly steps: number },
): string[] {
  if (growSteps < steps) return [];
  return [
    `digits grow over ${grouped(growSteps)} steps, and training ends after ${grouped(steps)}: it sees no whole one`,
  ];
}

/**
 * Square pictures made smaller, each pixel the mean of the area that it covers.
 *
 * @param images Bytes, [B, from, from].
 * @param sides No more after than before.
 * @returns Bytes, [B, to, to].
 */
export function shrunkenImages(
  images: ArrayLike<number>,
  { from, to }: { readonly from: number; readonly to: number },
): ArrayLike<number> {
  if (from === to) return images;
  const bytes = Uint8Array.from(images);
  const shrunken = new Uint8Array(bytes.length / from ** 2 * to ** 2);
  for (let b = 0; b < bytes.length / from ** 2; b++) {
    shrunken.set(shrinkByArea(bytes.subarray(b * from ** 2, (b + 1) * from ** 2), { from, to }), b * to ** 2);
  }
  return shrunken;
}
