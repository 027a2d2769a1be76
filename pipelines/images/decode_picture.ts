/**
 * Pictures of any format that is read here, told by their first bytes. Browser safe.
 *
 * @module
 */
import { Reject } from "../base/errors.ts";
import { decodeJpeg } from "./jpeg_decode.ts";
import { isJpeg } from "./jpeg_header.ts";
import { decodePng } from "./png_decode.ts";
import { isPng, type Picture } from "./png_header.ts";

/** What other pictures begin with. */
const OTHERS: readonly (readonly [name: string, start: RegExp])[] = [
  ["a GIF", /^GIF8/],
  ["a WebP picture", /^RIFF[^]{4}WEBP/],
  ["a BMP picture", /^BM/],
  ["a TIFF picture", /^(II\*\0|MM\0\*)/],
  ["an AVIF or HEIC picture", /^[^]{4}ftyp(avi|hei|hev|mif)/],
  ["an SVG drawing or another XML", /^(\u00ef\u00bb\u00bf)?\s*</],
];

/**
 * Decodes a PNG or JPEG file, whatever its name says; a JPEG is turned as its Exif orientation says.
 *
 * @param bytes The file.
 * @param maxPixels Larger pictures are refused before anything is made room for; 2^24 when left out.
 * @throws {Reject} When it is neither, damaged, or too large.
 *
 * @example
 * ```ts
 * import { decodePicture, encodePng, Reject } from "@strokewise/strokewise/pipelines";
 * import { assertEquals, assertThrows } from "@std/assert";
 *
 * assertEquals(decodePicture(encodePng({ width: 2, height: 1, data: Uint8Array.of(0, 255) })).width, 2);
 * assertThrows(() => decodePicture(new TextEncoder().encode("GIF89a")), Reject, "it is a GIF, expected PNG or JPEG");
 * ```
 */
export function decodePicture(bytes: Uint8Array, maxPixels?: number): Picture {
  if (isPng(bytes)) return decodePng(bytes, maxPixels);
  if (isJpeg(bytes)) return decodeJpeg(bytes, maxPixels);
  const start = new TextDecoder("latin1").decode(bytes.subarray(0, 32));
  const other = OTHERS.find(([, pattern]) => pattern.test(start));
  throw new Reject("not a picture", `it is ${other?.[0] ?? "neither of the two"}, expected PNG or JPEG`);
}
