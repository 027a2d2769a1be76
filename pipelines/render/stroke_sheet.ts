/**
 * Sheets of drawings of any size: what is on a sheet, where its cells lie, and where a drawing's points lie in a cell.
 * Browser safe.
 *
 * @module
 */
import { boundsOf, type Drawing } from "../strokes/stroke.ts";

/** A cell of a sheet; each drawing is scaled into it by its own bounds. */
export interface SheetCell {
  /** Strokes that were there before, in grey; none when left out. */
  readonly given?: Drawing;
  /** Strokes that were drawn, coloured from the first to the last; none when left out. */
  readonly drawn?: Drawing;
  /** Text under the drawing, cut where it does not fit. */
  readonly caption?: string;
}

/** How a sheet is laid out. */
export interface SheetLayout {
  /** Cells a row, 1 or more. */
  readonly columns: number;
  /** The side of a cell in pixels, 96 when left out. */
  readonly side?: number;
}

/** A stroke of a cell, in pixels from the top left of the cell. */
export interface PlacedStroke {
  /** From the left. */
  readonly xs: readonly number[];
  /** From the top. */
  readonly ys: readonly number[];
  /** When it was drawn, 0 (the first) to 1 (the last); undefined for one that was given. */
  readonly moment: number | undefined;
}

/** A cell and where it lies on its sheet, in pixels. */
export interface PlacedCell {
  /** Its left edge. */
  readonly x: number;
  /** Its upper edge. */
  readonly y: number;
  /** In the order in which they were drawn, those that were given first. */
  readonly strokes: readonly PlacedStroke[];
  /** The text under it; may be empty. */
  readonly caption: string;
}

/** A sheet, ready to be painted. */
export interface PlacedSheet {
  /** Pixels across. */
  readonly width: number;
  /** Pixels down. */
  readonly height: number;
  /** Of each cell. */
  readonly side: number;
  /** In reading order. */
  readonly cells: readonly PlacedCell[];
}

/** Pixels between cells. */
const GAP = 4;
/** Pixels under a cell for its caption. */
const CAPTION = 11;
/** The part of a cell's side that stays free at each of its edges. */
const MARGIN = 0.07;

/**
 * Lays drawings out in rows.
 *
 * @param cells In reading order, 1 or more.
 * @throws {RangeError} When there is no cell, or columns or side are not whole numbers above 0.
 *
 * @example A line across and down, in a cell of 100 pixels
 * ```ts
 * import { placeSheet } from "@strokewise/strokewise/pipelines";
 * import { assertEquals } from "@std/assert";
 *
 * const { width, height, cells } = placeSheet([{ drawn: [[[-3, 7], [100, 110]]] }], { columns: 5, side: 100 });
 * assertEquals([width, height], [108, 108]);
 * assertEquals(cells[0].strokes, [{ xs: [7, 93], ys: [7, 93], moment: 0 }]);
 * ```
 */
export function placeSheet(cells: readonly SheetCell[], { columns, side = 96 }: SheetLayout): PlacedSheet {
  for (const [name, value] of Object.entries({ columns, side, cells: cells.length })) {
    if (Number.isSafeInteger(value) && value > 0) continue;
    throw new RangeError(`cannot lay out a sheet: ${name} is ${value}, expected a whole number above 0`);
  }
  const across = Math.min(columns, cells.length);
  const rowHeight = side + GAP + (cells.some(({ caption = "" }) => caption !== "") ? CAPTION : 0);
  return {
    ...{ width: GAP + across * (side + GAP), height: GAP + Math.ceil(cells.length / across) * rowHeight, side },
    cells: cells.map((cell, i) => ({
      x: GAP + (i % across) * (side + GAP),
      y: GAP + Math.floor(i / across) * rowHeight,
      strokes: strokesOf(cell, side),
      caption: cell.caption ?? "",
    })),
  };
}

function strokesOf({ given = [], drawn = [] }: SheetCell, side: number): PlacedStroke[] {
  const both = [...given, ...drawn].filter(([xs]) => xs.length > 0);
  if (both.length === 0) return [];
  const { minX, minY, maxX, maxY } = boundsOf(both);
  const scale = side * (1 - 2 * MARGIN) / (Math.max(maxX - minX, maxY - minY) || 1);
  const inPixels = (values: ArrayLike<number>, middle: number) =>
    Array.from(values, (value) => side / 2 + scale * (value - middle));
  const place = (drawing: Drawing, momentOf: (i: number) => number | undefined): PlacedStroke[] =>
    drawing.flatMap(([xs, ys], i) =>
      xs.length === 0 ? [] : {
        ...{ xs: inPixels(xs, (minX + maxX) / 2), ys: inPixels(ys, (minY + maxY) / 2), moment: momentOf(i) },
      }
    );
  return [...place(given, () => undefined), ...place(drawn, (i) => drawn.length === 1 ? 0 : i / (drawn.length - 1))];
}

/** How many pieces of line a stroke is made of; a dot is one. */
export function piecesOf({ xs }: PlacedStroke): number {
  return Math.max(1, xs.length - 1);
}

/** The pen's width in a cell of so many pixels a side. */
export function penOf(side: number): number {
  return Math.max(1, side / 40);
}
