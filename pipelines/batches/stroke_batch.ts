/**
 * Drawings that come from elsewhere as a batch of strokes. Browser safe.
 *
 * @module
 */
import type { Batch } from "../dataset.ts";

/** A drawing as stroke-3 in the units of the data, [points, 3], and its class, where that is known. */
export interface StrokeExample {
  readonly rows: Int16Array;
  readonly label?: number | undefined;
}

/** Drawings as a batch, with `stroke3`, `stroke3_offsets` and `label`; those of which the class is not known have the first. */
export function strokeBatch(drawings: readonly StrokeExample[]): Batch {
  const stroke3_offsets = new Int32Array(drawings.length + 1); // [B + 1]
  drawings.forEach(({ rows }, b) => stroke3_offsets[b + 1] = stroke3_offsets[b] + rows.length / 3);
  const stroke3 = new Int16Array(3 * stroke3_offsets[drawings.length]); // [points, 3]
  drawings.forEach(({ rows }, b) => stroke3.set(rows, 3 * stroke3_offsets[b]));
  const label = Uint16Array.from(drawings, ({ label = 0 }) => label);
  return { size: drawings.length, fields: { stroke3, stroke3_offsets, label } };
}
