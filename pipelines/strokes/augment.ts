/**
 * The built-in augmentation: turned, shrunk and shifted drawings, and images as `augmentImage` changes them. Of drawings it works on the vectors, before they are rasterized, so a turned
 * line is as thin and as whole as a drawn one; turning the map would tear it. Browser safe.
 *
 * @module
 */
import type { OptionValues } from "../base/option_table.ts";
import type { Prng } from "../base/prng.ts";
import { augmentImage, augmentsImages, COLOUR_OPTIONS } from "../images/augment_image.ts";
import type { Augmentation } from "./augmentation.ts";
import { boundsOf, type Drawing } from "./stroke.ts";

/** The options of {@linkcode affine}; the defaults leave drawings and images as they are. */
export const AUGMENT_OPTIONS = {
  flip: { value: 0, help: "probability of mirroring left and right, 0 to 1", min: 0, max: 1 },
  rotate: { value: 0, help: "strokes: turn by up to so many degrees either way, 0 to 180", min: 0, max: 180 },
  scale: {
    value: [1, 1] as readonly number[],
    help: "strokes: scale by a factor drawn between two, each above 0 and at most 1",
    above: 0,
    max: 1,
  },
  shift: {
    value: 0,
    help: "shift by up to this share of the side either way, strokes as far as there is room, 0 to 1",
    min: 0,
    max: 1,
  },
  ...COLOUR_OPTIONS,
} as const;

/** How far drawings and images are changed. */
export type AugmentOptions = OptionValues<typeof AUGMENT_OPTIONS>;

const DRAWING_OPTIONS: readonly (keyof DrawingAugmentOptions)[] = ["flip", "rotate", "scale", "shift"];

/** How far drawings are turned, scaled and shifted. */
export type DrawingAugmentOptions = Pick<AugmentOptions, "flip" | "rotate" | "scale" | "shift">;

/**
 * Whether the options change drawings.
 *
 * @example
 * ```ts
 * import { AUGMENT_OPTIONS, augments, defaultsOf } from "@strokewise/strokewise/pipelines";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(augments(defaultsOf(AUGMENT_OPTIONS)), false);
 * assertEquals(augments({ flip: 0, rotate: 10, scale: [1, 1], shift: 0 }), true);
 * ```
 */
export function augments({ flip, rotate, scale, shift }: DrawingAugmentOptions): boolean {
  return flip !== 0 || rotate !== 0 || shift !== 0 || scale.some((factor) => factor !== 1);
}

/**
 * Checks what the option table cannot say.
 *
 * @throws {RangeError} When `scale` is not two factors in ascending order, above 0 and at most 1.
 *
 * @example
 * ```ts
 * import { checkAugmentOptions } from "@strokewise/strokewise/pipelines";
 * import { assertThrows } from "@std/assert";
 *
 * assertThrows(() => checkAugmentOptions({ scale: [1, 0.5] }), RangeError, "low <= high");
 * ```
 */
export function checkAugmentOptions({ scale }: Pick<AugmentOptions, "scale">): void {
  const [low, high] = scale;
  if (scale.length !== 2 || !(0 < low && low <= high && high <= 1)) {
    throw new RangeError(`augment scale is ${scale}: expected two factors, 0 < low <= high <= 1, such as 0.7,1`);
  }
}

/**
 * Mirrors a drawing, turns it about its middle, scales it and shifts it; whatever comes out is shrunk and moved as far as needed to
 * lie on the 256 x 256 grid whole.
 *
 * @param drawing Coordinates 0..255, one point or more.
 * @param options The ranges from which turn, scale and shift are drawn.
 * @param prng Draws five numbers, whatever the options.
 * @returns Whole coordinates, 0..255, the same strokes and points.
 *
 * @example
 * ```ts
 * import { augment, Prng } from "@strokewise/strokewise/pipelines";
 * import { assertEquals } from "@std/assert";
 *
 * const drawing = [[[0, 255], [100, 100]]] as const;
 * const same = augment(drawing, { flip: 0, rotate: 0, scale: [1, 1], shift: 0 }, new Prng(1));
 * assertEquals(same, [[[0, 255], [100, 100]]]);
 * ```
 */
export function augment(drawing: Drawing, options: DrawingAugmentOptions, prng: Prng): [number[], number[]][] {
  const mirror = prng.uniform() < options.flip ? -1 : 1;
  const angle = (2 * prng.uniform() - 1) * options.rotate * Math.PI / 180;
  const [low, high] = options.scale;
  const factor = low + (high - low) * prng.uniform();
  const [shiftX, shiftY] = [0, 1].map(() => (2 * prng.uniform() - 1) * options.shift * 255);

  const { minX, minY, maxX, maxY } = boundsOf(drawing);
  const [middleX, middleY] = [(minX + maxX) / 2, (minY + maxY) / 2];
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  const turned = drawing.map(([xs, ys]): [number[], number[]] => [
    Array.from(xs, (x, i) => mirror * cos * (x - middleX) - sin * (ys[i] - middleY)),
    Array.from(xs, (x, i) => mirror * sin * (x - middleX) + cos * (ys[i] - middleY)),
  ]);

  const bounds = boundsOf(turned);
  const [width, height] = [bounds.maxX - bounds.minX, bounds.maxY - bounds.minY];
  const scale = Math.min(factor, 255 / Math.max(width, height, 1));
  const moveX = clamp(middleX + shiftX, -scale * bounds.minX, 255 - scale * bounds.maxX);
  const moveY = clamp(middleY + shiftY, -scale * bounds.minY, 255 - scale * bounds.maxY);
  return turned.map(([xs, ys]) => [
    xs.map((x) => clamp(Math.round(scale * x + moveX), 0, 255)), // only rounding can lead outside
    ys.map((y) => clamp(Math.round(scale * y + moveY), 0, 255)),
  ]);
}

/**
 * The built-in augmentation: {@linkcode augment}, and of images {@linkcode augmentImage}.
 *
 * @example
 * ```ts
 * import { affine, defaultsOf, Prng } from "@strokewise/strokewise/pipelines";
 * import { assertEquals } from "@std/assert";
 *
 * const mirrored = { ...defaultsOf(affine.options), flip: 1 };
 * assertEquals(affine.apply([[[0, 255], [100, 90]]], mirrored, new Prng(1)), [[[255, 0], [100, 90]]]);
 * ```
 */
export const affine: Augmentation<typeof AUGMENT_OPTIONS> = {
  name: "affine",
  url: import.meta.url,
  summary: "Mirrors, turns, shrinks and shifts drawings; mirrors, shifts and recolours images.",
  options: AUGMENT_OPTIONS,
  check: checkAugmentOptions,
  changes: augments,
  apply: augment,
  drawingOptions: DRAWING_OPTIONS,
  images: {
    options: ["flip", "shift", ...Object.keys(COLOUR_OPTIONS) as (keyof typeof COLOUR_OPTIONS)[]],
    changes: augmentsImages,
    apply: augmentImage,
  },
};

function clamp(value: number, low: number, high: number): number {
  return Math.min(Math.max(value, low), high);
}
