/**
 * Square pictures with a label: what their shards hold, and rows to those fields. Browser safe.
 *
 * @module
 */
import type { LabelledRow } from "../dataset.ts";
import { elementCount, type Fields, type NdArray } from "../base/arrays.ts";

/** The form of a dataset's pictures. */
export interface ImageForm {
  /** Pixels across and down. */
  readonly side: number;
  /** Whether each pixel is red, green and blue; grey when left out. */
  readonly colour?: boolean;
  /** What labels are; uint8 for up to 256 classes. */
  readonly labels: "uint8" | "uint16";
}

const shapeOf = ({ side, colour = false }: ImageForm): number[] => colour ? [side, side, 3] : [side, side];

/** The fields of a picture. */
export function imageFields(form: ImageForm): Fields {
  return { image: { dtype: "uint8", shape: shapeOf(form) }, label: { dtype: form.labels, shape: [] } };
}

/** The fields of rows whose payloads are their pixels, uint8 [side, side] or [side, side, 3]. */
export function packImages(rows: readonly LabelledRow[], form: ImageForm): Record<string, NdArray> {
  const { labels } = form;
  const shape = shapeOf(form);
  const size = elementCount(shape);
  const image = new Uint8Array(rows.length * size); // [N, side, side] or [N, side, side, 3]
  rows.forEach(({ payload }, i) => image.set(payload, i * size));
  const label = Array.from(rows, (row) => row.label); // [N]
  return {
    image: { dtype: "uint8", shape: [rows.length, ...shape], data: image },
    label: labels === "uint8"
      ? { dtype: labels, shape: [rows.length], data: Uint8Array.from(label) }
      : { dtype: labels, shape: [rows.length], data: Uint16Array.from(label) },
  };
}

/** A picture with its rows and columns swapped, uint8 [side, side]. */
export function transposed(picture: Uint8Array, side: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(picture, (_, i) => picture[(i % side) * side + Math.floor(i / side)]); // [side, side]
}

/** {@linkcode transposed} of each of several pictures, uint8 [n, side, side]. */
export function transposedEach(pictures: Uint8Array, side: number): Uint8Array<ArrayBuffer> {
  const swapped = new Uint8Array(pictures.length);
  for (let at = 0; at < pictures.length; at += side * side) {
    swapped.set(transposed(pictures.subarray(at, at + side * side), side), at);
  }
  return swapped;
}
