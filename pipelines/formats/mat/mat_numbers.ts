/**
 * Numbers as a MAT-file stores them to numbers of the array's class. Browser safe.
 *
 * @module
 */
import { type Dtype, type FieldArray, typedArray } from "../../base/arrays.ts";
import { swapOrder } from "../../base/bytes.ts";

/** From what to what. */
export interface Conversion {
  /** The array's name, for messages. */
  readonly name: string;
  /** What the bytes are. */
  readonly stored: Dtype;
  /** What is wanted. */
  readonly dtype: Dtype;
  readonly littleEndian: boolean;
}

/**
 * Reads stored bytes as numbers of a class.
 *
 * @param bytes A whole number of elements; they are used, and turned round where the high byte comes first.
 * @returns As many numbers, of the same memory where they are stored as they should be.
 * @throws {RangeError} When a whole-number class cannot hold a number.
 */
export function toClass(
  bytes: Uint8Array<ArrayBuffer>,
  { name, stored, dtype, littleEndian }: Conversion,
): FieldArray {
  const numbers = typedArray(stored, bytes.buffer);
  if (!littleEndian) swapOrder(bytes, numbers.BYTES_PER_ELEMENT);
  if (stored === dtype) return numbers;
  const converted = typedArray(dtype, numbers.length);
  const isWhole = !dtype.startsWith("float");
  const isBig = converted instanceof BigInt64Array || converted instanceof BigUint64Array;
  for (let i = 0; i < numbers.length; i++) {
    const number = Number(numbers[i]);
    const fits = !isWhole || Number.isInteger(number);
    if (fits) converted[i] = isBig ? BigInt(numbers[i]) : number;
    if (isWhole && (!fits || Number(converted[i]) !== number)) {
      throw new RangeError(`Cannot read .mat: ${name} is of class ${dtype} and holds ${numbers[i]}`);
    }
  }
  return converted;
}
