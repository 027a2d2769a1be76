/**
 * Sums and means over leading dimensions on wasm, such as the gradient of a bias, for which the stock kernels transpose.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { WasmKernel } from "../context.ts";

/** The sum or mean over the first dimensions, all of them or some; over others it is left to tfjs. */
export function reduction(kind: "Sum" | "Mean"): WasmKernel {
  const stock = tf.getKernel(kind, "wasm").kernelFunc;
  return ({ functions, backend, at, output, scratch }, inputs, attributes) => {
    const { x } = inputs;
    const axes = tf.util.parseAxisParam(attributes.axis, x.shape).toSorted((a, b) => a - b);
    const isLeading = axes.every((axis, i) => axis === i);
    const [kept, reduced] = tf.backend_util.computeOutAndReduceShapes(x.shape, axes);
    const [rows, columns] = [reduced, kept].map(tf.util.sizeFromShape);
    if (!isLeading || x.dtype !== "float32") {
      return stock({ inputs, backend, attrs: attributes });
    }
    const sums = output(attributes.keepDims ? tf.backend_util.expandShapeToKeepDim(kept, axes) : kept);
    const scale = kind === "Sum" ? 1 : 1 / rows;
    functions.sumRows(rows, columns, scale, at(x), at(sums), scratch(functions.sumRowsScratch(columns)));
    return sums;
  };
}
