/**
 * A batch that is filled example by example. Browser safe.
 *
 * @module
 */
import { elementCount, type Field, type FieldArray, type Fields, typedArray } from "../base/arrays.ts";
import type { Batch } from "../dataset.ts";

/** Whether the first length of a field varies from example to example. */
export function isRagged({ shape }: Field): boolean {
  return shape[0] === -1;
}

/** The array that says where each example of a ragged field begins. */
export function offsetsOf(name: string): string {
  return `${name}_offsets`;
}

/** Puts the values of examples side by side. */
export class BatchBuilder {
  readonly #fields: Fields;
  readonly #size: number;
  /** Fields of one length. */
  readonly #even: Record<string, FieldArray> = {};
  /** The examples of ragged fields. */
  readonly #ragged: Record<string, FieldArray[]> = {};
  #filled = 0;

  /** @param size B, how many examples there will be. */
  constructor(fields: Fields, size: number) {
    this.#fields = fields;
    this.#size = size;
    for (const [name, field] of Object.entries(fields)) {
      if (isRagged(field)) this.#ragged[name] = [];
      else this.#even[name] = typedArray(field.dtype, size * elementCount(field.shape));
    }
  }

  /** Where the values of the example at hand go, of a field that is not ragged. */
  space(name: string): FieldArray {
    const array = this.#even[name];
    const length = array.length / this.#size;
    return array.subarray(this.#filled * length, (this.#filled + 1) * length);
  }

  /** Sets a field of the example at hand. */
  add(name: string, values: FieldArray): void {
    if (name in this.#ragged) this.#ragged[name].push(values.slice());
    else this.space(name).set(values as never);
  }

  /** Ends the example at hand; true when there are as many as there will be. */
  next(): boolean {
    return ++this.#filled === this.#size;
  }

  /** The batch: `name` [B, ...shape]; of a ragged field `name` [sum n, ...] and `name_offsets`, int32 [B + 1]. */
  finish(): Batch {
    const fields: Record<string, FieldArray> = { ...this.#even };
    for (const [name, rows] of Object.entries(this.#ragged)) {
      const { dtype, shape: [, ...inner] } = this.#fields[name];
      const offsets = new Int32Array(this.#size + 1);
      rows.forEach(({ length }, i) => offsets[i + 1] = offsets[i] + length / elementCount(inner));
      const joined = typedArray(dtype, offsets[this.#size] * elementCount(inner));
      rows.forEach((row, i) => joined.set(row as never, offsets[i] * elementCount(inner)));
      fields[name] = joined;
      fields[offsetsOf(name)] = offsets;
    }
    return { size: this.#size, fields };
  }
}

/**
 * Some examples of a batch, ragged fields included.
 *
 * @param from The first, 0-based.
 * @param to The one behind the last.
 * @returns Views where that is possible.
 */
export function sliceBatch<B extends Batch>(batch: B, from: number, to: number): B {
  const fields: Record<string, FieldArray> = {};
  for (const [name, values] of Object.entries(batch.fields)) {
    const offsets = batch.fields[offsetsOf(name)] as Int32Array | undefined;
    if (name.endsWith("_offsets") && name.slice(0, -"_offsets".length) in batch.fields) {
      fields[name] = (values as Int32Array<ArrayBuffer>).slice(from, to + 1).map((at, _, all) => at - all[0]);
    } else if (offsets) {
      const length = values.length / (offsets[batch.size] || 1);
      fields[name] = values.subarray(offsets[from] * length, offsets[to] * length);
    } else {
      const length = values.length / batch.size;
      fields[name] = values.subarray(from * length, to * length);
    }
  }
  return { ...batch, size: to - from, fields };
}
