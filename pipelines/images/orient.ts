/**
 * Pictures turned upright, by the orientation that a camera noted (Exif 2.32, table 6). Browser safe.
 *
 * @module
 */
import type { Orientation } from "./jpeg_header.ts";
import type { Picture } from "./png_header.ts";

/**
 * A picture as it is to be seen.
 *
 * @param picture As stored.
 * @param orientation 1 as it is, 2 mirrored, 3 upside down, 4 both of these, 5 to 8 with rows and columns swapped.
 * @returns The same picture where nothing is to be done.
 *
 * @example
 * ```ts
 * import { oriented } from "@strokewise/strokewise/pipelines";
 * import { assertEquals } from "@std/assert";
 *
 * const { width, data } = oriented({ width: 1, height: 3, channels: 1, data: Uint8Array.of(1, 2, 3) }, 6);
 * assertEquals([width, ...data], [3, 3, 2, 1]);
 * ```
 */
export function oriented(picture: Picture, orientation: Orientation): Picture {
  if (orientation === 1) return picture;
  const { width, height, channels, data } = picture;
  const isSwapped = orientation >= 5;
  const isMirrored = [2, 3, 7, 8].includes(orientation); // from right to left along what is stored as a row
  const isUpended = [3, 4, 6, 7].includes(orientation);
  const [across, down] = isSwapped ? [height, width] : [width, height];
  const turned = new Uint8Array(data.length); // [down, across, channels]
  for (let y = 0, to = 0; y < down; y++) {
    for (let x = 0; x < across; x++) {
      const [storedX, storedY] = isSwapped ? [y, x] : [x, y];
      const column = isMirrored ? width - 1 - storedX : storedX;
      const row = isUpended ? height - 1 - storedY : storedY;
      for (let c = 0, from = (row * width + column) * channels; c < channels; c++) turned[to++] = data[from + c];
    }
  }
  return { width: across, height: down, channels, data: turned };
}
