/**
 * Animated GIF, by the gifenc library (https://www.w3.org/Graphics/GIF/spec-gif89a.txt). Browser safe.
 *
 * @module
 */
// @ts-types="./gifenc.d.ts"
import gifenc from "gifenc";

/** An image of palette entries. */
export interface IndexedImage {
  /** Pixels across, 1 or more. */
  readonly width: number;
  /** Pixels down, 1 or more. */
  readonly height: number;
  /** uint8 [height, width], row by row from the top left. */
  readonly data: Uint8Array;
}

/** A colour: red, green and blue, each 0 to 255. */
export type PaletteColour = readonly [number, number, number];

const MOST_COLOURS = 256;
/** A frame stays when the next one comes. */
const KEEP = 1;

/**
 * Writes an animation that begins anew when it is over.
 *
 * @param frames One size, 1 or more of them.
 * @param palette 1 to 256 colours, the same for all frames. Where it leaves one free, frames hold nothing but what they
 * change, which makes small files of lines that grow.
 * @param delays How long each frame stays, in milliseconds.
 * @returns The file's bytes.
 * @throws {RangeError} When there is no frame, or one of another size or without a delay.
 *
 * @example
 * ```ts
 * import { encodeGif } from "@strokewise/strokewise/pipelines";
 * import { assertEquals } from "@std/assert";
 *
 * const frame = (value: number) => ({ width: 1, height: 1, data: Uint8Array.of(value) });
 * const gif = encodeGif([frame(0), frame(1)], [[0, 0, 0], [255, 255, 255]], [100, 500]);
 * assertEquals(new TextDecoder().decode(gif.subarray(0, 6)), "GIF89a");
 * ```
 */
export function encodeGif(
  frames: readonly IndexedImage[],
  palette: readonly PaletteColour[],
  delays: readonly number[],
): Uint8Array {
  if (frames.length === 0 || delays.length !== frames.length) {
    throw new RangeError(
      `Cannot write GIF: ${frames.length} frames and ${delays.length} delays, expected as many, 1 or more`,
    );
  }
  const [{ width, height }] = frames;
  const gif = gifenc.GIFEncoder();
  const clear = palette.length < MOST_COLOURS ? palette.length : undefined;
  const colours = clear === undefined ? palette : [...palette, palette[0]];
  frames.forEach(({ data, ...size }, i) => {
    if (size.width !== width || size.height !== height || data.length !== width * height) {
      throw new RangeError(
        `Cannot write GIF: frame ${i + 1} is ${size.width} x ${size.height}, expected ${width} x ${height}`,
      );
    }
    const first = i === 0 ? { palette: colours, repeat: 0 } : {};
    if (clear === undefined || i === 0) {
      return gif.writeFrame(data, width, height, { delay: delays[i], dispose: KEEP, ...first });
    }
    const before = frames[i - 1].data;
    const changed = data.map((entry, at) => entry === before[at] ? clear : entry);
    const over = { transparent: true, transparentIndex: clear, dispose: KEEP };
    gif.writeFrame(changed, width, height, { delay: delays[i], ...over });
  });
  gif.finish();
  return gif.bytes();
}
