/**
 * File formats, bytes to values and back: `.npy`, `.npz`, IDX, MATLAB's MAT-files, pickles of arrays, Sketch-RNN's files,
 * and all that Quick, Draw! is published in.
 *
 * @example A numpy array
 * ```ts
 * import { decodeNpy, encodeNpy } from "@strokewise/strokewise/formats";
 * import { assertEquals } from "@std/assert";
 *
 * const array = { dtype: "float32", shape: [3], data: Float32Array.of(1, 2, 3) } as const;
 * assertEquals(decodeNpy(encodeNpy(array)), array);
 * ```
 *
 * @module
 */
export * from "./bitmaps.ts";
export { type CsvRecord, parseCsv } from "./csv.ts";
export { detectFormat, type FileHead, type Format, FORMATS, HEAD_BYTES, tellFormat } from "./formats.ts";
export * from "./idx.ts";
export { decodeMat, type MatFile, type MatVariable, readMat } from "./mat/mat.ts";
export { encodeMat, type EncodeMatOptions } from "./mat/mat_write.ts";
export * from "./npy.ts";
export { decodeNpz, encodeNpz, type EncodeNpzOptions } from "./npz.ts";
export { decodePickle, type ObjectArray } from "./pickle/pickle.ts";
export { encodePickle } from "./pickle/pickle_write.ts";
export {
  type DrawingAbout,
  type DrawingRecord,
  formatDrawingRecord,
  parseDrawingRecord,
} from "./quickdraw/drawing_record.ts";
export * from "./quickdraw/quickdraw_binary.ts";
export { parseQuickDrawLine, type QuickDrawRecord } from "./quickdraw/quickdraw_line.ts";
export * from "./quickdraw/raw.ts";
export { type RawStroke, simplifyRaw } from "./quickdraw/simplify_raw.ts";
export * from "./quickdraw/timestamp.ts";
export { decodeSketchRnn, encodeSketchRnn, type SketchRnnDrawings } from "./sketchrnn.ts";
export * from "./sketchrnn_js.ts";
export { readSvg, type SvgStroke } from "./svg.ts";
export { isUnipen, readUnipen, type UnipenColumns, unipenColumnsAfter, type UnipenSegment } from "./unipen.ts";
