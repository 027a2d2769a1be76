/**
 * Pictures of any colours as a learner wants them: grey, 0 paper and 255 ink, of one size. Browser safe.
 *
 * @module
 */
import type { Picture } from "./png_header.ts";
import { axisOf, resample } from "./resample.ts";

/** Whether ink is lighter or darker than the paper. */
export type Ink = "light" | "dark";

/**
 * A thousand times the luma of a colour by ITU-R BT.601, section 2.5.1: 299 red, 587 green, 114 blue.
 *
 * @param red 0 to 255, or of any other range; so are the others, and the luma.
 */
export function luma1000(red: number, green: number, blue: number): number {
  return 299 * red + 587 * green + 114 * blue;
}

/** Luma, 0 to 255, times a thousand, and alpha, 0 to 255, of a pixel. */
function pixelAt({ channels, data }: Picture, i: number): { luma: number; alpha: number } {
  const at = i * channels;
  const luma = channels < 3 ? 1000 * data[at] : luma1000(data[at], data[at + 1], data[at + 2]);
  return { luma, alpha: channels % 2 === 0 ? data[at + channels - 1] : 255 };
}

/** Above and below so much, and not between, the edge of a picture is light or dark paper. */
const [LIGHT, DARK] = [191_000, 64_000];

/**
 * What a picture itself says of its ink: most of its edge is paper, light or dark. Where the edge is transparent, ink is
 * whatever is not.
 *
 * @returns Undefined where the edge is neither light nor dark, or nothing is to be seen.
 *
 * @example
 * ```ts
 * import { inkOf } from "@strokewise/strokewise/pipelines";
 * import { assertEquals } from "@std/assert";
 *
 * const data = Uint8Array.of(255, 255, 255, 255, 0, 255, 255, 255, 255);
 * assertEquals(inkOf({ width: 3, height: 3, channels: 1, data }), "dark");
 * ```
 */
export function inkOf(picture: Picture): Ink | undefined {
  const { width, height } = picture;
  let [edge, clear, light, dark] = [0, 0, 0, 0];
  let [ink, weight] = [0, 0];
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i++) {
      const { luma, alpha } = pixelAt(picture, i);
      ink += luma * alpha;
      weight += alpha;
      if (x > 0 && y > 0 && x < width - 1 && y < height - 1) continue;
      edge++;
      if (alpha < 128) clear++;
      else if (luma > LIGHT) light++;
      else if (luma < DARK) dark++;
    }
  }
  if (2 * clear > edge) return weight === 0 ? undefined : ink > 127_500 * weight ? "light" : "dark";
  return 2 * light > edge ? "dark" : 2 * dark > edge ? "light" : undefined;
}

/**
 * A picture in grey, its luma by {@linkcode luma1000}, rounded; what is transparent shows the paper.
 *
 * @param ink Dark ink is inverted.
 * @returns uint8 [height, width], 0 paper and 255 ink.
 *
 * @example
 * ```ts
 * import { toGreyInk } from "@strokewise/strokewise/pipelines";
 * import { assertEquals } from "@std/assert";
 *
 * const picture = { width: 2, height: 1, channels: 3, data: Uint8Array.of(255, 0, 0, 255, 255, 255) } as const;
 * assertEquals([...toGreyInk(picture, "light")], [76, 255]);
 * assertEquals([...toGreyInk(picture, "dark")], [179, 0]);
 * ```
 */
export function toGreyInk(picture: Picture, ink: Ink): Uint8Array<ArrayBuffer> {
  const paper = ink === "dark" ? 255_000 : 0;
  const grey = new Uint8Array(picture.width * picture.height); // [height, width]
  for (let i = 0; i < grey.length; i++) {
    const { luma, alpha } = pixelAt(picture, i);
    const value = Math.floor((luma * alpha + paper * (255 - alpha) + 127_500) / 255_000);
    grey[i] = ink === "dark" ? 255 - value : value;
  }
  return grey;
}

/**
 * A square picture made smaller: each new pixel is the mean of the area that it covers, exact, rounded half up.
 *
 * @param grey uint8 [side, side].
 * @param sides Pixels a side before, and after; no more than before.
 * @returns uint8 [to, to].
 *
 * @example
 * ```ts
 * import { shrinkByArea } from "@strokewise/strokewise/pipelines";
 * import { assertEquals } from "@std/assert";
 *
 * const grey = Uint8Array.of(0, 90, 180, 0, 90, 180, 0, 90, 180);
 * assertEquals([...shrinkByArea(grey, { from: 3, to: 2 })], [30, 150, 30, 150]);
 * ```
 */
export function shrinkByArea(
  grey: Uint8Array,
  { from, to }: { readonly from: number; readonly to: number },
): Uint8Array<ArrayBuffer> {
  const axis = axisOf(from, to);
  const row = (y: number, line: Float64Array) => line.set(grey.subarray(y * from, (y + 1) * from));
  const sums = resample(row, { across: axis, down: axis, channels: 1 }); // [to, to]
  return Uint8Array.from(sums, (sum) => Math.floor(sum / axis.total ** 2 + 0.5));
}
