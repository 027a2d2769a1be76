/**
 * Arrays of numbers to a MATLAB MAT-file of level 5; the layout is in `mat.ts`. Browser safe.
 *
 * @module
 */
import { zlibSync } from "fflate";
import { bytesOf, concatBytes } from "../../base/bytes.ts";
import { toRows } from "./mat.ts";
import { CLASSES, COMPRESSED, MAT_HEADER, MATRIX, STORED_DTYPES } from "./mat_elements.ts";
import { type Dtype, elementCount, type NdArray } from "../../base/arrays.ts";

const TEXT = "MATLAB 5.0 MAT-file, written by strokewise";

/** How {@linkcode encodeMat} writes. */
export interface EncodeMatOptions {
  /** 0 stores, 1 is fastest, 9 smallest; 6 when left out. */
  readonly level?: 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9;
}

/**
 * Writes named arrays as a MAT-file, as MATLAB's `save` with `-v7` does, or with `-v6` where nothing is deflated.
 *
 * @param arrays Array name to array; a shape of fewer than two lengths becomes a column, as in MATLAB.
 * @returns The file's bytes, little-endian; the same arrays in the same order give the same bytes.
 * @throws {RangeError} When an array's shape and elements disagree, or a length or the array is 2^31 or more.
 *
 * @example
 * ```ts
 * import { decodeMat, encodeMat } from "@strokewise/strokewise/formats";
 * import { assertEquals } from "@std/assert";
 *
 * const file = encodeMat({ y: { dtype: "uint8", shape: [3], data: Uint8Array.of(1, 2, 10) } });
 * assertEquals((await decodeMat(file)).arrays.y.shape, [3, 1]);
 * ```
 */
export function encodeMat(
  arrays: Readonly<Record<string, NdArray>>,
  { level = 6 }: EncodeMatOptions = {},
): Uint8Array<ArrayBuffer> {
  const header = new Uint8Array(MAT_HEADER).fill(0x20, 0, 116);
  new TextEncoder().encodeInto(TEXT, header);
  header.set([0x00, 0x01, 0x49, 0x4d], 124); // version 0x0100, "IM"
  const elements = Object.entries(arrays).map(([name, array]) => {
    const matrix = encodeMatrix(name, array);
    return level === 0 ? matrix : element(COMPRESSED, zlibSync(matrix, { level }));
  });
  return concatBytes([header, ...elements]);
}

function encodeMatrix(name: string, { dtype, shape, data }: NdArray): Uint8Array<ArrayBuffer> {
  const whole = shape.length < 2 ? [shape[0] ?? 1, 1] : shape;
  if (elementCount(shape) !== data.length || data.byteLength >= 2 ** 31 || whole.some((length) => length >= 2 ** 31)) {
    throw new RangeError(`Cannot write .mat: ${name}, ${dtype} [${shape}], has ${data.length} elements`);
  }
  const columns = toRows(data, whole.toReversed()); // column-major [a, b] is row-major [b, a]
  return element(
    MATRIX,
    concatBytes([
      element(6, bytesOf(Uint32Array.of(numberOf(CLASSES, dtype), 0))),
      element(5, bytesOf(Int32Array.from(whole))),
      element(1, new TextEncoder().encode(name)),
      element(numberOf(STORED_DTYPES, dtype), bytesOf(columns)),
    ]),
  );
}

/** The number under which a table has a dtype. */
function numberOf(table: Readonly<Record<number, Dtype | { readonly dtype?: Dtype }>>, dtype: Dtype): number {
  return Number(
    Object.keys(table).find((key) => {
      const entry = table[Number(key)];
      return (typeof entry === "string" ? entry : entry.dtype) === dtype;
    }),
  );
}

function element(type: number, data: Uint8Array): Uint8Array<ArrayBuffer> {
  const padding = type === COMPRESSED ? 0 : (8 - data.length % 8) % 8;
  return concatBytes([bytesOf(Uint32Array.of(type, data.length)), data, new Uint8Array(padding)]);
}
