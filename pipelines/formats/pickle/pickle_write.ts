/**
 * Writes an array of arrays as a pickle. Browser safe.
 *
 * It is what numpy writes with protocol 2 from Python 3, byte for byte, but that it names `numpy.core` as all versions
 * before 2 do: so every numpy reads it, whatever its `encoding`, in Python 2 and 3.
 *
 * @module
 */
import { bytesOf } from "../../base/bytes.ts";
import { READ as OP } from "./pickle_opcodes.ts";
import { type Dtype, elementCount, type NdArray } from "../../base/arrays.ts";

/** numpy's short names of the dtypes, without byte order. */
const CODES: Readonly<Record<Dtype, string>> = {
  uint8: "u1",
  int8: "i1",
  uint16: "u2",
  int16: "i2",
  uint32: "u4",
  int32: "i4",
  uint64: "u8",
  int64: "i8",
  float32: "f4",
  float64: "f8",
};
/** Python's own size of batches. */
const BATCH = 1000;

/**
 * Writes a one-dimensional array of arrays as numpy pickles it.
 *
 * @param items The arrays: any dtypes and shapes.
 * @returns The pickle, which {@linkcode decodePickle} and `numpy.load` (after an .npy header) read.
 * @throws {RangeError} When an array's shape and elements disagree.
 *
 * @example
 * ```ts
 * import { decodePickle, encodePickle } from "@strokewise/strokewise/formats";
 * import { assertEquals } from "@std/assert";
 *
 * const items = [1, 2].map((n) => ({ dtype: "int16", shape: [n, 3], data: new Int16Array(3 * n) }) as const);
 * assertEquals(decodePickle(encodePickle(items)), { shape: [2], items });
 * ```
 */
export function encodePickle(items: readonly NdArray[]): Uint8Array<ArrayBuffer> {
  for (const { shape, data } of items) {
    if (elementCount(shape) === data.length) continue;
    throw new RangeError(`Cannot write pickle: shape [${shape}] does not have ${data.length} elements`);
  }
  return new Pickler().write(items);
}

class Pickler {
  #bytes = new Uint8Array(2 ** 16);
  #at = 0;
  #memoSize = 0;
  /** Where in the memo each thing is that is needed again. */
  readonly #memo = new Map<string, number>();

  write(items: readonly NdArray[]): Uint8Array<ArrayBuffer> {
    this.#op(OP.PROTO, 2);
    this.#array([items.length], "O8", () => {
      this.#op(OP.EMPTY_LIST).#put();
      if (items.length === 1) return void this.#arrays(items).#op(OP.APPEND);
      for (let at = 0; at < items.length; at += BATCH) {
        this.#op(OP.MARK).#arrays(items.slice(at, at + BATCH)).#op(OP.APPENDS);
      }
    });
    this.#op(OP.STOP);
    return this.#bytes.slice(0, this.#at);
  }

  #arrays(items: readonly NdArray[]): this {
    for (const { dtype, shape, data } of items) {
      this.#array(shape, CODES[dtype], () => this.#latin1(bytesOf(data)));
    }
    return this;
  }

  /** _reconstruct(ndarray, (0,), b"b"), and then its state: (1, shape, dtype, False, content). */
  #array(shape: readonly number[], code: string, content: () => void): void {
    this.#global("numpy.core.multiarray", "_reconstruct").#global("numpy", "ndarray").#tuple([0]);
    if (!this.#again("b'b'")) this.#latin1(Uint8Array.of(0x62), "b'b'");
    this.#op(OP.TUPLE3).#put().#op(OP.REDUCE).#put();
    this.#op(OP.MARK).#integer(1).#tuple(shape).#dtype(code).#op(OP.NEWFALSE);
    content();
    this.#op(OP.TUPLE).#put().#op(OP.BUILD);
  }

  /** dtype(code, False, True), and then its state: (3, order, None, None, None, -1, -1, flags). */
  #dtype(code: string): this {
    if (this.#again(`dtype ${code}`)) return this;
    const isObject = code === "O8";
    this.#global("numpy", "dtype").#text(code).#op(OP.NEWFALSE, OP.NEWTRUE, OP.TUPLE3).#put();
    this.#op(OP.REDUCE).#put(`dtype ${code}`);
    this.#op(OP.MARK).#integer(3).#text(isObject || code.endsWith("1") ? "|" : "<");
    this.#op(OP.NONE, OP.NONE, OP.NONE).#integer(-1).#integer(-1).#integer(isObject ? 63 : 0);
    return this.#op(OP.TUPLE).#put().#op(OP.BUILD);
  }

  /** _codecs.encode(text, "latin1"): bytes, in Python 2 and 3 alike. */
  #latin1(bytes: Uint8Array, name?: string): void {
    this.#global("_codecs", "encode");
    let high = 0;
    for (const byte of bytes) high += byte >> 7;
    this.#op(OP.BINUNICODE).#number(bytes.length + high, 4).#room(2 * bytes.length);
    for (const byte of bytes) { // UTF-8
      if (byte < 0x80) this.#bytes[this.#at++] = byte;
      else {
        this.#bytes[this.#at++] = 0xc0 | byte >> 6;
        this.#bytes[this.#at++] = 0x80 | byte & 0x3f;
      }
    }
    this.#put().#text("latin1").#op(OP.TUPLE2).#put().#op(OP.REDUCE).#put(name);
  }

  #global(module: string, name: string): this {
    const whole = `${module} ${name}`;
    if (this.#again(whole)) return this;
    return this.#op(OP.GLOBAL, ...new TextEncoder().encode(`${module}\n${name}\n`)).#put(whole);
  }

  /** A short text, all ASCII. */
  #text(text: string): this {
    if (this.#again(`"${text}"`)) return this;
    return this.#op(OP.BINUNICODE).#number(text.length, 4).#op(...new TextEncoder().encode(text)).#put(`"${text}"`);
  }

  #tuple(values: readonly number[]): this {
    if (values.length === 0) return this.#op(OP.EMPTY_TUPLE);
    if (values.length > 3) this.#op(OP.MARK);
    for (const value of values) this.#integer(value);
    return this.#op([0, OP.TUPLE1, OP.TUPLE2, OP.TUPLE3][values.length] ?? OP.TUPLE).#put();
  }

  #integer(value: number): this {
    if (value >= 0 && value < 2 ** 8) return this.#op(OP.BININT1, value);
    if (value >= 0 && value < 2 ** 16) return this.#op(OP.BININT2).#number(value, 2);
    return this.#op(OP.BININT).#number(value, 4);
  }

  /** Keeps what is on top of the stack. */
  #put(name?: string): this {
    const index = this.#memoSize++;
    if (name !== undefined) this.#memo.set(name, index);
    return index < 256 ? this.#op(OP.BINPUT, index) : this.#op(OP.LONG_BINPUT).#number(index, 4);
  }

  /** Takes from the memo what was written before; whether it was. */
  #again(name: string): boolean {
    const index = this.#memo.get(name);
    if (index === undefined) return false;
    if (index < 256) this.#op(OP.BINGET, index);
    else this.#op(OP.LONG_BINGET).#number(index, 4);
    return true;
  }

  #number(value: number, length: 2 | 4): this {
    for (let i = 0; i < length; i++) this.#op(value >> 8 * i & 255);
    return this;
  }

  #op(...bytes: number[]): this {
    this.#room(bytes.length);
    for (const byte of bytes) this.#bytes[this.#at++] = byte;
    return this;
  }

  #room(length: number): void {
    if (this.#at + length <= this.#bytes.length) return;
    const larger = new Uint8Array(2 * (this.#at + length));
    larger.set(this.#bytes);
    this.#bytes = larger;
  }
}
