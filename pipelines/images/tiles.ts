/**
 * Pictures of canvases: tiles of grey images, with the boxes of attention windows, for PNG and GIF alike.
 *
 * @module
 */
import type { IndexedImage, PaletteColour } from "./gif.ts";
import type { Image } from "./png.ts";

/** Palette entries from 0, black, to GREYS - 1, white. */
const GREYS = 253;

/** The colours of the boxes, and of the gaps between tiles. */
export const INK = { read: GREYS, write: GREYS + 1, gap: GREYS + 2 } as const;

/** Greys, then green for what is read, orange for what is written, and the blue-grey of the gaps. */
export const PALETTE: readonly PaletteColour[] = [
  ...Array.from({ length: GREYS }, (_, i): PaletteColour => {
    const level = Math.round(255 * i / (GREYS - 1));
    return [level, level, level];
  }),
  [64, 200, 120],
  [255, 120, 40],
  [54, 60, 80],
];

/** A window as a box: column and row of its centre and its side, in cells. */
export interface Box {
  readonly column: number;
  readonly row: number;
  readonly side: number;
  /** A palette entry, such as `INK.write`. */
  readonly ink: number;
}

/** One tile of a picture. */
export interface Tile {
  /** Brightness of each cell, 0 to 1: [S, S]. */
  readonly cells: ArrayLike<number>;
  readonly boxes?: readonly Box[];
}

/** How tiles are laid out. */
export interface TileOptions {
  /** S, cells a side of a tile. */
  readonly side: number;
  /** Tiles a row. */
  readonly columns: number;
  /** Pixels a cell. */
  readonly scale: number;
}

/** Lays tiles out in rows, with a thin gap between them. */
export function tilePicture(tiles: readonly Tile[], { side, columns, scale }: TileOptions): IndexedImage {
  const pitch = side * scale + scale; // one gap more than tiles, each a cell wide
  const across = Math.min(columns, tiles.length);
  const [width, height] = [across * pitch + scale, Math.ceil(tiles.length / across) * pitch + scale];
  const data = new Uint8Array(width * height).fill(INK.gap);
  tiles.forEach(({ cells, boxes = [] }, i) => {
    const left = (i % across) * pitch + scale, top = Math.floor(i / across) * pitch + scale;
    for (let y = 0; y < side * scale; y++) {
      const row = Math.floor(y / scale) * side;
      for (let x = 0; x < side * scale; x++) {
        const level = Math.min(Math.max(cells[row + Math.floor(x / scale)], 0), 1);
        data[(top + y) * width + left + x] = Math.round(level * (GREYS - 1));
      }
    }
    for (const box of boxes) {
      outline(box, scale, side, (x, y) => data[(top + y) * width + left + x] = box.ink);
    }
  });
  return { width, height, data };
}

/** Calls `put` for each pixel of a box's outline that lies on its tile. */
function outline({ column, row, side: length }: Box, scale: number, side: number, put: (x: number, y: number) => void) {
  const last = side * scale - 1;
  const pixel = (cell: number) => Math.round((cell + 0.5) * scale);
  const [x0, x1] = [pixel(column - length / 2), pixel(column + length / 2)];
  const [y0, y1] = [pixel(row - length / 2), pixel(row + length / 2)];
  const inside = (value: number) => value >= 0 && value <= last;
  for (let x = Math.max(x0, 0); x <= Math.min(x1, last); x++) for (const y of [y0, y1]) if (inside(y)) put(x, y);
  for (let y = Math.max(y0, 0); y <= Math.min(y1, last); y++) for (const x of [x0, x1]) if (inside(x)) put(x, y);
}

/** A picture's palette entries as red, green and blue; those of {@linkcode PALETTE} when none is named. */
export function toRgb({ width, height, data }: IndexedImage, palette: readonly PaletteColour[] = PALETTE): Image {
  const rgb = new Uint8Array(3 * data.length); // [height, width, 3]
  data.forEach((entry, i) => rgb.set(palette[entry], 3 * i));
  return { width, height, data: rgb };
}
