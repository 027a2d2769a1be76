/**
 * Pictures changed in small ways, as training sees them: mirrored, shifted, and of other colours. Browser safe.
 *
 * @module
 */
import type { OptionValues } from "../base/option_table.ts";
import type { Prng } from "../base/prng.ts";
import { luma1000 } from "./grey.ts";

/** What is done to colours; the defaults leave them as they are. */
export const COLOUR_OPTIONS = {
  brightness: {
    value: 0,
    help: "images: lighter or darker by up to this share of white, 0 to 1",
    min: 0,
    max: 1,
  },
  contrast: {
    value: 0,
    help: "images: stronger or weaker contrast by up to this share, 0 to 1",
    min: 0,
    max: 1,
  },
  saturation: {
    value: 0,
    help: "images: stronger or weaker colours by up to this share, 0 to 1",
    min: 0,
    max: 1,
  },
} as const;

/** How far pictures are changed. */
export interface ImageAugmentOptions extends OptionValues<typeof COLOUR_OPTIONS> {
  /** Probability of mirroring left and right, 0 to 1. */
  readonly flip: number;
  /** Up to which share of the side a picture is shifted either way, 0 to 1. */
  readonly shift: number;
}

/** A square picture. */
export interface SquareImage {
  /** uint8 [S, S] or [S, S, 3]. */
  readonly data: Uint8Array;
  /** S, pixels across and down. */
  readonly side: number;
  /** Whether each is red, green and blue. */
  readonly colour: boolean;
}

/**
 * Whether the options change anything.
 *
 * @example
 * ```ts
 * import { augmentsImages } from "@strokewise/strokewise/pipelines";
 * import { assertEquals } from "@std/assert";
 *
 * const none = { flip: 0, shift: 0, brightness: 0, contrast: 0, saturation: 0 };
 * assertEquals([augmentsImages(none), augmentsImages({ ...none, contrast: 0.2 })], [false, true]);
 * ```
 */
export function augmentsImages(options: ImageAugmentOptions): boolean {
  const { flip, shift, brightness, contrast, saturation } = options;
  return [flip, shift, brightness, contrast, saturation].some((value) => value !== 0);
}

/**
 * Mirrors a picture, shifts it by whole pixels, and changes its saturation, its contrast about its mean luma, and its
 * brightness, in this order; what is shifted in repeats the edge. Values are rounded once, and kept within 0 to 255.
 *
 * @param image Is not written to.
 * @param options The ranges from which all of that is drawn evenly.
 * @param prng Draws six numbers, whatever the options: first that of the mirror, as the augmentation of strokes does.
 * @returns New pixels, of the same shape.
 *
 * @example
 * ```ts
 * import { augmentImage, Prng } from "@strokewise/strokewise/pipelines";
 * import { assertEquals } from "@std/assert";
 *
 * const options = { flip: 1, shift: 0, brightness: 0, contrast: 0, saturation: 0 };
 * const image = { data: Uint8Array.of(1, 2, 3, 4), side: 2, colour: false };
 * assertEquals([...augmentImage(image, options, new Prng(1))], [2, 1, 4, 3]);
 * ```
 */
export function augmentImage(
  image: SquareImage,
  options: ImageAugmentOptions,
  prng: Prng,
): Uint8Array<ArrayBuffer> {
  const { side, colour } = image;
  const either = (most: number) => (2 * prng.uniform() - 1) * most;
  const isMirrored = prng.uniform() < options.flip;
  const [across, down] = [0, 1].map(() => Math.round(either(options.shift * side)));
  const saturation = 1 + either(options.saturation);
  const contrast = 1 + either(options.contrast);
  const brightness = 255 * either(options.brightness);

  const moved = movePixels(image, { isMirrored, across, down });
  if (saturation === 1 && contrast === 1 && brightness === 0) return moved;
  const mean = contrast === 1 ? 0 : meanLuma(moved, colour);
  const base = mean * (1 - contrast) + brightness; // a change of saturation leaves the mean luma as it is
  const changed = new Uint8ClampedArray(moved.buffer); // rounds, and keeps within the range
  if (!colour) {
    for (let i = 0; i < changed.length; i++) changed[i] = contrast * changed[i] + base;
    return moved;
  }
  const own = contrast * saturation;
  const grey = contrast * (1 - saturation) / 1000;
  for (let i = 0; i < changed.length; i += 3) {
    const shared = base + grey * luma1000(changed[i], changed[i + 1], changed[i + 2]);
    for (let c = i; c < i + 3; c++) changed[c] = own * changed[c] + shared;
  }
  return moved;
}

function movePixels(
  { data, side, colour }: SquareImage,
  { isMirrored, across, down }: { readonly isMirrored: boolean; readonly across: number; readonly down: number },
): Uint8Array<ArrayBuffer> {
  if (!isMirrored && across === 0 && down === 0) return new Uint8Array(data);
  const channels = colour ? 3 : 1;
  const kept = (at: number) => Math.min(Math.max(at, 0), side - 1);
  const columns = Array.from({ length: side }, (_, x) => {
    const from = kept(x - across);
    return channels * (isMirrored ? side - 1 - from : from);
  });
  const moved = new Uint8Array(data.length); // [side, side, channels]
  for (let y = 0, to = 0; y < side; y++) {
    const row = kept(y - down) * side * channels;
    for (const column of columns) {
      for (let c = 0; c < channels; c++) moved[to++] = data[row + column + c];
    }
  }
  return moved;
}

/** 0 to 255. */
function meanLuma(image: Uint8Array, colour: boolean): number {
  let sum = 0;
  if (!colour) { for (const value of image) sum += 1000 * value; }
  else for (let i = 0; i < image.length; i += 3) sum += luma1000(image[i], image[i + 1], image[i + 2]);
  return sum / 1000 / (image.length / (colour ? 3 : 1));
}
