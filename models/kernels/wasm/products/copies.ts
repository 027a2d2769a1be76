/**
 * Kernels of tfjs that copy more than they need to on wasm: a clone all of its values, a slice all that it is cut from, a
 * split one value after the other.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { WasmKernel } from "../context.ts";

/** The same values under another tensor; nothing is copied, as on tfjs's other backends. */
export const identity: WasmKernel = ({ backend }, { x }) => {
  backend.incRef(x.dataId);
  return { dataId: x.dataId, shape: x.shape, dtype: x.dtype };
};

/** Part of a tensor; what lies in one piece is copied in one, the rest is left to the stock kernel. */
export function slice(): WasmKernel {
  const stock = tf.getKernel("Slice", "wasm").kernelFunc;
  return ({ backend, output }, { x }, attributes) => {
    const [begin, size] = tf.slice_util.parseSliceParams(x as tf.Tensor, attributes.begin, attributes.size);
    if (x.dtype === "string" || !tf.slice_util.isSliceContinous(x.shape, begin, size)) {
      return stock({ inputs: { x }, backend, attrs: attributes });
    }
    const from = tf.slice_util.computeFlatOffset(begin, tf.util.computeStrides(x.shape));
    const part = output(size, x.dtype);
    const values = backend.typedArrayFromHeap(x).subarray(from, from + tf.util.sizeFromShape(size));
    backend.typedArrayFromHeap(part).set(values);
    return part;
  };
}

/** A tensor in parts along an axis, the gradient of a concatenation; pieces of one are copied, others left to the stock kernel. */
export function split(): WasmKernel {
  const stock = tf.getKernel("SplitV", "wasm").kernelFunc;
  return ({ backend, output }, { x }, attributes) => {
    const axis = tf.util.parseAxisParam(attributes.axis, x.shape)[0];
    if (x.dtype === "string" || tf.util.sizeFromShape(x.shape.slice(0, axis)) !== 1) {
      return stock({ inputs: { x }, backend, attrs: attributes });
    }
    const lengths = tf.backend_util.prepareSplitSize(x as tf.Tensor, attributes.numOrSizeSplits, axis);
    let from = 0;
    return lengths.map((length) => {
      const part = output(x.shape.with(axis, length), x.dtype);
      const size = tf.util.sizeFromShape(part.shape);
      backend.typedArrayFromHeap(part).set(backend.typedArrayFromHeap(x).subarray(from, from + size));
      from += size;
      return part;
    });
  };
}
