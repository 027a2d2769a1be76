/**
 * Many drawings on one sheet, each line coloured by when it was drawn: a look at the data. Browser safe.
 *
 * @module
 */
import { drawText, LETTER } from "./bitmap_font.ts";
import type { Image } from "./png.ts";

/** Red, green and blue, each 0 to 255. */
export type Colour = readonly [number, number, number];

/**
 * Nine even steps through the first four fifths of matplotlib's "plasma" (van der Walt and Smith 2015, CC0; the last
 * fifth is too pale for white paper). Its lightness only ever rises, so the order can be told in grey and with any
 * kind of colour blindness.
 */
const RAMP: readonly Colour[] = [
  [13, 8, 135],
  [65, 4, 157],
  [106, 0, 168],
  [143, 13, 164],
  [177, 42, 144],
  [204, 71, 120],
  [225, 100, 98],
  [242, 132, 75],
  [252, 166, 54],
];
const PAPER: Colour = [255, 255, 255];
const BLACK: Colour = [0, 0, 0];
const INK: Colour = [60, 60, 60];
const MARGIN = 236; // the grey between the drawings
const GAP = 4;

/** One drawing on a sheet. */
export interface SheetDrawing {
  /** Stroke-index map, uint8 [size, width]: the 1-based number of the stroke that first touches a cell; 0 is blank. */
  readonly map: Uint8Array;
  /** Whether the map is a grey picture instead: 0 is paper, 255 is ink. */
  readonly grey?: boolean;
  /** Whether of a grey picture 0 is black and 255 is white instead, as of a photograph. */
  readonly light?: boolean;
  /** Whether the map is a picture in red, green and blue instead, uint8 [size, width, 3]. */
  readonly colour?: boolean;
  /** Text under the drawing, cut where it does not fit. */
  readonly caption?: string;
}

/** How a sheet is laid out. */
export interface SheetOptions {
  /** The height of the maps in cells, and their width; 64 when left out. */
  readonly size?: number;
  /** Their width in cells, where it is another. */
  readonly width?: number;
  /** Drawings a row, 8 when left out; fewer where there are fewer drawings. */
  readonly columns?: number;
  /** Pixels a cell, 2 when left out. */
  readonly scale?: number;
}

/**
 * The colour of a moment: dark blue at the start, over violet and red to orange at the end.
 *
 * @param moment 0 (the first stroke) to 1 (the last); what lies outside counts as the nearer end.
 * @returns Red, green and blue, 0 to 255.
 *
 * @example
 * ```ts
 * import { strokeColour } from "@strokewise/strokewise/pipelines";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(strokeColour(0), [13, 8, 135]);
 * assertEquals(strokeColour(1), [252, 166, 54]);
 * ```
 */
export function strokeColour(moment: number): Colour {
  const place = Math.min(Math.max(moment, 0), 1) * (RAMP.length - 1);
  const [from, to] = [RAMP[Math.floor(place)], RAMP[Math.ceil(place)]];
  const mix = (channel: number) => Math.round(from[channel] + (to[channel] - from[channel]) * (place % 1));
  return [mix(0), mix(1), mix(2)];
}

/**
 * Paints one drawing on white, the first stroke dark blue and the last orange; a single stroke is dark blue.
 *
 * @param map Stroke-index map or grey picture, uint8 [size, width], or a picture in colour, [size, width, 3].
 * @param options `size`, `width` and `scale` as in {@linkcode SheetOptions}, `grey`, `light` and `colour` as in
 * {@linkcode SheetDrawing}.
 * @returns RGB, [scale * size, scale * width, 3].
 * @throws {RangeError} When the map does not have size * width cells.
 *
 * @example
 * ```ts
 * import { paintDrawing } from "@strokewise/strokewise/pipelines";
 * import { assertEquals } from "@std/assert";
 *
 * const { data } = paintDrawing(Uint8Array.of(1, 0, 0, 2), { size: 2, scale: 1 });
 * assertEquals([...data], [13, 8, 135, 255, 255, 255, 255, 255, 255, 252, 166, 54]);
 * ```
 */
export function paintDrawing(
  map: Uint8Array,
  { size = 64, width = size, scale = 2, ...kind }:
    & Omit<SheetOptions, "columns">
    & Pick<SheetDrawing, "grey" | "light" | "colour"> = {},
): Image {
  const image = blankImage(width * scale, size * scale, 255);
  paint(image, map, { x: 0, y: 0, size, width, scale, ...kind });
  return image;
}

/**
 * Lays drawings out in rows, each on white with a thin grey gap around, and a strip below that says which colour comes
 * when.
 *
 * @param drawings In reading order; drawings of one class next to each other make a sheet that is easy to judge.
 * @param options The layout.
 * @returns RGB, [height, width, 3]; `encodePng` turns it into a file.
 * @throws {RangeError} When a map does not have size * width cells, or an option is not a whole number above 0.
 *
 * @example
 * ```ts
 * import { contactSheet, encodePng } from "@strokewise/strokewise/pipelines";
 * import { assert } from "@std/assert";
 *
 * const map = new Uint8Array(64 * 64).fill(1, 640, 700);
 * const sheet = contactSheet([{ map, caption: "line" }, { map }], { columns: 2 });
 * assert(encodePng(sheet).length < 5000);
 * ```
 */
export function contactSheet(
  drawings: readonly SheetDrawing[],
  { size = 64, width = size, columns = 8, scale = 2 }: SheetOptions = {},
): Image {
  for (const [name, value] of Object.entries({ size, width, columns, scale })) {
    if (!Number.isSafeInteger(value) || value < 1) {
      throw new RangeError(`Cannot make a sheet: ${name} is ${value}, expected a whole number above 0`);
    }
  }
  const [height, wide] = [size * scale, width * scale];
  const across = Math.max(1, Math.min(columns, drawings.length));
  const captionHeight = drawings.some(({ caption }) => caption) ? LETTER.height + 1 : 0;
  const rowHeight = height + captionHeight + GAP;
  const rows = Math.ceil(drawings.length / across);
  const image = blankImage(GAP + across * (wide + GAP), GAP + rows * rowHeight + LETTER.height + GAP, MARGIN);
  drawings.forEach(({ map, caption = "", ...kind }, i) => {
    const x = GAP + (i % across) * (wide + GAP);
    const y = GAP + Math.floor(i / across) * rowHeight;
    paint(image, map, { x, y, size, width, scale, ...kind });
    drawText(image, caption, { x, y: y + height + 2, width: wide, colour: INK });
  });
  if (!drawings.every(({ grey, colour }) => grey || colour)) drawLegend(image, GAP + rows * rowHeight + 1);
  return image;
}

function blankImage(width: number, height: number, grey: number): Image {
  return { width, height, data: new Uint8Array(3 * width * height).fill(grey) };
}

function paint(
  image: Image,
  map: Uint8Array,
  { x, y, size, width, scale, grey = false, light = false, colour = false }:
    & { readonly x: number; readonly y: number }
    & Required<Omit<SheetOptions, "columns">>
    & Pick<SheetDrawing, "grey" | "light" | "colour">,
): void {
  const isColour = colour && map.length === 3 * size * width;
  if (!isColour && map.length !== size * width) {
    throw new RangeError(`Cannot paint a drawing: its map has ${map.length} cells, expected ${size} x ${width}`);
  }
  const last = isColour ? 0 : map.reduce((most, stroke) => Math.max(most, stroke), 0);
  const colours = Array.from({ length: last }, (_, stroke): Colour => {
    if (grey) return light ? [stroke + 1, stroke + 1, stroke + 1] : [254 - stroke, 254 - stroke, 254 - stroke];
    return strokeColour(last === 1 ? 0 : stroke / (last - 1));
  });
  const blank = grey && light ? BLACK : PAPER;
  for (let row = 0; row < size * scale; row++) {
    for (let column = 0; column < width * scale; column++) {
      const cell = Math.floor(row / scale) * width + Math.floor(column / scale);
      const ink = isColour ? map.subarray(3 * cell, 3 * cell + 3) : map[cell] > 0 ? colours[map[cell] - 1] : blank;
      image.data.set(ink, 3 * ((y + row) * image.width + x + column));
    }
  }
}

/** "FIRST", the ramp, "LAST STROKE"; only as much as the width allows. */
function drawLegend(image: Image, y: number): void {
  const words = (text: string, x: number) => drawText(image, text, { x, y, width: image.width - x, colour: INK });
  const start = GAP + 5 * LETTER.width + GAP;
  const length = Math.min(96, image.width - start - GAP);
  words("first", GAP);
  for (let i = 0; i < length; i++) {
    const colour = strokeColour(i / Math.max(1, length - 1));
    for (let row = 0; row < 7; row++) image.data.set(colour, 3 * ((y + row) * image.width + start + i));
  }
  if (start + length + GAP < image.width) words("last stroke", start + length + GAP);
}
