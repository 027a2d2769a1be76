/**
 * Rows by index, sums by segment (the gradient of `tf.gather`) and frames from stroke-index maps, on wasm.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { WasmKernel } from "../context.ts";

/** x [R, ...inner], segmentIds int32 [R] -> the sums of the rows of each segment, [numSegments, ...inner]. */
export const segmentSum: WasmKernel = ({ functions, at, output }, { x, segmentIds }, { numSegments }) => {
  const rank = segmentIds.shape.length;
  const rows = tf.util.sizeFromShape(segmentIds.shape);
  const inner = tf.util.sizeFromShape(x.shape.slice(rank));
  const sums = output([numSegments, ...x.shape.slice(rank)]);
  functions.segmentSum(rows, inner, numSegments, at(x), at(segmentIds), at(sums));
  return sums;
};

/** Whole rows along the first axis; any other gather is left to tfjs's own kernel. */
export function gatherRows(): WasmKernel {
  const stock = tf.getKernel("GatherV2", "wasm").kernelFunc;
  return ({ functions, backend, at, output }, inputs, attributes) => {
    const { x, indices } = inputs;
    const isRows = attributes.axis === 0 && attributes.batchDims === 0 && indices.dtype === "int32";
    if (!isRows || (x.dtype !== "float32" && x.dtype !== "int32")) return stock({ inputs, backend, attrs: attributes });
    const count = tf.util.sizeFromShape(indices.shape);
    const wanted = backend.typedArrayFromHeap(indices);
    for (let i = 0; i < count; i++) {
      if (!(wanted[i] >= 0 && wanted[i] < x.shape[0])) {
        throw new RangeError(`gather needs indices 0 to ${x.shape[0] - 1}, found ${wanted[i]}`);
      }
    }
    const rows = output([...indices.shape, ...x.shape.slice(1)], x.dtype);
    functions.gatherRows(count, 4 * tf.util.sizeFromShape(x.shape.slice(1)), ...[x, indices, rows].map(at));
    return rows;
  };
}

/** maps int32 [B, H, W], drawings and strokes int32 [F] -> frames [F, H, W]. */
export const strokeFrames: WasmKernel = ({ functions, at, output }, { maps, drawings, strokes }) => {
  const [, height, width] = maps.shape;
  const [count] = drawings.shape;
  const frames = output([count, height, width]);
  functions.strokeFrames(count, height * width, ...[maps, drawings, strokes, frames].map(at));
  return frames;
};
