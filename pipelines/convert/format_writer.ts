/**
 * Drawings and bitmaps, written in any file format that holds such.
 *
 * @module
 */
import { BITMAP_BYTES, type BitmapLayout, encodeBitmapHeader } from "../formats/bitmaps.ts";
import { concatBytes } from "../base/bytes.ts";
import { DrawingTable } from "../formats/quickdraw/table_write.ts";
import { encodeDrawing } from "../strokes/drawing_bytes.ts";
import { type DrawingRecord, formatDrawingRecord } from "../formats/quickdraw/drawing_record.ts";
import { encodeBinaryDrawing } from "../formats/quickdraw/quickdraw_binary.ts";
import { renderBitmap } from "../render/render.ts";
import { encodeSketchRnn } from "../formats/sketchrnn.ts";
import { hashBytes, type Split, splitOf } from "../base/split.ts";
import { toStroke3 } from "../strokes/stroke.ts";

/** Writes one file, item by item. */
export interface FormatEncoder<Item> {
  /** The file's first bytes, of which {@linkcode FormatEncoder.end} may know better. */
  begin(): Uint8Array<ArrayBuffer>;
  /** The bytes of one more item; none where the format is written as a whole. */
  add(item: Item): Uint8Array<ArrayBuffer>;
  /** The last bytes, and what the first ones should have been; as many as there were. */
  end(): { readonly tail: Uint8Array<ArrayBuffer>; readonly head?: Uint8Array<ArrayBuffer> };
}

const NONE = new Uint8Array(0);

/**
 * Writes drawings.
 *
 * @param format `ndjson`, `binary`, `sketchrnn`, `parquet`; or `bitmap-npy`, `bitmap-bin`, `idx`, for which they are rendered as
 * Google's bitmaps are. Drawings for Sketch-RNN go to their own split, or to the one that `prepare` would put them in.
 * @throws {RangeError} While adding, as {@linkcode encodeBinaryDrawing} does.
 *
 * @example
 * ```ts
 * import { drawingEncoder } from "@strokewise/strokewise/pipelines";
 * import { assertEquals } from "@std/assert";
 *
 * const encoder = drawingEncoder("ndjson");
 * const line = encoder.add({ word: "line", drawing: [[[0, 255], [9, 7]]] });
 * assertEquals(new TextDecoder().decode(line), '{"word":"line","drawing":[[[0,255],[9,7]]]}\n');
 * ```
 */
export function drawingEncoder(format: string): FormatEncoder<DrawingRecord> {
  if (format === "sketchrnn") return sketchRnnEncoder();
  if (format === "parquet") return parquetEncoder();
  if (format === "binary") return { begin: () => NONE, add: encodeBinaryDrawing, end: () => ({ tail: NONE }) };
  if (format === "ndjson") {
    const add = (record: DrawingRecord) => new TextEncoder().encode(`${formatDrawingRecord(record)}\n`);
    return { begin: () => NONE, add, end: () => ({ tail: NONE }) };
  }
  const bitmaps = bitmapEncoder(format);
  return { ...bitmaps, add: ({ drawing }) => bitmaps.add(renderBitmap(drawing)) };
}

function sketchRnnEncoder(): FormatEncoder<DrawingRecord> {
  const drawings: Record<Split, Int16Array<ArrayBuffer>[]> = { train: [], valid: [], test: [] };
  return {
    begin: () => NONE,
    add({ drawing, split, keyId, word = "" }) {
      drawings[split ?? splitOf(keyId ?? hashBytes(encodeDrawing(drawing), word))].push(toStroke3(drawing));
      return NONE;
    },
    end: () => ({ tail: encodeSketchRnn(drawings) }),
  };
}

function parquetEncoder(): FormatEncoder<DrawingRecord> {
  const table = new DrawingTable();
  return {
    begin: () => NONE,
    add: (record) => table.add(record),
    end: () => ({ tail: concatBytes(table.end()) }),
  };
}

/**
 * Writes 28 x 28 bitmaps.
 *
 * @param format `bitmap-npy`, `bitmap-bin` or `idx`.
 * @returns An encoder whose items are uint8 [n, 28, 28].
 *
 * @example
 * ```ts
 * import { decodeIdxHeader } from "@strokewise/strokewise/formats";
 * import { bitmapEncoder } from "@strokewise/strokewise/pipelines";
 * import { assertEquals } from "@std/assert";
 *
 * const encoder = bitmapEncoder("idx");
 * encoder.add(new Uint8Array(2 * 784));
 * assertEquals(decodeIdxHeader(encoder.end().head!)?.shape, [2, 28, 28]);
 * ```
 */
export function bitmapEncoder(format: string): FormatEncoder<Uint8Array<ArrayBuffer>> {
  const layout = format.replace("bitmap-", "") as BitmapLayout;
  let count = 0;
  return {
    begin: () => encodeBitmapHeader(0, layout),
    add(pixels) {
      count += pixels.length / BITMAP_BYTES;
      return pixels;
    },
    end: () => ({ tail: NONE, head: encodeBitmapHeader(count, layout) }),
  };
}
