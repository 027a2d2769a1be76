/**
 * MNIST, and the sets that are made like it, such as Fashion-MNIST, KMNIST, EMNIST and QMNIST: pairs of IDX files to rows,
 * rows to shards. Format: http://yann.lecun.com/exdb/mnist/.
 *
 * Which files are a pair, and of which split, their names say: see mnist_pairs.ts. CSV and Keras's `.npz` are read too: see
 * mnist_tables.ts; and folders of PNG files, one a class: see mnist_pictures.ts. The last twelfth of a train set is the valid
 * split where there is no other one, which makes 55,000, 5,000 and 10,000 of MNIST.
 *
 * @module
 */
import type { Chunk, Dataset, DatasetDownloads, LabelledRow, RowSink } from "../dataset.ts";
import { InputError } from "../base/errors.ts";
import { counted } from "../base/text.ts";
import { imageFields, type ImageForm, packImages, transposed } from "./image_rows.ts";
import { IMAGE_STROKE_OPTIONS, lacksStrokes, NO_STROKES, packStrokes, strokeFields } from "./image_strokes.ts";
import { tableOfPair } from "./mnist_idx.ts";
import { findPairs, isMapping, unreadMappings } from "./mnist_pairs.ts";
import { parsePictures, type PictureChunk, PNG_OPTIONS, readPictures } from "./mnist_pictures.ts";
import { type Digits, type DigitTable, findTables, isTable } from "./mnist_tables.ts";
import { unlikeTables } from "./mnist_twins.ts";
import type { OptionValues } from "../base/option_table.ts";
import type { OpenSource } from "../sources/source.ts";
import { type Split, SPLITS } from "../base/split.ts";

const SIDE = 28;
const PIXELS = SIDE * SIDE;
const FORM: ImageForm = { side: SIDE, labels: "uint8" };

const MIRRORS = [
  "https://storage.googleapis.com/cvdf-datasets/mnist/",
  "https://ossci-datasets.s3.amazonaws.com/mnist/",
];

const FILES = [
  {
    name: "train-images-idx3-ubyte.gz",
    bytes: 9_912_422,
    md5: "f68b3c2dcbeaaa9fbdd348bbdeb94873",
    sha256: "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
  },
  {
    name: "train-labels-idx1-ubyte.gz",
    bytes: 28_881,
    md5: "d53e105ee54ea40749a09fcbcd1e9432",
    sha256: "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
  },
  {
    name: "t10k-images-idx3-ubyte.gz",
    bytes: 1_648_877,
    md5: "9fb629c4189551a2d022fa330f9573f3",
    sha256: "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
  },
  {
    name: "t10k-labels-idx1-ubyte.gz",
    bytes: 4_542,
    md5: "ec29112dd5afa0611ce80d1b7f02629c",
    sha256: "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
  },
];

/** The four files, the same from either mirror. */
export const MNIST_DOWNLOADS: DatasetDownloads = {
  forms: ["idx"],
  readable: ["idx"],
  options: [],
  list: () => FILES.map((file) => ({ ...file, mirrors: MIRRORS.map((mirror) => mirror + file.name) })),
};

/** The options of {@linkcode mnist}. */
export const MNIST_OPTIONS = {
  split: {
    value: "auto",
    choices: ["auto", ...SPLITS],
    help:
      "the split of everything; auto is what names of files, or folders of PNG files, say: t10k, test, valid, train",
  },
  transpose: {
    value: "auto",
    choices: ["auto", "yes", "no"],
    help: "swap rows and columns; auto does where an IDX file's name says emnist, for those hold them swapped",
  },
  ...PNG_OPTIONS,
  ...IMAGE_STROKE_OPTIONS,
} as const;

type Options = OptionValues<typeof MNIST_OPTIONS>;

/**
 * The dataset of handwritten digits.
 *
 * @example
 * ```ts
 * import { defaultsOf, mnist } from "@strokewise/strokewise/pipelines";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(mnist.fields(defaultsOf(mnist.options)).image, { dtype: "uint8", shape: [28, 28] });
 * ```
 */
export const mnist: Dataset<typeof MNIST_OPTIONS> = {
  name: "mnist",
  url: import.meta.url,
  summary: "MNIST's handwritten digits, 28 x 28 grey",
  licence: "MNIST, Y. LeCun, C. Cortes, C. Burges, CC BY-SA 3.0",
  unit: "digit",
  extensions: ["-ubyte", "-idx2-int", "-mapping.txt", ".csv", ".npz"],
  smallFiles: [".png"],
  embedded: new URL("../../fixtures/mnist/", import.meta.url),
  downloads: MNIST_DOWNLOADS,
  picture: { field: "image", grey: true },
  options: MNIST_OPTIONS,

  fields: (options: Options) => ({ ...imageFields(FORM), ...strokeFields(options) }),

  async *chunks(sources: readonly OpenSource[], options: Options): AsyncGenerator<Chunk> {
    const folders = sources.filter(({ files }) => files !== undefined);
    if (folders.length > 0) {
      const other = sources.find(({ files }) => files === undefined);
      if (other === undefined) return yield* readPictures(folders, options);
      throw new InputError(`${other.path}: not with the PNG files of ${folders[0].path}; name one or the other`);
    }
    const unread = (["ink", "resize"] as const).find((name) => options[name] !== PNG_OPTIONS[name].value);
    if (unread !== undefined) {
      throw new InputError(`--${unread} ${options[unread]}: it is of PNG files, and no folder of them is named`);
    }
    const tables: DigitTable[] = [];
    for (const source of sources.filter(isTable)) tables.push(...await findTables(source, sources, options));
    const parts = sources.filter((source) => !isTable(source));
    const isOnlyTables = tables.length > 0 && parts.every(isMapping);
    const pairs = isOnlyTables ? [] : await findPairs(parts, options);
    const all = await unlikeTables([...await Promise.all(pairs.map(tableOfPair)), ...tables]);
    const hasValid = all.some(({ split }) => split === "valid");
    let told = unreadMappings(sources, all.map(({ path }) => path));
    const seen = { train: 0n, valid: 0n, test: 0n };
    for (const table of all) {
      const { split, notes } = table;
      yield* readTable({ ...table, notes: [...notes, ...told] }, {
        firstKey: (seen[split]++ << 34n) + SPLIT_KEYS[split],
        hasValid,
      });
      told = [];
    }
  },

  parse(content: DigitChunk | PictureChunk, options: Options, sink: RowSink): void {
    if ("piece" in content) return parsePictures(content, options, sink);
    const { pixels, labels, names, firstKey, splits, isTransposed } = content;
    for (const [i, label] of labels.entries()) {
      sink.lines++;
      const className = names[label] ?? "";
      if (className === "") {
        sink.reject(sink.lines, "label out of range", `${label}, expected ${describeLabels(names)}`);
        continue;
      }
      const picture = pixels.subarray(i * PIXELS, (i + 1) * PIXELS); // [28, 28]
      if (lacksStrokes(picture, options)) {
        sink.reject(sink.lines, ...NO_STROKES);
        continue;
      }
      const payload = isTransposed ? transposed(picture, SIDE) : picture;
      const split = i < splits.change ? splits.before : splits.after;
      sink.rows.add({ key: firstKey + BigInt(i), className, split, payload });
    }
  },

  pack: (rows: readonly LabelledRow[], options: Options) => ({
    ...packImages(rows, FORM),
    ...packStrokes(rows, { side: SIDE, options }),
  }),
};

/** Some digits of a pair of files. */
interface DigitChunk {
  /** uint8 [n, 28, 28]. */
  readonly pixels: Uint8Array<ArrayBuffer>;
  /** [n]. */
  readonly labels: Float64Array<ArrayBuffer>;
  /** The class of each label; empty text where the label stands for none. */
  readonly names: readonly string[];
  /** The key of the first; a key is the place in the pair, and its upper half says which pair. */
  readonly firstKey: bigint;
  /** The splits before and from the place `change` on, counted from the first of the chunk. */
  readonly splits: { readonly before: Split; readonly change: number; readonly after: Split };
  readonly isTransposed: boolean;
}

/** The key of each split's first digit; the bits above tell its pairs from each other. */
const SPLIT_KEYS: Readonly<Record<Split, bigint>> = { train: 0n, test: 1n << 32n, valid: 2n << 32n };

/** The labels that stand for a class, such as `1 to 26`. */
function describeLabels(names: readonly string[]): string {
  return `${names.findIndex((name) => name !== "")} to ${names.length - 1}`;
}

interface DigitsPlace {
  readonly firstKey: bigint;
  /** Whether there are digits for validation, so that those for training are for nothing else. */
  readonly hasValid: boolean;
}

/** Chunks of a table's digits, each with its key and its split. */
async function* readTable(table: DigitTable, { firstKey, hasValid }: DigitsPlace): AsyncGenerator<Chunk> {
  const { file, count, split, names, isTransposed } = table;
  const isParted = split === "train" && !hasValid;
  const change = isParted ? count - Math.floor(count / 12) : count;
  const place = isParted ? "train, its last twelfth valid" : split;
  const notes = [...table.notes, `${table.title}: ${counted(count, "picture")}, ${place}`];
  let [at, brightest] = [0, 0];
  const chunkOf = ({ pixels, labels }: Digits): Pick<Chunk, "content" | "buffers"> => {
    const content: DigitChunk = {
      ...{ pixels, labels, names, isTransposed },
      firstKey: firstKey + BigInt(at),
      splits: { before: split, change: change - at, after: isParted ? "valid" : split },
    };
    return { content, buffers: [pixels.buffer, labels.buffer] };
  };
  for await (const digits of table.read()) {
    if (brightest < 2) brightest = digits.pixels.reduce((most, pixel) => Math.max(most, pixel), brightest);
    const chunk = { file, isFirst: at === 0, ...chunkOf(digits), ...(at === 0 ? { notes } : {}) };
    at += digits.labels.length; // before they move to a Worker
    yield chunk;
  }
  if (count === 0 || brightest > 1) return;
  const told = `${table.title}: no pixel is above ${brightest} of 255, so that every picture is dark`;
  yield { file, isFirst: false, ...chunkOf({ pixels: new Uint8Array(0), labels: new Float64Array(0) }), notes: [told] };
}
