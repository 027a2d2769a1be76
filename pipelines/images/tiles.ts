/**
 * Pictures of canvases: tiles of images, grey or in colour, with the boxes of attention windows, for PNG and GIF alike.
 *
 * @module
 */
import type { PaletteColour } from "./gif.ts";
import type { Image } from "./png.ts";

/** Levels of grey: with the three colours of {@linkcode INK} no more colours than a palette holds. */
const GREYS = 253;

/** Green for what is read, orange for what is written, and the blue-grey of the gaps between tiles. */
export const INK = {
  read: [64, 200, 120],
  write: [255, 120, 40],
  gap: [54, 60, 80],
} as const satisfies Record<string, PaletteColour>;

/** A window as a box: column and row of its centre and its side, in cells. */
export interface Box {
  readonly column: number;
  readonly row: number;
  readonly side: number;
  /** Such as `INK.write`. */
  readonly ink: PaletteColour;
}

/** One tile of a picture. */
export interface Tile {
  /** Brightness of each cell, 0 to 1: [S, S], or red, green and blue, [S, S, 3]. */
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

/**
 * Lays tiles out in rows, with a thin gap between them.
 *
 * @returns Red, green and blue, [height, width, 3].
 */
export function tilePicture(tiles: readonly Tile[], { side, columns, scale }: TileOptions): Image {
  const pitch = side * scale + scale; // one gap more than tiles, each a cell wide
  const across = Math.min(columns, tiles.length);
  const [width, height] = [across * pitch + scale, Math.ceil(tiles.length / across) * pitch + scale];
  const data = new Uint8Array(3 * width * height);
  for (let i = 0; i < data.length; i += 3) data.set(INK.gap, i);
  tiles.forEach(({ cells, boxes = [] }, i) => {
    const left = (i % across) * pitch + scale, top = Math.floor(i / across) * pitch + scale;
    const levels = cells.length > side * side ? coloursOf(cells) : greysOf(cells); // [S, S, 3]
    for (let y = 0; y < side * scale; y++) {
      const row = Math.floor(y / scale) * side;
      for (let x = 0; x < side * scale; x++) {
        const from = 3 * (row + Math.floor(x / scale)), to = 3 * ((top + y) * width + left + x);
        for (let channel = 0; channel < 3; channel++) data[to + channel] = levels[from + channel];
      }
    }
    for (const box of boxes) {
      outline(box, scale, side, (x, y) => data.set(box.ink, 3 * ((top + y) * width + left + x)));
    }
  });
  return { width, height, data };
}

const within = (level: number): number => Math.min(Math.max(level, 0), 1);

/** [S, S, 3] of [S, S, 3]. */
function coloursOf(cells: ArrayLike<number>): Uint8Array {
  return Uint8Array.from(cells, (level) => Math.round(255 * within(level)));
}

/** [S, S, 3] of [S, S]. */
function greysOf(cells: ArrayLike<number>): Uint8Array {
  const levels = new Uint8Array(3 * cells.length);
  for (let i = 0; i < cells.length; i++) {
    const entry = Math.round(within(cells[i]) * (GREYS - 1));
    levels.fill(Math.round(255 * entry / (GREYS - 1)), 3 * i, 3 * i + 3);
  }
  return levels;
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
