/**
 * What a PNG file says of itself before its pixels (https://www.w3.org/TR/png-3/, clauses 5 and 11), and what becomes of it.
 * Browser safe.
 *
 * @module
 */
import { Reject } from "../base/errors.ts";

/** What a pixel of a PNG file is made of. */
export type PngColour = "grey" | "RGB" | "palette" | "grey and alpha" | "RGB and alpha";

/** What a PNG file's header says. */
export interface PngHeader {
  /** Pixels across, 1 or more. */
  readonly width: number;
  /** Pixels down, 1 or more. */
  readonly height: number;
  /** Bits a sample: 1, 2, 4, 8 or 16. */
  readonly depth: number;
  /** What a pixel is. */
  readonly colour: PngColour;
  /** Whether the pixels are in Adam7's order. */
  readonly isInterlaced: boolean;
}

/** A picture with samples of 8 bits, row by row from the top left. */
export interface Picture {
  /** Pixels across, 1 or more. */
  readonly width: number;
  /** Pixels down, 1 or more. */
  readonly height: number;
  /** Grey; grey and alpha; red, green and blue; or these and alpha. */
  readonly channels: 1 | 2 | 3 | 4;
  /** uint8 [height, width, channels]; alpha is not multiplied in. */
  readonly data: Uint8Array<ArrayBuffer>;
}

const SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
/** Bytes up to the end of the header: the signature, a length, a type, 13 bytes and a checksum. */
export const HEADER_END = 33;

/** The kinds of colour: their number, the samples of a pixel, and the depths that they may have. */
export const COLOURS: Readonly<
  Record<PngColour, { readonly type: number; readonly samples: 1 | 2 | 3 | 4; readonly depths: readonly number[] }>
> = {
  "grey": { type: 0, samples: 1, depths: [1, 2, 4, 8, 16] },
  "RGB": { type: 2, samples: 3, depths: [8, 16] },
  "palette": { type: 3, samples: 1, depths: [1, 2, 4, 8] },
  "grey and alpha": { type: 4, samples: 2, depths: [8, 16] },
  "RGB and alpha": { type: 6, samples: 4, depths: [8, 16] },
};

/** Whether bytes begin as every PNG file does. */
export function isPng(bytes: Uint8Array): boolean {
  return SIGNATURE.every((byte, i) => bytes[i] === byte);
}

/**
 * Reads the header alone.
 *
 * @param bytes The file, or its first 33 bytes.
 * @throws {Reject} When it is no PNG, or the header is damaged or not to the specification.
 *
 * @example
 * ```ts
 * import { encodePng, readPngHeader } from "@strokewise/strokewise/pipelines";
 * import { assertEquals } from "@std/assert";
 *
 * const { width, colour, depth } = readPngHeader(encodePng({ width: 2, height: 1, data: Uint8Array.of(0, 255) }));
 * assertEquals([width, colour, depth], [2, "grey", 8]);
 * ```
 */
export function readPngHeader(bytes: Uint8Array): PngHeader {
  if (!isPng(bytes)) throw new Reject("not a PNG", "it does not begin with PNG's signature");
  if (bytes.length < HEADER_END) throw badPng("the file ends inside its header");
  const { type, data } = chunkAt(bytes, SIGNATURE.length);
  if (type !== "IHDR" || data.length !== 13) throw badPng(`its first chunk is ${type}, expected IHDR of 13 bytes`);
  const view = new DataView(data.buffer, data.byteOffset, data.length);
  const [width, height] = [view.getUint32(0), view.getUint32(4)];
  const [depth, colourType, compression, filter, interlace] = data.subarray(8);
  const names = Object.keys(COLOURS) as PngColour[];
  const colour = names.find((name) => COLOURS[name].type === colourType);
  if (width === 0 || height === 0 || width >= 2 ** 31 || height >= 2 ** 31) {
    throw badPng(`${width} x ${height} pixels, expected sides of 1 to 2147483647`);
  }
  if (colour === undefined || !COLOURS[colour].depths.includes(depth)) {
    throw badPng(`colour type ${colourType} with ${depth} bits a sample, which the specification does not have`);
  }
  if (compression !== 0 || filter !== 0 || interlace > 1) {
    throw badPng(`methods ${compression}, ${filter} and ${interlace}, expected 0, 0 and 0 or 1`);
  }
  return { width, height, depth, colour, isInterlaced: interlace === 1 };
}

/**
 * The chunk at a place.
 *
 * @returns Its type, its data, and the place behind it.
 * @throws {Reject} When the file ends before, or the checksum is wrong.
 */
export function chunkAt(bytes: Uint8Array, at: number): { type: string; data: Uint8Array; end: number } {
  const cut = () => badPng("the file ends too soon, before its last chunk");
  if (at + 12 > bytes.length) throw cut();
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const end = at + 12 + view.getUint32(at);
  if (end > bytes.length) throw cut();
  const type = new TextDecoder("latin1").decode(bytes.subarray(at + 4, at + 8));
  if (crc32(bytes.subarray(at + 4, end - 4)) !== view.getUint32(end - 4)) {
    throw badPng(`the checksum of chunk ${JSON.stringify(type)} is wrong`);
  }
  return { type, data: bytes.subarray(at + 8, end - 4), end };
}

/** The remainders of each byte, polynomial 0xEDB88320. */
const REMAINDERS = Uint32Array.from({ length: 256 }, (_, byte) => {
  for (let bit = 0; bit < 8; bit++) byte = byte & 1 ? 0xedb88320 ^ (byte >>> 1) : byte >>> 1;
  return byte;
});

/** CRC-32, annex D of the specification. */
function crc32(bytes: Uint8Array): number {
  let remainder = 0xffffffff;
  for (const byte of bytes) remainder = REMAINDERS[(remainder ^ byte) & 255] ^ (remainder >>> 8);
  return ~remainder >>> 0;
}

/** What is wrong with a file that is a PNG by its first bytes. */
export function badPng(detail: string): Reject {
  return new Reject("bad PNG", detail);
}
