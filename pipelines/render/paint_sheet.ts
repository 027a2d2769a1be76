/**
 * Sheets of drawings as pictures, still and moving. Browser safe.
 *
 * @module
 */
import { textPixels } from "../images/bitmap_font.ts";
import { strokeColour } from "../images/contact_sheet.ts";
import type { IndexedImage, PaletteColour } from "../images/gif.ts";
import { renderFrames } from "./render.ts";
import { penOf, piecesOf, type PlacedCell, type PlacedSheet, type PlacedStroke } from "./stroke_sheet.ts";

/** Colours of strokes that were drawn, from the first to the last. */
const RAMP = 12;
/** How dark the edge of a line may be. */
const SHADES = 15;
const PAPER = 0;
const GAP = 1 + (RAMP + 1) * SHADES;
const LETTERS = GAP + 1;
const GIVEN: PaletteColour = [110, 115, 125];

/** The colours of painted sheets: paper, a ramp for strokes that were drawn, grey for those that were given. */
export const SHEET_PALETTE: readonly PaletteColour[] = [
  [255, 255, 255],
  ...[...Array.from({ length: RAMP }, (_, i) => strokeColour(i / (RAMP - 1))), GIVEN].flatMap((colour) =>
    Array.from({ length: SHADES }, (_, shade): PaletteColour => {
      const mix = (channel: number) => Math.round(255 + (colour[channel] - 255) * (shade + 1) / SHADES);
      return [mix(0), mix(1), mix(2)];
    })
  ),
  [236, 236, 236],
  [60, 60, 60],
];

/** A moving picture, for `encodeGif`. */
export interface MovingSheet {
  /** Frames of {@linkcode SHEET_PALETTE}. */
  readonly frames: readonly IndexedImage[];
  /** How long each stays, in milliseconds. */
  readonly delays: readonly number[];
}

const FRAMES = 40;
const DELAY = 100;
/** How long the finished sheet stays. */
const REST = 2000;

/**
 * Paints a sheet in {@linkcode SHEET_PALETTE}.
 *
 * @example
 * ```ts
 * import { paintSheet, placeSheet } from "@strokewise/strokewise/pipelines";
 * import { assertEquals } from "@std/assert";
 *
 * const sheet = placeSheet([{ drawn: [[[0, 9], [5, 5]]] }], { columns: 1, side: 20 });
 * const { width, height, data } = paintSheet(sheet);
 * assertEquals([width, height, data.length], [28, 28, 784]);
 * ```
 */
export function paintSheet(sheet: PlacedSheet): IndexedImage {
  const image = blankSheet(sheet);
  for (const cell of sheet.cells) for (const stroke of cell.strokes) paintStroke(image, { sheet, cell, stroke });
  return image;
}

/**
 * Paints a sheet as it comes to be: all drawings at once, each piece of a line in its turn, the longest drawing to the end.
 *
 * @example
 * ```ts
 * import { paintMovingSheet, paintSheet, placeSheet } from "@strokewise/strokewise/pipelines";
 * import { assertEquals } from "@std/assert";
 *
 * const sheet = placeSheet([{ drawn: [[[0, 9, 9], [5, 5, 9]]] }], { columns: 1, side: 20 });
 * const { frames } = paintMovingSheet(sheet);
 * assertEquals(frames.at(-1), paintSheet(sheet));
 * ```
 */
export function paintMovingSheet(sheet: PlacedSheet): MovingSheet {
  const image = blankSheet(sheet);
  for (const cell of sheet.cells) {
    for (const stroke of cell.strokes) if (stroke.moment === undefined) paintStroke(image, { sheet, cell, stroke });
  }
  const longest = Math.max(1, ...sheet.cells.map(piecesDrawn));
  const count = Math.min(FRAMES, longest);
  const frames: IndexedImage[] = [{ ...image, data: image.data.slice() }];
  for (let frame = 1; frame <= count; frame++) {
    const [from, to] = [frame - 1, frame].map((n) => Math.round(n * longest / count));
    for (const cell of sheet.cells) paintPieces(image, { sheet, cell, from, to });
    frames.push({ ...image, data: image.data.slice() });
  }
  frames[count] = paintSheet(sheet); // a line's corners are rounder in one piece
  return { frames, delays: frames.map((_, i) => i === count ? REST : DELAY) };
}

function piecesDrawn({ strokes }: PlacedCell): number {
  return strokes.reduce((sum, stroke) => sum + (stroke.moment === undefined ? 0 : piecesOf(stroke)), 0);
}

/** Paints a cell's pieces from one on up to another. */
function paintPieces(
  image: IndexedImage,
  { sheet, cell, from, to }: {
    readonly sheet: PlacedSheet;
    readonly cell: PlacedCell;
    readonly from: number;
    readonly to: number;
  },
): void {
  let at = 0;
  for (const stroke of cell.strokes) {
    if (stroke.moment === undefined) continue;
    const pieces = piecesOf(stroke);
    const [first, end] = [Math.max(from - at, 0), Math.min(to - at, pieces)];
    at += pieces;
    if (first >= end) continue;
    const part = { ...stroke, xs: stroke.xs.slice(first, end + 1), ys: stroke.ys.slice(first, end + 1) };
    paintStroke(image, { sheet, cell, stroke: part });
  }
}

/** Paper, gaps and captions. */
function blankSheet({ width, height, side, cells }: PlacedSheet): IndexedImage {
  const data = new Uint8Array(width * height).fill(GAP);
  for (const { x, y, caption } of cells) {
    for (let row = y; row < y + side; row++) data.fill(PAPER, row * width + x, row * width + x + side);
    for (const [column, row] of textPixels(caption, side)) data[(y + side + 2 + row) * width + x + column] = LETTERS;
  }
  return { width, height, data };
}

/** The grid on which pictures are rendered. */
const GRID = 255;

function paintStroke(
  { width, data }: IndexedImage,
  { sheet: { side }, cell: { x, y }, stroke: { xs, ys, moment } }: {
    readonly sheet: PlacedSheet;
    readonly cell: PlacedCell;
    readonly stroke: PlacedStroke;
  },
): void {
  const lineWidth = Math.min(penOf(side), side - 1);
  // Half a pen is left free at the edges of a frame.
  const toGrid = (pixels: readonly number[]) =>
    pixels.map((at) => clamp(GRID * (at - lineWidth / 2) / (side - lineWidth)));
  const alpha = renderFrames([[toGrid(xs), toGrid(ys)]], { size: side, lineWidth, maxStrokes: 1 }); // [side, side]
  const base = 1 + SHADES * (moment === undefined ? RAMP : Math.round(moment * (RAMP - 1)));
  for (let row = 0; row < side; row++) {
    for (let column = 0; column < side; column++) {
      const shade = Math.round(alpha[row * side + column] * SHADES / 255);
      const at = (y + row) * width + x + column;
      if (shade > 0 && shade >= shadeOf(data[at])) data[at] = base + shade - 1;
    }
  }
}

function shadeOf(entry: number): number {
  return entry === PAPER ? 0 : (entry - 1) % SHADES + 1;
}

const clamp = (value: number): number => Math.min(Math.max(value, 0), GRID);
