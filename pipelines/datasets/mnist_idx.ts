/**
 * A pair of IDX files as a table of pictures. Format: http://yann.lecun.com/exdb/mnist/.
 *
 * @module
 */
import { ByteReader } from "../base/byte_reader.ts";
import { InputError } from "../base/errors.ts";
import { decodeIdxHeader, type IdxHeader } from "../formats/idx.ts";
import { describeOther } from "../formats/other_format.ts";
import { baseName, type OpenSource } from "../sources/source.ts";
import { type MnistPair, wholeOf } from "./mnist_pairs.ts";
import type { Digits, DigitTable } from "./mnist_tables.ts";

const SIDE = 28;
const PIXELS = SIDE * SIDE;
const AT_ONCE = 1024;
/** Bytes of the longest header, of 255 dimensions. */
const MAX_HEADER = 4 + 4 * 255;

/**
 * The pictures of two files.
 *
 * @throws {InputError} When a header is none, or says other shapes than those of pictures and their labels.
 */
export async function tableOfPair(pair: MnistPair): Promise<DigitTable> {
  const { images, labels } = pair;
  const { shape: [count, ...sides], dtype } = await headerOf(images);
  if (dtype !== "uint8" || String(sides) !== `${SIDE},${SIDE}`) {
    throw new InputError(
      `${images.path}: ${dtype} [${[count, ...sides]}], expected unsigned bytes, uint8 [N, ${SIDE}, ${SIDE}]`,
    );
  }
  const width = await widthOf(labels, { path: images.path, count });
  return {
    ...pair,
    ...{ path: images.path, file: baseName(labels.path), count },
    read: () => readPair(pair, { images, labels, count, width }),
    again: () => readPair(pair, { images: images.again(), labels: labels.again(), count, width }),
  };
}

/**
 * The labels of a file of images, one each.
 *
 * @returns [N], of several numbers a label the first.
 * @throws {InputError} When the file holds no labels, or not as many as there are images.
 */
export async function readLabels(labels: OpenSource, images: OpenSource): Promise<Float64Array<ArrayBuffer>> {
  const { shape: [count] } = await headerOf(images);
  const width = await widthOf(labels, { path: images.path, count });
  await using reader = new ByteReader(wholeOf(labels.path, labels.again()));
  await readHeader(reader, labels);
  const bytes = await readExactly(reader, count * width, labels);
  await checkEnd(reader, labels);
  return firstColumn(bytes, width);
}

/**
 * Bytes of a label.
 *
 * @throws {InputError} When the header is of no labels, or of another number of them than of images.
 */
async function widthOf(
  labels: OpenSource,
  images: { readonly path: string; readonly count: number },
): Promise<number> {
  const header = await headerOf(labels);
  const { dtype, shape } = header;
  const width = labelWidth(header);
  if (width === undefined) {
    throw new InputError(`${labels.path}: ${dtype} [${shape}], expected uint8 [N], or int32 [N] or [N, 8]`);
  }
  if (shape[0] !== images.count) {
    throw new InputError(`${labels.path}: ${shape[0]} labels for the ${images.count} images of ${images.path}`);
  }
  return width;
}

/** The digits of two files whose headers are as they should be. */
async function* readPair(
  { images, labels }: MnistPair,
  bytes: {
    readonly images: AsyncIterable<Uint8Array>;
    readonly labels: AsyncIterable<Uint8Array>;
    readonly count: number;
    /** Bytes of a label. */
    readonly width: number;
  },
): AsyncGenerator<Digits> {
  const { count, width } = bytes;
  await using imageReader = new ByteReader(wholeOf(images.path, bytes.images));
  await using labelReader = new ByteReader(wholeOf(labels.path, bytes.labels));
  await readHeader(imageReader, images);
  await readHeader(labelReader, labels);
  for (let at = 0; at === 0 || at < count; at += AT_ONCE) {
    const n = Math.min(AT_ONCE, count - at);
    yield {
      pixels: await readExactly(imageReader, n * PIXELS, images), // [n, 28, 28]
      labels: firstColumn(await readExactly(labelReader, n * width, labels), width), // [n]
    };
  }
  await checkEnd(imageReader, images);
  await checkEnd(labelReader, labels);
}

/** Bytes of a label: one, or one or several int32, of which the first is the class. */
function labelWidth({ dtype, shape }: IdxHeader): number | undefined {
  if (dtype === "uint8" && shape.length === 1) return 1;
  if (dtype !== "int32") return undefined;
  if (shape.length === 1) return 4;
  return shape.length === 2 && shape[1] > 0 ? 4 * shape[1] : undefined;
}

/** The labels of bytes, or of the first of each row of int32, big-endian. */
function firstColumn(bytes: Uint8Array<ArrayBuffer>, width: number): Float64Array<ArrayBuffer> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Float64Array.from(
    { length: bytes.length / width },
    (_, i) => width === 1 ? bytes[i] : view.getInt32(width * i),
  );
}

async function headerOf(source: OpenSource): Promise<IdxHeader> {
  await using reader = new ByteReader(wholeOf(source.path, source.again()));
  return await readHeader(reader, source);
}

async function readHeader(bytes: ByteReader, { path }: OpenSource): Promise<IdxHeader> {
  const start = await bytes.peek(MAX_HEADER);
  let header: IdxHeader | undefined;
  try {
    header = decodeIdxHeader(start);
  } catch (error) {
    const other = describeOther({ name: baseName(path), bytes: start }, ["idx"]);
    throw new InputError(`${path}: ${other ?? (error as Error).message}`);
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
