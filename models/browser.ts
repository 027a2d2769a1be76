/**
 * What a web page needs: drawings from a pointer to bitmaps, and models that look at them, with the WebAssembly kernels.
 * Browser safe: a bundler for the web takes it as it is. The page serves one file beside the bundle,
 * `tfjs-backend-wasm-simd.wasm` of the package `@tensorflow/tfjs-backend-wasm`, and says where.
 *
 * @example Bytes of a checkpoint, as fetched from `best.safetensors`, and a drawing to the classes' probabilities
 * ```ts
 * import { buildModel, decodeCheckpoint, RASTER_DEFAULTS, rasterize } from "@strokewise/strokewise/browser";
 * import { simplifyRaw, startBackend } from "@strokewise/strokewise/browser";
 * import type { Drawing, TrainedState } from "@strokewise/strokewise/browser";
 * import { cnnLstm, encodeCheckpoint, Prng } from "@strokewise/strokewise/browser";
 * import { assertEquals } from "@std/assert";
 *
 * async function classify(bytes: Uint8Array<ArrayBuffer>, pointed: Drawing): Promise<Map<string, number>> {
 *   const { tensors, state } = await decodeCheckpoint<TrainedState>(bytes, "best.safetensors");
 *   const model = buildModel({ tensors, state });
 *   const { size, frames, classes } = state.data;
 *   const { map, count } = rasterize(simplifyRaw(pointed), { ...RASTER_DEFAULTS, size, maxStrokes: frames });
 *   const fields = { stroke_index: map, stroke_count: Uint8Array.of(count) };
 *   const logProbs = model.classify!({ size: 1, fields }); // [1, classes]
 *   const values = await logProbs.data();
 *   logProbs.dispose();
 *   model.dispose();
 *   return new Map(classes.map((name, i) => [name, Math.exp(values[i])]));
 * }
 *
 * await startBackend("wasm"); // in a page: startBackend("wasm", { wasmFolder: "/assets/" })
 * const settings = { model: "cnn-lstm", modelOptions: cnnLstm.tiny, seed: 1 };
 * const data = { classes: ["fish", "sun"], size: 16, frames: 4 };
 * const model = cnnLstm.build(settings.modelOptions, data, new Prng(settings.seed)); // untrained
 * const arrays = Object.entries(model.variables).map(([name, variable]) => {
 *   return [`model/${name}`, { shape: variable.shape, data: new Float32Array(variable.dataSync()) }] as const;
 * });
 * const bytes = await encodeCheckpoint({ tensors: Object.fromEntries(arrays), state: { settings, data } });
 *
 * const probabilities = await classify(bytes, [[[10.5, 90, 170.5], [20, 100, 20.5]]]);
 * assertEquals([...probabilities.keys()], ["fish", "sun"]);
 * ```
 *
 * @module
 */
export type { Batch } from "../pipelines/dataset.ts";
export * from "../pipelines/base/errors.ts";
export {
  defaultsOf,
  type Option,
  type OptionTable,
  type OptionValue,
  type OptionValues,
} from "../pipelines/base/option_table.ts";
export { Prng, type PrngState } from "../pipelines/base/prng.ts";

export * from "../pipelines/strokes/augment.ts";
export { decodeDrawing, encodeDrawing } from "../pipelines/strokes/drawing_bytes.ts";
export * from "../pipelines/strokes/rasterize.ts";
export * from "../pipelines/strokes/simplify.ts";
export * from "../pipelines/strokes/stroke.ts";
export { type RawStroke, simplifyRaw } from "../pipelines/formats/quickdraw/raw.ts";
export { renderBitmap, renderFrames } from "../pipelines/render/render.ts";
export type { BitmapOptions, FrameOptions } from "../pipelines/render/render_options.ts";

export * from "./backends/backend.ts";
export * from "./checkpoint.ts";
export * from "./gradients/differentiate.ts";
export type * from "./model.ts";
export { adam, ADAM_OPTIONS, type AdamOptions } from "./optimizers/adam.ts";
export { clipByGlobalNorm, type Optimizer, type OptimizerState } from "./optimizers/optimizer.ts";
export type * from "./tensors.ts";
export * from "./zoo/models.ts";
export * from "./zoo/registry.ts";
export { buildModel, type TrainedState } from "./zoo/trained_model.ts";
