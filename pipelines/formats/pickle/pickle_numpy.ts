/**
 * What a pickled numpy array is made of: the few functions that it calls, and what they make. Nothing else can be named
 * in a pickle that is read here. Browser safe.
 *
 * @module
 */
import { type Dtype, elementCount, halfToFloat, type NdArray, typedArray } from "../../base/arrays.ts";

/** A tuple; a list is a JavaScript array. */
export class Tuple {
  constructor(readonly items: readonly PickleValue[]) {}
}

/** One of the functions and types that a pickle may name. */
export class Global {
  constructor(readonly name: "_reconstruct" | "ndarray" | "dtype" | "encode" | "_frombuffer") {}
}

/** The type of an array's elements; the byte order comes with BUILD. */
export class PickledDtype {
  order = "|";
  constructor(readonly code: string) {}
}

/** An array; empty until BUILD. */
export class PickledArray {
  /** A plain array, or a list of objects with its shape. */
  content: StoredArray | { readonly shape: readonly number[]; readonly items: readonly PickleValue[] } | undefined;
}

/** An array of numbers as the pickle has it: {@linkcode numbersOf} makes it of these. */
export interface StoredArray {
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  /** Its elements, a view of the pickle. */
  readonly data: Uint8Array;
  /** Whether they are float16. */
  readonly isHalf: boolean;
  /** Whether the first index moves fastest. */
  readonly isFortran: boolean;
}

/** All that can be on the stack of a pickle. */
export type PickleValue =
  | null
  | boolean
  | number
  | string
  | Uint8Array
  | PickleValue[]
  | Tuple
  | Global
  | PickledDtype
  | PickledArray;

/** The modules that have each name: before and since numpy 2. */
const MODULES: Readonly<Record<Global["name"], readonly string[]>> = {
  _reconstruct: ["numpy.core.multiarray", "numpy._core.multiarray"],
  ndarray: ["numpy"],
  dtype: ["numpy"],
  encode: ["_codecs"],
  _frombuffer: ["numpy.core.numeric", "numpy._core.numeric"],
};

const DTYPES: Readonly<Record<string, Dtype>> = {
  u1: "uint8",
  i1: "int8",
  u2: "uint16",
  i2: "int16",
  u4: "uint32",
  i4: "int32",
  u8: "uint64",
  i8: "int64",
  f4: "float32",
  f8: "float64",
};

/**
 * Finds what a pickle names.
 *
 * @throws {TypeError} When it is none of numpy's.
 */
export function findGlobal(module: string, name: string): Global {
  if (Object.hasOwn(MODULES, name) && MODULES[name as Global["name"]].includes(module)) {
    return new Global(name as Global["name"]);
  }
  const shown = `${module}.${name}`.slice(0, 80);
  throw new TypeError(`Cannot read pickle: it names ${shown}, and only numpy's arrays are read`);
}

/** Counts the bytes that a pickle makes, so that a few of its own cannot make many. */
export class Budget {
  constructor(private left: number, private readonly what: string) {}

  /** @throws {RangeError} When there are fewer left. */
  take(bytes: number): void {
    this.left -= bytes;
    if (this.left < 0) throw new RangeError(`Cannot read pickle: ${this.what} would make far more bytes than it has`);
  }
}

/**
 * Calls what REDUCE calls.
 *
 * @throws {TypeError} When the call is none that numpy writes.
 */
export function reduce(callee: PickleValue, args: PickleValue, budget: Budget): PickleValue {
  if (callee instanceof Global && args instanceof Tuple) {
    const [first, second, third] = args.items;
    if (callee.name === "_reconstruct" && first instanceof Global && first.name === "ndarray") {
      return new PickledArray();
    }
    if (callee.name === "dtype" && isText(first)) return new PickledDtype(decodeText(first));
    if (callee.name === "encode" && typeof first === "string" && second === "latin1") {
      return encodeLatin1(first, budget);
    }
    if (callee.name === "_frombuffer" && second instanceof PickledDtype) {
      const array = new PickledArray();
      array.content = arrayOf(second, shapeOf(third), { data: first, isFortran: args.items[3] === "F", budget });
      return array;
    }
  }
  throw new TypeError("Cannot read pickle: REDUCE calls what numpy's arrays do not");
}

/** Python 3 writes bytes for Python 2 as text, a character a byte. */
function encodeLatin1(text: string, budget: Budget): Uint8Array {
  budget.take(text.length);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) {
    bytes[i] = text.charCodeAt(i);
    if (text.charCodeAt(i) > 255) throw new TypeError("Cannot read pickle: latin1 text with a character above 255");
  }
  return bytes;
}

/**
 * Fills in what BUILD fills in.
 *
 * @throws {TypeError} When the state is none that numpy writes.
 * @throws {RangeError} When a shape and its elements disagree.
 */
export function build(target: PickleValue, state: PickleValue, budget: Budget): void {
  const items = state instanceof Tuple ? state.items : [];
  if (
    target instanceof PickledDtype && items.length >= 8 && isText(items[1]) && items[2] === null && items[4] === null
  ) {
    // version, byte order, subarray, names, fields, item size, alignment, flags
    target.order = decodeText(items[1]);
  } else if (target instanceof PickledArray && items.length === 5 && items[2] instanceof PickledDtype) {
    const [, shape, dtype, fortran, data] = items;
    target.content = arrayOf(dtype, shapeOf(shape), { data, isFortran: Boolean(fortran), budget });
  } else {
    throw new TypeError("Cannot read pickle: BUILD gives what numpy's arrays do not take");
  }
}

/** Text: bytes where Python 2 wrote it. */
function isText(value: PickleValue | undefined): value is string | Uint8Array {
  return typeof value === "string" || value instanceof Uint8Array;
}

function decodeText(value: string | Uint8Array): string {
  return typeof value === "string" ? value : new TextDecoder("latin1").decode(value.subarray(0, 80));
}

function shapeOf(value: PickleValue): number[] {
  const lengths = value instanceof Tuple ? value.items : [];
  if (!(value instanceof Tuple) || lengths.length > 32 || !lengths.every((length) => typeof length === "number")) {
    throw new TypeError("Cannot read pickle: an array's shape is no tuple of up to 32 numbers");
  }
  elementCount(lengths as number[]); // refuses what no file can hold
  return lengths as number[];
}

interface Elements {
  readonly data: PickleValue;
  readonly isFortran: boolean;
  readonly budget: Budget;
}

function arrayOf({ code, order }: PickledDtype, shape: number[], { data, isFortran, budget }: Elements) {
  const count = elementCount(shape);
  if (/^\|?O\d?$/.test(code)) {
    if (!Array.isArray(data) || data.length !== count) {
      throw new RangeError(`Cannot read pickle: an array [${shape}] of objects without ${count} of them`);
    }
    return { shape, items: data };
  }
  const dtype = code === "f2" ? "float32" : Object.hasOwn(DTYPES, code) ? DTYPES[code] : undefined;
  if (dtype === undefined) throw new TypeError(`Cannot read pickle: dtype ${code}, expected integers or floats`);
  if (order === ">") throw new TypeError(`Cannot read pickle: big-endian ${dtype}; save array.astype("<${code}")`);
  const size = Number(code[1]); // as stored
  if (!(data instanceof Uint8Array) || data.length !== count * size) {
    const found = data instanceof Uint8Array ? `${data.length} bytes` : "no bytes";
    throw new RangeError(`Cannot read pickle: ${dtype} [${shape}] takes ${count * size} bytes, found ${found}`);
  }
  budget.take(data.length);
  return { dtype, shape, data, isHalf: code === "f2", isFortran };
}

/** The array in memory of its own. */
export function numbersOf({ dtype, shape, data, isHalf, isFortran }: StoredArray): NdArray {
  const size = isHalf ? 2 : typedArray(dtype, 0).BYTES_PER_ELEMENT; // as stored
  const bytes = isFortran ? toRowMajor(data, shape, size) : data.slice();
  return {
    dtype,
    shape,
    data: isHalf ? halfToFloat(bytes) : typedArray(dtype, bytes.buffer as ArrayBuffer),
  } as NdArray;
}

/** Puts elements whose first index moves fastest in the order in which the last one does. */
function toRowMajor(bytes: Uint8Array, shape: readonly number[], size: number): Uint8Array {
  const result = new Uint8Array(bytes.length);
  const index = shape.map(() => 0);
  const strides = shape.map((_, axis) => shape.slice(0, axis).reduce((product, length) => product * length, size));
  for (let to = 0; to < bytes.length; to += size) {
    const from = index.reduce((sum, place, axis) => sum + place * strides[axis], 0);
    result.set(bytes.subarray(from, from + size), to);
    for (let axis = shape.length - 1; axis >= 0 && ++index[axis] === shape[axis]; axis--) index[axis] = 0;
  }
  return result;
}
