/**
 * Tables for the terminal, and the numbers in them.
 *
 * @module
 */

/** A table whose columns are as wide as they must be: the first to the left, the others to the right. */
export function formatTable(rows: readonly (readonly string[])[], left = 1): string {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  const line = (row: readonly string[]) =>
    row.map((cell, i) => i < left ? cell.padEnd(widths[i]) : cell.padStart(widths[i])).join("  ").trimEnd();
  return rows.map(line).join("\n");
}

/** Milliseconds with three digits that count, or `-` where they are not known. */
export function milliseconds(value: number | undefined): string {
  return value === undefined ? "-" : `${value < 100 ? Number(value.toPrecision(3)) : Math.round(value)}`;
}

/** `a / b` as `1.23 x`, or `-` where one is not known. */
export function ratio(a: number | undefined, b: number | undefined): string {
  return a === undefined || b === undefined ? "-" : `${(a / b).toFixed(a / b < 10 ? 2 : 0)} x`;
}
