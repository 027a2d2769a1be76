/**
 * The parsers that `deno task fuzz` tries, each with good inputs made of the embedded examples.
 *
 * @module
 */
import { crc32 } from "node:zlib";
import type { RowSink } from "../../pipelines/dataset.ts";
import { encodeDrawing } from "../../pipelines/strokes/drawing_bytes.ts";
import { concatBytes } from "../../pipelines/base/bytes.ts";
import { Reject } from "../../pipelines/base/errors.ts";
import { decodeIdx, encodeIdx } from "../../pipelines/formats/idx.ts";
import { decodeMat, readMat } from "../../pipelines/formats/mat/mat.ts";
import { encodeMat } from "../../pipelines/formats/mat/mat_write.ts";
import { decodeNpy, encodeNpy, encodeNpyHeader } from "../../pipelines/formats/npy.ts";
import { decodeNpz, encodeNpz, zipMembers } from "../../pipelines/formats/npz.ts";
import { defaultsOf } from "../../pipelines/base/option_table.ts";
import { ROW_HEAD, RowPacker } from "../../pipelines/shards/packed_rows.ts";
import { decodePickle } from "../../pipelines/formats/pickle/pickle.ts";
import { encodePickle } from "../../pipelines/formats/pickle/pickle_write.ts";
import type { Prng } from "../../pipelines/base/prng.ts";
import { quickdraw } from "../../pipelines/datasets/quickdraw/quickdraw.ts";
import {
  decodeBinaryDrawing,
  encodeBinaryDrawing,
  readBinaryDrawings,
} from "../../pipelines/formats/quickdraw/quickdraw_binary.ts";
import { parseQuickDrawChunk } from "../../pipelines/datasets/quickdraw/quickdraw_chunk.ts";
import { cutTexts, readPiece } from "../../pipelines/formats/quickdraw/drawing_file.ts";
import { DrawingTable } from "../../pipelines/formats/quickdraw/table_write.ts";
import { cutDrawings } from "../../pipelines/formats/quickdraw/drawing_pieces.ts";
import { checkDrawingRecord } from "../../pipelines/formats/quickdraw/drawing_record.ts";
import { parseObject } from "../../pipelines/formats/quickdraw/members.ts";
import { readMnistCsv } from "../../pipelines/formats/mnist_csv.ts";
import { readSvg } from "../../pipelines/formats/svg.ts";
import { checkRecord, parseQuickDrawLine } from "../../pipelines/formats/quickdraw/quickdraw_line.ts";
import { parseRawLine } from "../../pipelines/formats/quickdraw/raw.ts";
import { simplifyRaw } from "../../pipelines/formats/quickdraw/simplify_raw.ts";
import { decodeSketchRnn, encodeSketchRnn } from "../../pipelines/formats/sketchrnn.ts";
import { encodePng } from "../../pipelines/images/png.ts";
import { decodePng } from "../../pipelines/images/png_decode.ts";
import { renderBitmap } from "../../pipelines/render/render.ts";
import type { Drawing } from "../../pipelines/strokes/stroke.ts";
import { findSources, openSource, readLines } from "../../pipelines/sources/source.ts";
import { toStroke3 } from "../../pipelines/strokes/stroke.ts";
import { parsePostedDrawing } from "../web/server/posted_drawing.ts";
import { formatTargets } from "./fuzz_formats.ts";
import { imageTargets } from "./fuzz_images.ts";
import { mutateBytes, mutateLine, pick } from "./fuzz_mutate.ts";
import { isDrawing, partsOf, Rows, tailOf } from "./fuzz_prepare.ts";
import { type FuzzTarget, ofBytes } from "./fuzz_target.ts";
import type { NdArray } from "../../pipelines/base/arrays.ts";

const LINE_FEED = 0x0a;
const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Lines of JSON: one in four is changed as bytes. */
function ofLines(lines: readonly string[], parse: (input: Uint8Array) => unknown): FuzzTarget {
  const draw = (prng: Prng) => {
    const line = pick(prng, lines);
    if (prng.integer(4) === 0) return mutateBytes(encoder.encode(line), prng, line.length);
    return encoder.encode(mutateLine(line, prng));
  };
  return { draw, parse };
}

/** All parsers, by the name on the command line. */
export async function fuzzTargets(): Promise<Record<string, FuzzTarget>> {
  const lines = await embeddedLines(200);
  const records = lines.map((line) => parseQuickDrawLine(line));
  const vectors = records.slice(0, 6).map(({ drawing }) => toStroke3(drawing));
  const raws = records.map(({ drawing, word = "sun" }) => {
    const strokes = drawing.map(([xs, ys]) => [
      Array.from(xs, (x) => 1.5 * x),
      Array.from(ys),
      Array.from(xs, (_, i) => 20 * i),
    ]);
    return { word, strokes };
  });
  const raw = raws.map(({ word, strokes }) => JSON.stringify({ word, drawing: strokes }));
  const posted = raws.map(({ word, strokes }) => JSON.stringify({ word, recognized: true, strokes }));
  const words = new Set(raws.map(({ word }) => word));
  const arrays: Record<string, NdArray> = {
    image: { dtype: "uint8", shape: [2, 28, 28], data: Uint8Array.from({ length: 1568 }, (_, i) => i % 251) },
    label: { dtype: "uint16", shape: [3], data: Uint16Array.of(0, 300, 65_535) },
    key_id: { dtype: "uint64", shape: [2], data: BigUint64Array.of(1n, 2n ** 64n - 1n) },
    x: { dtype: "float32", shape: [2, 2], data: Float32Array.of(0.5, -1, NaN, 1e30) },
  };
  const idx: NdArray[] = [arrays.image, arrays.x, { dtype: "int16", shape: [2], data: Int16Array.of(-1, 7) }];
  const items = vectors.map((data): NdArray => ({ dtype: "int16", shape: [data.length / 3, 3], data }));
  const drawings = { train: vectors.slice(0, 2), valid: vectors.slice(2, 4), test: vectors.slice(4) };
  const member = concatBytes([encodeNpyHeader("|O", [items.length]), encodePickle(items)]);
  const binaries = [0, 4, 8].map((at) =>
    concatBytes(records.slice(at, at + 4).map((record) => encodeBinaryDrawing(record)))
  );
  const tables = [0, 4].map((at) => {
    const table = new DrawingTable();
    return concatBytes([...records.slice(at, at + 4).map((record) => table.add(record)), ...table.end()]);
  });
  const csv = "word,key_id,drawing,recognized\r\n" +
    records.slice(0, 8).map(({ drawing, keyId, word }) => `${word},${keyId},"${JSON.stringify(drawing)}",True`).join(
      "\r\n",
    );
  const lists = [
    `[${lines.slice(0, 4)}]`,
    JSON.stringify({ sun: lines.slice(0, 4).map((line) => JSON.parse(line)) }, null, 1),
  ];
  const pixels = Array.from({ length: 785 }, (_, i) => i % 10);
  const table = `label,${Array.from({ length: 784 }, (_, i) => `pixel${i}`)}\n${pixels}\n${pixels}\n`;
  return {
    ndjson: ofLines(lines, (input) => void parseQuickDrawLine(decoder.decode(input))),
    "ndjson-bytes": ofLines(lines, parseOneLine),
    raw: ofLines(raw, (input) => simplifyRaw(parseRawLine(decoder.decode(input)).drawing)),
    posted: ofLines(posted, (input) => void parsePostedDrawing(input, words)),
    fit: ofLines([...lines, ...raw], (input) => void checkRecord(parseObject(decoder.decode(input)), "all")),
    csv: ofBytes([encoder.encode(csv)], csv.length, (input) => parseDrawings(input, "csv")),
    json: ofBytes(lists.map((list) => encoder.encode(list)), 200, (input) => parseDrawings(input, "json")),
    svg: ofBytes(SVGS.map((svg) => encoder.encode(svg)), 400, (input) => simplifyRaw(readSvg(decoder.decode(input)))),
    "mnist-csv": ofBytes([encoder.encode(table), encoder.encode(`${pixels}\n`)], 6000, parseTable),
    idx: ofBytes(idx.map((array) => encodeIdx(array)), 16, decodeIdx),
    npy: ofBytes(Object.values(arrays).map((array) => encodeNpy(array)), 100, decodeNpy),
    npz: ofBytes([encodeNpz(arrays), encodeNpz(arrays, { level: 0 })], 200, (input) => decodeNpz(input)),
    mat: ofBytes([0, 6].map((level) => encodeMat(arrays, { level: level as 0 | 6 })), 300, decodeMatAndSkip),
    pickle: ofBytes([encodePickle(items)], 300, decodePickle),
    sketchrnn: ofBytes([encodeSketchRnn(drawings)], 200, decodeSketchRnn),
    binary: ofBytes(records.map((record) => encodeBinaryDrawing(record)), 30, decodeBinary),
    "prepare-binary": ofBytes(binaries, 60, (input) => prepareDrawings(input, "binary")),
    "prepare-sketchrnn": ofBytes(
      [member],
      300,
      (input) => prepareDrawings(zipMembers({ "train.npy": input.slice(), "test.npy": member.slice() }), "sketchrnn"),
    ),
    "prepare-parquet": ofBytes(tables, 2000, (input) => prepareDrawings(input, "parquet")),
    png: ofBytes(pictures(records[0].drawing), 60, (input) => void decodePng(withChecksums(input))),
    ...imageTargets(),
    ...formatTargets(),
  };
}

const SVGS = [
  '<?xml version="1.0"?><svg><g transform="rotate(30 5,5) scale(2)"><path d="M1 2l3-4h5V9c1 2 3 4 5 6s1 1 2 2z"/></g></svg>',
  '<svg><path d="m0 0q1 2 3 4t5 6a3 4 20 0 1 5 5zM1e1-.5.5"/><circle cx="5" r="4"/><rect width="4" height="3" rx="1"/></svg>',
  '<!DOCTYPE svg [<!ENTITY a "b">]><svg><!-- c --><polygon points="0,0 1,1 2-1"/><line x2="9"/><ellipse rx="1" ry="2"/></svg>',
];

/** The way of `prepare` and `convert`: pieces, records, strokes. */
async function parseDrawings(input: Uint8Array, format: string): Promise<void> {
  let fault: Reject | undefined;
  for await (const piece of cutTexts(partsOf(input), format)) {
    for (const { read } of readPiece(piece)) {
      try {
        checkDrawingRecord(read(), "timed");
      } catch (error) {
        if (!(error instanceof Reject)) throw error;
        fault ??= error;
      }
    }
  }
  if (fault) throw fault;
}

async function parseTable(input: Uint8Array): Promise<void> {
  await Array.fromAsync(readMnistCsv(async function* () {
    yield input;
  }()));
}

async function embeddedLines(count: number): Promise<string[]> {
  const lines: string[] = [];
  for (const source of await findSources([decodeURIComponent(quickdraw.embedded!.pathname)], quickdraw.extensions)) {
    for await (const some of readLines(openSource(source))) {
      lines.push(...some.slice(0, count / 10).map(({ text }) => text));
    }
    if (lines.length >= count) break;
  }
  return lines;
}

/** The way of `prepare` from a file to rows, of which each must be a drawing. */
async function prepareDrawings(input: Uint8Array, format: string): Promise<void> {
  const rows = new Rows();
  try {
    for await (const piece of cutDrawings({ bytes: partsOf(input), tail: tailOf(input) }, format)) {
      for (const fit of [false, true]) {
        parseQuickDrawChunk({ ...piece, defaultClass: "sun" }, { ...defaultsOf(quickdraw.options), fit }, rows.sink);
      }
    }
  } catch (error) {
    if (!(error instanceof Reject)) throw error;
    rows.fail(error);
  }
  rows.check(isDrawing, "no drawing");
}

/** A drawing in grey, and as red, green and blue. */
function pictures(drawing: Drawing): Uint8Array[] {
  const grey = renderBitmap(drawing);
  const colour = Uint8Array.from({ length: 3 * grey.length }, (_, i) => grey[Math.floor(i / 3)]);
  return [grey, colour].map((data) => encodePng({ width: 28, height: 28, data }));
}

/** A PNG file whose chunks' checksums are right again, as far as there are chunks: else nothing would come further. */
function withChecksums(png: Uint8Array): Uint8Array {
  const bytes = png.slice();
  const view = new DataView(bytes.buffer);
  for (let at = 8; at + 12 <= bytes.length;) {
    const end = at + 12 + view.getUint32(at);
    if (end > bytes.length) break;
    view.setUint32(end - 4, crc32(bytes.subarray(at + 4, end - 4)));
    at = end;
  }
  return bytes;
}

/** The way of `prepare`: the scanner first, whose drawing must be that of JSON.parse's way. */
function parseOneLine(input: Uint8Array): void {
  const rejects: Reject[] = [];
  const rows = new RowPacker(0);
  const reject = (_: number, reason: string, detail: string) => void rejects.push(new Reject(reason, detail));
  const sink: RowSink = { rows, reject, damage: reject, filter: () => {}, lines: 0 };
  parseQuickDrawChunk({ text: { bytes: input.slice() }, defaultClass: "sun" }, defaultsOf(quickdraw.options), sink);
  const { bytes, count } = rows.take();
  if (rejects.length > 0) throw rejects[0];
  if (count !== 1 || input.includes(LINE_FEED)) return;
  const expected = encodeDrawing(parseQuickDrawLine(decoder.decode(input)).drawing);
  const isSame = bytes.length === ROW_HEAD + expected.length &&
    expected.every((byte, i) => byte === bytes[ROW_HEAD + i]);
  if (!isSame) throw new Error("the scanner and JSON.parse differ");
}

/** All arrays, and then the names alone. */
async function decodeMatAndSkip(input: Uint8Array): Promise<void> {
  for await (const { name } of readMat([input])) void name;
  await decodeMat(input);
}

/** The first record, and all of them as a stream that comes in two parts. */
function decodeBinary(input: Uint8Array): Promise<unknown> {
  decodeBinaryDrawing(input);
  return Array.fromAsync(readBinaryDrawings(partsOf(input)));
}
