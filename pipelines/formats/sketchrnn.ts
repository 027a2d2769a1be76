/**
 * Sketch-RNN's files: an .npz with the arrays `train`, `valid` and `test`, each a pickled array of drawings, each drawing
 * stroke-3 as int16 [points, 3]: dx, dy, and 1 where the pen is lifted after the point.
 *
 * Format: https://github.com/magenta/magenta/tree/main/magenta/models/sketch_rnn, "Datasets".
 *
 * @module
 */
import { decodeNpyHeader, encodeNpyHeader } from "./npy.ts";
import { unzipMembers, zipMembers } from "./npz.ts";
import { decodePickle } from "./pickle/pickle.ts";
import { encodePickle } from "./pickle/pickle_write.ts";
import type { NdArray } from "../base/arrays.ts";
import { type Split, SPLITS } from "../base/split.ts";

/** Drawings by split, each stroke-3, int16 [points, 3]; a split may have none. */
export type SketchRnnDrawings = Readonly<Record<Split, readonly Int16Array<ArrayBuffer>[]>>;

/**
 * Reads a file of Sketch-RNN's.
 *
 * @param bytes A whole file.
 * @returns The drawings of each split; none where the file has no such array.
 * @throws {SyntaxError} When the bytes are no zip file, or an array is no .npy or no pickle.
 * @throws {TypeError} When an array is not of drawings, or its pickle has more in it than numpy's arrays need.
 * @throws {RangeError} When a size is beyond belief, or the file has none of the arrays.
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
  const members = unzipMembers(bytes, new Set(SPLITS.map((split) => `${split}.npy`)));
  if (Object.keys(members).length === 0) {
    throw new RangeError(`Cannot read Sketch-RNN's .npz: it has none of the arrays ${SPLITS.join(", ")}`);
  }
  const drawings = { train: [], valid: [], test: [] } as Record<Split, Int16Array<ArrayBuffer>[]>;
  for (const split of SPLITS) {
    const member = members[`${split}.npy`];
    if (member) drawings[split] = named(split, () => decodeSplit(member));
  }
  return drawings;
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

function decodeSplit(member: Uint8Array): Int16Array<ArrayBuffer>[] {
  const header = decodeNpyHeader(member);
  if (header === undefined) throw new RangeError("Cannot read .npy: the file ends inside its header");
  const { descriptor, shape, offset } = header;
  if (descriptor !== "|O" || shape.length !== 1) {
    throw new TypeError(`Cannot read drawings: dtype ${descriptor} [${shape}], expected |O [N], an array of arrays`);
  }
  const { items, shape: found } = decodePickle(member.subarray(offset));
  if (found.length !== 1 || found[0] !== shape[0]) {
    throw new RangeError(`Cannot read drawings: the header says [${shape}], the pickle [${found}]`);
  }
  return items.map(checkStroke3);
}

function checkStroke3({ dtype, shape, data }: NdArray, i: number): Int16Array<ArrayBuffer> {
  if (dtype === "int16" && shape.length === 2 && shape[1] === 3 && shape[0] > 0) return data as Int16Array<ArrayBuffer>;
  throw new TypeError(`Cannot read drawings: drawing ${i + 1} is ${dtype} [${shape}], expected int16 [points, 3]`);
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
