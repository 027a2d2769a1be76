/**
 * How large a picture may be that is decoded. Browser safe.
 *
 * @module
 */
import { Reject } from "../base/errors.ts";

/** The most pixels of a picture that is decoded when nothing else is said: 4096 x 4096. */
export const MAX_PIXELS = 2 ** 24;

/** @throws {Reject} When a picture has more pixels. */
export function checkPixels(
  { width, height }: { readonly width: number; readonly height: number },
  maxPixels: number,
): void {
  if (width * height <= maxPixels) return;
  throw new Reject(
    "picture too large",
    `${width} x ${height} pixels, expected at most ${maxPixels} in all; --max-pixels allows more`,
  );
}
