/**
 * What a web page needs: drawings from a pointer to bitmaps, and models that look at them, with the WebAssembly kernels.
 * Browser safe: a bundler for the web takes it as it is. The page serves one file beside the bundle,
 * `tfjs-backend-wasm-simd.wasm` of the package `@tensorflow/tfjs-backend-wasm`, and says where.
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
export * from "../pipelines/strokes/augment.ts";
export { decodeDrawing, encodeDrawing } from "../pipelines/strokes/drawing_bytes.ts";
export * from "../pipelines/strokes/rasterize.ts";
export * from "../pipelines/strokes/simplify.ts";
export * from "../pipelines/strokes/stroke.ts";
export * from "../pipelines/strokes/prototypes/fit.ts";
export type { Outline } from "../pipelines/strokes/prototypes/outline.ts";
export type { Places } from "../pipelines/strokes/prototypes/similarity.ts";
export { type Symmetry, SYMMETRY_TOLERANCE, symmetryOf } from "../pipelines/strokes/prototypes/symmetry.ts";
export { type RawStroke, simplifyRaw } from "../pipelines/formats/quickdraw/simplify_raw.ts";
export { renderBitmap, renderFrames } from "../pipelines/render/render.ts";
export type { BitmapOptions, FrameOptions } from "../pipelines/render/render_options.ts";

export * from "./backends/backend.ts";
export * from "./checkpoint.ts";
export * from "./gradients/differentiate.ts";
export * from "./model.ts";
export type * from "./network.ts";
export * from "./step_options.ts";
export { adam, ADAM_OPTIONS, type AdamOptions } from "./optimizers/adam.ts";
export { clipByGlobalNorm, type Optimizer, type OptimizerState } from "./optimizers/optimizer.ts";
export type * from "./tensors.ts";
export * from "./zoo/models.ts";
export * from "./zoo/registry.ts";
export * from "./zoo/drawing_classifier.ts";
export { buildTrained, type SpecReference, type TrainedData, type TrainedState } from "./zoo/trained_model.ts";
