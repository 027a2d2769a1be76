/**
 * Square grey pictures with a label: what their shards hold, and rows to those fields. Browser safe.
 *
 * @module
 */
import type { LabelledRow } from "../dataset.ts";
import type { Fields, NdArray } from "../base/arrays.ts";

/** The form of a dataset's pictures. */
export interface ImageForm {
  /** Pixels across and down. */
  readonly side: number;
  /** What labels are; uint8 for up to 256 classes. */
  readonly labels: "uint8" | "uint16";
}

/** The fields of a picture. */
export function imageFields({ side, labels }: ImageForm): Fields {
  return { image: { dtype: "uint8", shape: [side, side] }, label: { dtype: labels, shape: [] } };
}

/** The fields of rows whose payloads are their pixels, uint8 [side, side]. */
export function packImages(rows: readonly LabelledRow[], { side, labels }: ImageForm): Record<string, NdArray> {
  const image = new Uint8Array(rows.length * side * side); // [N, side, side]
  rows.forEach(({ payload }, i) => image.set(payload, i * side * side));
  const label = Array.from(rows, (row) => row.label); // [N]
  return {
    image: { dtype: "uint8", shape: [rows.length, side, side], data: image },
    label: labels === "uint8"
      ? { dtype: labels, shape: [rows.length], data: Uint8Array.from(label) }
      : { dtype: labels, shape: [rows.length], data: Uint16Array.from(label) },
  };
}

/** A picture with its rows and columns swapped, uint8 [side, side]. */
export function transposed(picture: Uint8Array, side: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(picture, (_, i) => picture[(i % side) * side + Math.floor(i / side)]); // [side, side]
}
