/**
 * What a JPEG file says of itself before its pixels (https://www.w3.org/Graphics/JPEG/itu-t81.pdf, annex B; Exif 2.32,
 * section 4.5.4, for the orientation). Browser safe.
 *
 * @module
 */
import { Reject } from "../base/errors.ts";

/** How a camera was held: 1 upright, 2 mirrored, 3 upside down, … 8; TIFF's tag 274. */
export type Orientation = 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8;

/** What a JPEG file's header says. */
export interface JpegHeader {
  /** Pixels across as stored, 1 or more. */
  readonly width: number;
  /** Pixels down as stored, 1 or more. */
  readonly height: number;
  /** Samples of a pixel: 1 grey, 3 colour, 4 for print (cyan, magenta, yellow, black). */
  readonly components: 1 | 3 | 4;
  /** Whether three components are red, green and blue themselves, and not brightness and two differences (YCbCr). */
  readonly isRgb: boolean;
  /** Whether the picture comes in several scans, each finer. */
  readonly isProgressive: boolean;
  /** How the picture is to be turned for people; 1 where the file does not say. */
  readonly orientation: Orientation;
}

/** The second byte of markers; the first is 0xff. */
const [SOI, EOI, SOS, TEM, RST0, RST7] = [0xd8, 0xd9, 0xda, 0x01, 0xd0, 0xd7];
const [APP0, APP1, APP14] = [0xe0, 0xe1, 0xee];
/** Frames: SOF0 to SOF15, without the three numbers between that are other markers. */
const isFrame = (marker: number) => marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
const [PROGRESSIVE, LAST_READ] = [0xc2, 0xc2];

/** Whether bytes begin as every JPEG file does. */
export function isJpeg(bytes: Uint8Array): boolean {
  return bytes[0] === 0xff && bytes[1] === SOI && bytes[2] === 0xff;
}

/**
 * Reads the header alone.
 *
 * @param bytes The file, or its beginning up to the frame.
 * @throws {Reject} When it is no JPEG, is damaged, or of a kind that is not read here: lossless, arithmetic, 12 bits.
 *
 * @example
 * ```ts
 * import { readJpegHeader, Reject } from "@strokewise/strokewise/pipelines";
 * import { assertThrows } from "@std/assert";
 *
 * assertThrows(() => readJpegHeader(Uint8Array.of(0xff, 0xd8, 0xff, 0xd9)), Reject, "bad JPEG: it ends before its frame");
 * ```
 */
export function readJpegHeader(bytes: Uint8Array): JpegHeader {
  if (!isJpeg(bytes)) throw new Reject("not a JPEG", "it does not begin with JPEG's signature");
  let orientation: Orientation = 1;
  let isJfif = false, transform: number | undefined;
  for (let at = 2;;) {
    const { marker, data, end } = segmentAt(bytes, at);
    if (marker === EOI || marker === SOS) throw badJpeg("it ends before its frame");
    if (marker === APP1) orientation = orientationOf(data) ?? orientation;
    if (marker === APP0) isJfif ||= beginsWith(data, "JFIF\0");
    if (marker === APP14 && beginsWith(data, "Adobe")) transform = data[11];
    if (isFrame(marker)) {
      return { ...readFrame(marker, data), isRgb: isRgb(data, { isJfif, transform }), orientation };
    }
    at = end;
  }
}

/** What is wrong with a file that is a JPEG by its first bytes. */
export function badJpeg(detail: string): Reject {
  return new Reject("bad JPEG", detail);
}

/** The segment at a place: its marker, its data without the length, and the place behind it. */
function segmentAt(bytes: Uint8Array, at: number): { marker: number; data: Uint8Array; end: number } {
  if (at < bytes.length && bytes[at] !== 0xff) throw badJpeg("a byte stands where a marker must be");
  while (bytes[at] === 0xff) at++;
  const marker = bytes[at++];
  const isAlone = marker === TEM || marker >= RST0 && marker <= RST7 || marker === EOI;
  if (isAlone) return { marker, data: bytes.subarray(at, at), end: at };
  const length = bytes[at] << 8 | bytes[at + 1];
  const end = at + length;
  if (!(at + 2 <= bytes.length && end <= bytes.length)) throw badJpeg("the file ends inside its header");
  if (length < 2) throw badJpeg(`a segment of ${length} bytes, expected 2 or more`);
  return { marker, data: bytes.subarray(at + 2, end), end };
}

/** B.2.2: precision, lines, samples a line, and three bytes for each component. */
function readFrame(marker: number, data: Uint8Array): Omit<JpegHeader, "isRgb" | "orientation"> {
  if (marker > LAST_READ) {
    throw new Reject(
      "other JPEG",
      `frame SOF${marker - 0xc0}, lossless or arithmetic, expected baseline or progressive`,
    );
  }
  const [precision, components] = [data[0], data[5]];
  const [height, width] = [data[1] << 8 | data[2], data[3] << 8 | data[4]];
  if (data.length !== 6 + 3 * components) throw badJpeg(`a frame of ${data.length} bytes for ${components} components`);
  if (precision !== 8) throw new Reject("other JPEG", `${precision} bits a sample, expected 8`);
  if (width === 0 || height === 0) throw badJpeg(`${width} x ${height} pixels, expected sides of 1 or more`);
  if (components !== 1 && components !== 3 && components !== 4) {
    throw new Reject("other JPEG", `${components} components, expected 1, 3 or 4`);
  }
  for (let i = 0; i < components; i++) {
    const factors = data[7 + 3 * i];
    const isGood = [factors >> 4, factors & 15].every((factor) => factor >= 1 && factor <= 4);
    if (!isGood) throw badJpeg(`sampling factors ${factors >> 4} x ${factors & 15}, expected 1 to 4`);
  }
  return { width, height, components, isProgressive: marker === PROGRESSIVE };
}

/** The components' numbers where they are red, green and blue, and nothing else says so. */
const RGB = [82, 71, 66];

/**
 * What a frame's components are, as libjpeg has it (libjpeg.txt, "Special color spaces"): JFIF's are YCbCr, Adobe's where
 * its transform is 0 are RGB, and without either their numbers say it.
 */
function isRgb(
  frame: Uint8Array,
  { isJfif, transform }: { readonly isJfif: boolean; readonly transform: number | undefined },
): boolean {
  if (frame[5] !== 3 || isJfif) return false;
  if (transform !== undefined) return transform === 0;
  return RGB.every((id, i) => frame[6 + 3 * i] === id);
}

const beginsWith = (data: Uint8Array, text: string): boolean =>
  new TextDecoder("latin1").decode(data.subarray(0, text.length)) === text;

/** The orientation that an Exif segment says; undefined where it is none, or says nothing that can be read. */
function orientationOf(data: Uint8Array): Orientation | undefined {
  if (!beginsWith(data, "Exif\0\0") || data.length < 14) return undefined;
  const tiff = new DataView(data.buffer, data.byteOffset + 6, data.length - 6);
  const order = tiff.getUint16(0);
  const isLittle = order === 0x4949;
  if (!isLittle && order !== 0x4d4d || tiff.getUint16(2, isLittle) !== 42) return undefined;
  const directory = tiff.getUint32(4, isLittle);
  if (directory + 2 > tiff.byteLength) return undefined;
  const count = tiff.getUint16(directory, isLittle);
  for (let at = directory + 2, i = 0; i < count && at + 12 <= tiff.byteLength; at += 12, i++) {
    const [tag, type] = [tiff.getUint16(at, isLittle), tiff.getUint16(at + 2, isLittle)];
    const value = tiff.getUint16(at + 8, isLittle);
    if (tag === 274) return type === 3 && value >= 1 && value <= 8 ? value as Orientation : undefined;
  }
  return undefined;
}
