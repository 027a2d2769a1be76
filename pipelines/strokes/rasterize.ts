/**
 * Polylines to stroke-index maps, and maps to cumulative frames. Browser safe, and the hot path of `prepare`.
 *
 * A *stroke-index map* is uint8 [size, size]: the 1-based number of the stroke that first touches the cell, 0 where
 * blank. It holds every cumulative frame at once: frame t (0-based) is `0 < map <= t + 1`. Drawing 1-pixel Bresenham
 * lines on the 256 x 256 grid and max-pooling them equals marking the cell of each pixel of the line, so the map is made
 * in one pass and never holds the large bitmaps.
 *
 * @module
 */
import type { Drawing } from "./stroke.ts";

/** The side of Quick Draw's grid, in pixels. */
export const GRID_SIZE = 256;

/**
 * What is done with the strokes after the last frame: `truncate` leaves them out, `merge` draws them into the last
 * frame, `drop` leaves the whole drawing out.
 */
export type Overflow = "truncate" | "merge" | "drop";

/** How drawings are rasterized. */
export interface RasterOptions {
  /** The side of the map, in cells; 1 to 256. Pixel p is in cell floor(p size / 256): a plain max-pool where size divides 256. */
  readonly size: number;
  /** T, the number of frames; 1 to 255. */
  readonly maxStrokes: number;
  /** What is done with the strokes after the last frame. */
  readonly overflow: Overflow;
}

/** The report's way: 64 x 64 cells, eight frames, later strokes left out. */
export const RASTER_DEFAULTS: RasterOptions = { size: 64, maxStrokes: 8, overflow: "truncate" };

/**
 * Draws one-pixel lines (Bresenham 1965, all octants) into a stroke-index map.
 *
 * @param drawing Whole coordinates, 0..255.
 * @param options See {@linkcode RasterOptions}; `overflow: "drop"` is the caller's to act upon and draws like `truncate`.
 * @param map uint8 [size, size], blank; made when left out.
 * @returns The map, and the number of frames in use: min(strokes, maxStrokes).
 * @throws {RangeError} When `size` is not a whole number, 1 to 256, or a coordinate none from 0 to 255.
 *
 * @example Two strokes that share a cell: the first one keeps it
 * ```ts
 * import { rasterize } from "@strokewise/strokewise/pipelines";
 * import { assertEquals } from "@std/assert";
 *
 * const drawing = [[[0, 255], [0, 0]], [[0, 0], [0, 255]]] as const;
 * const { map, count } = rasterize(drawing, { size: 2, maxStrokes: 8, overflow: "truncate" });
 * assertEquals([...map], [1, 1, 2, 0]);
 * assertEquals(count, 2);
 * ```
 */
export function rasterize(
  drawing: Drawing,
  options: RasterOptions = RASTER_DEFAULTS,
  map: Uint8Array<ArrayBuffer> = new Uint8Array(options.size * options.size),
): { map: Uint8Array<ArrayBuffer>; count: number } {
  const { size, maxStrokes, overflow } = options;
  const count = Math.min(drawing.length, maxStrokes);
  const drawn = overflow === "merge" ? drawing.length : count;
  const [columns, rows] = cellTablesOf(size);
  for (let stroke = 0; stroke < drawn; stroke++) {
    const [xs, ys] = drawing[stroke];
    const mark = Math.min(stroke + 1, maxStrokes);
    let [x, y] = [xs[0], ys[0]];
    for (let i = 0; i < xs.length; i++) {
      const [endX, endY] = [xs[i], ys[i]];
      if ((endX & 255) !== endX || (endY & 255) !== endY) throw offGrid(stroke, [endX, endY]); // no line would end there
      const [dx, dy] = [Math.abs(endX - x), -Math.abs(endY - y)];
      const [stepX, stepY] = [x < endX ? 1 : -1, y < endY ? 1 : -1];
      let error = dx + dy;
      for (;;) {
        const cell = rows[y] + columns[x];
        if (map[cell] === 0) map[cell] = mark;
        if (x === endX && y === endY) break;
        const doubled = 2 * error;
        if (doubled >= dy) {
          error += dy;
          x += stepX;
        }
        if (doubled <= dx) {
          error += dx;
          y += stepY;
        }
      }
    }
  }
  return { map, count };
}

function offGrid(stroke: number, point: readonly number[]): RangeError {
  const where = `stroke ${stroke + 1} goes to (${point.join(", ")})`;
  return new RangeError(`cannot rasterize the drawing: ${where}, expected whole coordinates, 0 to ${GRID_SIZE - 1}`);
}

const cellTables = new Map<number, readonly [columns: Uint16Array, rows: Uint16Array]>();

/** For each pixel, the cell's column and the first cell of its row. */
function cellTablesOf(size: number): readonly [columns: Uint16Array, rows: Uint16Array] {
  let tables = cellTables.get(size);
  if (tables === undefined) {
    if (!(Number.isInteger(size) && size >= 1 && size <= GRID_SIZE)) {
      throw new RangeError(`cannot rasterize to ${size} cells a side: expected a whole number, 1 to ${GRID_SIZE}`);
    }
    const columns = Uint16Array.from({ length: GRID_SIZE }, (_, pixel) => Math.floor(pixel * size / GRID_SIZE));
    tables = [columns, columns.map((cell) => cell * size)];
    cellTables.set(size, tables);
  }
  return tables;
}

/**
 * Expands stroke-index maps into cumulative frames.
 *
 * @param map uint8 [size, size].
 * @param count The number of frames in use.
 * @param frames uint8 [maxStrokes, size, size] to be filled: frame t is `0 < map <= t + 1` for t < count, else blank.
 * @returns `frames`.
 *
 * @example
 * ```ts
 * import { expandFrames } from "@strokewise/strokewise/pipelines";
 * import { assertEquals } from "@std/assert";
 *
 * const frames = expandFrames(Uint8Array.of(0, 1, 2, 0), 2, new Uint8Array(3 * 4));
 * assertEquals([...frames], [0, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0]);
 * ```
 */
export function expandFrames<T extends Uint8Array>(map: Uint8Array, count: number, frames: T): T {
  frames.fill(0);
  for (let cell = 0; cell < map.length; cell++) {
    const first = map[cell];
    if (first === 0) continue;
    for (let t = first - 1; t < count; t++) frames[t * map.length + cell] = 1;
  }
  return frames;
}
