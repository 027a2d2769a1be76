/**
 * How large a picture may be that is decoded. Browser safe.
 *
 * @module
 */
import { Reject } from "../base/errors.ts";

/** The most pixels of a picture that is decoded when nothing else is said: 4096 x 4096. */
export const MAX_PIXELS = 2 ** 24;

/**
 * Checks that a picture is not too large.
 *
 * @param maxPixels The most pixels, where whoever reads it has an option that says so; {@linkcode MAX_PIXELS} when left out.
 * @throws {Reject} When it has more.
 */
export function checkPixels(
  { width, height }: { readonly width: number; readonly height: number },
  maxPixels?: number,
): void {
  const most = maxPixels ?? MAX_PIXELS;
  if (width * height <= most) return;
  const remedy = maxPixels === undefined ? "" : "; --max-pixels allows more";
  throw new Reject("picture too large", `${width} x ${height} pixels, expected at most ${most} in all${remedy}`);
}
