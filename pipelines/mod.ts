/**
 * Drawings to tensors: sources, rasterizer, shards, batches. Nothing in here needs tfjs.
 *
 * @example From a line of ndjson to the bitmaps of its strokes
 * ```ts
 * import { parseQuickDrawLine } from "@strokewise/strokewise/formats";
 * import { expandFrames, rasterize } from "@strokewise/strokewise/pipelines";
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
export * from "./strokes/augment.ts";
export type * from "./strokes/augmentation.ts";
export * from "./datasets/quickdraw/file_class.ts";
export { type AugmentRequest, type BatchOptions, type PlacedBatch, readBatches } from "./batches/batch.ts";
export { prefetchBatches } from "./batches/prefetch.ts";
export * from "./images/augment_image.ts";
export * from "./images/contact_sheet.ts";
export * from "./dataset.ts";
export {
  type BankPlace,
  decodeText,
  type Dtype,
  type DtypeArrays,
  elementCount,
  type Field,
  type FieldArray,
  type Fields,
  type NdArray,
  typedArray,
} from "./base/arrays.ts";
export { type Split, SPLITS } from "./base/split.ts";
export { convert, type ConvertSettings, writable } from "./convert/convert.ts";
export type { ConvertSummary } from "./convert/convert_pictures.ts";
export { PICTURE_FORMATS, PICTURE_OPTIONS, type PictureOptions } from "./convert/picture_files.ts";
export * from "./convert/svg.ts";
export * from "./images/grey.ts";
export { decodePng } from "./images/png_decode.ts";
export { MAX_PIXELS } from "./images/pixel_limit.ts";
export { decodePicture } from "./images/decode_picture.ts";
export { decodeJpeg } from "./images/jpeg_decode.ts";
export { isJpeg, type JpegHeader, type Orientation, readJpegHeader } from "./images/jpeg_header.ts";
export { oriented } from "./images/orient.ts";
export { parseColour, type Rgb } from "./images/colour.ts";
export { type SquareOptions, squarePicture } from "./images/square_picture.ts";
export { isPng, type Picture, type PngColour, type PngHeader, readPngHeader } from "./images/png_header.ts";
export { download, type DownloadTaskSettings } from "./datasets/download.ts";
export { prepare, preparePart, type PreparePartSettings, type PrepareSettings } from "./prepare/prepare.ts";
export { mergeParts, type MergeProgress, type MergeSettings } from "./prepare/merge_parts.ts";
export type { PartIndex, PartNumber, PartShard } from "./shards/part_index.ts";
export type { OutputPlace } from "./shards/output_folder.ts";
export type { PrepareProgress } from "./prepare/prepare_reading.ts";
export * from "./datasets/registry.ts";
export * from "./datasets/datasets.ts";
export * from "./sources/download.ts";
export * from "./base/errors.ts";
export type { DownloadSystem, RequestHead } from "./sources/http_request.ts";
export * from "./convert/format_reader.ts";
export type { PieceNames } from "./formats/quickdraw/passed_over.ts";
export * from "./convert/format_writer.ts";
export * from "./images/gif.ts";
export * from "./base/option_table.ts";
export * from "./images/png.ts";
export { Prng, type PrngState } from "./base/prng.ts";
export { decodeDrawing, encodeDrawing } from "./strokes/drawing_bytes.ts";
export { PENDIGITS_OPTIONS } from "./datasets/pendigits.ts";
export { ARITHMETIC_OPTIONS } from "./datasets/arithmetic/arithmetic.ts";
export { MNIST_OPTIONS } from "./datasets/mnist.ts";
export { IMAGE_FOLDER_OPTIONS } from "./datasets/image_folder/image_folder.ts";
export { QUICKDRAW_OPTIONS } from "./datasets/quickdraw/quickdraw.ts";
export { QUICKDRAW_BITMAP_OPTIONS } from "./datasets/quickdraw/quickdraw_bitmap.ts";
export { SVHN_OPTIONS } from "./datasets/svhn.ts";
export { fieldOf, imageShape, type ImageSize, imageSizeOf, maximumOf, sideOf } from "./batches/batch_fields.ts";
export { sliceBatch } from "./batches/batch_builder.ts";
export { concatBytes } from "./base/bytes.ts";
export type { Spec, SpecAddress, SpecShape } from "./base/spec_module.ts";
export { AUGMENTATIONS } from "./strokes/augmentations.ts";
export type { ReadFile, SmallFile } from "./sources/small_files.ts";
export { readLineChunks } from "./sources/line_chunks.ts";
export { type BucketRow, type KeptRange, type PackedRows, RowPacker } from "./shards/packed_rows.ts";
export type { PackRequest } from "./shards/pack_shard.ts";
export type { Journal, StoredBytes } from "./shards/write_journal.ts";
export * from "./datasets/quickdraw/quickdraw_categories.ts";
export * from "./strokes/fit_grid.ts";
export * from "./strokes/rasterize.ts";
export * from "./render/render.ts";
export * from "./render/render_cairo.ts";
export * from "./render/render_pen.ts";
export type { BitmapOptions, FrameOptions } from "./render/render_options.ts";
export * from "./render/paint_sheet.ts";
export * from "./render/sheet_svg.ts";
export {
  type PlacedCell,
  type PlacedSheet,
  type PlacedStroke,
  placeSheet,
  type SheetCell,
  type SheetLayout,
} from "./render/stroke_sheet.ts";
export {
  type BankEntry,
  countExamples,
  parseShardIndex,
  type ShardEntry,
  type ShardIndex,
  type SourceEntry,
  type SourceModule,
  type SplitEntry,
} from "./shards/shard_index.ts";
export * from "./shards/shard_reader.ts";
export * from "./shards/shard_writer.ts";
export type { ShardWriterOptions, SourceReport } from "./shards/writer_options.ts";
export * from "./strokes/simplify.ts";
export {
  findSources,
  type Line,
  type OpenSource,
  openSource,
  readLines,
  type Source,
  type SourceSummary,
} from "./sources/source.ts";
export { hashBytes, splitOf, type SplitShares } from "./base/split.ts";
export * from "./strokes/stroke.ts";
export * from "./strokes/prototypes/fit.ts";
export type { Outline } from "./strokes/prototypes/outline.ts";
export { prototypeOf } from "./strokes/prototypes/prototype.ts";
export type { Places } from "./strokes/prototypes/similarity.ts";
export { type Symmetry, SYMMETRY_TOLERANCE, symmetryOf } from "./strokes/prototypes/symmetry.ts";
export { VECTORIZE_OPTIONS, type VectorizeOptions, Vectorizer } from "./strokes/vectorize.ts";
