/**
 * Weights in the order of other programs.
 *
 * @module
 */
import type { NamedArray } from "../../models/safetensors.ts";

/**
 * An array with its dimensions in another order.
 *
 * @param order Of each dimension of the result the one that it is here.
 *
 * @example
 * ```ts
 * import { transposed } from "./weight_layout.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const { shape, data } = transposed({ shape: [2, 3], data: Float32Array.of(1, 2, 3, 4, 5, 6) }, [1, 0]);
 * assertEquals(shape, [3, 2]);
 * assertEquals([...data], [1, 4, 2, 5, 3, 6]);
 * ```
 */
export function transposed({ shape, data }: NamedArray, order: readonly number[]): NamedArray {
  const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((product, length) => product * length, 1));
  const made = order.map((axis) => shape[axis]);
  const steps = order.map((axis) => strides[axis]);
  const result = new Float32Array(data.length);
  const place = made.map(() => 0);
  let from = 0;
  for (let i = 0; i < result.length; i++) {
    result[i] = data[from];
    for (let axis = made.length - 1; axis >= 0; axis--) { // on to the next place, as an odometer goes
      from += steps[axis];
      if (++place[axis] < made[axis]) break;
      from -= steps[axis] * made[axis];
      place[axis] = 0;
    }
  }
  return { shape: made, data: result };
}

/**
 * An array whose first dimension is gate after gate, with the gates in another order.
 *
 * @param gates Of each gate of the result its place here.
 */
export function gateBlocks({ shape, data }: NamedArray, gates: readonly number[]): NamedArray {
  const block = data.length / gates.length;
  const result = new Float32Array(data.length);
  gates.forEach((from, to) => result.set(data.subarray(from * block, (from + 1) * block), to * block));
  return { shape, data: result };
}
