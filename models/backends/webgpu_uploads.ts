/**
 * How values get to the graphics device.
 *
 * tfjs has a buffer of memory that both sides see made for each tensor, and writes into that: on an NVIDIA H200 17 ms a
 * megabyte, half of a training step of `cnn-lstm`. The queue takes the same values in 0.2 ms.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { WebgpuBackend } from "../kernels/webgpu/backend.ts";
import type { BufferManager } from "./webgpu_memory.ts";

/** Has a backend's values written by its queue, in order with what is submitted there. */
export function uploadByQueue(backend: WebgpuBackend & { readonly bufferManager: BufferManager }): void {
  const stock = backend.uploadToGPU.bind(backend);
  backend.uploadToGPU = (dataId) => {
    const data = backend.tensorMap.get(dataId);
    const { values, dtype, shape } = data;
    if (data.resource || !values || values.length === 0 || dtype === "string" || dtype === "complex64") {
      return stock(dataId);
    }
    const words = dtype === "float32" ? asWords(Float32Array, values) : asWords(Int32Array, values);
    const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST;
    // A buffer that was in use before is free only after the commands that use it were submitted.
    const buffer = backend.bufferManager.acquireBuffer(4 * tf.util.sizeFromShape(shape), usage);
    backend.device.queue.writeBuffer(buffer, 0, words);
    data.values = null;
    data.resource = buffer;
  };
}

type Words = typeof Float32Array | typeof Int32Array;

function asWords(
  kind: Words,
  values: tf.backend_util.BackendValues,
): Float32Array<ArrayBuffer> | Int32Array<ArrayBuffer> {
  return (values instanceof kind ? values : kind.from(values as unknown as number[])) as Float32Array<ArrayBuffer>;
}
