/**
 * Pictures of any size and colours as models of images want them: square, of one size, opaque, in colour or
 * grey. Browser safe.
 *
 * @module
 */
import { Reject } from "../base/errors.ts";
import type { Rgb } from "./colour.ts";
import { luma1000 } from "./grey.ts";
import type { Picture } from "./png_header.ts";
import { axisOf, resample } from "./resample.ts";

/** What the squares are to be. */
export interface SquareOptions {
  /** S, pixels a side, 1 or more. */
  readonly size: number;
  /** Whether the middle is cut out, or the whole is made to fit with the background beside it. */
  readonly fit: "crop" | "contain";
  /** `block` refuses what does not divide into whole blocks; `area` resamples any size. */
  readonly reduce: "area" | "block";
  /** What is behind what is transparent, and beside what is fitted in. */
  readonly background: Rgb;
  /** Whether the result is grey. */
  readonly grey: boolean;
}

/**
 * Makes a picture square: each new pixel is the mean of those that it covers, exact and rounded once, half up; where it is
 * made larger, lines between the old ones. Transparency is laid over the background first; grey is the luma of ITU-R BT.601.
 *
 * @returns uint8 [S, S, 3], or [S, S] in grey.
 * @throws {Reject} `other size`, with `block`, when there are no whole blocks.
 *
 * @example
 * ```ts
 * import { squarePicture } from "@strokewise/strokewise/pipelines";
 * import { assertEquals } from "@std/assert";
 *
 * const picture = { width: 2, height: 2, channels: 1, data: Uint8Array.of(0, 10, 20, 31) } as const;
 * const options = { size: 1, fit: "crop", reduce: "block", background: [255, 255, 255], grey: true } as const;
 * assertEquals([...squarePicture(picture, options)], [15]); // of 15.25
 * ```
 */
export function squarePicture(picture: Picture, options: SquareOptions): Uint8Array<ArrayBuffer> {
  const { size, background, grey } = options;
  const { x, y, across, down } = placed(picture, options);
  const row = opaqueRows(picture, { x, y, width: across.from, background });
  const sums = resample(row.write, { across, down, channels: row.channels }); // [down.to, across.to, 1 or 3]
  const whole = across.total * down.total * row.scale;
  const channels = grey ? 1 : 3;
  const paper = grey ? [rounded(luma1000(...background), 1000)] : background;
  const square = new Uint8Array(size * size * channels);
  if (across.to < size || down.to < size) { for (let i = 0; i < square.length; i++) square[i] = paper[i % channels]; }
  const [left, top] = [(size - across.to) >> 1, (size - down.to) >> 1];
  for (let v = 0, from = 0; v < down.to; v++) {
    let to = ((top + v) * size + left) * channels;
    for (let u = 0; u < across.to; u++, from += row.channels) {
      const isColour = row.channels === 3;
      if (!grey) { for (let c = 0; c < 3; c++) square[to++] = rounded(sums[from + (isColour ? c : 0)], whole); }
      else if (!isColour) square[to++] = rounded(sums[from], whole);
      else square[to++] = rounded(luma1000(sums[from], sums[from + 1], sums[from + 2]), 1000 * whole);
    }
  }
  return square;
}

/** A quotient, half up. */
const rounded = (sum: number, whole: number): number => Math.floor(sum / whole + 0.5);

/** Which part of a picture is taken, and how its axes change. */
function placed({ width, height }: Picture, { size, fit, reduce }: SquareOptions) {
  const side = fit === "crop" ? Math.min(width, height) : Math.max(width, height);
  const [wide, high] = fit === "crop" ? [side, side] : [width, height];
  if (reduce === "block" && [wide, high].some((length) => length % (side / size) !== 0 || side % size !== 0)) {
    throw new Reject(
      "other size",
      `${width} x ${height} pixels are no whole blocks for ${size} x ${size}; --reduce area takes any size`,
    );
  }
  const fitted = (length: number) => Math.max(1, Math.round(length * size / side));
  return {
    x: (width - wide) >> 1,
    y: (height - high) >> 1,
    across: axisOf(wide, fitted(wide)),
    down: axisOf(high, fitted(high)),
  };
}

/** Rows of a part of a picture over a background, grey or in colour, times `scale` so that they are whole numbers. */
function opaqueRows(
  { width, channels, data }: Picture,
  part: { readonly x: number; readonly y: number; readonly width: number; readonly background: Rgb },
): { readonly channels: 1 | 3; readonly scale: number; write(y: number, line: Float64Array): void } {
  const hasAlpha = channels % 2 === 0;
  const [red, green, blue] = part.background;
  const isGrey = channels === 1 || channels === 2 && red === green && green === blue;
  const into = isGrey ? 1 : 3;
  const [second, third] = channels < 3 ? [0, 0] : [1, 2];
  const write = (y: number, line: Float64Array): void => {
    const from = ((part.y + y) * width + part.x) * channels;
    const end = from + part.width * channels;
    if (!hasAlpha) return line.set(data.subarray(from, end));
    for (let at = from, to = 0; at < end; at += channels, to += into) {
      const alpha = data[at + channels - 1];
      const clear = 255 - alpha;
      line[to] = data[at] * alpha + red * clear;
      if (isGrey) continue;
      line[to + 1] = data[at + second] * alpha + green * clear;
      line[to + 2] = data[at + third] * alpha + blue * clear;
    }
  };
  return { channels: into, scale: hasAlpha ? 255 : 1, write };
}
