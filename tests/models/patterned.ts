/** Values that any language makes anew in a line, for comparison with what another library computes. */
import * as tf from "@tensorflow/tfjs-core";

/** ((17 i^2 + (31 + seed) i + 7 seed) mod 41) / 20 - 1, times `scale`, for the i-th value: -1 .. 1 of either sign. */
export function patterned(shape: number[], { seed, scale = 1 }: { seed: number; scale?: number }): tf.Tensor {
  const values = Array.from({ length: tf.util.sizeFromShape(shape) }, (_, i) => {
    return ((17 * i * i + (31 + seed) * i + 7 * seed) % 41 / 20 - 1) * scale;
  });
  return tf.tensor(values, shape);
}
