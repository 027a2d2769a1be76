/**
 * PNG images, by the fast-png library (https://www.w3.org/TR/png-3/). Browser safe.
 *
 * @module
 */
import { encode } from "fast-png";

/** An image: grey or red, green and blue, each 0 to 255, row by row from the top left. */
export interface Image {
  /** Pixels across, 1 or more. */
  readonly width: number;
  /** Pixels down, 1 or more. */
  readonly height: number;
  /** uint8 [height, width] is grey, [height, width, 3] is RGB. */
  readonly data: Uint8Array;
}

/**
 * Writes an image as PNG.
 *
 * @param image Grey where it has a byte a pixel, RGB where it has three.
 * @param text What the file says of itself, by keyword such as `Software`, in Latin 1; nothing when left out.
 * @returns The file's bytes.
 * @throws {RangeError} When a side is not a whole number above 0, or the data is of neither length.
 *
 * @example
 * ```ts
 * import { encodePng } from "@strokewise/strokewise/pipelines";
 * import { assertEquals } from "@std/assert";
 *
 * const png = encodePng({ width: 2, height: 1, data: Uint8Array.of(0, 255) });
 * assertEquals(new TextDecoder().decode(png.subarray(1, 4)), "PNG");
 * ```
 */
export function encodePng(
  { width, height, data }: Image,
  text?: Readonly<Record<string, string>>,
): Uint8Array {
  if (![width, height].every((side) => Number.isSafeInteger(side) && side > 0)) {
    throw new RangeError(`Cannot write PNG: ${width} x ${height} pixels, expected sides of 1 or more`);
  }
  const channels = data.length / (width * height);
  if (channels !== 1 && channels !== 3) {
    throw new RangeError(
      `Cannot write PNG: ${data.length} bytes for ${width} x ${height} pixels, expected 1 or 3 bytes a pixel`,
    );
  }
  const image = { width, height, data, channels, depth: 8 } as const;
  return encode({ ...image, ...(text ? { text: { ...text } } : {}) }, { zlib: { level: 7 } });
}
