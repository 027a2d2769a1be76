/**
 * The part of tfjs's webgpu backend that this project's kernels use. tfjs 4.22 is the last of its line.
 *
 * @module
 */
import type * as tf from "@tensorflow/tfjs-core";

/** What the backend holds of a tensor. */
export interface TensorData {
  /** What the buffer holds; a tensor's own type may be another. */
  readonly dtype: tf.DataType;
  /** A `GPUBuffer` once the tensor is on the device; four bytes a value, whatever the type. */
  readonly resource?: GPUBuffer | null;
  /** The values on this side, when they were never uploaded or were read back. */
  values?: tf.backend_util.BackendValues | null;
}

/** A number handed to a program with the call. */
export interface Uniform {
  readonly type: "uint32" | "float32";
  readonly data: number[];
}

/** tfjs's WebGPUBackend, some of its private members included. */
export interface WebgpuBackend {
  readonly device: GPUDevice;
  readonly tensorMap: { get(dataId: object): TensorData };
  /** Compiled programs. */
  readonly pipelineCache: Record<string, GPUComputePipeline>;
  /** Commands that were not submitted yet. */
  readonly commandEncoder: GPUCommandEncoder | null;
  computePassEncoder: GPUComputePassEncoder | null;
  dispatchCountInPass: number;
  /** Tensors that unsubmitted commands use: their buffers are kept until the commands are submitted. */
  readonly commandQueueOwnedIds: WeakSet<object>;
  makeTensorInfo(
    shape: readonly number[],
    dtype: tf.DataType,
    values?: tf.backend_util.BackendValues,
  ): tf.TensorInfo;
  disposeData(dataId: object): boolean;
  uploadToGPU(dataId: object): void;
  makeUniforms(uniforms: Uniform[]): GPUBufferBinding;
  ensureCommandEncoderReady(): void;
  endComputePassEncoder(): void;
  submitQueue(): void;
  recordAndSubmit(program: object, ...more: unknown[]): void;
}
