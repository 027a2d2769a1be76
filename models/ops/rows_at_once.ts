/**
 * How many rows are computed at once, where that is free.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";

/**
 * Rows that differ in number from batch to batch are filled up to a multiple of this. On webgpu, where memory is kept for
 * each size that was ever asked for, that makes few sizes of many; elsewhere it is 1.
 */
export const rowsAtOnce = (): number => tf.getBackend() === "webgpu" ? 32 : 1;
