/**
 * JPEG pictures, baseline and progressive, to samples of 8 bits, by the jpeg-js library; the header is checked before, so
 * that nothing is made room for that the file cannot hold. Browser safe.
 *
 * @module
 */
import { decode } from "jpeg-js";
import { badJpeg, type JpegHeader, readJpegHeader } from "./jpeg_header.ts";
import { oriented } from "./orient.ts";
import { checkPixels } from "./pixel_limit.ts";
import type { Picture } from "./png_header.ts";

/** Scans that each go over all of a picture: a file of many small ones takes hours. Cameras and encoders write about ten. */
const MAX_SCANS = 500;
/** A bit of a file codes at most one block of 8 x 8 pixels. */
const PIXELS_A_BYTE = 512;
/** Bytes that the library takes for a sample: its coefficients, padded to whole blocks, and the picture. */
const BYTES_A_SAMPLE = 12;

/**
 * Decodes a picture, and turns it as its Exif orientation says. Colours for print become red, green and blue without a
 * profile; profiles are not applied.
 *
 * @param bytes The file.
 * @param maxPixels Larger pictures are refused before anything is made room for; 2^24 when left out.
 * @throws {Reject} When it is no JPEG, damaged, cut off, of a kind that is not read here, or too large.
 *
 * @example
 * ```ts
 * import { decodeJpeg, Reject } from "@strokewise/strokewise/pipelines";
 * import { assertThrows } from "@std/assert";
 *
 * assertThrows(() => decodeJpeg(Uint8Array.of(1, 2, 3)), Reject, "not a JPEG");
 * ```
 */
export function decodeJpeg(bytes: Uint8Array, maxPixels?: number): Picture {
  const header = readJpegHeader(bytes);
  checkPixels(header, maxPixels);
  const { width, height, components, orientation } = header;
  if (width * height > PIXELS_A_BYTE * bytes.length) {
    throw badJpeg(`${bytes.length} bytes cannot hold its ${width} x ${height} pixels`);
  }
  const scans = countScans(bytes);
  if (scans === 0) throw badJpeg("it holds no pixels");
  if (scans > MAX_SCANS) throw badJpeg(`more than ${MAX_SCANS} scans of the picture`);
  const { data } = decoded(bytes, header);
  const channels = components === 1 ? 1 : 3;
  return oriented({ width, height, channels, data: channels === 1 ? firstOfThree(data) : data }, orientation);
}

/** The library's picture, [height, width, 3]; grey is three times the same. */
function decoded(
  bytes: Uint8Array,
  { width, height, components, isRgb }: JpegHeader,
): { data: Uint8Array<ArrayBuffer> } {
  const megabytes = 64 + BYTES_A_SAMPLE * components * width * height / 2 ** 20;
  let picture;
  try {
    picture = decode(bytes, {
      useTArray: true,
      formatAsRGBA: false,
      ...(isRgb ? { colorTransform: false } : {}),
      maxResolutionInMP: width * height / 1e6,
      maxMemoryUsageInMB: megabytes,
    });
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    throw badJpeg(`its pixels cannot be decoded: ${error.message}`);
  }
  if (picture.width !== width || picture.height !== height) {
    throw badJpeg(`${picture.width} x ${picture.height} pixels in a second frame, ${width} x ${height} in the first`);
  }
  return { data: picture.data as Uint8Array<ArrayBuffer> };
}

/** How many scans begin; in compressed pixels a 0xff is never followed by the marker's 0xda. */
function countScans(bytes: Uint8Array): number {
  let count = 0;
  for (let at = bytes.indexOf(0xff); at >= 0; at = bytes.indexOf(0xff, at + 1)) if (bytes[at + 1] === 0xda) count++;
  return count;
}

function firstOfThree(data: Uint8Array): Uint8Array<ArrayBuffer> {
  const first = new Uint8Array(data.length / 3);
  for (let i = 0; i < first.length; i++) first[i] = data[3 * i];
  return first;
}
