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
    const Words = dtype === "float32" ? Float32Array : Int32Array;
    const words = values instanceof Words ? values : new Words(values as ArrayLike<number>);
    const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST;
    // A buffer that was in use before is free only after the commands that use it were submitted.
    const buffer = backend.bufferManager.acquireBuffer(4 * tf.util.sizeFromShape(shape), usage);
    backend.device.queue.writeBuffer(buffer, 0, words as BufferSource);
    data.values = null;
    data.resource = buffer;
  };
}
