/**
 * MNIST: pairs of IDX files to rows, rows to shards.
 *
 * The files are found by name: `train-images-idx3-ubyte` and `train-labels-idx1-ubyte`, `t10k-…` likewise, gzipped or
 * not, a dot or a hyphen before `idx`. Format: http://yann.lecun.com/exdb/mnist/. The t10k pair is the test split; the
 * last twelfth of the train pair is the valid split, which makes 55,000, 5,000 and 10,000.
 *
 * @module
 */
import { ByteReader } from "../base/byte_reader.ts";
import type { Chunk, Dataset, DatasetDownloads, LabelledRow, RowSink } from "../dataset.ts";
import { InputError, Reject } from "../base/errors.ts";
import { decodeIdxHeader, type IdxHeader } from "../formats/idx.ts";
import { imageFields, type ImageForm, packImages } from "./image_rows.ts";
import { baseName, type OpenSource } from "../sources/source.ts";
import type { Split } from "../base/split.ts";

const SIDE = 28;
const PIXELS = SIDE * SIDE;
const DIGITS_AT_ONCE = 1024;
/** Bytes of the longest header, of 255 dimensions. */
const MAX_IDX_HEADER = 4 + 4 * 255;
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
const MNIST_DOWNLOADS: DatasetDownloads = {
  forms: ["idx"],
  readable: ["idx"],
  options: [],
  list: () => FILES.map((file) => ({ ...file, mirrors: MIRRORS.map((mirror) => mirror + file.name) })),
};

/**
 * The dataset of handwritten digits.
 *
 * @example
 * ```ts
 * import { mnist } from "@strokewise/strokewise";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(mnist.fields({}).image, { dtype: "uint8", shape: [28, 28] });
 * ```
 */
export const mnist: Dataset = {
  name: "mnist",
  url: import.meta.url,
  summary: "MNIST's handwritten digits, 28 x 28 grey",
  licence: "MNIST, Y. LeCun, C. Cortes, C. Burges, CC BY-SA 3.0",
  unit: "digit",
  extensions: ["-ubyte"],
  embedded: new URL("../../fixtures/mnist/", import.meta.url),
  downloads: MNIST_DOWNLOADS,
  picture: { field: "image", grey: true },
  options: {},

  fields: () => imageFields(FORM),

  async *chunks(sources: readonly OpenSource[]): AsyncGenerator<Chunk> {
    for (const pair of pairsOf(sources)) yield* readPair(pair);
  },

  parse({ pixels, classes, firstKey, firstValid, isTest }: DigitChunk, _options: unknown, sink: RowSink): void {
    for (let i = 0; i < classes.length; i++) {
      sink.lines++;
      if (classes[i] > 9) {
        sink.reject(sink.lines, "label out of range", `${classes[i]}, expected 0 to 9`);
        continue;
      }
      const split: Split = isTest ? "test" : i < firstValid ? "train" : "valid";
      const payload = pixels.subarray(i * PIXELS, (i + 1) * PIXELS); // [28, 28]
      sink.rows.add({ key: firstKey + BigInt(i), className: String(classes[i]), split, payload });
    }
  },

  pack: (rows: readonly LabelledRow[]) => packImages(rows, FORM),
};

/** Some digits of a pair of files. */
interface DigitChunk {
  /** uint8 [n, 28, 28]. */
  readonly pixels: Uint8Array<ArrayBuffer>;
  /** uint8 [n]. */
  readonly classes: Uint8Array<ArrayBuffer>;
  /** The key of the first; a key is the place in the pair, and one bit says which pair. */
  readonly firstKey: bigint;
  /** The first that is for validation, counted from the first of the chunk. */
  readonly firstValid: number;
  readonly isTest: boolean;
}

interface Pair {
  /** Whether it is the test split; a train pair makes train and valid. */
  readonly isTest: boolean;
  readonly images: OpenSource;
  readonly labels: OpenSource;
}

/** Finds for each file of images its labels. */
function pairsOf(sources: readonly OpenSource[]): Pair[] {
  const labelsName = (path: string) =>
    baseName(path).replace(/\.gz$/, "").replace("images", "labels").replace("idx3", "idx1");
  const isImages = ({ path }: OpenSource) => /images[-.]idx3-ubyte(\.gz)?$/.test(path);
  const pairs = sources.filter(isImages).map((images): Pair => {
    const wanted = labelsName(images.path);
    const labels = sources.find(({ path }) => path !== images.path && baseName(path).replace(/\.gz$/, "") === wanted);
    if (labels === undefined) throw new InputError(`${images.path}: its labels, ${wanted}, are not among the sources`);
    return { isTest: baseName(images.path).startsWith("t10k"), images, labels };
  });
  if (pairs.length === 0) {
    throw new InputError("the sources hold no images: expected a name like train-images-idx3-ubyte.gz");
  }
  return pairs;
}

async function* readPair({ isTest, images, labels }: Pair): AsyncGenerator<Chunk> {
  await using imageReader = new ByteReader(piecesOf(images));
  await using labelReader = new ByteReader(piecesOf(labels));
  const imageHeader = await readHeader(imageReader, images);
  const labelHeader = await readHeader(labelReader, labels);
  const [count, height, width] = imageHeader.shape;
  if (imageHeader.dtype !== "uint8" || imageHeader.shape.length !== 3 || height !== SIDE || width !== SIDE) {
    throw new InputError(
      `${images.path}: ${imageHeader.dtype} [${imageHeader.shape}], expected unsigned bytes, uint8 [N, ${SIDE}, ${SIDE}]`,
    );
  }
  if (labelHeader.dtype !== "uint8" || labelHeader.shape.length !== 1) {
    throw new InputError(
      `${labels.path}: ${labelHeader.dtype} [${labelHeader.shape}], expected unsigned bytes, uint8 [N]`,
    );
  }
  if (labelHeader.shape[0] !== count) {
    throw new InputError(`${labels.path}: ${labelHeader.shape[0]} labels for the ${count} images of ${images.path}`);
  }
  const firstValid = count - Math.floor(count / 12);
  for (let at = 0; at < count; at += DIGITS_AT_ONCE) {
    const n = Math.min(DIGITS_AT_ONCE, count - at);
    const pixels = await readExactly(imageReader, n * PIXELS, images); // [n, 28, 28]
    const classes = await readExactly(labelReader, n, labels); // [n]
    const firstKey = (isTest ? 2n ** 32n : 0n) + BigInt(at);
    const content: DigitChunk = { pixels, classes, firstKey, firstValid: firstValid - at, isTest };
    yield { file: baseName(labels.path), isFirst: at === 0, content, buffers: [pixels.buffer, classes.buffer] };
  }
  await checkEnd(imageReader, images);
  await checkEnd(labelReader, labels);
}

/** A file's bytes; where they are no longer to be had, the file as a whole is no use. */
async function* piecesOf(source: OpenSource): AsyncGenerator<Uint8Array> {
  try {
    yield* source;
  } catch (error) {
    throw error instanceof Reject ? new InputError(`${source.path}: ${error.message}`) : error;
  }
}

async function readHeader(bytes: ByteReader, { path }: OpenSource): Promise<IdxHeader> {
  const start = await bytes.peek(MAX_IDX_HEADER);
  let header: IdxHeader | undefined;
  try {
    header = decodeIdxHeader(start);
  } catch (error) {
    throw new InputError(`${path}: ${(error as Error).message}`);
  }
  if (header === undefined) throw new InputError(`${path}: the file ends too soon, inside its header`);
  await bytes.skip(header.offset);
  return header;
}

async function readExactly(bytes: ByteReader, length: number, { path }: OpenSource): Promise<Uint8Array<ArrayBuffer>> {
  const read = await bytes.read(length);
  if (read.length === length) return read;
  throw new InputError(`${path}: the file ends too soon, ${length - read.length} bytes or more are missing`);
}

async function checkEnd(bytes: ByteReader, { path }: OpenSource): Promise<void> {
  if ((await bytes.peek(1)).length > 0) throw new InputError(`${path}: too many bytes, more than its header says`);
}
