/**
 * Pictures of palette entries, as GIF has them, from pictures in red, green and blue and back. Browser safe.
 *
 * @module
 */
// @ts-types="./gifenc.d.ts"
import gifenc from "gifenc";
import type { IndexedImage, PaletteColour } from "./gif.ts";
import type { Image } from "./png.ts";

const MOST_COLOURS = 256;

/** Frames, and the colours that their entries stand for. */
export interface Palettized {
  readonly frames: readonly IndexedImage[];
  /** 1 to 256 colours. */
  readonly palette: readonly PaletteColour[];
}

/**
 * Finds one palette for frames: the very colours where all frames together have up to 256, else as many that are near.
 *
 * @param frames In red, green and blue, 1 or more.
 */
export function toPalette(frames: readonly Image[]): Palettized {
  const entries = new Map<number, number>(); // a colour's number to its place
  for (const { data } of frames) {
    for (let i = 0; i < data.length && entries.size <= MOST_COLOURS; i += 3) {
      const colour = numberOf(data, i);
      if (!entries.has(colour)) entries.set(colour, entries.size);
    }
  }
  if (entries.size > MOST_COLOURS) return nearPalette(frames);
  return {
    frames: frames.map(({ width, height, data }) => ({
      ...{ width, height },
      data: Uint8Array.from({ length: data.length / 3 }, (_, i) => entries.get(numberOf(data, 3 * i))!),
    })),
    palette: [...entries.keys()].map((colour) => [colour >> 16, colour >> 8 & 255, colour & 255]),
  };
}

const numberOf = (data: Uint8Array, i: number): number => data[i] << 16 | data[i + 1] << 8 | data[i + 2];

function nearPalette(frames: readonly Image[]): Palettized {
  const pixels = frames.map(({ data }) => {
    const rgba = new Uint8Array(data.length / 3 * 4).fill(255);
    for (let i = 0; i < data.length / 3; i++) rgba.set(data.subarray(3 * i, 3 * i + 3), 4 * i);
    return rgba;
  });
  const all = new Uint8Array(pixels.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of pixels) {
    all.set(part, at);
    at += part.length;
  }
  const palette = gifenc.quantize(all, MOST_COLOURS);
  return {
    frames: frames.map(({ width, height }, i) => ({ width, height, data: gifenc.applyPalette(pixels[i], palette) })),
    palette,
  };
}

/** A picture of palette entries in red, green and blue. */
export function toRgb({ width, height, data }: IndexedImage, palette: readonly PaletteColour[]): Image {
  const rgb = new Uint8Array(3 * data.length); // [height, width, 3]
  data.forEach((entry, i) => rgb.set(palette[entry], 3 * i));
  return { width, height, data: rgb };
}
