/**
 * PNG pictures of every kind the specification knows (https://www.w3.org/TR/png-3/) to samples of 8 bits. Written for files
 * that nobody vouches for: every chunk's checksum is checked, nothing is made room for before the header was, and data that is
 * too short or too long is an error, where fast-png would give black rows. Browser safe.
 *
 * @module
 */
import { checkPixels } from "./pixel_limit.ts";
import { badPng, chunkAt, HEADER_END, type Picture, type PngHeader, readPngHeader } from "./png_header.ts";
import { inflatePixels } from "./png_inflate.ts";
import { readSamples } from "./png_samples.ts";

/**
 * Decodes a picture. Samples of fewer bits are spread evenly over 0 to 255, those of 16 rounded; a palette's colours and
 * a transparent colour are looked up. Gamma and colour profiles are not applied.
 *
 * @param bytes The file.
 * @param maxPixels Larger pictures are refused before anything is made room for; 2^24 when left out.
 * @throws {Reject} When it is no PNG, damaged, cut off, not to the specification, or too large.
 *
 * @example
 * ```ts
 * import { decodePng, encodePng } from "@strokewise/strokewise/pipelines";
 * import { assertEquals } from "@std/assert";
 *
 * const { channels, data } = decodePng(encodePng({ width: 2, height: 1, data: Uint8Array.of(0, 0, 9, 255, 8, 7) }));
 * assertEquals([channels, ...data], [3, 0, 0, 9, 255, 8, 7]);
 * ```
 */
export function decodePng(bytes: Uint8Array, maxPixels?: number): Picture {
  const header = readPngHeader(bytes);
  checkPixels(header, maxPixels);
  const { palette, transparency, pieces } = readChunks(bytes, header);
  const rows = inflatePixels(pieces, header);
  return readSamples(rows, header, { palette, transparency });
}

/** What of a file is needed for its pixels. */
interface Chunks {
  /** Bytes of red, green and blue of each colour. */
  readonly palette?: Uint8Array;
  /** Alpha of each colour, or the transparent colour. */
  readonly transparency?: Uint8Array;
  /** The compressed pixels. */
  readonly pieces: readonly Uint8Array[];
}

function readChunks(bytes: Uint8Array, { colour, depth }: PngHeader): Chunks {
  let palette: Uint8Array | undefined, transparency: Uint8Array | undefined;
  const pieces: Uint8Array[] = [];
  let isDone = false; // whether the pixels are behind us
  for (let at = HEADER_END;;) {
    const { type, data, end } = chunkAt(bytes, at);
    at = end;
    if (pieces.length > 0 && type !== "IDAT") isDone = true;
    if (type === "IEND") break;
    if (type === "IDAT" && isDone) throw badPng("its pixels are interrupted by another chunk");
    if (type === "IDAT") pieces.push(data);
    else if (type === "PLTE") palette = data;
    else if (type === "tRNS") transparency = data;
    else if (/^[A-Z]/.test(type)) throw badPng(`chunk ${JSON.stringify(type)} is needed and not known`);
  }
  if (pieces.length === 0) throw badPng("it holds no pixels");
  if (colour !== "palette") return { pieces, ...(transparency ? { transparency } : {}) };
  const colours = palette === undefined ? NaN : palette.length / 3;
  if (!(Number.isInteger(colours) && colours >= 1 && colours <= 2 ** depth)) {
    throw badPng(
      palette === undefined ? "it has no palette" : `a palette of ${colours} colours for ${depth} bits a pixel`,
    );
  }
  return { palette: palette!, pieces, ...(transparency ? { transparency } : {}) };
}
