/**
 * Expands stroke-index maps into frames, on the device.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Tensor1D, Tensor3D } from "../tensors.ts";
import { hasFusedKernel, runFusedKernel } from "./fused_op.ts";

/**
 * Frames of drawings: row r shows the cells that the first `strokes[r]` strokes of drawing `drawings[r]` touch. It is
 * not differentiable.
 *
 * @param maps Stroke-index maps, int32 [B, H, W]: the 1-based number of the stroke that first touches the cell, or 0.
 * @param drawings Which map each frame shows, int32 [F], each 0 to B - 1.
 * @param strokes How many strokes each frame shows, int32 [F]; 0 gives a blank frame.
 * @returns float32 [F, H, W] of zeros and ones.
 *
 * @example
 * ```ts
 * import { startBackend } from "@strokewise/strokewise";
 * import { strokeFrames } from "@strokewise/strokewise/models";
 * import * as tf from "@tensorflow/tfjs-core";
 * import { assertEquals } from "@std/assert";
 *
 * await startBackend("cpu");
 * const maps = tf.tensor3d([1, 0, 2, 1], [1, 2, 2], "int32");
 * const frames = strokeFrames(maps, tf.tensor1d([0, 0], "int32"), tf.tensor1d([1, 2], "int32"));
 * assertEquals([...frames.dataSync()], [1, 0, 0, 1, 1, 0, 1, 1]);
 * ```
 */
export function strokeFrames(maps: Tensor3D, drawings: Tensor1D, strokes: Tensor1D): Tensor3D {
  return hasFusedKernel("StrokewiseStrokeFrames")
    ? runFusedKernel("StrokewiseStrokeFrames", { maps, drawings, strokes })[0] as tf.Tensor3D
    : composedStrokeFrames(maps, drawings, strokes);
}

/** {@linkcode strokeFrames} made of stock operations. */
function composedStrokeFrames(maps: tf.Tensor3D, drawings: tf.Tensor1D, strokes: tf.Tensor1D): tf.Tensor3D {
  return tf.tidy(() => {
    const rows = tf.gather(maps, drawings); // [F, H, W]
    const shown = tf.lessEqual(rows, tf.reshape(strokes, [-1, 1, 1])); // [F, H, W]
    return tf.cast(tf.logicalAnd(shown, tf.greater(rows, 0)), "float32");
  });
}
