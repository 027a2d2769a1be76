/**
 * Sketch models on tfjs, with the kernels, layers and optimizers that they are made of.
 *
 * @module
 */
import type { ModelSpec } from "./model.ts";
import * as models from "./models.ts";

export * from "./backend.ts";
export * from "./checkpoint.ts";
export * from "./differentiate.ts";
export { DRAW_OPTIONS } from "./draw_options.ts";
export * from "./evaluate.ts";
export { convReluPool } from "./kernels/conv_relu_pool.ts";
export { gru, type GruWeights } from "./kernels/gru.ts";
export { lstm, lstmCell, lstmOfInputs, type LstmState, type LstmWeights } from "./kernels/lstm.ts";
export { type RandomKey, randomNormal, randomUniform } from "./kernels/random.ts";
export { sharedLinear } from "./kernels/shared_linear.ts";
export { strokeFrames } from "./kernels/stroke_frames.ts";
export * from "./layers/conv.ts";
export * from "./layers/conv_layer.ts";
export { dropout } from "./layers/dropout.ts";
export type { Variables } from "./layers/layer.ts";
export * from "./layers/gru.ts";
export * from "./layers/linear.ts";
export * from "./layers/lstm.ts";
export * from "./losses.ts";
export type * from "./model.ts";
export { MNIST_LSTM_OPTIONS } from "./mnist_lstm.ts";
export * from "./models.ts";
export * from "./optimizer.ts";
export * from "./optimizers.ts";
export * from "./rmsprop.ts";
export * from "./schedule.ts";
export { CNN_LSTM_OPTIONS, CNN_OPTIONS } from "./stroke_classifier.ts";
export type * from "./tensors.ts";
export * from "./warm_up.ts";

/**
 * Every model by its name on the command line.
 *
 * @example
 * ```ts
 * import { MODELS } from "@strokewise/strokewise";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(MODELS["cnn-lstm"].options.lstmUnits.value, 128);
 * ```
 */
export const MODELS: Readonly<Record<string, ModelSpec>> = byName(models);

function byName(specs: Readonly<Record<string, ModelSpec>>): Readonly<Record<string, ModelSpec>> {
  return Object.fromEntries(Object.values(specs).map((spec) => [spec.name, spec]));
}
