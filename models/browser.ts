/**
 * What runs in a web page: all of `./models` with the WebAssembly and WebGPU kernels, so that models are used and trained
 * there; drawings from a pointer to bitmaps, augmented, vectorized, rendered; pictures. A model computes the very numbers
 * there that it computes in Deno.
 *
 * A bundler for the web takes it as it is, such as `esbuild page.ts --bundle --format=esm --outfile=page.js`; all of it are
 * 1.3 MB minified, 390 kB gzipped. The page serves one file beside the bundle, `tfjs-backend-wasm-simd.wasm` of the package
 * `@tensorflow/tfjs-backend-wasm`, 425 kB, and says where: `startBackend("wasm", { wasmFolder: "/assets/" })`.
 *
 * @example Bytes of a checkpoint, as fetched from `best.safetensors`, and a drawing to the classes' probabilities
 * ```ts
 * import { buildTrained, cnnLstm, decodeCheckpoint, drawingClassifier } from "@strokewise/strokewise/browser";
 * import { encodeCheckpoint, Prng, simplifyRaw, startBackend } from "@strokewise/strokewise/browser";
 * import type { Drawing, TrainedState } from "@strokewise/strokewise/browser";
 * import { assertEquals } from "@std/assert";
 *
 * async function classify(bytes: Uint8Array<ArrayBuffer>, pointed: Drawing): Promise<string> {
 *   const checkpoint = await decodeCheckpoint<TrainedState>(bytes, "best.safetensors");
 *   const model = buildTrained(cnnLstm, checkpoint, "best.safetensors");
 *   using classifier = drawingClassifier(model, { fields: cnnLstm.fields, data: checkpoint.state.data });
 *   const [best] = await classifier.classify(simplifyRaw(pointed));
 *   return best.name;
 * }
 *
 * await startBackend("wasm"); // in a page: startBackend("wasm", { wasmFolder: "/assets/" })
 * const settings = { model: { name: "cnn-lstm" }, modelOptions: cnnLstm.tiny, seed: 1 };
 * const fields = {
 *   stroke_index: { dtype: "uint8", shape: [16, 16], max: 4 },
 *   stroke_count: { dtype: "uint8", shape: [], max: 4 },
 *   label: { dtype: "uint8", shape: [] },
 * } as const;
 * const data = { fields, classes: ["fish", "fish"] }; // untrained, so it says either
 * const model = cnnLstm.build(settings.modelOptions, data, new Prng(settings.seed));
 * const arrays = Object.entries(model.variables).map(([name, variable]) => {
 *   return [`model/${name}`, { shape: variable.shape, data: new Float32Array(variable.dataSync()) }] as const;
 * });
 * const bytes = await encodeCheckpoint({ tensors: Object.fromEntries(arrays), state: { settings, data } });
 * assertEquals(await classify(bytes, [[[10.5, 90, 170.5], [20, 100, 20.5]]]), "fish");
 * ```
 *
 * @module
 */
export * from "./mod.ts";

export type { Batch, DataDescription } from "../pipelines/dataset.ts";
export type * from "../pipelines/base/arrays.ts";
export type { Spec, SpecAddress, SpecShape } from "../pipelines/base/spec_module.ts";
export type * from "../pipelines/strokes/augmentation.ts";
export * from "../pipelines/base/errors.ts";
export {
  defaultsOf,
  type Option,
  type OptionTable,
  type OptionValue,
  type OptionValues,
  type PartialOptions,
} from "../pipelines/base/option_table.ts";
export { Prng, type PrngState } from "../pipelines/base/prng.ts";

export * from "../pipelines/images/augment_image.ts";
export * from "../pipelines/images/contact_sheet.ts";
export { decodePicture } from "../pipelines/images/decode_picture.ts";
export * from "../pipelines/images/gif.ts";
export * from "../pipelines/images/grey.ts";
export type { Orientation } from "../pipelines/images/jpeg_header.ts";
export { oriented } from "../pipelines/images/orient.ts";
export * from "../pipelines/images/png.ts";
export type { Picture } from "../pipelines/images/png_header.ts";
export { type SquareOptions, squarePicture } from "../pipelines/images/square_picture.ts";

export * from "../pipelines/strokes/augment.ts";
export { decodeDrawing, encodeDrawing } from "../pipelines/strokes/drawing_bytes.ts";
export * from "../pipelines/strokes/fit_grid.ts";
export * from "../pipelines/strokes/rasterize.ts";
export * from "../pipelines/strokes/simplify.ts";
export * from "../pipelines/strokes/stroke.ts";
export * from "../pipelines/strokes/prototypes/fit.ts";
export type { Outline } from "../pipelines/strokes/prototypes/outline.ts";
export type { Places } from "../pipelines/strokes/prototypes/similarity.ts";
export { type Symmetry, SYMMETRY_TOLERANCE, symmetryOf } from "../pipelines/strokes/prototypes/symmetry.ts";
export { VECTORIZE_OPTIONS, type VectorizeOptions, Vectorizer } from "../pipelines/strokes/vectorize.ts";
export {
  type DrawingAbout,
  type DrawingRecord,
  formatDrawingRecord,
  parseDrawingRecord,
} from "../pipelines/formats/quickdraw/drawing_record.ts";
export { type RawStroke, simplifyRaw } from "../pipelines/formats/quickdraw/simplify_raw.ts";

export { renderBitmap, renderFrames } from "../pipelines/render/render.ts";
export * from "../pipelines/render/render_pen.ts";
export type { BitmapOptions, FrameOptions } from "../pipelines/render/render_options.ts";
export * from "../pipelines/render/paint_sheet.ts";
export * from "../pipelines/render/sheet_svg.ts";
export {
  type PlacedCell,
  type PlacedSheet,
  type PlacedStroke,
  placeSheet,
  type SheetCell,
  type SheetLayout,
} from "../pipelines/render/stroke_sheet.ts";
