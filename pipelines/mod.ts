/**
 * Drawings to tensors: sources, rasterizer, shards, batches. Nothing in here needs tfjs.
 *
 * @example From a line of ndjson to the bitmaps of its strokes
 * ```ts
 * import { expandFrames, parseQuickDrawLine, rasterize } from "@strokewise/strokewise";
 * import { assertEquals } from "@std/assert";
 *
 * const { drawing } = parseQuickDrawLine('{"word":"line","drawing":[[[0,255],[0,0]],[[0,255],[255,255]]]}');
 * const { map, count } = rasterize(drawing);
 * const frames = expandFrames(map, count, new Uint8Array(8 * 64 * 64)); // [8, 64, 64]
 * assertEquals([frames.subarray(0, 4096), frames.subarray(4096, 8192)].map((f) => f.filter(Boolean).length), [64, 128]);
 * ```
 *
 * @module
 */
export * from "./augment.ts";
export * from "./bitmap_class.ts";
export * from "./bitmaps.ts";
export { type BatchOptions, type PlacedBatch, prefetchBatches, readBatches } from "./batch.ts";
export * from "./contact_sheet.ts";
export * from "./dataset.ts";
export * from "./dataset_names.ts";
export * from "./datasets.ts";
export * from "./download.ts";
export * from "./errors.ts";
export type { DownloadSystem } from "./fetch_file.ts";
export * from "./format_reader.ts";
export * from "./format_writer.ts";
export * from "./formats.ts";
export * from "./gif.ts";
export * from "./idx.ts";
export { decodeMat, type MatFile, type MatVariable, readMat } from "./mat.ts";
export { encodeMat, type EncodeMatOptions } from "./mat_write.ts";
export * from "./npy.ts";
export { decodeNpz, encodeNpz, type EncodeNpzOptions } from "./npz.ts";
export * from "./option_table.ts";
export { decodePickle, type ObjectArray } from "./pickle.ts";
export { encodePickle } from "./pickle_write.ts";
export * from "./png.ts";
export { Prng, type PrngState } from "./prng.ts";
export { decodeDrawing, encodeDrawing } from "./drawing_bytes.ts";
export {
  type DrawingAbout,
  type DrawingRecord,
  formatDrawingRecord,
  parseDrawingRecord,
  secondsOf,
  timestampOf,
} from "./drawing_record.ts";
export { QUICKDRAW_OPTIONS } from "./quickdraw.ts";
export { QUICKDRAW_BITMAP_OPTIONS } from "./quickdraw_bitmap.ts";
export { parseQuickDrawLine, type QuickDrawRecord } from "./quickdraw_line.ts";
export { readLineChunks } from "./line_chunks.ts";
export { type PackedRows, RowPacker } from "./packed_rows.ts";
export type { PackRequest } from "./prepare_jobs.ts";
export type { Journal } from "./write_journal.ts";
export * from "./quickdraw_binary.ts";
export * from "./quickdraw_categories.ts";
export * from "./rasterize.ts";
export * from "./render.ts";
export * from "./render_cairo.ts";
export type { BitmapOptions, FrameOptions } from "./render_options.ts";
export * from "./raw.ts";
export {
  countExamples,
  parseShardIndex,
  type ShardEntry,
  type ShardIndex,
  type SourceEntry,
  type SplitEntry,
} from "./shard_index.ts";
export * from "./shard_reader.ts";
export * from "./shard_writer.ts";
export * from "./simplify.ts";
export {
  findSources,
  type Line,
  type OpenSource,
  openSource,
  readLines,
  type Source,
  type SourceSummary,
} from "./source.ts";
export { hashBytes, splitOf, type SplitShares } from "./split.ts";
export { decodeSketchRnn, encodeSketchRnn, type SketchRnnDrawings } from "./sketchrnn.ts";
export * from "./stroke.ts";
