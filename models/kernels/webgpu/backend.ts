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
  readonly shape: number[];
  /** A `GPUBuffer` once the tensor is on the device; four bytes a value, whatever the type. */
  resource?: GPUBuffer | null;
  /** The values on this side, when they were never uploaded or were read back. */
  values?: tf.backend_util.BackendValues | null;
}

/** A number handed to a program with the call. */
export interface Uniform {
  readonly type: "uint32" | "int32" | "float32";
  readonly data: readonly number[];
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
  /** One more tensor has these values. */
  incRef(dataId: object): void;
  uploadToGPU(dataId: object): void;
  /** In a buffer of which others are made once the commands recorded by now are submitted. */
  makeUniforms(uniforms: readonly Uniform[]): { readonly buffer: GPUBuffer };
  ensureCommandEncoderReady(): void;
  endComputePassEncoder(): void;
  submitQueue(): void;
  recordAndSubmit(
    program: StockProgram,
    output: tf.TensorInfo,
    inputs: readonly tf.TensorInfo[],
    uniforms?: readonly Uniform[] | null,
  ): void;
  /** Of `tf.time`. */
  readonly activeTimers?: unknown;
}

/** A program of tfjs, compiled. */
export interface StockProgram {
  readonly pipeline: GPUComputePipeline | Promise<GPUComputePipeline>;
  readonly dispatch: readonly [number, number, number];
  readonly outputShape: number[];
  /** Whether it is told how many values, or vectors of `outputComponent` of them, it writes. */
  readonly size?: boolean;
  readonly outputComponent?: number;
  /** Of programs that read or draw a picture. */
  readonly pixelsOpType?: unknown;
}
