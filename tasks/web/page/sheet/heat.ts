/// <reference lib="dom" />
/**
 * Where a decision comes from, as a picture: what speaks for the class in one colour, what speaks against it in another.
 *
 * @module
 */
import { channelsOf, type Colours } from "./colours.ts";

/** The greatest alpha, 0..255: the ink stays readable. */
const STRONGEST = 225;

/**
 * The cells of all frames added up.
 *
 * @param cells float32 [frames, side, side].
 * @returns float32 [side, side].
 */
export function sumFrames(cells: Float32Array, side: number): Float32Array<ArrayBuffer> {
  const sum = new Float32Array(side * side); // [side, side]
  for (let i = 0; i < cells.length; i++) sum[i % sum.length] += cells[i];
  return sum;
}

/** How far a cell is felt, in cells: what is on a line is seen beside it too. */
const REACH = 1.5;
/** How far a halo goes, in cells. */
export const HALO = Math.ceil(3 * REACH);

/**
 * Cells with a halo: each spread as a Gaussian, which leaves their sum as it is, but for what falls off the edge.
 *
 * @param cells float32 [side, side].
 * @returns float32 [side, side].
 */
export function withHalo(cells: Float32Array, side: number): Float32Array<ArrayBuffer> {
  const bell = Array.from({ length: 2 * HALO + 1 }, (_, i) => Math.exp(-0.5 * ((i - HALO) / REACH) ** 2));
  const total = bell.reduce((sum, value) => sum + value);
  /** Spreads along rows, and writes them as columns: twice makes both directions, and the way back. */
  const spread = (from: Float32Array): Float32Array<ArrayBuffer> => {
    const to = new Float32Array(side * side); // [side, side], transposed
    for (let row = 0; row < side; row++) {
      for (let column = 0; column < side; column++) {
        let sum = 0;
        for (let i = Math.max(0, column - HALO); i <= Math.min(side - 1, column + HALO); i++) {
          sum += from[row * side + i] * bell[i - column + HALO];
        }
        to[column * side + row] = sum / total;
      }
    }
    return to;
  };
  return spread(spread(cells));
}

/** Below 1: gradients have few large values, and what is a tenth as strong should still be seen. */
const SHOWN = 0.7;

/**
 * Cells with blank ones around them, for a halo that goes beyond the edge.
 *
 * @param cells float32 [side, side].
 * @returns float32 [side + 2 margin, side + 2 margin].
 */
export function withMargin(cells: Float32Array, side: number, margin: number): Float32Array<ArrayBuffer> {
  const wide = side + 2 * margin;
  const padded = new Float32Array(wide * wide); // [wide, wide]
  for (let row = 0; row < side; row++) {
    padded.set(cells.subarray(row * side, (row + 1) * side), (row + margin) * wide + margin);
  }
  return padded;
}

/**
 * Cells to pixels.
 *
 * @param cells float32 [side, side].
 * @param strongest The absolute value that is shown strongest, above 0: the same for pictures that are to be compared.
 * @returns RGBA, uint8 [side, side, 4].
 */
export function heatPixels(cells: Float32Array, strongest: number, colours: Colours): Uint8ClampedArray<ArrayBuffer> {
  const [on, off] = [channelsOf(colours.for), channelsOf(colours.against)];
  const pixels = new Uint8ClampedArray(4 * cells.length); // [side, side, 4]
  for (let i = 0; i < cells.length; i++) {
    const share = Math.min(1, Math.abs(cells[i]) / strongest);
    if (share === 0) continue;
    pixels.set(cells[i] > 0 ? on : off, 4 * i);
    pixels[4 * i + 3] = share ** SHOWN * STRONGEST;
  }
  return pixels;
}

/** The largest absolute value; a little above 0 where all are 0. */
export function strongestOf(cells: Float32Array): number {
  return cells.reduce((most, value) => Math.max(most, Math.abs(value)), Number.MIN_VALUE);
}

/**
 * Pixels on a canvas of their own, to be drawn at any size.
 *
 * @param pixels RGBA, uint8 [side, side, 4].
 */
export function pictureOf(pixels: Uint8ClampedArray<ArrayBuffer>, side: number): HTMLCanvasElement {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = side;
  canvas.getContext("2d")!.putImageData(new ImageData(pixels, side, side), 0, 0);
  return canvas;
}
