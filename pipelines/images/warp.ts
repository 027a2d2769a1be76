/**
 * Grey pictures turned, stretched, slanted, shifted and bent, as a hand might have drawn the same thing another time.
 * Browser safe.
 *
 * @module
 */
import { mergeOptions, type OptionTable, type OptionValues, type PartialOptions } from "../base/option_table.ts";
import type { Prng } from "../base/prng.ts";

/** How far pictures are warped. */
export const WARP_OPTIONS = {
  rotate: { value: 12, help: "turn by up to so many degrees either way, 0 to 180", min: 0, max: 180 },
  scale: {
    value: 0.12,
    help: "stretch across and down, each by a factor up to so much off 1, 0 to 0.9",
    min: 0,
    max: 0.9,
  },
  shear: { value: 0.15, help: "slant by up to so many pixels a row either way, 0 to 2", min: 0, max: 2 },
  shift: { value: 2, help: "shift by up to so many pixels across and down, 0 or more", min: 0 },
  elastic: {
    value: 1,
    help: "the standard deviation of a pixel's own displacement across and down, in pixels, 0 or more",
    min: 0,
  },
  smoothness: {
    value: 4,
    help: "the standard deviation of the Gaussian that makes neighbours go the same way, in pixels, 0.5 to 64",
    min: 0.5,
    max: 64,
  },
} as const satisfies OptionTable;

/** The values of {@linkcode WARP_OPTIONS}. */
export type WarpOptions = OptionValues<typeof WARP_OPTIONS>;

/** Displacements across and down of each pixel, [side, side]. */
interface Field {
  readonly x: Float64Array;
  readonly y: Float64Array;
}

/**
 * Warps square pictures of one size: an affine map, and the elastic distortion of Simard, Steinkraus and Platt 2003 (ICDAR,
 * section 2): random displacements, smoothed by a Gaussian. The field goes on at the opposite edge, so that it is equally
 * strong everywhere.
 *
 * @example
 * ```ts
 * import { Prng } from "@strokewise/strokewise/pipelines";
 * import { Warper } from "./warp.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const still = { rotate: 0, scale: 0, shear: 0, shift: 0, elastic: 0 };
 * const picture = Uint8Array.of(0, 90, 255, 30);
 * assertEquals(new Warper(2, still).warp(picture, new Prng(1)), picture);
 * ```
 */
export class Warper {
  readonly #side: number;
  readonly #options: WarpOptions;
  /** What a displacement has of the noise so many pixels further, twice around the edge; the squares of a turn sum up to 1. */
  readonly #kernel: Float64Array;
  readonly #noise: Field;
  readonly #smoothed: Field;
  readonly #field: Field;

  /**
   * Makes room for pictures of a size.
   *
   * @param side In pixels, 1 or more.
   * @param options Those that are not left at their defaults.
   * @throws {TypeError} When there is no option of a name.
   * @throws {RangeError} When an option does not take its value.
   */
  constructor(side: number, options: PartialOptions<typeof WARP_OPTIONS> = {}) {
    this.#side = side;
    this.#options = mergeOptions(WARP_OPTIONS, options, "warp");
    const ring = wrappedGaussian(side, this.#options.smoothness);
    this.#kernel = Float64Array.of(...ring, ...ring);
    const room = (): Field => ({ x: new Float64Array(side * side), y: new Float64Array(side * side) });
    [this.#noise, this.#smoothed, this.#field] = [room(), room(), room()];
  }

  /**
   * Warps a picture.
   *
   * @param picture uint8 [side, side], 0 paper.
   * @param prng Draws the map.
   * @param out To be overwritten, uint8 [side, side], another than the picture; made when left out.
   * @returns uint8 [side, side], between four pixels their bilinear mean; paper where it came from outside.
   * @throws {RangeError} When a picture has not side * side elements.
   */
  warp(
    picture: Uint8Array,
    prng: Prng,
    out: Uint8Array<ArrayBuffer> = new Uint8Array(picture.length),
  ): Uint8Array<ArrayBuffer> {
    const side = this.#side;
    if (picture.length !== side * side || out.length !== side * side) {
      throw new RangeError(`cannot warp ${picture.length} pixels into ${out.length}: expected ${side * side} each`);
    }
    const { rotate, scale, shear, shift, elastic } = this.#options;
    const either = (most: number) => most * (2 * prng.uniform() - 1);
    const angle = either(rotate) * Math.PI / 180;
    const [slant, factorX, factorY] = [either(shear), 1 + either(scale), 1 + either(scale)];
    const [moveX, moveY] = [either(shift), either(shift)];
    const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
    const [xx, xy] = [cos * factorX, (cos * slant - sin) * factorY];
    const [yx, yy] = [sin * factorX, (sin * slant + cos) * factorY];
    const { x: bendX, y: bendY } = this.#field;
    if (elastic > 0) this.#bend(prng);
    const middle = (side - 1) / 2;
    for (let y = 0, i = 0; y < side; y++) {
      for (let x = 0; x < side; x++, i++) {
        const [offX, offY] = [x - middle, y - middle];
        const fromX = xx * offX + xy * offY + middle + moveX + elastic * bendX[i];
        const fromY = yx * offX + yy * offY + middle + moveY + elastic * bendY[i];
        out[i] = Math.round(between(picture, side, fromX, fromY));
      }
    }
    return out;
  }

  /** Fills the field with smooth numbers of mean 0 and deviation 1. */
  #bend(prng: Prng): void {
    for (const noise of [this.#noise.x, this.#noise.y]) {
      for (let i = 0; i < noise.length; i++) noise[i] = Math.sqrt(3) * (2 * prng.uniform() - 1); // deviation 1
    }
    this.#smooth(this.#noise, this.#smoothed);
    this.#smooth(this.#smoothed, this.#field);
  }

  /** Smooths each row, and writes it as a column; both directions at once take little longer than one. */
  #smooth({ x: fromX, y: fromY }: Field, { x: toX, y: toY }: Field): void {
    const [side, kernel] = [this.#side, this.#kernel];
    for (let row = 0; row < side; row++) {
      for (let at = 0; at < side; at++) {
        let x = 0, y = 0;
        for (let i = 0; i < side; i++) {
          const weight = kernel[side - at + i];
          x += fromX[row * side + i] * weight;
          y += fromY[row * side + i] * weight;
        }
        toX[at * side + row] = x;
        toY[at * side + row] = y;
      }
    }
  }
}

/** A Gaussian around a ring of so many pixels, scaled so that its squares sum up to 1. */
function wrappedGaussian(side: number, deviation: number): Float64Array {
  const turns = Math.ceil(6 * deviation / side);
  const kernel = Float64Array.from({ length: side }, (_, away) => {
    let sum = 0;
    for (let turn = -turns; turn <= turns; turn++) sum += Math.exp(-0.5 * ((away + turn * side) / deviation) ** 2);
    return sum;
  });
  const norm = Math.hypot(...kernel);
  return kernel.map((value) => value / norm);
}

/** The bilinear mean of the four pixels around a place; paper outside. */
function between(picture: Uint8Array, side: number, x: number, y: number): number {
  const [left, top] = [Math.floor(x), Math.floor(y)];
  if (left < -1 || top < -1 || left >= side || top >= side) return 0;
  const [right, below] = [x - left, y - top];
  const at = top * side + left;
  const [hasLeft, hasRight] = [left >= 0, left < side - 1];
  let sum = 0;
  if (top >= 0) {
    sum += (1 - below) * ((hasLeft ? (1 - right) * picture[at] : 0) + (hasRight ? right * picture[at + 1] : 0));
  }
  if (top < side - 1) {
    const under = at + side;
    sum += below * ((hasLeft ? (1 - right) * picture[under] : 0) + (hasRight ? right * picture[under + 1] : 0));
  }
  return sum;
}
