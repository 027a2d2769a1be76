/**
 * Any file format, read as drawings, as bitmaps or as arrays.
 *
 * @module
 */
import { concatBytes } from "../base/bytes.ts";
import { BITMAP_SIDE, type BitmapLayout, decodeBitmapHeader, readBitmaps } from "../formats/bitmaps.ts";
import { checkDrawingRecord, type DrawingRecord } from "../formats/quickdraw/drawing_record.ts";
import { cutTexts, DRAWING_TEXTS, readPiece } from "../formats/quickdraw/drawing_file.ts";
import { readTableRecords } from "../formats/quickdraw/table_records.ts";
import { namesOf, type PieceNames } from "../formats/quickdraw/passed_over.ts";
import { type Fit, isToFit } from "../formats/quickdraw/grid_drawing.ts";
import { saysTransposed } from "../datasets/mnist_pairs.ts";
import { transposedEach } from "../datasets/image_rows.ts";
import { InputError, Reject } from "../base/errors.ts";
import { detectFormat, type Format, FORMATS } from "../formats/formats.ts";
import { headedFile } from "../formats/headed_file.ts";
import { decodeIdx } from "../formats/idx.ts";
import { decodePicture } from "../images/decode_picture.ts";
import { isJpeg, readJpegHeader } from "../images/jpeg_header.ts";
import { type Picture, readPngHeader } from "../images/png_header.ts";
import { decodeMat, type MatFile } from "../formats/mat/mat.ts";
import { decodeNpy } from "../formats/npy.ts";
import { decodeNpz } from "../formats/npz.ts";
import { readBinaryDrawings } from "../formats/quickdraw/quickdraw_binary.ts";
import { simplifyRaw } from "../formats/quickdraw/simplify_raw.ts";
import { readMnistCsv } from "../formats/mnist_csv.ts";
import { readShardIndex } from "../shards/shard_reader.ts";
import { decodeSketchRnnJs } from "../formats/sketchrnn_js.ts";
import { cutSketchRnn } from "../formats/sketchrnn_pieces.ts";
import { readVectors, type VectorPiece } from "../formats/sketchrnn_vectors.ts";
import { readShardBitmaps, readShardDrawings } from "./shard_items.ts";
import { type OpenSource, openSource, type Source } from "../sources/source.ts";
import type { Fields, NdArray } from "../base/arrays.ts";

/** The largest file of a format that is read whole. */
const MAX_WHOLE = 2 ** 31;

/** A file whose format is known, to be read once. */
export interface FormatFile {
  /** Where it is. */
  readonly path: string;
  /** What it is. */
  readonly format: Format;
  /** What it holds: an IDX file or a folder of shards shows it only when it is opened. */
  readonly holds: Format["holds"];
  /** Pixels across and down of its bitmaps; 28 in all but some folders of shards. */
  readonly side: number;
  /** Whether 0 is black and 255 is white in its bitmaps, in place of paper and ink; not when left out. */
  readonly light?: boolean;
  /** Whether its bitmaps lie with rows and columns swapped, and are swapped back as they are read; not when left out. */
  readonly isTransposed?: boolean;
  /** Its bytes, inflated; none for a folder of shards. */
  readonly bytes: AsyncIterable<Uint8Array>;
  /** How many they are, where that is known. */
  readonly size?: number;
  /** Its last bytes as stored; none for a folder of shards. */
  readonly tail?: OpenSource["tail"];
}

/**
 * Opens a file, and tells its format where that is not given.
 *
 * @param source A file, or `-`.
 * @param from The format's name, or `auto`.
 * @throws {InputError} When the file is of no known format.
 *
 * @example
 * ```ts
 * import { openFormat, readDrawings } from "@strokewise/strokewise/pipelines";
 * import { assertEquals } from "@std/assert";
 *
 * const path = await Deno.makeTempFile();
 * await Deno.writeTextFile(path, '{"word":"line","drawing":[[[0,510],[9,9],[0,16]]]}\n');
 * const file = await openFormat({ path });
 * assertEquals(file.format.name, "raw");
 * const [record] = (await Array.fromAsync(readDrawings(file))).flat();
 * assertEquals(record, { word: "line", drawing: [[[0, 255], [0, 0]]] });
 * await Deno.remove(path);
 * ```
 */
export async function openFormat(source: Source, from = "auto"): Promise<FormatFile> {
  const { path } = source;
  const opened = openSource(source);
  const { head, bytes } = await headedFile(opened);
  const name = path.slice(0, path.lastIndexOf("/") + 1) + head.name; // for messages: of a folder's files one is at fault
  const format = from === "auto" ? detectFormat({ ...head, name }) : FORMATS[from];
  const size = head.size === undefined ? {} : { size: head.size };
  const holds = holdsOf(format, head.bytes);
  const isTransposed = format.name === "idx" && holds === "bitmaps" && saysTransposed(path);
  return { path, format, holds, side: BITMAP_SIDE, isTransposed, bytes, tail: opened.tail, ...size };
}

/**
 * Opens a folder of shards.
 *
 * @param path The folder.
 * @returns Drawings, where its shards hold `stroke3`; bitmaps, where they hold a grey `image`; arrays otherwise.
 * @throws {InputError} When it has no index.
 *
 * @example
 * ```ts
 * import { InputError, openShards } from "@strokewise/strokewise/pipelines";
 * import { assertRejects } from "@std/assert";
 *
 * await assertRejects(() => openShards("data/none"), InputError, "no index.json");
 * ```
 */
export async function openShards(path: string): Promise<FormatFile> {
  const { fields, picture } = await readShardIndex(path);
  const about = { side: fields.image?.shape[0] ?? BITMAP_SIDE, light: picture?.light ?? false };
  return { path, format: FORMATS.shards, holds: heldBy(fields) ?? "arrays", ...about, bytes: nothing() };
}

/** What shards of these fields can be read as: drawings by `stroke3`, bitmaps by `image`; undefined for neither. */
export function heldBy({ stroke3, image }: Fields): "drawings" | "bitmaps" | undefined {
  if (stroke3?.dtype === "int16" && stroke3.shape.join() === "-1,3") return "drawings";
  return image?.dtype === "uint8" && image.shape.length === 2 && image.shape[0] === image.shape[1]
    ? "bitmaps"
    : undefined;
}

async function* nothing(): AsyncGenerator<Uint8Array> {}

function holdsOf({ name, holds }: Format, start: Uint8Array): Format["holds"] {
  if (name !== "idx") return holds;
  try {
    return decodeBitmapHeader(start, "idx") ? "bitmaps" : holds;
  } catch {
    return holds; // any other array
  }
}

/** How drawings are brought into 0..255. */
export interface Fitting {
  /** Whether all are scaled, aligned and simplified as `simplifyRaw` does; only those with times and SVG when left out. */
  readonly fit?: boolean | undefined;
  /** How far a simplified line may be from the drawn one, in units of the 256 grid; 2, as Google's, when left out. */
  readonly epsilon?: number | undefined;
  /** Is told that a drawing is simplified. */
  readonly onFit?: (() => void) | undefined;
  /** Is told what is in each piece of a file, and what nothing reads of it. */
  readonly onNames?: ((names: PieceNames) => void) | undefined;
}

/**
 * Told of each record that cannot be used, where it is; the reader goes on with the next one. `isRest` where that is all that
 * is left of the file: it is cut or broken there.
 */
export type OnReject = (
  at: { readonly path: string; readonly line?: number; readonly drawing?: number; readonly isRest?: boolean },
  reject: Reject,
) => void;

/** The place of a record, such as `cat.ndjson:17` or, where no line of the file is one, `cat.json, drawing 17`. */
export function placeOf({ path, line, drawing }: Parameters<OnReject>[0]): string {
  if (drawing !== undefined) return `${path}, drawing ${drawing}`;
  return line === undefined ? path : `${path}:${line}`;
}

const stop: OnReject = (at, { message }) => {
  throw new InputError(`${placeOf(at)}: ${message}`);
};

/**
 * Reads drawings from a file of any format that holds some.
 *
 * @param file As {@linkcode openFormat} opened it.
 * @param onReject What is done about a record that cannot be used; reading ends with an error when left out.
 * @param fitting How drawings are brought into 0..255.
 * @returns Drawings, many at a time. Only Sketch-RNN's may lie outside 0..255: its files know offsets, not places.
 * @throws {InputError} When the file cannot be used, or a record cannot.
 *
 * @example
 * ```ts
 * import { InputError, openFormat, readDrawings } from "@strokewise/strokewise/pipelines";
 * import { assertRejects } from "@std/assert";
 *
 * const path = await Deno.makeTempFile();
 * await Deno.writeTextFile(path, '{"drawing":[[[0],[9]]]}\n{"drawing":[[[0],[256]]]}\n');
 * const file = await openFormat({ path });
 * await assertRejects(() => Array.fromAsync(readDrawings(file)), InputError, `${path}:2: coordinate out of range`);
 * await Deno.remove(path);
 * ```
 */
export async function* readDrawings(
  file: FormatFile,
  onReject: OnReject = stop,
  fitting: Fitting = {},
): AsyncGenerator<DrawingRecord[]> {
  try {
    if (DRAWING_TEXTS.includes(file.format.name)) yield* readDrawingTexts(file, onReject, fitting);
    else if (file.format.name === "parquet") {
      const { epsilon, onFit, onNames } = fitting;
      const how = { isFitted: fitting.fit === true, epsilon, onFit, onNames };
      const { path, bytes, tail } = file;
      yield* readTableRecords({ bytes, tail: tail! }, how, (reject) => onReject({ path }, reject));
    } else if (!fitting.fit) yield* readPackedDrawings(file, onReject, fitting);
    else {
      fitting.onFit?.();
      for await (const records of readPackedDrawings(file, onReject, fitting)) {
        yield records.map((record) => ({ ...record, drawing: simplifyRaw(record.drawing, fitting.epsilon) }));
      }
    }
  } catch (error) {
    if (!(error instanceof Reject)) throw error;
    onReject({ path: file.path, isRest: true }, error);
  }
}

/** Drawings of a format that is no text. */
async function* readPackedDrawings(
  file: FormatFile,
  onReject: OnReject,
  { onNames }: Fitting,
): AsyncGenerator<DrawingRecord[]> {
  if (file.format.name === "shards") return yield* readShardDrawings(file.path);
  if (file.format.name === "binary") return yield* readBinaryDrawings(file.bytes);
  for await (const vectors of sketchRnnPieces(file)) {
    onNames?.(namesOf({ vectors }));
    yield readVectorPiece(file, vectors, onReject);
  }
}

/** What is wrong with such a file as a whole is no record's fault. */
async function* sketchRnnPieces({ path, bytes, size }: FormatFile): AsyncGenerator<VectorPiece> {
  try {
    yield* cutSketchRnn(bytes, size);
  } catch (error) {
    throw error instanceof Reject ? new InputError(`${path}: ${error.detail}`) : error;
  }
}

function readVectorPiece({ path }: FormatFile, piece: VectorPiece, onReject: OnReject): DrawingRecord[] {
  const records: DrawingRecord[] = [];
  for (const { place, read } of readVectors(piece)) {
    try {
      records.push({ split: piece.split, drawing: read() });
    } catch (error) {
      if (!(error instanceof Reject)) throw error;
      onReject({ path }, new Reject(error.reason, `${place}: ${error.detail}`));
    }
  }
  return records;
}

/** Which drawings of a format are fitted where nothing is said: raw ones, for there is no other use of them. */
const FITS: Readonly<Record<string, Fit>> = { ndjson: "none", raw: "raw" };

async function* readDrawingTexts({ path, format, bytes }: FormatFile, onReject: OnReject, fitting: Fitting) {
  const { fit, epsilon, onFit, onNames } = fitting;
  let lines = 0;
  for await (const piece of cutTexts(bytes, format.name)) {
    onNames?.(namesOf({ text: piece }));
    const records: DrawingRecord[] = [];
    const how = fit || piece.isFree ? "all" : FITS[format.name] ?? "timed";
    const word = piece.word === undefined ? {} : { word: piece.word };
    for (const { line, read } of readPiece(piece)) {
      try {
        const members = read();
        if (isToFit(members.drawing, how)) onFit?.();
        records.push({ ...word, ...checkDrawingRecord(members, how, epsilon) });
      } catch (error) {
        if (!(error instanceof Reject)) throw error;
        const isLine = piece.first === undefined && !piece.isFree;
        const place = isLine ? { line: lines + line } : piece.first ? { drawing: piece.first + line - 1 } : {};
        onReject({ path, ...place }, error);
      }
    }
    lines += countFeeds(piece.bytes);
    yield records;
  }
}

function countFeeds(bytes: Uint8Array): number {
  let count = 0;
  for (let at = bytes.indexOf(0x0a); at >= 0; at = bytes.indexOf(0x0a, at + 1)) count++;
  return count;
}

/**
 * Reads square bitmaps from a file of any format that holds some.
 *
 * @param file As {@linkcode openFormat} opened it.
 * @returns uint8 [n, side, side], many at a time; upright, where the file has rows and columns swapped.
 * @throws {InputError} When the file holds something else, or is not as long as it says.
 */
export async function* readBitmapsOf(file: FormatFile): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const { path, format, bytes, isTransposed = false } = file;
  try {
    if (format.name === "shards") return yield* readShardBitmaps(path);
    const pieces = readBitmaps(bytes, format.name.replace("bitmap-", "") as BitmapLayout);
    for await (const pixels of pieces) yield isTransposed ? transposedEach(pixels, BITMAP_SIDE) : pixels;
  } catch (error) {
    throw asInputError(path, error);
  }
}

/**
 * Reads the arrays of an IDX, .npy, .npz, .mat or MNIST's CSV file.
 *
 * @param file As {@linkcode openFormat} opened it.
 * @returns Array name to array; the name is the empty text where the file has one array.
 * @throws {InputError} When the file cannot be read, or is larger than 2 GiB.
 */
export async function readArrays(file: FormatFile): Promise<Record<string, NdArray>> {
  return (await readArraysAndOthers(file)).arrays;
}

/** {@linkcode readArrays}, and by name what a .mat file holds beside arrays of numbers: structs, cells, texts. */
export async function readArraysAndOthers(file: FormatFile): Promise<MatFile> {
  if (file.format.name === "mat") {
    return await decodeMat(file.bytes).catch((error) => {
      throw asInputError(file.path, error);
    });
  }
  if (file.format.name === "mnist-csv") return { arrays: await readPixels(file), others: {} };
  const bytes = await readWhole(file);
  if (file.format.name === "sketchrnn-js") {
    const read = (bytes: Uint8Array) => decodeSketchRnnJs(new TextDecoder().decode(bytes));
    return { arrays: { ...decode(file, read, bytes).tensors }, others: {} };
  }
  if (file.format.name === "npz") return { arrays: decode(file, decodeNpz, bytes), others: {} };
  return { arrays: { "": decode(file, file.format.name === "idx" ? decodeIdx : decodeNpy, bytes) }, others: {} };
}

/** Pictures as `image` [N, 28, 28] and, where the file has some, `label` [N]. */
async function readPixels({ path, bytes }: FormatFile): Promise<Record<string, NdArray>> {
  const parts = await Array.fromAsync(readMnistCsv(bytes)).catch((error) => {
    throw asInputError(path, error);
  });
  const [image, label] = [
    concatBytes(parts.map(({ pixels }) => pixels)),
    concatBytes(parts.map(({ labels }) => labels)),
  ];
  const count = image.length / BITMAP_SIDE ** 2;
  return {
    image: { dtype: "uint8", shape: [count, BITMAP_SIDE, BITMAP_SIDE], data: image },
    ...(label.length > 0 ? { label: { dtype: "uint8", shape: [count], data: label } } : {}),
  };
}

/**
 * Reads a picture.
 *
 * @param file As {@linkcode openFormat} opened it.
 * @returns What its header says of its colours, in words, and its pixels.
 * @throws {InputError} When it is damaged, or too large.
 */
export async function readPicture(file: FormatFile): Promise<{ colours: string; picture: Picture }> {
  const bytes = await readWhole(file);
  return { colours: decode(file, coloursOf, bytes), picture: decode(file, (bytes) => decodePicture(bytes), bytes) };
}

function coloursOf(bytes: Uint8Array): string {
  if (isJpeg(bytes)) {
    const { components, isProgressive, orientation } = readJpegHeader(bytes);
    const kind = { 1: "grey", 3: "colour", 4: "four inks" }[components];
    const turned = orientation === 1 ? "" : `, turned as its Exif orientation ${orientation} says`;
    return `${kind}, 8 bits a sample, ${isProgressive ? "progressive" : "baseline"}${turned}`;
  }
  const { colour, depth, isInterlaced } = readPngHeader(bytes);
  return `${colour}, ${depth} bits a ${colour === "palette" ? "pixel" : "sample"}${isInterlaced ? ", interlaced" : ""}`;
}

async function readWhole({ path, bytes }: FormatFile): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let length = 0;
  try {
    for await (const part of bytes) {
      parts.push(part);
      length += part.length;
      if (length > MAX_WHOLE) {
        throw new InputError("the file is larger than 2 GiB and is of a format that is read whole");
      }
    }
  } catch (error) {
    throw asInputError(path, error);
  }
  return concatBytes(parts);
}

/** Decodes bytes; what is wrong with them is the input's fault and has the file's name in front. */
function decode<T>({ path }: FormatFile, decoder: (bytes: Uint8Array) => T, bytes: Uint8Array): T {
  try {
    return decoder(bytes);
  } catch (error) {
    throw asInputError(path, error);
  }
}

function asInputError(path: string, error: unknown): unknown {
  const isBad = [InputError, SyntaxError, TypeError, RangeError].some((type) => error instanceof type);
  return isBad ? new InputError(`${path}: ${(error as Error).message}`) : error;
}
