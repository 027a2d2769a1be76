/**
 * Pictures of one size side by side. Browser safe.
 *
 * @module
 */

/**
 * Lays grey pictures out from left to right.
 *
 * @param groups uint8 [n, side, side] each; between two groups there is a blank as wide as a fourth of a picture.
 * @param side Pixels across and down of each picture.
 * @returns uint8 [side, width].
 */
export function pictureRow(groups: readonly Uint8Array[], side: number): Uint8Array<ArrayBuffer> {
  const pixels = side * side;
  const gap = gapOf(side);
  const width = rowWidth(groups.map(({ length }) => length / pixels), side);
  const row = new Uint8Array(side * width); // [side, width]
  let left = 0;
  for (const group of groups) {
    for (let at = 0; at < group.length; at += pixels, left += side) {
      for (let y = 0; y < side; y++) row.set(group.subarray(at + y * side, at + (y + 1) * side), y * width + left);
    }
    left += gap;
  }
  return row;
}

/** The width of what {@linkcode pictureRow} makes of groups of so many pictures. */
export function rowWidth(counts: readonly number[], side: number): number {
  return counts.reduce((sum, count) => sum + count * side, (counts.length - 1) * gapOf(side));
}

const gapOf = (side: number): number => Math.round(side / 4);
