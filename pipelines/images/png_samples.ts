/**
 * The rows of a PNG file to a picture with samples of 8 bits. Browser safe.
 *
 * @module
 */
import { badPng, COLOURS, type Picture, type PngHeader } from "./png_header.ts";
import type { Pass } from "./png_inflate.ts";

/** What colours are looked up in. */
interface Lookup {
  /** Red, green and blue of each colour. */
  readonly palette?: Uint8Array | undefined;
  /** Alpha of each colour of the palette, or the samples of the one colour that is transparent, 2 bytes each. */
  readonly transparency?: Uint8Array | undefined;
}

/**
 * Puts every pixel in its place.
 *
 * @throws {Reject} When a pixel has a colour that the palette has not, or transparency is not as it must be.
 */
export function readSamples(passes: readonly Pass[], header: PngHeader, lookup: Lookup): Picture {
  const { width, height, depth, colour } = header;
  const { samples } = COLOURS[colour];
  const { palette, transparency } = checked(lookup, header);
  const channels = (palette ? 3 : samples) + (transparency ? 1 : 0) as Picture["channels"];
  const isReady = depth === 8 && !palette && !transparency && passes.length === 1 && !header.isInterlaced;
  if (isReady) return { width, height, channels, data: passes[0].rows }; // most files
  const data = new Uint8Array(width * height * channels); // [height, width, channels]
  const values = new Array<number>(samples);
  for (const pass of passes) {
    const rowBytes = pass.rows.length / pass.height;
    for (let row = 0; row < pass.height; row++) {
      let to = ((pass.y + row * pass.stepY) * width + pass.x) * channels;
      for (let column = 0; column < pass.width; column++, to += pass.stepX * channels) {
        for (let i = 0; i < samples; i++) values[i] = sampleAt(pass.rows, row * rowBytes, column * samples + i, depth);
        if (palette) {
          const [index] = values;
          if (3 * index >= palette.length) {
            throw badPng(`a pixel has colour ${index} of a palette of ${palette.length / 3}`);
          }
          for (let i = 0; i < 3; i++) data[to + i] = palette[3 * index + i];
          if (transparency) data[to + 3] = transparency[index] ?? 255;
        } else {
          for (let i = 0; i < samples; i++) data[to + i] = toByte(values[i], depth);
          if (transparency) data[to + samples] = values.every((value, i) => value === transparency[i]) ? 0 : 255;
        }
      }
    }
  }
  return { width, height, channels, data };
}

/** The palette, and alpha by colour or the samples of the transparent colour. */
function checked({ palette, transparency }: Lookup, { colour, depth }: PngHeader): {
  readonly palette?: Uint8Array | undefined;
  readonly transparency?: ArrayLike<number> | undefined;
} {
  if (transparency === undefined) return { palette };
  const { samples } = COLOURS[colour];
  const most = palette ? palette.length / 3 : 2 * samples;
  const isGood = palette ? transparency.length <= most : transparency.length === most && samples % 2 === 1;
  if (!isGood) {
    throw badPng(`${transparency.length} bytes of transparency, which a picture of its kind has not`);
  }
  if (palette) return { palette, transparency };
  return {
    transparency: Array.from({ length: samples }, (_, i) => {
      return (transparency[2 * i] << 8 | transparency[2 * i + 1]) & (2 ** depth - 1); // the upper bits say nothing
    }),
  };
}

/** Sample `i` of the row that begins at `from`; the first of a byte is in its upper bits. */
function sampleAt(rows: Uint8Array, from: number, i: number, depth: number): number {
  if (depth === 8) return rows[from + i];
  if (depth === 16) return rows[from + 2 * i] << 8 | rows[from + 2 * i + 1];
  const bit = i * depth;
  return rows[from + (bit >> 3)] >> (8 - depth - (bit & 7)) & ((1 << depth) - 1);
}

/** A sample of so many bits as one of 8. */
function toByte(value: number, depth: number): number {
  return depth === 8 ? value : Math.round(255 * value / (2 ** depth - 1)); // never half: 2^16 - 1 is odd
}
