/**
 * Drawings as bytes, in the layout of the strokes in Google's binary files
 * (https://github.com/googlecreativelab/quickdraw-dataset, examples/binary_file_parser.py). Browser safe.
 *
 * @module
 */
import type { Drawing } from "./stroke.ts";

/**
 * Packs a drawing into bytes as Google's binary files do: the number of strokes (uint16), then for each stroke the number
 * of points (uint16), all x (uint8) and all y (uint8); little-endian.
 *
 * @param drawing Whole coordinates, 0..255; this is not checked here.
 * @returns 2 bytes, and for each stroke 2 + 2 points.
 * @throws {RangeError} When there are more than 65,535 strokes, or points in one.
 *
 * @example
 * ```ts
 * import { encodeDrawing } from "@strokewise/strokewise/pipelines";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(encodeDrawing([[[0, 255], [9, 7]]]), Uint8Array.of(1, 0, 2, 0, 0, 255, 9, 7));
 * ```
 */
export function encodeDrawing(drawing: Drawing): Uint8Array<ArrayBuffer> {
  const length = drawing.reduce((sum, [xs]) => sum + 2 + 2 * xs.length, 2);
  const bytes = new Uint8Array(length);
  let at = putUint16(bytes, 0, drawing.length);
  for (const [xs, ys] of drawing) {
    at = putUint16(bytes, at, xs.length);
    bytes.set(xs, at);
    bytes.set(ys, at + xs.length);
    at += 2 * xs.length;
  }
  return bytes;
}

function putUint16(bytes: Uint8Array, at: number, value: number): number {
  if (value > 0xffff) throw new RangeError(`cannot pack ${value} strokes or points: at most 65535`);
  bytes[at] = value & 255;
  bytes[at + 1] = value >> 8;
  return at + 2;
}

/**
 * Unpacks what {@linkcode encodeDrawing} packed.
 *
 * @param bytes As {@linkcode encodeDrawing} made them; this is not checked.
 * @returns The strokes, each `[xs, ys]`; the coordinates are views of `bytes`.
 *
 * @example
 * ```ts
 * import { decodeDrawing } from "@strokewise/strokewise/pipelines";
 * import { assertEquals } from "@std/assert";
 *
 * const drawing = decodeDrawing(Uint8Array.of(1, 0, 2, 0, 0, 255, 9, 7));
 * assertEquals(drawing, [[Uint8Array.of(0, 255), Uint8Array.of(9, 7)]]);
 * ```
 */
export function decodeDrawing(bytes: Uint8Array<ArrayBuffer>): [Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>][] {
  const drawing: [Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>][] = [];
  const strokes = bytes[0] | (bytes[1] << 8);
  let at = 2;
  for (let i = 0; i < strokes; i++) {
    const points = bytes[at] | (bytes[at + 1] << 8);
    const xs = bytes.subarray(at + 2, at + 2 + points);
    const ys = bytes.subarray(at + 2 + points, at + 2 + 2 * points);
    drawing.push([xs, ys]);
    at += 2 + 2 * points;
  }
  return drawing;
}
