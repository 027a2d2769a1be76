/**
 * Any file format, read as drawings, as bitmaps or as arrays.
 *
 * @module
 */
import { concatBytes } from "../base/bytes.ts";
import { BITMAP_SIDE, type BitmapLayout, decodeBitmapHeader, readBitmaps } from "../formats/bitmaps.ts";
import { type DrawingRecord, parseDrawingRecord } from "../formats/quickdraw/drawing_record.ts";
import { InputError, Reject } from "../base/errors.ts";
import { detectFormat, type Format, FORMATS, HEAD_BYTES } from "../formats/formats.ts";
import { decodeIdx } from "../formats/idx.ts";
import { decodeMat, type MatFile } from "../formats/mat/mat.ts";
import { decodeNpy } from "../formats/npy.ts";
import { decodeNpz } from "../formats/npz.ts";
import { readBinaryDrawings } from "../formats/quickdraw/quickdraw_binary.ts";
import { parseRawLine, simplifyRaw } from "../formats/quickdraw/raw.ts";
import { readShard, readShardIndex } from "../shards/shard_reader.ts";
import { decodeSketchRnn } from "../formats/sketchrnn.ts";
import { baseName, openSource, readLines, type Source } from "../sources/source.ts";
import { fromStroke3 } from "../strokes/stroke.ts";
import type { Fields, NdArray } from "../base/arrays.ts";
import { SPLITS } from "../base/split.ts";

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
  /** Its bytes, inflated; none for a folder of shards. */
  readonly bytes: AsyncIterable<Uint8Array>;
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
  const pieces = opened[Symbol.asyncIterator]();
  const head: Uint8Array[] = [];
  let [length, ended] = [0, false];
  while (length < HEAD_BYTES && !ended) {
    const { done, value } = await pieces.next();
    if (done) ended = true;
    else length += head[head.push(value) - 1].length;
  }
  const start = concatBytes(head);
  const plain = opened.bytesRead === length ? source.bytes : undefined;
  const size = ended ? length : plain;
  const about = { name: baseName(path).replace(/\.gz$/, ""), bytes: start.subarray(0, HEAD_BYTES) };
  const format = from === "auto" ? detectFormat({ ...about, ...(size === undefined ? {} : { size }) }) : FORMATS[from];
  return { path, format, holds: holdsOf(format, start), side: BITMAP_SIDE, bytes: joined(start, pieces) };
}

/**
 * Opens a folder of shards.
 *
 * @param path The folder.
 * @returns Drawings, where its shards hold `stroke3`; bitmaps, where they hold a grey `image`.
 * @throws {InputError} When it has no index, or its shards hold neither.
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
  const { fields } = await readShardIndex(path);
  const holds = heldBy(fields);
  if (holds === undefined) throw new InputError(`${path}: the shards hold neither stroke3 nor grey images`);
  return { path, format: FORMATS.shards, holds, side: fields.image?.shape[0] ?? BITMAP_SIDE, bytes: nothing() };
}

/** What shards of these fields can be read as: drawings by `stroke3`, bitmaps by `image`; undefined for neither. */
export function heldBy({ stroke3, image }: Fields): "drawings" | "bitmaps" | undefined {
  if (stroke3?.dtype === "int16" && stroke3.shape.join() === "-1,3") return "drawings";
  return image?.dtype === "uint8" && image.shape.length === 2 && image.shape[0] === image.shape[1]
    ? "bitmaps"
    : undefined;
}

async function* nothing(): AsyncGenerator<Uint8Array> {}

async function* joined(head: Uint8Array, rest: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    if (head.length > 0) yield head;
    for (let next = await rest.next(); !next.done; next = await rest.next()) yield next.value;
  } finally {
    await rest.return?.();
  }
}

function holdsOf({ name, holds }: Format, start: Uint8Array): Format["holds"] {
  if (name !== "idx") return holds;
  try {
    return decodeBitmapHeader(start, "idx") ? "bitmaps" : holds;
  } catch {
    return holds; // any other array
  }
}

/** Told of each record that cannot be used; the reader goes on with the next one. */
export type OnReject = (at: { readonly path: string; readonly line?: number }, reject: Reject) => void;

const stop: OnReject = ({ path, line }, { message }) => {
  throw new InputError(`${path}${line === undefined ? "" : `:${line}`}: ${message}`);
};

/**
 * Reads drawings from a file of any format that holds some.
 *
 * @param file As {@linkcode openFormat} opened it.
 * @param onReject What is done about a record that cannot be used; reading ends with an error when left out.
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
export async function* readDrawings(file: FormatFile, onReject: OnReject = stop): AsyncGenerator<DrawingRecord[]> {
  const { path, format, bytes } = file;
  if (format.name === "shards") yield* readShardDrawings(path);
  else if (format.name === "sketchrnn") {
    const drawings = decode(file, decodeSketchRnn, await readWhole(file));
    for (const split of SPLITS) yield drawings[split].map((rows) => ({ split, drawing: fromStroke3(rows) }));
  } else {
    try {
      if (format.name === "binary") yield* readBinaryDrawings(bytes);
      else yield* readDrawingLines(file, onReject);
    } catch (error) {
      if (!(error instanceof Reject)) throw error;
      onReject({ path }, error);
    }
  }
}

async function* readDrawingLines({ path, format, bytes }: FormatFile, onReject: OnReject) {
  const parse = (text: string): DrawingRecord => {
    if (format.name === "ndjson") return parseDrawingRecord(text);
    const record = parseRawLine(text);
    return { ...record, drawing: simplifyRaw(record.drawing) };
  };
  for await (const lines of readLines(bytes)) {
    const records: DrawingRecord[] = [];
    for (const { number, text } of lines) {
      try {
        records.push(parse(text));
      } catch (error) {
        if (!(error instanceof Reject)) throw error;
        onReject({ path, line: number }, error);
      }
    }
    yield records;
  }
}

async function* readShardDrawings(path: string): AsyncGenerator<DrawingRecord[]> {
  const { classes, splits } = await readShardIndex(path);
  for (const split of SPLITS) {
    for (const entry of splits[split].shards) {
      const { stroke3, stroke3_offsets, label, key_id } = await readShard(path, entry);
      const [rows, offsets] = [stroke3.data as Int16Array, stroke3_offsets.data as BigInt64Array];
      yield Array.from({ length: entry.examples }, (_, i) => ({
        ...{ split, word: classes[Number(label.data[i])] },
        ...(key_id ? { keyId: BigInt(key_id.data[i]) } : {}),
        drawing: fromStroke3(rows.subarray(3 * Number(offsets[i]), 3 * Number(offsets[i + 1]))),
      }));
    }
  }
}

/**
 * Reads square bitmaps from a file of any format that holds some.
 *
 * @param file As {@linkcode openFormat} opened it.
 * @returns uint8 [n, side, side], many at a time.
 * @throws {InputError} When the file holds something else, or is not as long as it says.
 */
export async function* readBitmapsOf(file: FormatFile): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const { path, format, bytes } = file;
  try {
    if (format.name === "shards") yield* readShardBitmaps(path);
    else yield* readBitmaps(bytes, format.name.replace("bitmap-", "") as BitmapLayout);
  } catch (error) {
    throw asInputError(path, error);
  }
}

async function* readShardBitmaps(path: string): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const { splits } = await readShardIndex(path);
  for (const { shards } of SPLITS.map((split) => splits[split])) {
    for (const entry of shards) yield (await readShard(path, entry, ["image"])).image.data as Uint8Array<ArrayBuffer>;
  }
}

/**
 * Reads the arrays of an IDX, .npy, .npz or .mat file.
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
  const bytes = await readWhole(file);
  if (file.format.name === "npz") return { arrays: decode(file, decodeNpz, bytes), others: {} };
  return { arrays: { "": decode(file, file.format.name === "idx" ? decodeIdx : decodeNpy, bytes) }, others: {} };
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
