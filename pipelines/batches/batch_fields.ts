/**
 * The fields of a batch by name. Browser safe.
 *
 * @module
 */
import type { Batch } from "../dataset.ts";
import type { FieldArray } from "../base/arrays.ts";

/**
 * A field of a batch.
 *
 * @throws {TypeError} If the batch does not have it.
 */
export function fieldOf(batch: Batch, name: string): Exclude<FieldArray, BigUint64Array | BigInt64Array> {
  const values = batch.fields[name];
  if (values === undefined) {
    throw new TypeError(`The model needs the field "${name}"; the batch has ${Object.keys(batch.fields).join(", ")}`);
  }
  if (values instanceof BigUint64Array || values instanceof BigInt64Array) {
    throw new TypeError(`The model needs numbers in the field "${name}", found 64-bit integers`);
  }
  return values;
}
