/**
 * Sketch-RNN's files: an .npz with the arrays `train`, `valid` and `test`, each a pickled array of drawings, each drawing
 * stroke-3 as int16 [points, 3]: dx, dy, and 1 where the pen is lifted after the point. Other kinds of numbers are read
 * too, and one array [N, points, 3], which numpy makes where all drawings are equally long.
 *
 * Format: https://github.com/magenta/magenta/tree/main/magenta/models/sketch_rnn, "Datasets".
 *
 * @module
 */
import { release } from "../base/bytes.ts";
import { decodeNpy, decodeNpyHeader, encodeNpyHeader } from "./npy.ts";
import { memberSizes, unzipMembers, zipMembers } from "./npz.ts";
import { readPickle } from "./pickle/pickle.ts";
import { encodePickle } from "./pickle/pickle_write.ts";
import type { NdArray } from "../base/arrays.ts";
import { type Split, SPLITS } from "../base/split.ts";

/** Drawings by split, each stroke-3, int16 [points, 3]; a split may have none. */
export type SketchRnnDrawings = Readonly<Record<Split, readonly Int16Array<ArrayBuffer>[]>>;

/** The names of its arrays in the zip file. */
export const SKETCH_RNN_MEMBERS: ReadonlySet<string> = new Set(SPLITS.map((split) => `${split}.npy`));

/** What others call a split. */
const OTHER_NAMES: Readonly<Record<Split, RegExp>> = {
  train: /^train(ing)?$/i,
  valid: /^(val|valid|validation|dev)$/i,
  test: /^test(ing)?$/i,
};

/**
 * Reads a file of Sketch-RNN's.
 *
 * @param bytes A whole file.
 * @returns The drawings of each split; none where the file has no such array.
 * @throws {SyntaxError} When the bytes are no zip file, or an array is no .npy or no pickle.
 * @throws {TypeError} When an array is not of drawings, or its pickle has more in it than numpy's arrays need.
 * @throws {RangeError} When a size is beyond belief, an offset beyond int16, a drawing too small to be rounded, or the file
 * has none of the arrays, or one under another name.
 *
 * @example
 * ```ts
 * import { decodeSketchRnn, encodeSketchRnn } from "@strokewise/strokewise/formats";
 * import { toStroke3 } from "@strokewise/strokewise/pipelines";
 * import { assertEquals } from "@std/assert";
 *
 * const drawings = { train: [toStroke3([[[0, 255], [9, 7]]])], valid: [], test: [] };
 * assertEquals(decodeSketchRnn(encodeSketchRnn(drawings)), drawings);
 * ```
 */
export function decodeSketchRnn(bytes: Uint8Array): SketchRnnDrawings {
  const drawings = { train: [], valid: [], test: [] } as Record<Split, Int16Array<ArrayBuffer>[]>;
  for (const { split, items } of readSketchRnn(bytes)) {
    drawings[split] = Array.from(
      items,
      (item, i) => named(split, () => toOffsets(item, `Cannot read drawings: drawing ${i + 1}`)),
    );
  }
  return drawings;
}

/**
 * The names of a file's arrays that are no split's.
 *
 * @throws {RangeError} When one is that of a split under another name, such as `validation`.
 */
export function sketchRnnOthers(bytes: Uint8Array): string[] {
  const members = [...memberSizes(bytes).keys()].filter((name) => !SKETCH_RNN_MEMBERS.has(name));
  const names = members.map((name) => name.replace(/\.npy$/, ""));
  for (const split of SPLITS) {
    const found = names.find((name) => OTHER_NAMES[split].test(name));
    if (found === undefined) continue;
    throw new RangeError(`Cannot read Sketch-RNN's .npz: an array is ${found}, expected ${split}: rename it`);
  }
  return names;
}

/** The drawings of a split as they are stored. */
export interface SketchRnnSplit {
  /** The array's name. */
  readonly split: Split;
  /** Any numbers, which {@linkcode toOffsets} checks; to be read once, before the next split. */
  readonly items: Iterable<NdArray>;
}

/**
 * Reads a file a split at a time, so that no more than one is unpacked at once.
 *
 * @param bytes A whole file.
 * @throws {Error} As {@linkcode decodeSketchRnn} does, but for what is wrong with single drawings.
 */
export function* readSketchRnn(bytes: Uint8Array): Generator<SketchRnnSplit> {
  sketchRnnOthers(bytes);
  const sizes = memberSizes(bytes, SKETCH_RNN_MEMBERS);
  if (sizes.size === 0) {
    throw new RangeError(`Cannot read Sketch-RNN's .npz: it has none of the arrays ${SPLITS.join(", ")}`);
  }
  for (const split of SPLITS) {
    const name = `${split}.npy`;
    if (!sizes.has(name)) continue;
    const member = named(split, () => unzipMembers(bytes, new Set([name]))[name]);
    yield { split, items: named(split, () => decodeSplit(member)) };
    release(member);
  }
}

/** Does something, and puts the split's name in front of its errors, their kind kept. */
function named<T>(split: Split, decode: () => T): T {
  try {
    return decode();
  } catch (error) {
    if (error instanceof Error) error.message = `${split}: ${error.message}`;
    throw error;
  }
}

/** The drawings of an array, made one by one; all but single drawings is checked at once. */
function decodeSplit(member: Uint8Array): Iterable<NdArray> {
  const header = decodeNpyHeader(member);
  if (header === undefined) throw new RangeError("Cannot read .npy: the file ends inside its header");
  const { descriptor, shape, offset } = header;
  if (shape.length === 3 && shape[2] === 3) return rowsOf(decodeNpy(member));
  if (descriptor !== "|O" || shape.length !== 1) {
    throw new TypeError(
      `Cannot read drawings: dtype ${descriptor} [${shape}], expected |O [N], an array of arrays, or [N, points, 3]`,
    );
  }
  const { items, shape: found } = readPickle(member.subarray(offset));
  if (found.length !== 1 || found[0] !== shape[0]) {
    throw new RangeError(`Cannot read drawings: the header says [${shape}], the pickle [${found}]`);
  }
  return items;
}

/** The drawings of an array [N, points, 3], as numpy makes it of drawings that are equally long. */
function rowsOf({ dtype, shape: [count, points], data }: NdArray): NdArray[] {
  const size = 3 * points;
  return Array.from(
    { length: count },
    (_, i) => ({ dtype, shape: [points, 3], data: data.slice(i * size, (i + 1) * size) }) as NdArray,
  );
}

/** Smaller drawings have lost their shape when their points are rounded. */
const LEAST_EXTENT = 64;

/**
 * A drawing as int16 [points, 3]: where it has fractions, its points are rounded, not its offsets.
 *
 * @param item As {@linkcode readSketchRnn} gives it.
 * @param what How messages begin.
 * @throws {TypeError} When it has another shape, unsigned numbers, or a pen that is neither 0 nor 1, or the other way round.
 * @throws {RangeError} When an offset is beyond int16, or the drawing is too small to be rounded.
 */
export function toOffsets({ dtype, shape, data }: NdArray, what: string): Int16Array<ArrayBuffer> {
  if (shape.length !== 2 || shape[1] !== 3 || shape[0] === 0) {
    throw new TypeError(`${what} is ${dtype} [${shape}], expected [points, 3]`);
  }
  if (dtype.startsWith("uint")) {
    throw new TypeError(`${what} is ${dtype}, which has no room for steps to the left or up, expected int16`);
  }
  let [lifted, last] = [0, 0];
  for (let at = 2; at < data.length; at += 3) {
    last = Number(data[at]);
    if (last !== 0 && last !== 1) throw new TypeError(`${what}: the pen is ${last}, expected 0 or 1`);
    lifted += last;
  }
  if (last === 0 && 2 * lifted > shape[0]) {
    throw new TypeError(
      `${what}: the pen is 1 after ${lifted} of ${
        shape[0]
      } points and 0 after the last, expected 1 where a stroke ends`,
    );
  }
  if (dtype === "int16") return data as Int16Array<ArrayBuffer>;
  const values = Float64Array.from(data as ArrayLike<number | bigint>, Number); // [points, 3]
  const offsets = new Int16Array(values.length); // [points, 3]
  const bounds = [0, 1].map((axis) => {
    let [place, before, least, most] = [0, 0, Infinity, -Infinity];
    for (let at = axis; at < values.length; at += 3) {
      place += values[at];
      const rounded = Math.round(place);
      offsets[at] = rounded - before;
      if (!(Math.abs(rounded - before) < 2 ** 15)) {
        throw new RangeError(`${what}: offset ${values[at]} is beyond int16`);
      }
      before = rounded;
      [least, most] = [Math.min(least, place), Math.max(most, place)];
    }
    return most - least;
  });
  for (let at = 2; at < values.length; at += 3) offsets[at] = values[at];
  if (Math.max(...bounds) < LEAST_EXTENT && values.some((value) => !Number.isInteger(value))) {
    const extent = Math.max(...bounds).toPrecision(3);
    throw new RangeError(`${what} has fractions and is ${extent} units wide: multiply by what it was divided by`);
  }
  return offsets;
}

/**
 * Writes a file that `numpy.load(file, allow_pickle=True)` and Sketch-RNN's own loader read, whatever their `encoding`.
 *
 * @param drawings Stroke-3 by split.
 * @returns The file's bytes.
 * @throws {RangeError} When a drawing has no point, or numbers that are not rows of 3.
 *
 * @example
 * ```ts
 * import { encodeSketchRnn } from "@strokewise/strokewise/formats";
 * import { assertThrows } from "@std/assert";
 *
 * const drawings = { train: [Int16Array.of(1, 2)], valid: [], test: [] };
 * assertThrows(() => encodeSketchRnn(drawings), RangeError, "train: drawing 1 has 2 numbers");
 * ```
 */
export function encodeSketchRnn(drawings: SketchRnnDrawings): Uint8Array<ArrayBuffer> {
  const members = SPLITS.map((split) => {
    const items = drawings[split].map((data, i): NdArray => {
      if (data.length === 0 || data.length % 3 !== 0) {
        throw new RangeError(
          `Cannot write drawings: ${split}: drawing ${i + 1} has ${data.length} numbers, not rows of 3`,
        );
      }
      return { dtype: "int16", shape: [data.length / 3, 3], data };
    });
    const [header, pickle] = [encodeNpyHeader("|O", [items.length]), encodePickle(items)];
    const member = new Uint8Array(header.length + pickle.length);
    member.set(header);
    member.set(pickle, header.length);
    return [`${split}.npy`, member] as const;
  });
  return zipMembers(Object.fromEntries(members));
}
