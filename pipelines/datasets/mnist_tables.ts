/**
 * MNIST, and the sets that are made like it, as tables: CSV with a label and 784 pixels a line, and `.npz` of the arrays
 * `x_train`, `y_train`, `x_test`, `y_test`, as Keras's `mnist.npz` has them.
 *
 * What a CSV file's name says of its split and classes counts, as it does for IDX: see mnist_pairs.ts.
 *
 * @module
 */
import { concatBytes } from "../base/bytes.ts";
import { InputError, Reject } from "../base/errors.ts";
import type { NdArray } from "../base/arrays.ts";
import type { Split } from "../base/split.ts";
import { describeForeign } from "../formats/foreign.ts";
import { mnistColumns, readMnistCsv } from "../formats/mnist_csv.ts";
import { decodeNpz } from "../formats/npz.ts";
import { aboutNames, type MnistNames, type MnistNaming, wholeOf } from "./mnist_pairs.ts";
import { baseName, type OpenSource } from "../sources/source.ts";
import { readLineChunks } from "../sources/line_chunks.ts";

/** Some pictures with their labels. */
export interface Digits {
  /** uint8 [n, 28, 28]. */
  readonly pixels: Uint8Array<ArrayBuffer>;
  /** [n]: any whole numbers that a file has. */
  readonly labels: Float64Array<ArrayBuffer>;
}

/** Pictures of one split. */
export interface DigitTable extends MnistNames {
  /** The file, or that of the pictures. */
  readonly path: string;
  /** The file's name, for messages. */
  readonly file: string;
  /** N, the number of pictures. */
  readonly count: number;
  /** Reads them, once, many at a time. */
  read(): AsyncIterable<Digits>;
  /** Reads them once more, from the first; that does not count as reading the file. */
  again(): AsyncIterable<Digits>;
}

const PIXELS = 784;
const AT_ONCE = 1024;
/** The largest `.npz` that is read, in bytes: of one in the memory. */
const MAX_NPZ = 2 ** 31;
const KERAS = [
  ["x_train", "y_train", "train"],
  ["x_valid", "y_valid", "valid"],
  ["x_val", "y_val", "valid"],
  ["x_test", "y_test", "test"],
] as const;
const KERAS_NAMES: readonly string[] = KERAS.flatMap(([x, y]) => [x, y]);

/** Whether a file is one of these tables, by its name. */
export function isTable({ path }: OpenSource): boolean {
  return /\.(csv|npz)(\.gz)?$/i.test(path);
}

/**
 * Finds the tables of a file.
 *
 * @param sources All files, among them those that name classes.
 * @throws {InputError} When it is none, or does not say its split.
 */
export async function findTables(
  source: OpenSource,
  sources: readonly OpenSource[],
  naming: MnistNaming,
): Promise<DigitTable[]> {
  if (/\.npz(\.gz)?$/i.test(source.path)) return await kerasTables(source, naming);
  const { path } = source;
  const file = baseName(path);
  const count = await countRows(source);
  const readFrom = async function* (bytes: AsyncIterable<Uint8Array>) {
    try {
      for await (const { pixels, labels } of readMnistCsv(bytes)) yield { pixels, labels: Float64Array.from(labels) };
    } catch (error) {
      throw error instanceof Reject ? new InputError(`${path}: ${error.message}`) : error;
    }
  };
  const [read, again] = [() => readFrom(source), () => readFrom(source.again())];
  return [{ ...await aboutNames(path, sources, naming), path, file, count, read, again }];
}

/** The number of rows, and with it a look at the first line. */
async function countRows(source: OpenSource): Promise<number> {
  const { path } = source;
  let [rows, isFirst] = [0, true];
  for await (const lines of readLineChunks(wholeOf(path, source.again()))) {
    for (let at = 0; at < lines.length;) {
      const feed = lines.indexOf(0x0a, at);
      const end = feed < 0 ? lines.length : feed;
      if (isFirst) {
        const columns = mnistColumns(new TextDecoder().decode(lines.subarray(at, end)));
        if (columns === undefined || !columns.hasLabels) {
          const other = describeForeign(lines, "not CSV");
          if (other !== undefined) throw new InputError(`${path}: ${other}`);
          const found = columns === undefined ? "has other columns" : "has no label, as test files of competitions";
          throw new InputError(`${path}: the first line ${found}, expected a label and 784 pixels, or their names`);
        }
        if (columns.fault !== undefined) throw new InputError(`${path}: ${columns.fault}`);
        if (columns.hasNames) rows--;
        isFirst = false;
      }
      if (lines.subarray(at, end).some((byte) => !BLANK.includes(byte))) rows++;
      at = end + 1;
    }
  }
  if (isFirst) throw new InputError(`${path}: it is empty`);
  return rows;
}

/** Bytes of a line that is passed over where it has no others: blanks, quotes, carriage returns. */
const BLANK = [0x20, 0x22, 0x0d];

async function kerasTables(source: OpenSource, naming: MnistNaming): Promise<DigitTable[]> {
  const { path } = source;
  const file = baseName(path);
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of wholeOf(path, source)) {
    parts.push(part);
    if ((length += part.length) > MAX_NPZ) throw new InputError(`${path}: larger than 2 GiB`);
  }
  const arrays = decoded(path, concatBytes(parts));
  const others = Object.keys(arrays).filter((name) => !KERAS_NAMES.includes(name));
  const near = others.find((name) => KERAS_NAMES.includes(name.toLowerCase()));
  if (near !== undefined) {
    throw new InputError(`${path}: an array is ${near}, expected ${near.toLowerCase()}: rename it`);
  }
  const found = KERAS.filter(([x]) => Object.hasOwn(arrays, x));
  if (found.length === 0) {
    const names = Object.keys(arrays).slice(0, 8).join(", ") || "none";
    throw new InputError(`${path}: the arrays are ${names}, expected x_train and y_train, x_test and y_test`);
  }
  const [, alone] = KERAS.find(([x, y]) => Object.hasOwn(arrays, y) && !Object.hasOwn(arrays, x)) ?? [];
  if (alone !== undefined) {
    throw new InputError(`${path}: ${alone} has no pictures, expected ${alone.replace("y", "x")} too`);
  }
  const unread = others.length > 0 ? [`${file}: arrays that are not read: ${others.join(", ")}`] : [];
  return found.map(([x, y, said], i) => {
    const split: Split = naming.split === "auto" ? said : naming.split as Split;
    const { pixels, labels } = pairOf(path, [x, arrays[x]], [y, arrays[y]]);
    const read = async function* () {
      for (let at = 0; at < labels.length; at += AT_ONCE) {
        const end = at + AT_ONCE;
        yield { pixels: pixels.slice(at * PIXELS, end * PIXELS), labels: labels.slice(at, end) };
      }
    };
    const names = [..."0123456789"];
    const isTransposed = naming.transpose === "yes";
    const title = `${file}: ${x}`;
    const notes = i === 0 ? unread : [];
    return { path, file, count: labels.length, title, split, isTransposed, names, notes, read, again: read };
  });
}

function decoded(path: string, bytes: Uint8Array): Record<string, NdArray> {
  try {
    return decodeNpz(bytes);
  } catch (error) {
    const isBad = [InputError, SyntaxError, TypeError, RangeError].some((type) => error instanceof type);
    throw isBad ? new InputError(`${path}: ${(error as Error).message}`) : error;
  }
}

/** Checks pictures and labels. */
function pairOf(path: string, [x, images]: [string, NdArray], [y, labels]: [string, NdArray | undefined]): Digits {
  const { dtype, shape: [count, ...sides], data } = images;
  if (dtype !== "uint8" || !["28,28", "784", "28,28,1"].includes(String(sides))) {
    throw new InputError(`${path}: ${x} is ${dtype} [${images.shape}], expected uint8 [N, 28, 28]`);
  }
  if (
    labels === undefined || labels.dtype.startsWith("float") ||
    ![String(count), `${count},1`].includes(String(labels.shape))
  ) {
    const found = labels === undefined ? "missing" : `${labels.dtype} [${labels.shape}]`;
    throw new InputError(`${path}: ${y} is ${found}, expected ${count} whole numbers`);
  }
  const values = Float64Array.from(labels.data as ArrayLike<number | bigint>, Number); // [N]
  return { pixels: data as Uint8Array<ArrayBuffer>, labels: values };
}
