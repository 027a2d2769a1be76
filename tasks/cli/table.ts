/**
 * Tables for the terminal, and the numbers in them.
 *
 * @module
 */
import { cutStart } from "./text.ts";

/** A table whose columns are as wide as they must be: the first to the left, the others to the right. */
export function formatTable(rows: readonly (readonly string[])[], left = 1): string {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  const line = (row: readonly string[]) =>
    row.map((cell, i) => i < left ? cell.padEnd(widths[i]) : cell.padStart(widths[i])).join("  ").trimEnd();
  return rows.map(line).join("\n");
}

/** How a table is made to fit. */
export interface TableFit {
  /** Characters in a line; as many as it takes when left out. */
  readonly width?: number | undefined;
  /** The columns to the left; the others stand to the right. */
  readonly left: number;
  /** The columns of paths, which may be cut short, down to {@linkcode SHORTEST} characters, the longest first. */
  readonly cuts: readonly number[];
  /** The columns that are then left out, in this order. */
  readonly drops: readonly number[];
}

/** So short a column may be cut. */
export const SHORTEST = 12;

/**
 * {@linkcode formatTable} in lines of some width: long paths lose their beginning, then columns are left out. What does not fit
 * even then is wider.
 *
 * @example
 * ```ts
 * import { fitTable } from "./table.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const rows = [["run", "time"], ["runs/reproduce-draw-mnist/t-10", "0:07"]];
 * const fit = { left: 1, cuts: [0], drops: [1] };
 * assertEquals(fitTable(rows, { ...fit, width: 20 }), "run             time\n…aw-mnist/t-10  0:07");
 * assertEquals(fitTable(rows, { ...fit, width: 14 }), "run\n…aw-mnist/t-10");
 * ```
 */
export function fitTable(
  rows: readonly (readonly string[])[],
  { width = Infinity, left, cuts, drops }: TableFit,
): string {
  const columns = new Set(rows[0].keys());
  let widths: number[];
  const total = () => [...columns].reduce((sum, column) => sum + widths[column], 2 * (columns.size - 1));
  const mayShrink = () => cuts.filter((column) => columns.has(column) && widths[column] > SHORTEST);
  for (;;) {
    widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
    while (total() > width && mayShrink().length > 0) {
      const longest = Math.max(...mayShrink().map((column) => widths[column]));
      widths[mayShrink().find((column) => widths[column] === longest)!]--;
    }
    const dropped = drops.find((column) => columns.has(column));
    if (total() <= width || dropped === undefined) break;
    columns.delete(dropped);
  }
  const shown = rows.map((row) => [...columns].map((column) => cutStart(row[column], widths[column])));
  return formatTable(shown, [...columns].filter((column) => column < left).length);
}

/** Milliseconds with three digits that count, or `-` where they are not known. */
export function milliseconds(value: number | undefined): string {
  return value === undefined ? "-" : `${value < 100 ? Number(value.toPrecision(3)) : Math.round(value)}`;
}

/** `a / b` as `1.23 x`, or `-` where one is not known. */
export function ratio(a: number | undefined, b: number | undefined): string {
  return a === undefined || b === undefined ? "-" : `${(a / b).toFixed(a / b < 10 ? 2 : 0)} x`;
}
